import assert from "node:assert/strict";
import { test } from "node:test";

import { openPage, run } from "./dom.mjs";

const field = (type, value = "typed") => ({ type, value, checked: true, selectedIndex: 2 });

function form(method, ...fields) {
  return {
    method,
    resets: 0,
    reset() {
      this.resets += 1;
    },
    querySelectorAll: () => fields,
  };
}

function open(...forms) {
  const page = openPage({ forms });
  run(page, "forms.js");
  return page;
}

test("what was typed is gone when the page is left", async () => {
  const fields = [field("text"), field("textarea"), field("email")];
  const page = open(form("post", ...fields));

  await page.window.fire("pagehide");

  assert.deepEqual(fields.map(({ value }) => value), ["", "", ""]);
});

test("boxes and choices too", async () => {
  const [box, radio, one, many] = ["checkbox", "radio", "select-one", "select-multiple"].map((type) => field(type));
  const page = open(form("post", box, radio, one, many));

  await page.window.fire("pagehide");

  assert.equal(box.checked, false);
  assert.equal(radio.checked, false);
  // The value of a box is not what somebody typed.
  assert.equal(box.value, "typed");
  assert.equal(one.selectedIndex, -1);
  assert.equal(many.selectedIndex, -1);
});

test("a form that filters goes back to what its address says", async () => {
  const search = field("search");
  const filters = form("get", search);
  const page = open(filters);

  await page.window.fire("pagehide");

  assert.equal(filters.resets, 1);
  assert.equal(search.value, "typed");
});

test("a page that the browser kept is emptied, one that opens is not", async () => {
  const name = field("text");
  const page = open(form("post", name));

  await page.window.fire("pageshow", { persisted: false });
  assert.equal(name.value, "typed");

  await page.window.fire("pageshow", { persisted: true });
  assert.equal(name.value, "");
});
