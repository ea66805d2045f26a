/*
 * Filters that apply as they are ticked. The address stays the state: the list is asked for at the
 * address that the form would open, and the parts of the page marked `data-live` are replaced.
 * Without this script, or when the network fails, the form is sent as any other.
 */
const panel = document.querySelector("[data-filters]");
const form = panel?.querySelector("form");
const WIDE = matchMedia("(min-width: 64em)");
let asking;
/** The address of the list on the page; a skip link changes its fragment and not the list. */
let shown = withoutFragment();

function withoutFragment() {
  return location.href.split("#")[0];
}

/** The address that the form leads to, without the fields left empty. */
function wanted() {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value.trim()) query.append(name, value);
  // The first order offered is the one that applies by itself.
  const order = document.querySelector("#order");
  if (order?.selectedIndex === 0) query.delete("order");
  return query.size === 0 ? form.action.split("?")[0] : `${form.action.split("?")[0]}?${query}`;
}

/** Put in place the live parts of another page, keeping what is unfolded and where the focus is. */
function replace(page) {
  const focused = document.activeElement?.id;
  const unfolded = [...panel.querySelectorAll("details[id][open]")].map((part) => part.id);
  const folded = [...panel.querySelectorAll("details[id]:not([open])")].map((part) => part.id);
  for (const part of document.querySelectorAll("[data-live]")) {
    const fresh = page.getElementById(part.id);
    if (!fresh) throw new Error(`no ${part.id}`);
    part.replaceChildren(...fresh.childNodes);
  }
  // The element that announces the count stays, or it would announce nothing.
  const count = page.querySelector("#results-count").textContent.trim();
  document.querySelector("#results-count").textContent = count;
  document.title = page.title;
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
  for (const id of folded) document.getElementById(id)?.removeAttribute("open");
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

async function update() {
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  const address = wanted();
  const results = document.querySelector("#results-list");
  results.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(address, { signal, headers: { Accept: "text/html" } });
    if (!response.ok) throw new Error(response.statusText);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    replace(page);
    // Each address would be one more to go back to after « Quitter vite ».
    if (address !== shown) history.replaceState(null, "", address);
    shown = address;
  } catch (error) {
    if (error.name !== "AbortError") location.assign(address);
    return;
  } finally {
    if (!signal.aborted) results.removeAttribute("aria-busy");
  }
}

if (form) {
  panel.open = WIDE.matches;
  WIDE.addEventListener("change", () => {
    panel.open = WIDE.matches;
  });

  document.addEventListener("change", (event) => {
    // What is typed waits for its button or the Enter key.
    if (event.target.form === form && event.target.type !== "search") update();
  });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await update();
    if (!WIDE.matches) panel.open = false;
    document.querySelector("#results-title")?.focus();
  });

  addEventListener("popstate", () => {
    if (withoutFragment() !== shown) location.reload();
  });
}
