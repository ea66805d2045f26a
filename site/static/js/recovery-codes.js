/* Recovery codes, to print and to copy. */

document.querySelector("[data-print]")?.addEventListener("click", () => window.print());

const copying = document.querySelector("[data-copy]");
copying?.addEventListener("click", async () => {
  const codes = document.querySelectorAll("[data-codes] code");
  await navigator.clipboard.writeText([...codes].map((code) => code.textContent).join("\n"));
  copying.textContent = copying.dataset.copied;
});
