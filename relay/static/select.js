// How many rows are ticked stands on the button, and one box ticks all of them.

const form = document.getElementById("selection");
const button = form.querySelector("button");
const label = button.textContent;

const boxes = () => [...document.querySelectorAll('input[type="checkbox"][form="selection"]:not([data-all])')];

function count() {
  const all = boxes();
  const ticked = all.filter((box) => box.checked).length;
  button.textContent = ticked ? `${label} (${ticked})` : label;
  button.disabled = !ticked;
  const one = document.querySelector("[data-all]");
  if (!one) return;
  one.hidden = false;
  one.checked = ticked > 0 && ticked === all.length;
  one.indeterminate = ticked > 0 && ticked < all.length;
}

document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-all]")) for (const box of boxes()) box.checked = event.target.checked;
  count();
});
addEventListener("pageshow", count); // the browser may have kept the ticks
count();
