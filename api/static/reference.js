// The page of the web API: gets a token, sends a request as its form says, and shows the answer.

"use strict";

const MEDIA_TYPE = "application/vnd.api+json";
/** Headers of an answer that are worth seeing. */
const SHOWN = ["content-type", "etag", "location", "oathbook-position", "ratelimit", "retry-after", "www-authenticate"];

const tokenField = () => document.querySelector("[data-token]");

/** Turns client id and secret into an access token (RFC 6749, section 4.4). */
async function getToken(form) {
  const refused = form.querySelector("[data-refused]");
  const body = new URLSearchParams({ grant_type: "client_credentials" });
  for (const name of ["client_id", "client_secret"]) body.set(name, form.elements[name].value.trim());
  refused.textContent = "";
  try {
    const response = await fetch(form.action, { method: "POST", body, credentials: "omit" });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.error_description ?? answer.error);
    tokenField().value = answer.access_token;
    tokenField().focus();
  } catch (error) {
    refused.textContent = `There is no token: ${error.message}`;
  }
}

/** The request that a form describes. */
function requestOf(form) {
  const id = form.querySelector("[data-id]")?.value.trim() ?? "";
  const query = form.querySelector("[data-query]")?.value.trim().replace(/^\?/, "");
  const body = form.querySelector("[data-body]")?.value.trim().replaceAll("{id}", id);
  const address = form.getAttribute("action").replace("{id}", encodeURIComponent(id));
  const headers = new Headers({ Accept: MEDIA_TYPE });
  if (tokenField().value) headers.set("Authorization", `Bearer ${tokenField().value.trim()}`);
  if (body) headers.set("Content-Type", MEDIA_TYPE);
  for (const field of form.querySelectorAll("[data-header]")) {
    if (field.value.trim()) headers.set(field.dataset.header, field.value.trim());
  }
  const method = form.dataset.try;
  return new Request(query ? `${address}?${query}` : address, {
    method, headers, body: body || undefined, credentials: "omit", cache: "no-store",
  });
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** Shows lines of text as the answer; texts of others are never markup. */
function show(form, title, lines) {
  const head = document.createElement("h3");
  head.textContent = title;
  const box = document.createElement("pre");
  box.className = "sample";
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", "Answer");
  box.textContent = lines.join("\n");
  form.querySelector("[data-answer]").replaceChildren(head, box);
}

async function send(form) {
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const response = await fetch(requestOf(form));
    const headers = SHOWN.filter((name) => response.headers.has(name));
    const body = await response.text();
    const lines = headers.map((name) => `${name}: ${response.headers.get(name)}`);
    show(form, `${response.status} ${response.statusText}`, body ? [...lines, "", pretty(body)] : lines);
    if (response.status === 401 && !tokenField().value) document.querySelector(".reference-token").open = true;
  } catch (error) {
    show(form, "There is no answer", [error.message]);
  } finally {
    button.disabled = false;
    button.focus();
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-get-token], [data-try]")) return;
  event.preventDefault();
  if (form.matches("[data-try]")) send(form);
  else getToken(form);
});
