// Keeps an open page true: new messages come in above the others, changed rows are brought in.

const source = document.querySelector("[data-live]");
const bar = document.querySelector("[data-fresh]");
const pauseButton = document.querySelector("[data-pause]");

const SILENT_MS = 60_000; // the relay says every 20 s that it is there
const TRY_AGAIN_MS = 30_000;
const REST_MS = 1_000;

let paused = false;
let refreshing = null;
let wanted = false;

// --- the rows

async function refresh() {
  if (refreshing) return void (wanted = true);
  refreshing = bringIn().catch(() => {}); // the dot tells when the relay is away
  await refreshing;
  setTimeout(() => {
    refreshing = null;
    if (wanted) refresh();
    wanted = false;
  }, REST_MS);
}

async function bringIn() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-refresh]")) {
    const fresh = page.querySelector(`[data-refresh="${part.dataset.refresh}"]`);
    if (fresh) replace(part, fresh);
  }
  const next = page.querySelector("[data-live]");
  if (next && next.dataset.newest !== source.dataset.newest) {
    source.dataset.newest = next.dataset.newest;
    connect();
  }
}

// What was ticked stays ticked, and the keyboard stays where it was.
function replace(part, fresh) {
  const ticked = [...part.querySelectorAll("input:checked")].map(selectorOf);
  const focused = part.contains(document.activeElement) ? selectorOf(document.activeElement) : null;
  part.replaceChildren(...fresh.childNodes);
  for (const each of ticked) {
    const box = part.querySelector(each);
    if (box) box.checked = true;
  }
  if (focused) part.querySelector(focused)?.focus();
  part.dispatchEvent(new Event("change", { bubbles: true }));
}

function selectorOf(element) {
  const mark = element.matches("a") ? ["href", element.getAttribute("href")] : ["value", element.value ?? ""];
  return `${element.localName}[${mark[0]}="${CSS.escape(mark[1] ?? "")}"]`;
}

// Nothing moves under the reader's eyes or hand.
function isInUse() {
  const list = document.querySelector('[data-refresh="messages"]');
  return list.getBoundingClientRect().top < 0
    || list.matches(":hover, :focus-within")
    || list.querySelector("input:checked") !== null;
}

function hear({ newer, sentence, waiting }) {
  if (!bar || !source.dataset.newest) return refresh(); // the overview, and a page that is empty
  if (paused) bar.textContent = newer ? waiting : "";
  else if (newer && isInUse()) announce(sentence);
  else refresh();
}

function announce(sentence) {
  const button = document.createElement("button");
  button.className = "button small";
  button.textContent = sentence;
  button.addEventListener("click", () => {
    bar.replaceChildren();
    refresh();
  });
  bar.replaceChildren(button);
}

function togglePause() {
  paused = !paused;
  pauseButton.textContent = pauseButton.dataset[paused ? "wordResume" : "wordPause"];
  if (paused) return;
  bar.replaceChildren();
  refresh();
}

if (pauseButton) {
  pauseButton.hidden = false;
  pauseButton.addEventListener("click", togglePause);
}

// --- the connection

let stream;
let watchdog;

function show(state) {
  const dot = document.createElement("span");
  dot.className = `dot ${state}`;
  const words = { live: source.dataset.wordLive, broken: source.dataset.wordBroken, off: source.dataset.wordOff };
  source.replaceChildren(dot, words[state]);
}

function connect() {
  disconnect();
  const address = new URL(source.dataset.live, location.href);
  address.searchParams.set("after", source.dataset.newest);
  stream = new EventSource(address);
  stream.addEventListener("open", () => heard("live"));
  stream.addEventListener("alive", () => heard("live"));
  stream.addEventListener("error", fail);
  stream.addEventListener("change", (event) => {
    heard("live");
    hear(JSON.parse(event.data));
  });
  watch();
}

function disconnect() {
  clearTimeout(watchdog);
  stream?.close();
}

function heard(state) {
  show(state);
  watch();
}

function watch(after = SILENT_MS) {
  clearTimeout(watchdog);
  watchdog = setTimeout(() => {
    show("broken");
    connect();
  }, after);
}

// The browser tries again by itself, unless it was refused.
function fail() {
  const refused = stream.readyState === EventSource.CLOSED;
  show(refused ? "off" : "broken");
  watch(refused ? TRY_AGAIN_MS : SILENT_MS);
}

if (source) {
  connect();
  addEventListener("pagehide", disconnect);
  addEventListener("pageshow", (event) => event.persisted && connect());
  addEventListener("offline", () => show("broken"));
  addEventListener("online", connect);
}

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
