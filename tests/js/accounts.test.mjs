import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Element, openPage, run, settle } from "./dom.mjs";

describe("the end of a session", () => {
  const HERS = { username: "relectrice", seconds: 3000, token: "new" };
  const NOBODY = { username: "", seconds: 0, token: "" };

  /** A screen of the administration with one form, whose server gives these answers in turn. */
  function open(...answers) {
    const field = { value: "old" };
    const status = new Element("p");
    const dialog = Object.assign(new Element("dialog"), {
      open: false,
      showModal() {
        this.open = true;
      },
      close() {
        this.open = false;
      },
      querySelector: () => status,
    });
    dialog.dataset = { session: "/admin/connexion/etat/", username: "relectrice", other: "Un autre compte" };
    const page = openPage({ found: { "dialog[data-session]": dialog } });
    page.document.querySelectorAll = (selector) => (selector === "[name=csrfmiddlewaretoken]" ? [field] : []);
    page.document.visibilityState = "visible";
    page.window.wagtailConfig = { CSRF_TOKEN: "old" };
    page.window.asked = 0;
    page.window.fetch = async () => {
      page.window.asked += 1;
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer instanceof Error) throw answer;
      return { json: async () => answer };
    };
    run(page, "session.js");
    return { ...page, dialog, field, status };
  }

  const form = (method = "post") => ({
    method,
    sent: 0,
    requestSubmit() {
      this.sent += 1;
    },
  });
  const submit = (page, target) =>
    page.document.fire("submit", { target, submitter: null, stopImmediatePropagation() {} });

  test("a session that goes on is asked for each minute, and nothing is shown", async () => {
    const page = open(HERS);

    await page.clock.pass(180_000);

    assert.equal(page.window.asked, 3);
    assert.equal(page.dialog.open, false);
  });

  test("once it has ended, a dialog is there until the same person is back", async () => {
    const page = open(NOBODY, NOBODY, HERS);

    await page.clock.pass(60_000);
    assert.equal(page.dialog.open, true);
    await page.clock.pass(10_000);

    assert.equal(page.dialog.open, false);
    assert.equal(page.field.value, "new");
    assert.equal(page.window.wagtailConfig.CSRF_TOKEN, "new");
  });

  test("somebody else is not the same person", async () => {
    const page = open({ ...HERS, username: "directrice" });

    await page.clock.pass(60_000);

    assert.equal(page.dialog.open, true);
    assert.equal(page.status.textContent, "Un autre compte");
    assert.equal(page.field.value, "old");
  });

  test("it is looked at when the tab is seen again", async () => {
    const page = open(NOBODY);

    await page.document.fire("visibilitychange");

    assert.equal(page.dialog.open, true);
  });

  test("a form that was open for a while is sent once the session was seen to go on", async () => {
    const page = open(HERS);
    page.clock.now = 40_000;
    const sent = form();

    const event = await submit(page, sent);

    assert.equal(event.defaultPrevented, true);
    assert.equal(sent.sent, 1);
    assert.equal((await submit(page, sent)).defaultPrevented, false);
  });

  test("a form is held back after the end, with what was typed", async () => {
    const page = open(NOBODY);
    page.clock.now = 40_000;
    const held = form();

    const event = await submit(page, held);

    assert.equal(event.defaultPrevented, true);
    assert.equal(held.sent, 0);
    assert.equal(page.dialog.open, true);
  });

  test("a search is none of its business", async () => {
    const page = open(NOBODY);
    page.clock.now = 40_000;

    assert.equal((await submit(page, form("get"))).defaultPrevented, false);
    assert.equal(page.window.asked, 0);
  });

  test("a server that does not answer keeps nobody from trying", async () => {
    const page = open(new Error("no network"));
    page.clock.now = 40_000;
    const sent = form();

    await submit(page, sent);

    assert.equal(sent.sent, 1);
    assert.equal(page.dialog.open, false);
  });

  test("a screen without it is left alone", () => {
    assert.doesNotThrow(() => run(openPage(), "session.js"));
  });
});

describe("recovery codes", () => {
  test("they are printed and copied, one on each line", async () => {
    const [print, copy] = [new Element("button"), new Element("button")];
    copy.dataset = { copied: "Copié" };
    const page = openPage({ found: { "[data-print]": print, "[data-copy]": copy } });
    const codes = ["1234 5678", "8765 4321"].map((text) => Object.assign(new Element("code"), { textContent: text }));
    page.document.querySelectorAll = () => codes;
    const done = [];
    page.window.print = () => done.push("printed");
    page.window.navigator = { clipboard: { writeText: async (text) => done.push(text) } };
    run(page, "recovery-codes.js");

    await print.fire("click");
    await copy.fire("click");
    await settle();

    assert.deepEqual(done, ["printed", "1234 5678\n8765 4321"]);
    assert.equal(copy.textContent, "Copié");
  });
});
