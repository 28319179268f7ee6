// What the buttons and forms of the page do: each is one call of the control API, whose paths are relative to the page.
import { showConditions } from "./conditions.js";
import { follow } from "./journal.js";
import { showState } from "./state.js";

const status = document.getElementById("status");

export function say(text, wrong = false) {
  status.textContent = text;
  status.classList.toggle("wrong", wrong);
  clearTimeout(say.timer);
  say.timer = setTimeout(() => (status.textContent = ""), wrong ? 15000 : 4000);
}

// Answers the response; whatever goes wrong is said, and answered as nothing.
export async function call(method, path, body, accept = "*/*") {
  try {
    const headers = { Accept: accept, ...(body !== undefined && { "Content-Type": "application/json" }) };
    const response = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    if (response.ok) return response;
    const { error } = await response.json();
    say(`${error.message}: ${error.details}`, true);
  } catch (error) {
    say(`The server did not answer: ${error.message}`, true);
  }
}

export async function act(method, path, body, done) {
  if (!(await call(method, path, body))) return;
  say(done);
  await refresh();
}

export async function copy(text, done) {
  try {
    await navigator.clipboard.writeText(text);
    say(done);
  } catch {
    prompt("Copy this:", text); // browsers have a clipboard for localhost and https alone
  }
}

// Shows what is new, and leaves the focus where it was.
async function refresh() {
  const response = await call("GET", location.pathname, undefined, "text/html");
  if (!response) return;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const section of document.querySelectorAll("[data-fresh]")) {
    const now = fresh.getElementById(section.id);
    if (now.innerHTML === section.innerHTML) continue;
    const { id, dataset } = document.activeElement ?? {};
    const inside = section.contains(document.activeElement);
    section.innerHTML = now.innerHTML;
    if (!inside) continue;
    const again = document.getElementById(id) ?? section.querySelector(`[data-path="${CSS.escape(dataset.path)}"]`);
    (again ?? section.querySelector("h2")).focus();
  }
  await Promise.all([showState(), showConditions()]);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.copy) copy(button.dataset.copy, button.dataset.done);
  else if (button?.dataset.path && (!button.dataset.ask || confirm(button.dataset.ask))) {
    const { method, path, body, done } = button.dataset;
    act(method, path, body && JSON.parse(body), done);
  }
});

// The fields of a form stand in its path, as {name}, or else are the body.
document.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  const { method, path, done } = form.dataset;
  const fields = Object.fromEntries(new FormData(form));
  const filled = (text) => text.replace(/\{(\w+)\}/g, (_, name) => fields[name]);
  if (form.id === "visit") location.assign(`${form.dataset.root}${fields.name === "default" ? "" : `_s/${fields.name}/`}__mock/`);
  else if (path) act(method, filled(path), filled(path) === path ? fields : undefined, filled(done));
});

let waiting;
// What a request has changed is shown soon, and many requests are shown at once.
function changed() {
  waiting ??= setTimeout(() => {
    waiting = undefined;
    showState();
    showConditions();
  }, 500);
}

showState();
showConditions();
follow(changed);
