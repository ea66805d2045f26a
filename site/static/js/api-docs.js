/*
 * The documentation of the API writes into its address which operation is open. Each would be one
 * more address to go back to after « Quitter vite »: the address changes, and the history keeps one.
 */
window.history.pushState = function (...given) {
  window.history.replaceState(...given);
};
