import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Element, openPage, run, settle } from "./dom.mjs";

const ITEMS = [
  { title: "Un guide", kind_label: "Ressource", path: "/un/" },
  { title: "Une fiche", kind_label: "Ressource", path: "/deux/" },
];

let page;
let input;
let list;
let asked;
let answer;

beforeEach(() => {
  input = new Element("input", { id: "q" });
  Object.assign(input, { value: "", dataset: { suggestions: "/api/v1/search/suggest/", suggestionsLabel: "Suggestions" } });
  const box = new Element("div", {}, input);
  page = openPage({ found: { "[data-suggestions]": input } });
  page.document.activeElement = input;
  asked = [];
  answer = { ok: true, json: async () => ({ items: ITEMS }) };
  page.window.fetch = async (address) => {
    asked.push(address);
    return answer;
  };
  run(page, "suggestions.js");
  list = box.children[1];
});

async function type(text) {
  input.value = text;
  await input.fire("input");
  await page.clock.pass(180);
  await settle();
}

const press = (key) => input.fire("keydown", { key });
const titles = () => list.children.map((option) => option.children[0].textContent);

test("what is typed is asked for once the fingers rest, in the page's language", async () => {
  input.value = "gu";
  await input.fire("input");
  await page.clock.pass(100);
  await type("gui ");

  assert.deepEqual(asked, ["/api/v1/search/suggest/?q=gui&locale=fr"]);
  assert.deepEqual(titles(), ["Un guide", "Une fiche"]);
  assert.equal(input.getAttribute("aria-expanded"), "true");
});

test("a single letter asks nothing", async () => {
  await type("g ");

  assert.deepEqual(asked, []);
  assert.ok(list.hidden);
});

test("arrows go through the options and back to the field", async () => {
  await type("guide");

  await press("ArrowDown");
  assert.equal(input.getAttribute("aria-activedescendant"), "q-suggestions-0");
  assert.equal(list.children[0].getAttribute("aria-selected"), "true");
  await press("ArrowDown");
  await press("ArrowDown");
  assert.equal(input.getAttribute("aria-activedescendant"), null);
  await press("ArrowUp");
  assert.equal(input.getAttribute("aria-activedescendant"), "q-suggestions-1");
});

test("Enter opens the option, and without one sends the search", async () => {
  await type("guide");

  assert.ok(!(await press("Enter")).defaultPrevented);
  await press("ArrowDown");
  assert.ok((await press("Enter")).defaultPrevented);

  assert.deepEqual(page.visits, [["assign", "/un/"]]);
});

test("Escape closes the list and nothing else", async () => {
  await type("guide");

  const event = await press("Escape");

  assert.ok(event.defaultPrevented && event.isStopped);
  assert.ok(list.hidden);
  assert.equal(input.getAttribute("aria-expanded"), "false");
  assert.ok(!(await press("Escape")).defaultPrevented);
});

test("the list closes with the focus, and an answer that comes later does not open it", async () => {
  page.document.activeElement = null;
  await type("guide");

  assert.equal(list.children.length, 0);
});

test("the search is there when suggestions fail", async () => {
  await type("guide");
  answer = { ok: false, statusText: "no" };

  await type("guides");

  assert.ok(list.hidden);
});

test("a title is text, whatever is in it", async () => {
  answer = { ok: true, json: async () => ({ items: [{ title: "<b>x</b>", kind_label: "", path: "/" }] }) };
  await type("guide");

  assert.deepEqual(titles(), ["<b>x</b>"]);
});
