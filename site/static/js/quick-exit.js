/*
 * « Quitter vite »: hides the page at once and puts a neutral page in its place in the history.
 * From then on no page of ours shows in this tab: what « back », « forward » or an address brings is
 * replaced as well. For that the exit writes a flag, the one thing that this site ever stores: it
 * names no page, and dies with the tab.
 *
 * It is read before anything of the page is drawn, so this script is small, the first of the page,
 * and blocks it. Without it the link leads to an address that leaves as well as it can.
 * In a syntax that old telephones read.
 */
(function () {
  "use strict";

  var FLAG = "left";
  var PRESSES = 3;
  var WITHIN = 5000;
  var script = document.currentScript;
  var root = document.documentElement;
  var neutral = script.getAttribute("data-neutral");
  // The previews of the administration are framed, and share the storage of their tab.
  var isFramed = window.top !== window.self;
  var isLeaving = false;

  function hasLeft() {
    if (isFramed) return false;
    try {
      return window.sessionStorage.getItem(FLAG) !== null;
    } catch (refused) {
      return false;
    }
  }

  function hide() {
    // What lies in the top layer knows no opacity, and what sets its visibility no visibility.
    root.style.cssText = "visibility: hidden !important; opacity: 0 !important";
  }

  function leave() {
    isLeaving = true;
    hide();
    document.title = "…";
    Array.prototype.forEach.call(document.forms, function (form) {
      form.reset();
    });
    window.location.replace(neutral);
  }

  function exit() {
    if (!isFramed) {
      try {
        window.sessionStorage.setItem(FLAG, "1");
      } catch (refused) {
        // The browser stores nothing: this page at least is replaced.
      }
    }
    leave();
  }

  if (hasLeft() || script.hasAttribute("data-leaves")) {
    // Before the rest is read: neither its words nor its title appear while the other page comes.
    window.stop();
    leave();
    return;
  }

  // As if it had been asked for by its address: going back to the answer to a form would have the
  // browser name the address, and ask whether to send the form again.
  if (window.history.replaceState) window.history.replaceState(window.history.state, "", window.location.href);

  // The browser may keep a page to show it again as it was: hidden, until it is known what for.
  window.addEventListener("pagehide", hide);
  window.addEventListener("pageshow", function (event) {
    if (!event.persisted) return;
    if (isLeaving || hasLeft()) leave();
    else root.style.cssText = "";
  });

  function linkOf(event) {
    return event.target.closest ? event.target.closest("a[href]") : null;
  }

  document.addEventListener(
    "click",
    function (event) {
      var link = linkOf(event);
      if (!link || link.id !== "quick-exit") return;
      event.preventDefault();
      event.stopPropagation();
      exit();
    },
    true
  );

  // A link within the page replaces its address, or each would leave an entry to go back to.
  document.addEventListener("click", function (event) {
    var link = linkOf(event);
    if (!link || !link.hash || link.target || event.defaultPrevented) return;
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (link.href.split("#")[0] !== window.location.href.split("#")[0]) return;
    event.preventDefault();
    window.location.replace(link.href);
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
    if (presses.length >= PRESSES) exit();
  });

  // The style sheet shows the keys where there is a keyboard.
  root.classList.add("has-exit-keys");
})();
