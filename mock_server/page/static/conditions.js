// The clock and the faults of the session, where the server has them.
import { act, call } from "./page.js";

const clock = document.getElementById("now");
const list = document.getElementById("fault-list");
const form = document.getElementById("new-fault");
const COUNTS = ["name", "matched", "hits"];

export async function showConditions() {
  if (clock) await showClock();
  if (list) await showFaults();
}

async function showClock() {
  const response = await call("GET", "clock");
  if (!response) return;
  const { now, frozen, ahead } = await response.json();
  const apart = Math.abs(ahead) < 3600 ? `${Math.abs(ahead)} s` : `${(Math.abs(ahead) / 3600).toFixed(1)} h`;
  const how = frozen ? "stands still" : ahead ? `${apart} ${ahead > 0 ? "ahead of" : "behind"} real time` : "real time";
  clock.textContent = `${now.replace("T", " ").slice(0, 19)} UTC, ${how}`;
}

async function showFaults() {
  const response = await call("GET", "faults");
  if (!response) return;
  // What is there already stays, with the focus that may be in it.
  const there = new Map([...list.children].map((item) => [item.dataset.name, item]));
  for (const fault of await response.json()) {
    const item = there.get(fault.name) ?? added(fault);
    there.delete(fault.name);
    const told = Object.entries(fault).filter(([name]) => !COUNTS.includes(name));
    item.querySelector("code").textContent = told.map(([name, value]) => `${name} ${JSON.stringify(value)}`).join(", ");
    item.querySelector("span").textContent = `${fault.hits} of ${fault.matched} struck`;
  }
  for (const item of there.values()) {
    if (item.contains(document.activeElement)) document.getElementById("faults-title").focus();
    item.remove();
  }
}

function added(fault) {
  const item = document.getElementById("fault").content.cloneNode(true).firstElementChild;
  item.dataset.name = fault.name;
  list.append(item);
  const remove = item.querySelector("button");
  remove.dataset.path = `faults/${fault.name}`;
  remove.dataset.done = `${fault.name} is removed`;
  remove.setAttribute("aria-label", `Remove ${fault.name}`);
  return item;
}

function written({ effect, value, operation, caller, often, number }) {
  const fault = { [effect.value]: effect.selectedOptions[0].dataset.value ? Number(value.value) : true };
  if (operation.value.startsWith("api:")) fault.api = operation.value.slice(4);
  else if (operation.value) fault.operation = operation.value;
  if (caller.value) fault.caller = caller.value;
  if (often.value) fault[often.value] = often.value === "probability" ? Number(number.value) / 100 : Number(number.value);
  return fault;
}

form?.addEventListener("change", ({ target }) => {
  const { effect, value, often, number } = form.elements;
  if (target === effect) value.value = effect.selectedOptions[0].dataset.value ?? "";
  value.disabled = !effect.selectedOptions[0].dataset.value;
  number.disabled = !often.value;
});
form?.addEventListener("submit", () => act("POST", "faults", written(form.elements), "The fault is added"));
