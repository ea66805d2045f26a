/*
 * Files go one by one as soon as they are chosen, with a bar that says how far they are. Without
 * this script they go with the form, by the same rules.
 */
const zone = document.querySelector("[data-upload]");

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function size(bytes) {
  const format = (value, unit) =>
    `${new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 }).format(value)}\u00a0${unit}`;
  return bytes < 1024 ** 2 ? format(Math.ceil(bytes / 1024), "Ko") : format(bytes / 1024 ** 2, "Mo");
}

function post(address, data, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.responseType = "json";
    request.upload.addEventListener("progress", onProgress ?? (() => {}));
    request.addEventListener("load", () =>
      request.response ? resolve(request.response) : reject(new Error(String(request.status))),
    );
    request.addEventListener("error", () => reject(new Error("network")));
    request.send(data);
  });
}

if (zone) {
  const words = zone.dataset;
  const list = zone.querySelector(".uploads");
  const input = zone.querySelector("input[type=file]");
  const form = zone.closest("form");
  const session = form.elements.namedItem("session").value;
  const button = form.querySelector("button[type=submit]");
  let queue = Promise.resolve();
  let waiting = 0;

  const fields = (name, value) => {
    const data = new FormData();
    data.append("session", session);
    data.append(name, value);
    return data;
  };

  const fail = (row, message) => {
    row.replaceChildren(element("span", { className: "uploads__error", textContent: message }));
  };

  const show = (row, file) => {
    const remove = element("button", {
      type: "button",
      className: "more",
      textContent: `${words.remove} ${file.name}`,
    });
    remove.addEventListener("click", async () => {
      await post(words.upload, fields("remove", file.uuid)).catch(() => {});
      row.remove();
      input.focus();
    });
    const name = element("span", {
      className: "uploads__name",
      textContent: `${file.name} (${size(file.size)})`,
    });
    const state = element("span", { className: "field__note", textContent: file.state_label });
    row.replaceChildren(name, ...(file.state === "clean" ? [] : [state]), remove);
  };

  const send = async (file) => {
    const label = `${words.sending} ${file.name}`;
    const bar = element("progress", { className: "uploads__bar", max: 1, value: 0 });
    bar.setAttribute("aria-label", label);
    const row = element("li", { className: "uploads__file" }, element("span", { textContent: label }), bar);
    list.append(row);
    if (file.size > Number(words.max)) {
      fail(row, `${file.name} : ${words.tooLarge}`);
      return;
    }
    try {
      const answer = await post(words.upload, fields("files", file), (event) => {
        if (event.lengthComputable) bar.value = event.loaded / event.total;
      });
      if (answer.error) fail(row, answer.error);
      else if (answer.files.length) show(row, answer.files[0]);
      else row.remove();
    } catch {
      fail(row, `${file.name} : ${words.failed}`);
    }
  };

  input.addEventListener("change", () => {
    const files = [...input.files];
    // They are on their way: the form must not send them a second time.
    input.value = "";
    waiting += files.length;
    button.disabled = waiting > 0;
    for (const file of files) {
      queue = queue.then(() => send(file)).finally(() => {
        waiting -= 1;
        button.disabled = waiting > 0;
      });
    }
  });
}
