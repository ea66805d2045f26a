import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { beforeEach, describe, test } from "node:test";
import { gzipSync } from "node:zlib";

import { Element, openPage, run } from "./dom.mjs";

const NEUTRAL = "https://neutral.example/";
const HERE = "https://site.example/page/";
const LEFT = { left: "1" };

let page;
let link;
let root;
let forms;

/** What a tab stores; `refuses` is a browser that stores nothing. */
function storage(stored, refuses) {
  const check = () => {
    if (refuses) throw new Error("SecurityError");
  };
  return {
    getItem: (key) => (check(), stored[key] ?? null),
    setItem: (key, value) => (check(), (stored[key] = value)),
  };
}

/** Open a page whose first script this is, in a tab that stores something. */
function open({ stored = {}, attributes = {}, isFramed = false, refuses = false, ...options } = {}) {
  link = Object.assign(new Element("a", { id: "quick-exit" }), { href: `${HERE}quitter/`, hash: "" });
  forms = [1, 2].map(() => ({ resets: 0, reset() { this.resets += 1; } }));
  page = openPage({ forms, href: HERE, ...options });
  page.stored = stored;
  page.kept = [];
  root = page.document.documentElement;
  root.style = { cssText: "" };
  page.document.currentScript = new Element("script", { "data-neutral": NEUTRAL, ...attributes });
  Object.assign(page.window, {
    self: page.window,
    top: isFramed ? {} : page.window,
    sessionStorage: storage(stored, refuses),
    history: { state: { at: 3 }, replaceState: (...given) => page.kept.push(given) },
    stop: () => page.visits.push(["stop"]),
  });
  run(page, "quick-exit.js");
}

const click = (target = link, properties = {}) =>
  page.document.fire("click", { target, button: 0, ...properties });
const press = (key, properties = {}) => page.document.fire("keydown", { key, repeat: false, ...properties });
const isHidden = () => /visibility: hidden !important; opacity: 0 !important/.test(root.style.cssText);

/** A link to somewhere, as a browser completes its address. */
function anchor(href, properties = {}) {
  const { hash } = new URL(href);
  return Object.assign(new Element("a", { href }), { href, hash, target: "", ...properties });
}

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
    const event = await click();

    assert.ok(event.defaultPrevented);
    assert.deepEqual(page.visits, [["replace", NEUTRAL]]);
  });

  test("is found by what is in it", async () => {
    const words = Object.assign(new Element("span"), { closest: () => link });

    await click(words);

    assert.deepEqual(page.visits, [["replace", NEUTRAL]]);
  });

  test("hides the page and its title before the other page has come", async () => {
    page.location.replace = () => {
      assert.ok(isHidden());
      assert.equal(page.document.title, "…");
      page.visits.push("left");
    };

    await click();

    assert.deepEqual(page.visits, ["left"]);
  });

  test("empties every form", async () => {
    await click();

    assert.deepEqual(forms.map(({ resets }) => resets), [1, 1]);
  });

  test("writes a flag that names nothing", async () => {
    await click();

    assert.deepEqual(page.stored, LEFT);
  });

  test("replaces the page where the browser stores nothing", async () => {
    open({ refuses: true });

    await click();

    assert.deepEqual(page.visits, [["replace", NEUTRAL]]);
  });
});

describe("before the exit", () => {
  test("nothing is stored, whatever one does", async () => {
    await click(anchor(`${HERE}#part`));
    await click(anchor("https://site.example/other/"));
    await shift(100);
    await press("a");
    await page.window.fire("pagehide", { persisted: true });
    await page.window.fire("pageshow", { persisted: true });

    assert.deepEqual(page.stored, {});
  });
});

