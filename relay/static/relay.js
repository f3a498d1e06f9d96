// Comfort only: every page works without this file.

const notice = document.getElementById("notice");

async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(source.textContent);
  } catch {
    getSelection().selectAllChildren(source); // no clipboard without https: leave it marked for the hand
    return;
  }
  const label = button.textContent;
  button.textContent = notice.textContent = notice.dataset.copied;
  setTimeout(() => {
    button.textContent = label;
    notice.textContent = "";
  }, 2000);
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", () => copy(button));
}

// A second press must not send the form twice.
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    const button = form.querySelector("button[data-busy]");
    form.dataset.label = button.textContent;
    button.textContent = button.dataset.busy;
  });
}

// The Back button may bring the page back as it was left.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector("button[data-busy]").textContent = form.dataset.label;
  }
});

// What was asked to be seen goes from the screen by itself.
const seen = document.querySelector("[data-hide-after]");
if (seen) {
  const hide = () => {
    seen.remove();
    for (const each of document.querySelectorAll("[data-when-hidden]")) each.hidden = false;
  };
  seen.querySelector("[data-hiding]").hidden = false;
  setTimeout(hide, 1000 * Number(seen.dataset.hideAfter));
  addEventListener("pagehide", hide); // the Back button must not bring it back
}

document.querySelector(".problem")?.focus();

// A page that can be told that there is something new.
const news = document.querySelector("[data-news]");
if (news) {
  const source = new EventSource(news.dataset.news);
  source.addEventListener("new", () => { news.hidden = false; });
  addEventListener("pagehide", () => source.close());
}
