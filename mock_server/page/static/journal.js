// The live journal: each request with its answer, newest first.
import { call, copy, say } from "./page.js";

const MOST = 1000; // as many as the server keeps
const list = document.getElementById("entries");
const filter = document.getElementById("filter");
const live = document.getElementById("live");
let source, last = 0, onChange;

export function follow(changed) {
  onChange = changed;
  filter.addEventListener("input", () => [...list.children].forEach(sift));
  document.addEventListener("visibilitychange", listen);
  listen();
  // What was there before is not read out.
  setTimeout(() => list.setAttribute("aria-live", "polite"), 1000);
}

// A page that nobody sees keeps no connection: a browser has few for one server.
function listen() {
  source?.close();
  if (document.hidden) return;
  source = new EventSource(`journal/events?since=${last}`);
  source.onopen = () => (live.textContent = "live");
  source.onerror = () => (live.textContent = "not connected");
  source.onmessage = (event) => add(JSON.parse(event.data));
  source.addEventListener("cleared", () => {
    list.replaceChildren();
    last = 0;
    count();
    onChange();
  });
}

function add(entry) {
  last = entry.id;
  const item = document.getElementById("entry").content.cloneNode(true).firstElementChild;
  const find = (name) => item.querySelector(name);
  find(".status").textContent = entry.status;
  item.dataset.result = `${entry.status}`[0];
  item.dataset.api = entry.api ?? "";
  find(".method").textContent = entry.request.method;
  find(".url").textContent = entry.request.url;
  const notes = [
    entry.operationId,
    `${entry.duration.toFixed(1)} ms`,
    entry.time.slice(11, 19),
    entry.violations.length && "breaks the spec",
    entry.faults.length && `fault ${entry.faults.join(", ")}`,
    entry.ignoredPreferences.length && `not honoured: Prefer: ${entry.ignoredPreferences.join(", ")}`,
  ];
  find(".what").textContent = notes.filter(Boolean).join(" · ");
  item.broken = entry.violations.length > 0;
  item.classList.toggle("broken", item.broken);
  item.words = JSON.stringify(entry).toLowerCase();
  find("details").addEventListener("toggle", () => open(item, entry), { once: true });
  sift(item);
  list.prepend(item);
  if (list.children.length > MOST) list.lastElementChild.remove();
  count();
  if (entry.request.method !== "GET" || entry.faults.length) onChange();
}

function sift(item) {
  const { words, api, result } = filter.elements;
  const fits = item.words.includes(words.value.toLowerCase()) && (!api.value || item.dataset.api === api.value);
  const chosen = result.value === "spec" ? item.broken : !result.value || result.value.includes(item.dataset.result);
  item.hidden = !fits || !chosen;
}

function count() {
  document.getElementById("nothing").hidden = list.children.length > 0;
}

// What is in an entry is made when it is opened: there may be a thousand.
function open(item, entry) {
  const problem = entry.status >= 400 ? (entry.response.body?.error?.details ?? "") : "";
  const wrong = item.querySelector(".wrong");
  wrong.textContent = [problem, ...entry.violations].filter(Boolean).join("\n");
  wrong.hidden = !wrong.textContent;
  item.querySelector(".pair").append(message("Request", entry.request, problem), message(`Answer: ${entry.status}`, entry.response, ""));
  item.querySelector("[data-do=curl]").addEventListener("click", async () => {
    const response = await call("GET", `journal/${entry.id}/curl`);
    if (response) copy(await response.text(), "Copied: the request as a curl command");
  });
  item.querySelector("[data-do=send]").addEventListener("click", async () => {
    const response = await call("POST", `journal/${entry.id}/send`);
    if (response) say(`Sent again: ${(await response.json()).status ?? "no answer"}`);
  });
}

function message(title, { headers, body }, problem) {
  const part = document.getElementById("message").content.cloneNode(true).firstElementChild;
  part.querySelector("h3").textContent = title;
  part.querySelector(".headers").textContent = Object.entries(headers).map(([name, value]) => `${name}: ${value}`).join("\n");
  const shown = part.querySelector(".body");
  if (body === null) shown.replaceWith("no body");
  else if (Object.keys(body).join() === "bytes") shown.replaceWith(`${body.bytes} bytes, not shown`);
  else for (const line of lines(body)) shown.append(written(line, problem));
  shown.setAttribute("aria-label", `Body of the ${title.toLowerCase()}`);
  return part;
}

// One line of a body; the one that a 400 complains of is marked: `request body/fields/3: "x" is not of type "integer"`.
function written({ text, pointer }, problem) {
  if (pointer === undefined || !problem.startsWith(`request body${pointer}: `)) return `${text}\n`;
  const mark = document.createElement("mark");
  mark.textContent = text.trimStart();
  mark.title = problem;
  const said = document.createElement("strong");
  said.textContent = `  ← ${problem.slice(`request body${pointer}: `.length)}\n`;
  const both = document.createDocumentFragment();
  both.append(text.slice(0, -mark.textContent.length), mark, said);
  return both;
}

// JSON as indented lines, each with the pointer of the value that begins there.
function* lines(value, pointer = "", indent = "", key = "", comma = "") {
  if (value === null || typeof value !== "object" || !Object.keys(value).length) {
    yield { pointer, text: `${indent}${key}${JSON.stringify(value)}${comma}` };
    return;
  }
  const [start, end] = Array.isArray(value) ? "[]" : "{}";
  yield { pointer, text: `${indent}${key}${start}` };
  const entries = Object.entries(value);
  for (const [place, [name, item]] of entries.entries()) {
    const label = Array.isArray(value) ? "" : `${JSON.stringify(name)}: `;
    yield* lines(item, `${pointer}/${name}`, `${indent}  `, label, place < entries.length - 1 ? "," : "");
  }
  yield { text: `${indent}${end}${comma}` };
}
