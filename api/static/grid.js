// The keyboard in grids, and what is selected. Every grid works without this file. All listeners sit on the document,
// because bodies and rows are replaced.

const rows = () => [...document.querySelectorAll("[data-rows] tbody tr")];
const rowOf = (element) => element?.closest?.("[data-rows] tbody tr");
const linkOf = (row) => row.querySelector("th a");
const boxOf = (row) => row.querySelector(".cell-select input");
const boxes = () => rows().map(boxOf);
const keys = () => document.getElementById("keys");

/** Whether what is typed goes somewhere already. */
const isTyping = (element) =>
  element.matches("input:not([type=checkbox]), select, textarea, [contenteditable]");

// Selecting -------------------------------------------------------------------------------------

/** Says how many rows are selected, where the form and the head of the column say it. */
function count() {
  const all = boxes();
  const page = document.querySelector("[data-select-page]");
  const form = document.getElementById("applications-bulk");
  if (!page || !form) return;
  const selected = all.filter((box) => box.checked).length;
  const everything = form.querySelector("[data-select-all]")?.checked;
  page.checked = selected > 0 && selected === all.length;
  page.indeterminate = selected > 0 && selected < all.length;
  form.querySelector("[data-selected-count]").textContent = everything
    ? "All that match"
    : `${selected} selected`;
}

function select(checked) {
  for (const box of boxes()) box.checked = checked;
  const everything = document.querySelector("[data-select-all]");
  if (everything && !checked) everything.checked = false;
  count();
}

document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-select-page]")) select(target.checked);
  else if (target.matches(".cell-select input, [data-select-all]")) count();
});

// Keys ------------------------------------------------------------------------------------------

/** Moves the focus by so many rows; from outside it goes to the first or the last one. */
function move(by) {
  const all = rows();
  if (all.length === 0) return;
  const now = all.indexOf(rowOf(document.activeElement));
  const from = now < 0 && by < 0 ? all.length : now;
  const row = all[Math.min(Math.max(from + by, 0), all.length - 1)];
  linkOf(row).focus();
  row.scrollIntoView({ block: "nearest" });
}

/** Answers whether there was anything to close or to clear. */
function escape() {
  const menu = document.querySelector("details.menu[open]");
  if (menu) {
    const within = menu.contains(document.activeElement);
    menu.open = false;
    if (within) menu.querySelector("summary").focus();
    return true;
  }
  if (document.querySelector(".cell-select input:checked, [data-select-all]:checked")) {
    select(false);
    return true;
  }
  return false;
}

const KEYS = {
  "/": () => document.querySelector("[data-first-filter]")?.focus(),
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  x: () => {
    const row = rowOf(document.activeElement);
    if (row) boxOf(row).click();
  },
  "?": () => keys().showModal(),
};

document.addEventListener("keydown", (event) => {
  if (!document.querySelector("[data-grid]") || event.defaultPrevented) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const { target, key } = event;
  if (document.querySelector("dialog[open]")) return;
  if (key === "Escape") {
    if (isTyping(target) && !target.closest("details.menu[open]")) {
      // From the filter back to the rows; what was typed there stays.
      if (target.matches("[data-first-filter]") && target.value === "") move(1);
      return;
    }
    if (escape()) event.preventDefault();
    return;
  }
  if (isTyping(target)) {
    if (key === "ArrowDown" && target.matches("[data-first-filter]")) {
      event.preventDefault();
      move(1);
    }
    return;
  }
  // Arrows move in rows from the page itself and from the rows, not from menus and pickers.
  const moves = target === document.body || target.id === "main" || rowOf(target);
  if (key.startsWith("Arrow") && !moves) return;
  const act = KEYS[key];
  if (!act) return;
  event.preventDefault();
  act();
});

// Long bulk actions -----------------------------------------------------------------------------

/** A list that is done in parts goes on by itself. */
function goOn() {
  document.querySelector("form[data-continue]")?.requestSubmit();
}

// What the browser remembers of check boxes is said as well.
addEventListener("pageshow", () => {
  count();
  goOn();
});
