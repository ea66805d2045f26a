/*
 * The end of a session, where something is being written: nothing of it is lost.
 *
 * The screen asks whether its session goes on. Once it has ended, a dialog leads to another tab to
 * sign in; what was typed stays here, and is sent once the same person is back.
 */

const EVERY = 60_000;
const FRESH = 30_000;

const dialog = document.querySelector("dialog[data-session]");
const { session: address, username, other } = dialog?.dataset ?? {};
let isOver = false;
let checkedAt = Date.now();
let timer;

/* Have the forms of this screen carry the token of the session that goes on. */
function renew(token) {
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) {
    field.value = token;
  }
  const config = window.wagtailConfig;
  if (config?.CSRF_TOKEN) {
    config.CSRF_TOKEN = token;
  }
}

/* Ask whether the session goes on: an address that does not answer changes nothing. */
async function check() {
  clearTimeout(timer);
  let state;
  try {
    const response = await fetch(address, { headers: { Accept: "application/json" } });
    state = await response.json();
  } catch {
    timer = setTimeout(check, EVERY);
    return !isOver;
  }
  checkedAt = Date.now();
  const isSame = state.username === username;
  if (isSame && isOver) {
    renew(state.token);
  }
  isOver = !isSame;
  dialog.querySelector("[data-other]").textContent = state.username && isOver ? other : "";
  if (isOver && !dialog.open) {
    dialog.showModal();
  } else if (!isOver && dialog.open) {
    dialog.close();
  }
  timer = setTimeout(check, isOver ? EVERY / 12 : Math.min(EVERY, (state.seconds + 1) * 1000));
  return !isOver;
}

/* Send a form once it is known that somebody will take it. */
async function hold(event) {
  const form = event.target;
  if (form.method !== "post" || (!isOver && Date.now() - checkedAt < FRESH)) {
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  if (await check()) {
    form.requestSubmit(event.submitter ?? undefined);
  }
}

if (dialog) {
  document.addEventListener("submit", hold, { capture: true });
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && check());
  window.addEventListener("pageshow", (event) => event.persisted && check());
  timer = setTimeout(check, EVERY);
}
