/*
 * Points on the map of departments: the structures whose place is public, those that would touch
 * gathered into one. An addition: the departments and the list say the same without it.
 */
const SVG = "http://www.w3.org/2000/svg";
const NEAR = 13;
const MOST = 3000;
let asking;

/** Where a place falls on the drawing: Mercator, then the affine map that the drawing declares. */
function projector([ax, ay, bx, by, cx, cy]) {
  return ([longitude, latitude]) => {
    const east = (longitude * Math.PI) / 180;
    const north = Math.log(Math.tan(Math.PI / 4 + (latitude * Math.PI) / 360));
    return [ax * east + bx * north + cx, ay * east + by * north + cy];
  };
}

/** Gather the points that would touch. */
function gather(points, scale) {
  const groups = [];
  for (const point of points) {
    const group = groups.find(({ x, y }) => Math.hypot(x - point.x, y - point.y) < NEAR * scale);
    if (!group) {
      groups.push({ x: point.x, y: point.y, points: [point] });
      continue;
    }
    group.points.push(point);
    const count = group.points.length;
    group.x += (point.x - group.x) / count;
    group.y += (point.y - group.y) / count;
  }
  return groups;
}

function draw(name, attributes, text = "") {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.textContent = text;
  return element;
}

/** One structure is a link to it; several are a sign, since the list tells which. */
function show({ x, y, points }, label, scale) {
  const [{ title, path }] = points;
  if (points.length === 1) {
    // Out of the keyboard's way: the list has the same links.
    const link = draw("a", { href: path, tabindex: -1, "aria-hidden": true });
    const dot = draw("circle", { class: "map__point", cx: x, cy: y, r: 4.5 * scale });
    dot.append(draw("title", {}, title));
    link.append(dot);
    return [link];
  }
  const radius = scale * Math.min(11, 6 + Math.log2(points.length));
  const dot = draw("circle", { class: "map__point", cx: x, cy: y, r: radius, "aria-hidden": true });
  dot.append(draw("title", {}, `${points.length} ${label}`));
  const count = draw(
    "text",
    {
      class: "map__cluster",
      x,
      y,
      "font-size": 9 * scale,
      "text-anchor": "middle",
      "dominant-baseline": "central",
      "aria-hidden": true,
    },
    points.length,
  );
  return [dot, count];
}

/** Move the number of a department off the points that would cover it. */
function dodge(map, groups, scale) {
  const away = 17 * scale;
  const steps = [[0, 0], [0, -1], [0, 1], [1, 0], [-1, 0], [1, -1], [-1, 1], [1, 1], [-1, -1]];
  for (const text of map.querySelectorAll(".map__counts .map__count")) {
    const [x, y] = [Number(text.getAttribute("x")), Number(text.getAttribute("y"))];
    const area = map.querySelector(`[data-code="${text.dataset.of}"] path`);
    const frees = steps.filter(([dx, dy]) =>
      groups.every((group) => Math.hypot(group.x - x - dx * away, group.y - y - dy * away) >= away),
    );
    const inside = ([dx, dy]) => area?.isPointInFill(new DOMPoint(x + dx * away, y + dy * away));
    const free = frees.find(inside) ?? frees[0];
    if (!free) continue;
    text.setAttribute("x", x + free[0] * away);
    text.setAttribute("y", y + free[1] * away);
  }
}

async function fill(map) {
  asking?.abort();
  asking = new AbortController();
  const { points: address, projection, clusterLabel } = map.dataset;
  const url = new URL(address);
  const project = projector(projection.trim().split(/\s+/).map(Number));
  const [, , width, height] = map.getAttribute("viewBox").split(" ").map(Number);
  try {
    const response = await fetch(url.pathname + url.search, { signal: asking.signal });
    if (!response.ok) return;
    const { features } = await response.json();
    if (features.length > MOST) return;
    const points = features
      .filter(({ geometry }) => geometry)
      .map(({ geometry, properties }) => {
        const [x, y] = project(geometry.coordinates);
        return { x, y, title: properties.title, path: properties.path };
      })
      // What lies overseas has its box beside the drawing.
      .filter(({ x, y }) => x >= 0 && x <= width && y >= 0 && y <= height);
    const layer = map.querySelector("[data-map-points]");
    // On a narrow screen the drawing is smaller, and its points are not.
    const scale = Math.max(1, (0.8 * width) / map.clientWidth);
    const groups = gather(points, scale);
    layer.replaceChildren(...groups.flatMap((group) => show(group, clusterLabel, scale)));
    dodge(map, groups, scale);
    layer.dataset.count = points.length;
  } catch {
    // No network, or another list asked for meanwhile: the map stays without points.
  }
}

const part = document.querySelector("#map");
if (part) {
  let shown = part.querySelector("[data-map]");
  fill(shown);
  // filters.js replaces the map with the list.
  new MutationObserver(() => {
    const map = part.querySelector("[data-map]");
    if (map && map !== shown) {
      shown = map;
      fill(map);
    }
  }).observe(part, { childList: true });
}
