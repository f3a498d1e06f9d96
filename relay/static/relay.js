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

function offerCopies(within) {
  for (const button of within.querySelectorAll("[data-copy]")) button.hidden = false;
}

offerCopies(document);
addEventListener("fresh", ({ target }) => offerCopies(target));
addEventListener("click", ({ target }) => {
  const button = target.closest("[data-copy]");
  if (button) copy(button);
});

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

// A page that can be told that there is something new. Where it says so, that part of it is shown at once.
const news = document.querySelector("[data-news]");

async function refresh() {
  const old = document.querySelector("[data-refresh]");
  const answer = old && await fetch(location.pathname).catch(() => null);
  if (!answer?.ok) {
    news.hidden = false;
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("[data-refresh]");
  offerCopies(fresh);
  old.replaceWith(fresh);
  notice.textContent = news.textContent.trim();
}

if (news) {
  const source = new EventSource(news.dataset.news);
  source.addEventListener("new", refresh);
  addEventListener("pagehide", () => source.close());
}
