// Keeps an open page true: new messages are told above the list, changed rows are brought in.

const source = document.querySelector("[data-live]");
const bar = document.querySelector("[data-fresh]");

async function refresh() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-refresh]")) {
    const fresh = page.querySelector(`[data-refresh="${part.dataset.refresh}"]`);
    if (fresh) part.replaceChildren(...fresh.childNodes);
  }
  const next = page.querySelector("[data-live]");
  if (next && next.dataset.newest !== source.dataset.newest) {
    source.dataset.newest = next.dataset.newest;
    connect();
  }
}

function announce(sentence) {
  const button = document.createElement("button");
  button.className = "button small";
  button.textContent = sentence;
  button.addEventListener("click", async () => {
    bar.replaceChildren();
    await refresh();
  });
  bar.replaceChildren(button);
}

function show(state) {
  const dot = document.createElement("span");
  dot.className = `dot ${state}`;
  source.replaceChildren(dot, source.dataset[state === "live" ? "wordLive" : "wordBroken"]);
}

let stream;

function connect() {
  stream?.close();
  stream = new EventSource(`${source.dataset.live}?after=${encodeURIComponent(source.dataset.newest)}`);
  stream.addEventListener("open", () => show("live"));
  stream.addEventListener("error", () => show("broken"));
  stream.addEventListener("change", (event) => {
    const { newer, sentence } = JSON.parse(event.data);
    // Nothing moves under the reader's eyes: only a page without rows, or the overview, shows what is new by itself.
    if (newer && bar && source.dataset.newest) announce(sentence);
    else refresh();
  });
}

if (source) connect();
addEventListener("pagehide", () => stream?.close());

// "3 minutes ago" stays true while the page is open.
const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always" });
const units = [["second", 1], ["minute", 60], ["hour", 3600], ["day", 86400]];

function ago(at) {
  const seconds = Math.round((at - Date.now()) / 1000);
  const [unit, size] = units.findLast(([, each]) => Math.abs(seconds) >= 1.2 * each) ?? units[0];
  return words.format(Math.round(seconds / size), unit);
}

setInterval(() => {
  for (const one of document.querySelectorAll("[data-ago]")) one.textContent = ago(Number(one.dataset.ago));
}, 30_000);
