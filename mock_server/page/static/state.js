// The state browser: the tables of each API; rows are fetched when a table is opened.
import { call } from "./page.js";

const root = document.getElementById("tables");

export async function showState() {
  const response = await call("GET", "state");
  for (const [api, tables] of Object.entries((await response?.json()) ?? {})) {
    const group = root.querySelector(`[data-api="${api}"]`) ?? added(api);
    for (const { table, rows } of tables) {
      const place = group.querySelector(`[data-table="${table}"]`) ?? addedTable(group, api, table);
      place.querySelector("summary .soft").textContent = rows;
      place.classList.toggle("empty", rows === 0);
      if (place.open) fill(place, api, table);
    }
  }
}

function added(api) {
  const group = document.createElement("section");
  group.dataset.api = api;
  group.setAttribute("aria-label", `Tables of ${api}`);
  const title = document.createElement("h3");
  title.textContent = api;
  group.append(title);
  root.append(group);
  return group;
}

function addedTable(group, api, table) {
  const place = document.getElementById("table").content.cloneNode(true).firstElementChild;
  place.dataset.table = table;
  place.querySelector("code").textContent = table;
  place.addEventListener("toggle", () => place.open && fill(place, api, table));
  group.append(place);
  return place;
}

async function fill(place, api, table) {
  const response = await call("GET", `state/${api}/${table}`);
  if (!response) return;
  const text = await response.text();
  if (text === place.shown) return;
  place.shown = text;
  const { rows, next } = JSON.parse(text);
  // The same region again, with the focus and the place that it was scrolled to.
  const scroll = place.querySelector(".scroll") ?? addedRegion(place, table);
  scroll.replaceChildren(rows.length ? drawn(rows) : "no rows");
  if (next) scroll.append(more(scroll, api, table, next));
}

function addedRegion(place, table) {
  const scroll = document.createElement("div");
  scroll.className = "scroll";
  scroll.tabIndex = 0;
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", `Rows of ${table}`);
  place.append(scroll);
  return scroll;
}

function more(scroll, api, table, offset) {
  const button = document.createElement("button");
  button.textContent = "More rows";
  button.type = "button";
  button.addEventListener("click", async () => {
    const response = await call("GET", `state/${api}/${table}?offset=${offset}`);
    if (!response) return;
    const { rows, next } = await response.json();
    rows.forEach((row) => scroll.querySelector("tbody").append(line(row)));
    button.replaceWith(next ? more(scroll, api, table, next) : "");
    scroll.focus();
  });
  return button;
}

function drawn(rows) {
  const table = document.createElement("table");
  const head = table.createTHead().insertRow();
  for (const name of Object.keys(rows[0])) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = name;
    head.append(cell);
  }
  const body = table.createTBody();
  rows.forEach((row) => body.append(line(row)));
  return table;
}

function line(row) {
  const drawn = document.createElement("tr");
  for (const value of Object.values(row)) {
    const text = value === null ? "" : typeof value === "object" ? JSON.stringify(value, null, 1) : `${value}`;
    drawn.insertCell().textContent = text;
  }
  return drawn;
}
