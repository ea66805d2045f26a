/*
 * Suggestions as one types: the « editable combobox with list autocomplete » of the ARIA Authoring
 * Practices. An option opens its page; Enter without one sends the search, as it always did.
 */
const DELAY = 180;
const SHORTEST = 2;

function make(input) {
  const list = document.createElement("ul");
  list.id = `${input.id}-suggestions`;
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.dataset.suggestionsLabel);
  list.hidden = true;
  input.parentElement.append(list);
  for (const [name, value] of Object.entries({
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": list.id,
  })) {
    input.setAttribute(name, value);
  }

  let waiting;
  let asking;
  let chosen = -1;

  function close() {
    clearTimeout(waiting);
    asking?.abort();
    list.hidden = true;
    list.replaceChildren();
    choose(-1);
    input.setAttribute("aria-expanded", "false");
  }

  function choose(index) {
    list.children[chosen]?.setAttribute("aria-selected", "false");
    chosen = index;
    const option = list.children[chosen];
    if (!option) {
      input.removeAttribute("aria-activedescendant");
      return;
    }
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option.id);
  }

  function show(items) {
    list.replaceChildren(
      ...items.map((item, index) => {
        const option = document.createElement("li");
        const title = document.createElement("span");
        const kind = document.createElement("span");
        title.textContent = item.title;
        kind.textContent = item.kind_label;
        kind.className = "suggestions__kind";
        option.id = `${list.id}-${index}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.dataset.path = item.path;
        option.append(title, kind);
        return option;
      }),
    );
    choose(-1);
    list.hidden = items.length === 0;
    input.setAttribute("aria-expanded", String(items.length > 0));
  }

  async function ask() {
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    const query = new URLSearchParams({ q: input.value.trim(), locale: document.documentElement.lang });
    try {
      const response = await fetch(`${input.dataset.suggestions}?${query}`, { signal });
      if (!response.ok) throw new Error(response.statusText);
      const { items } = await response.json();
      if (!signal.aborted && document.activeElement === input) show(items);
    } catch {
      // Suggestions are a comfort: without them the search is still there.
      if (!signal.aborted) close();
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(waiting);
    if (input.value.trim().length < SHORTEST) close();
    else waiting = setTimeout(ask, DELAY);
  });

  input.addEventListener("keydown", (event) => {
    const last = list.children.length - 1;
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (list.hidden || event.isComposing) {
      return;
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      choose(chosen === last ? -1 : chosen + 1);
    } else if (event.key === "ArrowUp") {
      event.preventDefault();
      choose(chosen === -1 ? last : chosen - 1);
    } else if (event.key === "Enter" && list.children[chosen]) {
      event.preventDefault();
      location.assign(list.children[chosen].dataset.path);
    }
  });

  list.addEventListener("pointerdown", (event) => {
    // The field keeps the focus, or the list would be gone before the click.
    event.preventDefault();
  });
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) location.assign(option.dataset.path);
  });
  input.addEventListener("blur", close);
}

for (const input of document.querySelectorAll("[data-suggestions]")) make(input);
