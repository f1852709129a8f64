// Every page works without this file. It opens forms in a dialog instead of on a page of their own,
// filters lists while one types, copies to the clipboard and closes menus. All listeners sit on the
// document, because bodies are replaced.

const dialog = () => document.getElementById("dialog");
const slot = () => dialog().querySelector("[data-dialog-slot]");

/** Fetches a page and answers its response and its parsed document. */
async function load(url, options) {
  const response = await fetch(url, { headers: { Accept: "text/html" }, ...options });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return { response, page };
}

/** Says something to screen readers. Outside an open dialog nothing is heard, so it speaks inside. */
function announce(text) {
  const place = dialog().open ? dialog() : document.body;
  place.querySelector(":scope > [data-announcer]").textContent = text;
}

/** Replaces what is shown by another page, as following a link would, without losing its flash. */
function showPage(page, url) {
  document.title = page.title;
  document.body.replaceWith(page.body);
  history.replaceState(null, "", url);
  (document.querySelector("[data-flash]") ?? document.getElementById("main")).focus();
}

// Dialogs ---------------------------------------------------------------------------------------

/** Shows the dialog part of a page; answers false if the page has none. */
function showDialog(page) {
  const content = page.querySelector("[data-dialog-content]");
  if (!content) return false;
  slot().replaceChildren(content);
  if (!dialog().open) dialog().showModal();
  const heading = content.querySelector("h1");
  heading.tabIndex = -1;
  const wrong = content.querySelector("[aria-invalid]");
  const first = content.querySelector(":is(input, select, textarea):not([type=hidden], [readonly])");
  (wrong ?? first ?? heading).focus();
  return true;
}

async function openDialog(link) {
  try {
    const { response, page } = await load(link.href);
    if (response.redirected || !showDialog(page)) location.assign(link.href);
  } catch {
    location.assign(link.href);
  }
}

async function submitInDialog(form, button) {
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  try {
    const body = new URLSearchParams(new FormData(form, button));
    const { response, page } = await load(form.action, { method: "POST", body });
    if (response.redirected) return showPage(page, response.url);
    if (!showDialog(page)) throw new Error(`Answer ${response.status} has no dialog`);
    dialog().dataset.changed = response.ok;
  } catch {
    form.querySelector("[data-unreachable]")?.remove();
    form.prepend(document.getElementById("unreachable").content.cloneNode(true));
  } finally {
    form.ariaBusy = "false";
  }
}

/** The part of the page that shows a secret nobody has copied yet. */
const uncopied = () => document.querySelector("[data-secret]:not([data-copied])");

/** Asks once more, in the page itself, before an uncopied secret is lost; answers whether it asked. */
function askedAgain() {
  const question = uncopied()?.querySelector("[data-not-copied]");
  if (!question) return false;
  question.hidden = false;
  question.querySelector("button").focus();
  return true;
}

/** Empties the closed dialog, and reloads the page behind it if something was made in there. */
async function afterDialog() {
  const { changed } = dialog().dataset;
  delete dialog().dataset.changed;
  slot().replaceChildren();
  if (changed !== "true") return;
  try {
    const { response, page } = await load(location.href);
    showPage(page, response.url);
  } catch {
    location.reload();
  }
}

// Copying ---------------------------------------------------------------------------------------

/** Writes text to the clipboard; plain http on another host has no clipboard API, only this command. */
async function writeClipboard(source) {
  if (navigator.clipboard) return navigator.clipboard.writeText(source.textContent);
  getSelection().selectAllChildren(source);
  if (!document.execCommand("copy")) throw new Error("Refused");
}

async function copy(button) {
  const source = document.getElementById(button.dataset.copyFrom);
  const label = button.querySelector("[data-copy-label]");
  try {
    await writeClipboard(source);
  } catch {
    getSelection().selectAllChildren(source);
    return announce("Copying was refused. The value is selected: press Ctrl+C.");
  }
  if (source.matches("[data-holds-secret]")) release(source);
  button.dataset.done = "";
  if (label) label.textContent = "Copied";
  announce("Copied to clipboard");
  setTimeout(() => {
    delete button.dataset.done;
    if (label) label.textContent = "Copy";
    announce("");
  }, 2000);
}

/** Lets a secret be closed without asking again, because it was copied or given up. */
function release(element) {
  const secret = element.closest("[data-secret]");
  secret.dataset.copied = "";
  secret.querySelector("[data-not-copied]").hidden = true;
}

// Filters ---------------------------------------------------------------------------------------

let pending;

