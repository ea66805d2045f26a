import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Element, openPage, run, settle } from "./dom.mjs";

describe("filters", () => {
  function wanted(fields, { order, action = "https://site.example/ressources/?q=old" } = {}) {
    const form = Object.assign(new Element("form"), { action });
    const panel = Object.assign(new Element("details"), { querySelector: () => form });
    const page = openPage({ found: { "[data-filters]": panel, "#order": order ?? null } });
    page.window.FormData = class {
      *[Symbol.iterator]() {
        yield* fields;
      }
    };
    return run(page, "filters.js", "wanted").wanted();
  }

  test("the address has the fields that are filled in, in their order", () => {
    assert.equal(
      wanted([["q", "fugue"], ["theme", "reperage"], ["theme", "soin"], ["territory", " "]]),
      "https://site.example/ressources/?q=fugue&theme=reperage&theme=soin",
    );
  });

  test("without any, it is the list's own", () => {
    assert.equal(wanted([["q", ""]]), "https://site.example/ressources/");
  });

  test("the first order is the one that applies by itself", () => {
    assert.equal(wanted([["order", "recent"]], { order: { selectedIndex: 0 } }), "https://site.example/ressources/");
    assert.equal(wanted([["order", "title"]], { order: { selectedIndex: 1 } }), "https://site.example/ressources/?order=title");
  });
});

describe("tables of the administration", () => {
  function register(handsontable) {
    const page = openPage();
    page.window.Handsontable = handsontable;
    run(page, "handsontable-fr.js");
  }

  test("each item of the menu has its French", () => {
    const dictionaries = [];
    register({
      languages: {
        dictionaryKeys: new Proxy({}, { get: (_keys, name) => `key of ${name}` }),
        registerLanguageDictionary: (dictionary) => dictionaries.push(dictionary),
      },
    });

    const [{ languageCode, ...items }] = dictionaries;
    assert.equal(languageCode, "fr-FR");
    assert.equal(items["key of CONTEXTMENU_ITEMS_ROW_ABOVE"], "Insérer une ligne au-dessus");
    assert.equal(Object.keys(items).length, 8);
  });

  test("a screen without a table is left alone", () => {
    assert.doesNotThrow(() => register(undefined));
  });
});

describe("the editor of a translation", () => {
  function correct(...titles) {
    const editor = new Element("div", {}, ...titles.map((text) => named(text)));
    editor.querySelectorAll = (selector) =>
      editor.children.filter(
        (child) =>
          selector.startsWith(child.tagName) &&
          !(selector.includes(":not([aria-label])") && child.getAttribute("aria-label")),
      );
    const pattern = Object.assign(new Element("script"), {
      dataset: {
        translationTitle: "Traduction : {source} vers {target}",
        translationField: "Traduction de « {text} »",
        translationFile: "Fichier PO traduit",
      },
    });
    const observers = [];
    const page = openPage({
      found: { ".js-translation-editor": editor, "[data-translation-title]": pattern },
    });
    page.window.MutationObserver = class {
      constructor(callback) {
        observers.push(callback);
      }
      observe() {}
    };
    run(page, "translation-editor.js");
    return { editor, changed: () => observers.forEach((callback) => callback()) };
  }

  function named(text) {
    const title = new Element("h3");
    title.textContent = text;
    return title;
  }

  test("each field has a name, whenever it appears: that of the text to translate", () => {
    const { editor, changed } = correct();
    const add = (text) => {
      const field = new Element("textarea");
      field.closest = () => ({ querySelector: () => named(text) });
      editor.append(field);
    };
    add("Le projet");
    add("mot ".repeat(50));
    editor.append(new Element("input"));
    changed();
    changed();

    const [short, long, file] = editor.children.map((field) => field.getAttribute("aria-label"));
    assert.equal(short, "Traduction de « Le projet »");
    assert.match(long, /^Traduction de « (mot ){20}… »$/);
    assert.equal(file, "Fichier PO traduit");
  });

  test("its title is corrected, whenever it appears, and others are left alone", () => {
    const { editor, changed } = correct("Alternative images to choose");
    editor.append(named("Français to English translation"));
    changed();
    changed();

    assert.deepEqual(
      editor.children.map((title) => title.textContent),
      ["Alternative images to choose", "Traduction : Français vers English"],
    );
  });

  test("another screen is left alone", () => {
    assert.doesNotThrow(() => run(openPage(), "translation-editor.js"));
  });
});

describe("uploads", () => {
  const { size } = run(openPage(), "upload.js", "size");

  test("the size of a file is in the units of the reader", () => {
    assert.equal(size(1), "1\u00a0Ko");
    assert.equal(size(1024), "1\u00a0Ko");
    assert.equal(size(1025), "2\u00a0Ko");
    assert.equal(size(1024 ** 2), "1\u00a0Mo");
    assert.equal(size(1.5 * 1024 ** 2), "1,5\u00a0Mo");
  });
});

describe("the progress of a sending", () => {
  const NAMES = ["state", "bar", "done", "total", "left", "counts"];

  function open(said) {
    const parts = Object.fromEntries(NAMES.map((name) => [name, new Element("span")]));
    const box = Object.assign(new Element("div"), {
      dataset: { mailingProgress: "/progress/" },
      querySelector: (selector) => parts[selector.match(/"(\w+)"/)[1]],
    });
    const page = openPage({ found: { "[data-mailing-progress]": box } });
    page.window.fetch = async () => ({ ok: true, json: async () => said });
    run(page, "mailing-progress.js");
    return { page, parts };
  }

  const SAID = { is_open: true, state: "En cours", percent: 40, done: 4, total: 10, left: 6, counts: [{ label: "Envoyés", count: 4 }] };

  test("is asked for every three seconds", async () => {
    const { page, parts } = open(SAID);
    await page.clock.pass(2999);
    assert.equal(parts.state.textContent, "");

    await page.clock.pass(1);
    await settle();

    assert.equal(parts.state.textContent, "En cours");
    assert.equal(parts.bar.value, 40);
    assert.equal(parts.left.textContent, "6");
    assert.equal(parts.counts.textContent, "Envoyés : 4");
  });

  test("reloads the page once it is over", async () => {
    const { page } = open({ ...SAID, is_open: false });

    await page.clock.pass(3000);
    await settle();

    assert.deepEqual(page.visits, [["reload"]]);
  });
});

describe("the documentation of the API", () => {
  test("adds nothing to the history", () => {
    const page = openPage();
    const written = [];
    page.window.history = { pushState: () => written.push("pushed"), replaceState: (...given) => written.push(given) };
    run(page, "api-docs.js");

    page.window.history.pushState(null, "", "#/resources");

    assert.deepEqual(written, [[null, "", "#/resources"]]);
  });
});
