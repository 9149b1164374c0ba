// Delegated actions: an element with data-act writes what it means into the store that data-to names.
(function () {
  "use strict";

  function send(element, extra) {
    const data = { action: element.dataset.act, id: element.dataset.id || "", value: element.dataset.value ?? null, at: Date.now() };
    window.dash_clientside.set_props(element.dataset.to, { data: { ...data, ...extra } });
  }

  function ask(question, label) {
    return new Promise((resolve) => {
      const dialog = document.createElement("dialog");
      dialog.className = "ask";
      dialog.setAttribute("aria-label", question);
      const text = document.createElement("p");
      text.textContent = question;
      const cancel = document.createElement("button");
      cancel.type = "button";
      cancel.className = "btn btn-outline-secondary";
      cancel.textContent = "Cancel";
      const go = document.createElement("button");
      go.type = "button";
      go.className = "btn btn-danger";
      go.textContent = label;
      const row = document.createElement("div");
      row.className = "ask-actions";
      row.append(cancel, go);
      dialog.append(text, row);
      const close = (answer) => {
        dialog.close();
        dialog.remove();
        resolve(answer);
      };
      cancel.addEventListener("click", () => close(false));
      go.addEventListener("click", () => close(true));
      dialog.addEventListener("cancel", (event) => {
        event.preventDefault();
        close(false);
      });
      document.body.append(dialog);
      dialog.showModal();
      cancel.focus();
    });
  }

  document.addEventListener("click", async (event) => {
    const element = event.target.closest("[data-act]");
    if (!element || element.disabled || element.getAttribute("aria-disabled") === "true") return;
    event.preventDefault();
    if (element.dataset.confirm && !(await ask(element.dataset.confirm, element.dataset.confirmLabel || "Continue"))) return;
    send(element, {});
  });

  window.trellis = Object.assign(window.trellis || {}, { send, ask });
})();