/** Reloads the parts of the page marked data-live with what the filter form now says. */
async function filter(form) {
  pending?.abort();
  pending = new AbortController();
  // What is empty is left out; the server makes the rest as short as it can be.
  const query = [...new FormData(form)].filter(([, value]) => value !== "");
  const url = new URL(form.action);
  url.search = new URLSearchParams(query);
  try {
    const { response, page } = await load(url, { signal: pending.signal });
    const answered = new URL(response.url);
    if (answered.pathname !== url.pathname || !response.ok) return location.assign(url);
    answered.hash = url.hash;
    const focused = document.activeElement?.id;
    for (const part of document.querySelectorAll("[data-live]")) {
      part.replaceWith(page.getElementById(part.id));
    }
    if (focused) document.getElementById(focused)?.focus();
    history.replaceState(null, "", answered);
    announce(document.querySelector("[data-summary]").textContent);
  } catch (error) {
    if (error.name === "AbortError") return;
    document.querySelector("[data-summary]").textContent = "Oathbook did not answer.";
    announce("Oathbook did not answer.");
  }
}

/** Applies what is filled in behind a button, and gives the view of the rows back unless there is a mistake. */
async function applyFilters(form, button) {
  const menu = button?.closest("details.menu");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
  await filter(form);
  if (menu?.querySelector(".field-error:not(:empty)")) menu.open = true;
}

let typing;

function filterSoon(event) {
  const form = event.target.form;
  if (!form?.matches("[data-filters]")) return;
  clearTimeout(typing);
  typing = setTimeout(filter, event.target.matches("select, [type=checkbox]") ? 0 : 250, form);
}

// Drafts ----------------------------------------------------------------------------------------

let drafting;
let previews = 0;

/**
 * Sends what is in the form to its preview. Each goes into a frame of its own, which takes the place of the one before
 * once it is there: nothing flickers, and going back leads to the page before and not to an earlier preview.
 */
function preview(form) {
  const button = form.querySelector("[data-previews]");
  const shown = form.querySelector("iframe:not([hidden])");
  for (const abandoned of form.querySelectorAll("iframe[hidden]")) abandoned.remove();
  const frame = shown.cloneNode();
  frame.removeAttribute("src");
  frame.hidden = true;
  frame.name = `preview-${++previews}`;
  shown.after(frame);
  frame.addEventListener("load", () => {
    shown.remove();
    frame.hidden = false;
  }, { once: true });
  button.formTarget = frame.name;
  form.requestSubmit(button);
}

function previewSoon(event) {
  const form = event.target.form;
  if (!form?.matches("[data-drafts]") || event.target.matches("[data-chooses]")) return;
  clearTimeout(drafting);
  drafting = setTimeout(preview, 400, form);
}

/** Another event brings other values with it, and the draft comes back as it is. */
function chooseEvent(event) {
  if (!event.target.matches("[data-chooses]")) return;
  event.target.form.requestSubmit(event.target.form.querySelector("[name=choose]"));
}

// Menus -----------------------------------------------------------------------------------------

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(except)) menu.open = false;
  }
}

// Listeners -------------------------------------------------------------------------------------

const isPlainClick = (event) =>
  event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);

document.addEventListener("click", (event) => {
  closeMenus(event.target);
  const target = event.target.closest("[data-dialog], [data-close], [data-leave], [data-copy-from], [data-previews]");
  if (!target || !isPlainClick(event)) return;
  if (target.matches("[data-copy-from]")) return copy(target);
  if (target.matches("[data-previews]")) {
    event.preventDefault();
    clearTimeout(drafting);
    return preview(target.form);
  }
  if (target.matches("[data-dialog]")) {
    event.preventDefault();
    // Focus returns to what had it when the dialog opened; a link in a closed menu cannot take it.
    const menu = target.closest("details.menu");
    menu?.querySelector("summary").focus();
    closeMenus(null);
    return openDialog(target);
  }
  if (target.matches("[data-discard]")) release(target);
  if (askedAgain()) return event.preventDefault();
  if (target.matches("[data-leave]")) return;
  if (target.closest("dialog")) {
    event.preventDefault();
    dialog().close();
  }
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-filters]")) {
    event.preventDefault();
    clearTimeout(typing);
    applyFilters(form, event.submitter);
  } else if (form.closest("dialog")) {
    event.preventDefault();
    submitInDialog(form, event.submitter);
  }
});

document.addEventListener("input", filterSoon);
document.addEventListener("input", previewSoon);
document.addEventListener("change", chooseEvent);

// Escape cancels a dialog. Its events do not bubble, so they are caught on their way down.
document.addEventListener("cancel", (event) => askedAgain() && event.preventDefault(), true);
document.addEventListener("close", afterDialog, true);

document.addEventListener("keydown", (event) => {
  const menu = document.activeElement?.closest("details.menu[open]");
  if (event.key !== "Escape" || !menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

document.addEventListener("focusin", (event) => closeMenus(event.target));

// Selecting the secret and copying it by hand counts as well.
document.addEventListener("copy", () => {
  const element = getSelection().anchorNode?.parentElement;
  if (element?.closest("[data-holds-secret]")) release(element);
});

addEventListener("beforeunload", (event) => {
  if (uncopied()) event.preventDefault();
});
