/*
 * The length of a title or a summary, beside its field as one types. It is read with the field, and
 * announced to screen readers once one stops typing.
 */
const PAUSE = 1000;

/** The length of a text as people count: an emoji is one. */
function lengthOf(text) {
  return [...text.trim()].length;
}

/** The sentence on a length, empty for that of an empty field. */
function describe({ advisedLength, lengthFits, lengthOver }, length) {
  if (length === 0) return "";
  return (length > advisedLength ? lengthOver : lengthFits)
    .replace("{count}", length)
    .replace("{advised}", advisedLength)
    .replace("{excess}", length - advisedLength);
}

function count(panel, field) {
  const shown = document.createElement("p");
  const announced = document.createElement("p");
  shown.id = `${field.id}-length`;
  shown.classList.add("length-count");
  announced.classList.add("w-sr-only");
  announced.setAttribute("role", "status");
  const described = [field.getAttribute("aria-describedby"), shown.id].filter(Boolean);
  field.setAttribute("aria-describedby", described.join(" "));
  field.closest("[data-field]").append(shown, announced);

  let waiting;
  const update = () => {
    const length = lengthOf(field.value);
    shown.textContent = describe(panel.dataset, length);
    shown.classList[length > panel.dataset.advisedLength ? "add" : "remove"]("length-count--over");
  };
  update();
  field.addEventListener("input", () => {
    update();
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      announced.textContent = shown.textContent;
    }, PAUSE);
  });
}

for (const panel of document.querySelectorAll("[data-advised-length]")) {
  const field = panel.querySelector("input:not([type=hidden]), textarea");
  if (field) count(panel, field);
}