describe("Shift", () => {
  test("three times leaves", async () => {
    await shift(100, 100);

    assert.deepEqual(page.visits, [["replace", NEUTRAL]]);
    assert.deepEqual(page.stored, LEFT);
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

  test("is offered where this script runs", () => {
    assert.ok(root.classList.contains("has-exit-keys"));
  });
});

describe("a page that is opened after the exit", () => {
  test("is replaced before the rest of it is read", () => {
    open({ stored: LEFT });

    assert.deepEqual(page.visits, [["stop"], ["replace", NEUTRAL]]);
    assert.ok(isHidden());
    assert.equal(page.document.title, "…");
  });

  test("is replaced once, however its loading ends", async () => {
    open({ stored: LEFT });

    await page.window.fire("pageshow", { persisted: false });

    assert.equal(page.visits.length, 2);
  });

  test("is shown inside the administration, whose previews are framed", async () => {
    open({ stored: LEFT, isFramed: true });
    await page.window.fire("pageshow", { persisted: true });

    assert.deepEqual(page.visits, []);
    assert.ok(!isHidden());
  });

  test("is shown where the browser stores nothing", () => {
    open({ refuses: true });

    assert.deepEqual(page.visits, []);
  });
});

describe("a framed page", () => {
  test("leaves without writing for the tab around it", async () => {
    open({ isFramed: true });

    await click();

    assert.deepEqual(page.visits, [["replace", NEUTRAL]]);
    assert.deepEqual(page.stored, {});
  });
});

describe("a page that the browser keeps", () => {
  test("is hidden until it is known what for", async () => {
    await page.window.fire("pagehide", { persisted: true });

    assert.ok(isHidden());
  });

  test("shows again when it is gone back to", async () => {
    await page.window.fire("pagehide", { persisted: true });
    await page.window.fire("pageshow", { persisted: true });

    assert.ok(!isHidden());
    assert.deepEqual(page.visits, []);
  });

  test("is replaced after an exit from another", async () => {
    await page.window.fire("pagehide", { persisted: true });
    page.stored.left = "1";
    await page.window.fire("pageshow", { persisted: true });

    assert.deepEqual(page.visits, [["replace", NEUTRAL]]);
    assert.ok(isHidden());
  });

  test("is replaced after its own exit, where the browser stores nothing", async () => {
    open({ refuses: true });
    await click();
    await page.window.fire("pageshow", { persisted: true });

    assert.deepEqual(page.visits, [["replace", NEUTRAL], ["replace", NEUTRAL]]);
    assert.ok(isHidden());
  });

  test("is not taken for the page that opens", async () => {
    await click();
    await page.window.fire("pageshow", { persisted: false });

    assert.equal(page.visits.length, 1);
    assert.ok(isHidden());
  });
});

describe("the history", () => {
  test("has each page as asked for by its address, with the state that it had", () => {
    assert.deepEqual(page.kept, [[{ at: 3 }, "", HERE]]);
  });

  test("gets no entry by a link within the page", async () => {
    const event = await click(anchor(`${HERE}#part`));

    assert.ok(event.defaultPrevented);
    assert.deepEqual(page.visits, [["replace", `${HERE}#part`]]);
  });

  test("gets none from a part of the page to another", async () => {
    open({ href: `${HERE}?theme=a#part` });

    await click(anchor(`${HERE}?theme=a#other`));

    assert.deepEqual(page.visits, [["replace", `${HERE}?theme=a#other`]]);
  });

  for (const [what, href, properties] of [
    ["to another page", "https://site.example/other/#part", {}],
    ["to another list", `${HERE}?theme=a#part`, {}],
    ["without a part", HERE, {}],
  ]) {
    test(`is the browser's for a link ${what}`, async () => {
      const event = await click(anchor(href, properties));

      assert.ok(!event.defaultPrevented);
      assert.deepEqual(page.visits, []);
    });
  }

  for (const properties of [
    { ctrlKey: true },
    { metaKey: true },
    { shiftKey: true },
    { altKey: true },
    { button: 1 },
    { defaultPrevented: true },
  ]) {
    test(`is the browser's for ${JSON.stringify(properties)}`, async () => {
      await click(anchor(`${HERE}#part`), properties);

      assert.deepEqual(page.visits, []);
    });
  }

  test("is the browser's for a link that opens elsewhere", async () => {
    await click(anchor(`${HERE}#part`, { target: "_blank" }));

    assert.deepEqual(page.visits, []);
  });

  test("is left alone by a click beside the links", async () => {
    await click(Object.assign(new Element("p"), { closest: () => null }));
    await click({});

    assert.deepEqual(page.visits, []);
  });
});

describe("the address that the link has", () => {
  test("leaves at once where the script runs, and writes nothing", () => {
    open({ attributes: { "data-leaves": "" } });

    assert.deepEqual(page.visits, [["stop"], ["replace", NEUTRAL]]);
    assert.deepEqual(page.stored, {});
  });
});

describe("the script", () => {
  const source = () => readFile(new URL("../../site/static/js/quick-exit.js", import.meta.url), "utf8");

  test("is written for old browsers", async () => {
    const code = (await source()).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");

    assert.doesNotMatch(code, /=>|\b(const|let|class|async)\b|`|\?\.|\.\.\./);
  });

  test("is small, since pages wait for it", async () => {
    assert.ok(gzipSync(await source()).length < 2000);
  });
});
