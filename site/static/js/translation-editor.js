// What wagtail-localize's editor of translations lacks: its title in French, and a name for each
// field, without which a screen reader announces an empty box.
(() => {
  const editor = document.querySelector(".js-translation-editor");
  const words = document.querySelector("[data-translation-title]")?.dataset;
  if (!editor || !words) {
    return;
  }
  const longest = 80;

  const translateTitles = () => {
    for (const title of editor.querySelectorAll("h3")) {
      const [, source, target] = title.textContent.match(/^(.+) to (.+) translation$/) ?? [];
      if (target) {
        title.textContent = words.translationTitle
          .replace("{source}", source)
          .replace("{target}", target);
        // Below that of the page, with nothing in between.
        title.setAttribute("aria-level", "2");
      }
    }
  };

  const nameFields = () => {
    for (const field of editor.querySelectorAll("textarea:not([aria-label])")) {
      // The text to translate is above the field.
      const source = field.closest("li")?.querySelector("p")?.textContent.trim() ?? "";
      const text = source.length > longest ? `${source.slice(0, longest)}…` : source;
      field.setAttribute("aria-label", words.translationField.replace("{text}", text));
    }
    for (const field of editor.querySelectorAll("input[type=file]:not([aria-label])")) {
      field.setAttribute("aria-label", words.translationFile);
    }
  };

  const complete = () => {
    translateTitles();
    nameFields();
  };
  new MutationObserver(complete).observe(editor, { childList: true, subtree: true });
  complete();
})();
