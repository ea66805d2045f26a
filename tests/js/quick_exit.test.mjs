import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

import { Element, openPage, run } from "./dom.mjs";

const NEUTRAL = "https://neutral.example/";

let page;
let link;
let keys;
let forms;

/** Open a page with the link out of it. */
function open({ hasKeyboard = true, hasLink = true, ...options } = {}) {
  keys = Object.assign(new Element("span"), { hidden: true });
  link = Object.assign(new Element("a"), { href: NEUTRAL });
  link.querySelector = (selector) => (selector === "[data-quick-exit-keys]" ? keys : null);
  forms = [1, 2].map(() => ({ resets: 0, reset() { this.resets += 1; } }));
  page = openPage({
    byId: hasLink ? { "quick-exit": link } : {},
    forms,
    media: (query) => hasKeyboard && query === "(hover: hover) and (pointer: fine)",
    ...options,
  });
  run(page, "quick-exit.js");
}

const press = (key, properties = {}) => page.document.fire("keydown", { key, repeat: false, ...properties });
const isHidden = () => page.document.documentElement.classList.contains("is-leaving");

async function shift(...gaps) {
  await press("Shift");
  for (const gap of gaps) {
    await page.clock.pass(gap);
    await press("Shift");
  }
}

beforeEach(() => open());

describe("the link", () => {
  test("replaces the page, so that « back » does not lead to it", async () => {
    const event = await link.fire("click");

    assert.ok(event.defaultPrevented);
    assert.deepEqual(page.visits, [["replace", NEUTRAL]]);
  });

  test("hides the page and its title before the other page has come", async () => {
    page.location.replace = () => {
      assert.ok(isHidden());
      assert.equal(page.document.title, "…");
      page.visits.push("left");
    };

    await link.fire("click");

    assert.deepEqual(page.visits, ["left"]);
  });

  test("empties every form", async () => {
    await link.fire("click");

    assert.deepEqual(forms.map(({ resets }) => resets), [1, 1]);
  });

  test("leads where the link leads at that moment", async () => {
    link.href = "https://other.example/";

    await link.fire("click");

    assert.deepEqual(page.visits, [["replace", "https://other.example/"]]);
  });
});

describe("Shift", () => {
  test("three times leaves", async () => {
    await shift(100, 100);

    assert.deepEqual(page.visits, [["replace", NEUTRAL]]);
    assert.ok(isHidden());
  });

  test("twice stays", async () => {
    await shift(100);

    assert.deepEqual(page.visits, []);
    assert.ok(!isHidden());
  });

  test("three times within five seconds leaves, however slowly", async () => {
    await shift(2499, 2500);

    assert.equal(page.visits.length, 1);
  });

  test("three times in more than five seconds stays", async () => {
    await shift(2500, 2500);

    assert.deepEqual(page.visits, []);
  });

  test("forgets the presses that are too old, and no other", async () => {
    await shift(4000, 2000);
    assert.deepEqual(page.visits, []);

    // Those at 4 s and 6 s still count.
    await page.clock.pass(500);
    await press("Shift");

    assert.equal(page.visits.length, 1);
  });

  test("held down is one press", async () => {
    await press("Shift");
    for (let time = 0; time < 20; time += 1) await press("Shift", { repeat: true });

    assert.deepEqual(page.visits, []);
  });

  test("for capital letters stays", async () => {
    for (const letter of ["P", "A", "R", "E"]) {
      await press("Shift");
      await press(letter);
    }

    assert.deepEqual(page.visits, []);
  });

  test("counts again after another key", async () => {
    await shift(10);
    await press("a");
    await shift(10);
    assert.deepEqual(page.visits, []);

    await press("Shift");

    assert.equal(page.visits.length, 1);
  });
});

describe("coming back", () => {
  test("from the browser's memory shows the page again", async () => {
    await link.fire("click");

    await page.window.fire("pageshow", { persisted: true });

    assert.ok(!isHidden());
  });

  test("is not taken for the page that opens", async () => {
    await link.fire("click");

    await page.window.fire("pageshow", { persisted: false });

    assert.ok(isHidden());
  });
});

describe("the keys", () => {
  test("are named where there is a keyboard", () => {
    assert.equal(keys.hidden, false);
  });

  test("are not named on a telephone", () => {
    open({ hasKeyboard: false });

    assert.equal(keys.hidden, true);
  });

  test("a page without the link is left alone", async () => {
    open({ hasLink: false });

    await shift(1, 1);

    assert.deepEqual(page.visits, []);
  });
});

test("it is written for old browsers", async () => {
  const { readFile } = await import("node:fs/promises");
  const source = await readFile(new URL("../../site/static/js/quick-exit.js", import.meta.url), "utf8");

  assert.doesNotMatch(source.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ""), /=>|\b(const|let|class|async)\b|`|\?\.|\.\.\./);
});
