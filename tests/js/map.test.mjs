import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Element, openPage, run, settle } from "./dom.mjs";

const load = (page = openPage()) => run(page, "map.js", "projector", "gather", "show");
const plain = (value) => JSON.parse(JSON.stringify(value));

test("a place falls where Mercator and the drawing have it", () => {
  const { projector } = load();
  const identity = projector([1, 0, 0, 1, 0, 0]);

  for (const value of identity([0, 0])) assert.ok(Math.abs(value) < 1e-12);
  assert.equal(identity([180, 0])[0], Math.PI);
  // Mercator has 45° at ln(1 + √2).
  assert.ok(Math.abs(identity([0, 45])[1] - Math.log(1 + Math.SQRT2)) < 1e-12);
  assert.deepEqual(plain(projector([2, 0, 0, 3, 10, 20])([0, 0])).map(Math.round), [10, 20]);
});

test("the towns of France fall in their order on its drawing", () => {
  const { projector } = load();
  const { projection } = JSON.parse(readFileSync(new URL("../../network/data/map.json", import.meta.url), "utf8"));
  const project = projector(projection.flat());

  const [lille, marseille] = [project([3.06, 50.63]), project([5.37, 43.3])];
  const [brest, strasbourg] = [project([-4.49, 48.39]), project([7.75, 48.58])];

  assert.ok(lille[1] < marseille[1], "the north is up");
  assert.ok(brest[0] < strasbourg[0], "the west is on the left");
});

test("points that would touch are gathered, at their middle", () => {
  const { gather } = load();

  const groups = plain(gather([{ x: 0, y: 0 }, { x: 10, y: 0 }, { x: 100, y: 0 }], 1));

  assert.deepEqual(groups.map(({ x, points }) => [x, points.length]), [[5, 2], [100, 1]]);
});

test("on a smaller drawing more points touch", () => {
  const { gather } = load();
  const points = [{ x: 0, y: 0 }, { x: 20, y: 0 }];

  assert.equal(gather(points, 1).length, 2);
  assert.equal(gather(points, 2).length, 1);
});

test("one structure is a link that the keyboard does not meet, several are a sign", () => {
  const { show } = load();
  const one = { title: "Une structure", path: "/reseau/une/" };

  const [link] = show({ x: 1, y: 2, points: [one] }, "structures", 1);
  assert.equal(link.tagName, "a");
  assert.equal(link.getAttribute("href"), "/reseau/une/");
  assert.equal(link.getAttribute("tabindex"), "-1");
  assert.equal(link.textContent, "Une structure");

  const [dot, count] = show({ x: 1, y: 2, points: [one, one] }, "structures", 1);
  assert.equal(dot.textContent, "2 structures");
  assert.equal(count.textContent, "2");
});

async function openMap(features, answer = { ok: true }) {
  const layer = new Element("g");
  const map = new Element("svg", { viewBox: "0 0 100 100" });
  Object.assign(map, {
    clientWidth: 100,
    dataset: { points: "https://site.example/api/v1/structures.geojson?q=a", projection: "40 0 0 40 50 50", clusterLabel: "structures" },
    querySelector: (selector) => (selector === "[data-map-points]" ? layer : null),
    querySelectorAll: () => [],
  });
  const part = new Element("div", {}, map);
  part.querySelector = () => map;
  const page = openPage({ found: { "#map": part } });
  const asked = [];
  page.window.fetch = async (address) => {
    asked.push(address);
    return { json: async () => ({ features }), ...answer };
  };
  page.window.MutationObserver = class {
    observe() {}
  };
  run(page, "map.js");
  await settle();
  return { layer, asked };
}

const feature = (...coordinates) => ({ geometry: { coordinates }, properties: { title: "Une structure", path: "/une/" } });

test("the structures of the list are asked for, of this site", async () => {
  const { layer, asked } = await openMap([feature(0, 0)]);

  assert.deepEqual(asked, ["/api/v1/structures.geojson?q=a"]);
  assert.equal(layer.dataset.count, 1);
  assert.equal(layer.children.length, 1);
});

test("what has no public place or lies elsewhere is not drawn", async () => {
  const { layer } = await openMap([{ geometry: null, properties: {} }, feature(-179, 0), feature(0, 0)]);

  assert.equal(layer.dataset.count, 1);
});

test("the map stays as it is when the answer fails or has too many", async () => {
  assert.equal((await openMap([feature(0, 0)], { ok: false })).layer.children.length, 0);
  assert.equal((await openMap(Array(3001).fill(feature(0, 0)))).layer.children.length, 0);
});
