// A preview keeps up with what is typed. Without this file the button beside it shows the same.

const REST_MS = 400;

for (const button of document.querySelectorAll("[data-preview]")) follow(button);

function follow(button) {
  let timer;
  let asked;
  button.form.addEventListener("input", () => {
    clearTimeout(timer);
    asked?.abort(); // what it would answer is true no more
    timer = setTimeout(() => show(button, asked = new AbortController()), REST_MS);
  });
}

async function show(button, { signal }) {
  const fields = new URLSearchParams(new FormData(button.form));
  fields.set(button.name, button.value);
  try {
    const answer = await fetch(button.form.action, { method: "POST", body: fields, signal });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    replace(document.getElementById(button.dataset.preview), page);
  } catch {
    // another preview was asked for, or the relay is away: what is there stays
  }
}

function replace(part, page) {
  const problems = [...page.querySelectorAll(".problem li")].map((each) => each.textContent);
  const fresh = page.getElementById(part.id);
  if (problems.length) part.replaceChildren(box(problems));
  else if (fresh) part.replaceChildren(...fresh.childNodes);
  part.dispatchEvent(new Event("fresh", { bubbles: true }));
}

function box(sentences) {
  const told = document.createElement("div");
  told.className = "box bad";
  told.setAttribute("role", "status");
  for (const sentence of sentences) told.append(Object.assign(document.createElement("p"), { textContent: sentence }));
  return told;
}
