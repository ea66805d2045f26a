import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Element, openPage, run } from "./dom.mjs";

describe("lengths", () => {
  function open(value, attributes = {}) {
    const field = Object.assign(new Element("input", { id: "id_title", ...attributes }), { value });
    const panel = Object.assign(new Element("section"), { querySelector: () => field });
    Object.assign(panel.dataset, {
      advisedLength: "5",
      lengthFits: "{count} sur {advised}",
      lengthOver: "{count}, {excess} de trop",
    });
    const page = openPage({ found: { "[data-advised-length]": [panel] } });
    run(page, "lengths.js");
    const [shown, announced] = field.children;
    return { page, field, shown, announced };
  }

  test("the length is beside the field, and read with it", () => {
    const { field, shown } = open("Aider", { "aria-describedby": "help" });

    assert.equal(shown.textContent, "5 sur 5");
    assert.equal(shown.classList.contains("length-count--over"), false);
    assert.equal(field.getAttribute("aria-describedby"), "help id_title-length");
    assert.equal(shown.id, "id_title-length");
  });

  test("what is too long is marked with by how much", () => {
    const { shown } = open("Repérer");

    assert.equal(shown.textContent, "7, 2 de trop");
    assert.equal(shown.classList.contains("length-count--over"), true);
  });

  test("an empty field has none, and spaces at the ends and surrogates count as one reads", () => {
    assert.equal(open("  ").shown.textContent, "");
    assert.equal(open(" 🙂é ").shown.textContent, "2 sur 5");
  });

  test("it is announced once one stops typing", async () => {
    const { page, field, shown, announced } = open("A");
    field.value = "Aid";
    await field.fire("input");
    await page.clock.pass(900);
    field.value = "Aidera";
    await field.fire("input");

    assert.equal(shown.textContent, "6, 1 de trop");
    await page.clock.pass(900);
    assert.equal(announced.textContent, "");
    await page.clock.pass(100);
    assert.equal(announced.textContent, "6, 1 de trop");
    assert.equal(announced.getAttribute("role"), "status");
  });
});
