/*
 * On a shared telephone nobody finds what the person before has typed: forms are emptied when the
 * page is left, and when the browser brings it back from its cache, which `no-store` does not
 * prevent. A form that only filters goes back to what its address says.
 */
const TYPED = "input:not([type=hidden], [type=submit], [type=button]), textarea, select";

function empty() {
  for (const form of document.forms) {
    form.reset();
    if (form.method === "get") continue;
    for (const field of form.querySelectorAll(TYPED)) {
      if (field.type === "checkbox" || field.type === "radio") field.checked = false;
      else if (field.type === "select-multiple" || field.type === "select-one") field.selectedIndex = -1;
      else field.value = "";
    }
  }
}

addEventListener("pagehide", empty);
addEventListener("pageshow", (event) => {
  if (event.persisted) empty();
});
