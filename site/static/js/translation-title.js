// The title above the texts of a translation: wagtail-localize writes it in English.
(() => {
  const editor = document.querySelector(".js-translation-editor");
  const pattern = document.querySelector("[data-translation-title]")?.dataset.translationTitle;
  if (!editor || !pattern) {
    return;
  }
  const correct = () => {
    for (const title of editor.querySelectorAll("h3")) {
      const [, source, target] = title.textContent.match(/^(.+) to (.+) translation$/) ?? [];
      if (target) {
        title.textContent = pattern.replace("{source}", source).replace("{target}", target);
      }
    }
  };
  new MutationObserver(correct).observe(editor, { childList: true, subtree: true });
  correct();
})();
