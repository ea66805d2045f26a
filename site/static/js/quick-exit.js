/*
 * « Quitter vite »: hides the page at once, then puts a neutral page in its place in the history.
 * Without this script the link still works; it only leaves this page behind the « back » button.
 * In a syntax that old telephones read.
 */
(function () {
  "use strict";

  var PRESSES = 3;
  var WITHIN = 5000;
  var link = document.getElementById("quick-exit");
  if (!link) return;

  function leave() {
    document.documentElement.classList.add("is-leaving");
    document.title = "…";
    Array.prototype.forEach.call(document.forms, function (form) {
      form.reset();
    });
    window.location.replace(link.href);
  }

  link.addEventListener("click", function (event) {
    event.preventDefault();
    leave();
  });

  var presses = [];
  document.addEventListener("keydown", function (event) {
    if (event.repeat) return;
    if (event.key !== "Shift") {
      // Capital letters are typed with Shift too.
      presses = [];
      return;
    }
    var now = Date.now();
    presses = presses.filter(function (then) {
      return now - then < WITHIN;
    });
    presses.push(now);
    if (presses.length >= PRESSES) leave();
  });

  // Left through the exit and brought back by the browser's history, the page shows again.
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) document.documentElement.classList.remove("is-leaving");
  });

  var keys = link.querySelector("[data-quick-exit-keys]");
  if (keys && window.matchMedia("(hover: hover) and (pointer: fine)").matches) keys.hidden = false;
})();
