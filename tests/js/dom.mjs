/*
 * As much of a browser as the scripts of the site need: elements, events, forms, and a clock.
 * Node has no DOM, and the project installs no package of npm. What a browser alone can show
 * (layout, focus, history) is tested in tests/browser.
 */
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import vm from "node:vm";

const SCRIPTS = fileURLToPath(new URL("../../site/static/js/", import.meta.url));

/** What listens, and can be made to hear an event. */
export class Target {
  #listeners = new Map();

  addEventListener(type, listener) {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  /** Have the listeners hear an event; give back the event, once any promise of theirs is kept. */
  async fire(type, properties = {}) {
    const event = {
      type,
      target: this,
      defaultPrevented: false,
      isStopped: false,
      preventDefault() {
        this.defaultPrevented = true;
      },
      stopPropagation() {
        this.isStopped = true;
      },
      ...properties,
    };
    await Promise.all((this.#listeners.get(type) ?? []).map((listener) => listener(event)));
    return event;
  }
}

/** An element: attributes, children, classes, and the few selectors that are asked of it. */
export class Element extends Target {
  #text = "";

  constructor(tag, attributes = {}, ...children) {
    super();
    this.tagName = tag;
    this.attributes = new Map(Object.entries(attributes));
    this.children = [];
    this.dataset = {};
    this.hidden = false;
    this.parentElement = null;
    const classes = new Set();
    this.classList = {
      add: (name) => classes.add(name),
      remove: (name) => classes.delete(name),
      contains: (name) => classes.has(name),
    };
    this.append(...children);
  }

  get id() {
    return this.attributes.get("id") ?? "";
  }

  set id(value) {
    this.attributes.set("id", value);
  }

  get textContent() {
    return this.#text + this.children.map((child) => child.textContent).join("");
  }

  set textContent(value) {
    this.#text = String(value);
    this.children = [];
  }

  getAttribute(name) {
    return this.attributes.get(name) ?? null;
  }

  hasAttribute(name) {
    return this.attributes.has(name);
  }

  setAttribute(name, value) {
    this.attributes.set(name, String(value));
  }

  removeAttribute(name) {
    this.attributes.delete(name);
  }

  append(...children) {
    for (const child of children) {
      child.parentElement = this;
      this.children.push(child);
    }
  }

  replaceChildren(...children) {
    this.children = [];
    this.append(...children);
  }

  /** The descendants for which `wanted` is true, in the order of the document. */
  *descendants(wanted = () => true) {
    for (const child of this.children) {
      if (wanted(child)) yield child;
      yield* child.descendants(wanted);
    }
  }

  scrollIntoView() {}

  closest() {
    return this;
  }
}

/** A clock that moves when it is told to, with the timers that wait for it. */
export class Clock {
  now = 0;
  #timers = new Map();
  #next = 1;

  setTimeout = (callback, delay) => {
    this.#timers.set(this.#next, { at: this.now + delay, callback });
    return this.#next++;
  };

  setInterval = (callback, every) => {
    const repeat = () => {
      callback();
      this.#timers.set(id, { at: this.now + every, callback: repeat });
    };
    const id = this.setTimeout(repeat, every);
    return id;
  };

  clearTimeout = (id) => this.#timers.delete(id);

  async pass(milliseconds) {
    const until = this.now + milliseconds;
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= until);
      if (due.length === 0) break;
      const [id, { at, callback }] = due.sort(([, one], [, other]) => one.at - other.at)[0];
      this.#timers.delete(id);
      this.now = at;
      await callback();
      await settle();
    }
    this.now = until;
  }
}

/** Let the promises that are kept already go on. */
export const settle = () => new Promise((resolve) => setImmediate(resolve));

/**
 * A page with what a script may find in it.
 *
 * `found` holds what `document.querySelector` and `querySelectorAll` answer, by selector.
 */
export function openPage({ found = {}, byId = {}, forms = [], media = () => false, href = "https://site.example/page/" } = {}) {
  const clock = new Clock();
  const window = new Target();
  const document = new Target();
  const visits = [];
  const listed = (selector) => [found[selector] ?? []].flat();
  Object.assign(document, {
    title: "Une page",
    forms,
    documentElement: Object.assign(new Element("html"), { lang: "fr" }),
    activeElement: null,
    getElementById: (id) => byId[id] ?? null,
    querySelector: (selector) => listed(selector)[0] ?? null,
    querySelectorAll: (selector) => listed(selector),
    createElement: (tag) => new Element(tag),
    createElementNS: (_namespace, tag) => new Element(tag),
  });
  const location = {
    href,
    assign: (address) => visits.push(["assign", address]),
    replace: (address) => visits.push(["replace", address]),
    reload: () => visits.push(["reload"]),
  };
  Object.assign(window, {
    window,
    document,
    location,
    matchMedia: (query) => ({ matches: media(query), addEventListener() {} }),
    fetch: async () => {
      throw new Error("no network in a test that gives none");
    },
    Date: class extends Date {
      static now() {
        return clock.now;
      }
    },
    setTimeout: clock.setTimeout,
    setInterval: clock.setInterval,
    clearTimeout: clock.clearTimeout,
    addEventListener: window.addEventListener.bind(window),
    AbortController,
    URL,
    URLSearchParams,
    console,
  });
  return { window, document, location, visits, clock, context: vm.createContext(window) };
}

/** Run a script of the site in a page; give back the values of some of its names. */
export function run(page, name, ...names) {
  const source = fs.readFileSync(path.join(SCRIPTS, name), "utf8");
  // Each module has its own scope, as in a browser.
  const wrapped = `(function () {\n${source}\nreturn { ${names.join(", ")} };\n})()`;
  return vm.runInContext(wrapped, page.context, { filename: name });
}
