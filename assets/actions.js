// Delegated actions: an element with data-act writes what it means into the store that data-to names.
(function () {
  "use strict";

  function send(element, extra) {
    const data = { action: element.dataset.act, id: element.dataset.id || "", value: element.dataset.value ?? null, at: Date.now() };
    window.trellis.deliver(element.dataset.to, { ...data, ...extra });
  }

  // What was typed is kept until it is known to be accepted: if the next message is an error, `again` gets its words
  // and shows what was typed once more.
  let attempted = null;
  function attempt(again) {
    attempted = again;
  }
  function settled(refusal) {
    const again = attempted;
    attempted = null;
    if (!again || !refusal) return false;
    again(refusal);
    return true;
  }

  // Asks in a dialog: for a yes (true or false), or, given a text to start from, for a text (null if cancelled).
  function ask(question, label, text0, refusal) {
    const wantsText = text0 !== undefined;
    return new Promise((resolve) => {
      const dialog = document.createElement("dialog");
      dialog.className = "ask";
      dialog.setAttribute("aria-label", question);
      const text = document.createElement("p");
      text.textContent = question;
      const input = document.createElement("input");
      input.className = "form-control";
      input.value = text0 || "";
      input.setAttribute("aria-label", question);
      const message = document.createElement("p");
      message.className = "field-message";
      message.id = "ask-message";
      message.setAttribute("role", "alert");
      message.textContent = refusal || "";
      input.setAttribute("aria-describedby", message.id);
      input.setAttribute("aria-invalid", String(Boolean(refusal)));
      const cancel = document.createElement("button");
      cancel.type = "button";
      cancel.className = "btn btn-outline-secondary";
      cancel.textContent = "Cancel";
      const go = document.createElement("button");
      go.type = "button";
      go.className = wantsText ? "btn btn-primary" : "btn btn-danger";
      go.textContent = label;
      const row = document.createElement("div");
      row.className = "ask-actions";
      row.append(cancel, go);
      dialog.append(text, ...(wantsText ? [input, message] : []), row);
      const close = (answer) => {
        dialog.close();
        dialog.remove();
        resolve(answer);
      };
      const no = wantsText ? null : false;
      cancel.addEventListener("click", () => close(no));
      go.addEventListener("click", () => close(wantsText ? input.value : true));
      input.addEventListener("keydown", (event) => {
        if (event.key !== "Enter") return;
        // Or the key would press the button that gets the focus back.
        event.preventDefault();
        close(input.value);
      });
      dialog.addEventListener("cancel", (event) => {
        event.preventDefault();
        close(no);
      });
      document.body.append(dialog);
      dialog.showModal();
      (wantsText ? input : cancel).focus();
      if (wantsText && !refusal) input.select();
    });
  }

  async function askText(element, typed, refusal) {
    const value = await ask(element.dataset.prompt, element.dataset.promptLabel || "Save", typed, refusal);
    if (value === null) return;
    attempt((words) => askText(element, value, words));
    send(element, { value });
  }

  document.addEventListener("click", async (event) => {
    const element = event.target.closest("[data-act]");
    if (!element || element.disabled || element.getAttribute("aria-disabled") === "true") return;
    event.preventDefault();
    const confirmed = Boolean(element.dataset.confirm);
    if (confirmed && !(await ask(element.dataset.confirm, element.dataset.confirmLabel || "Continue"))) return;
    if (element.dataset.prompt) {
      askText(element, element.dataset.promptValue || "");
      return;
    }
    send(element, confirmed ? { confirmed } : {});
  });

  // What was refused without a yes is sent again with one.
  async function asked_again(asked) {
    if (!asked || !(await ask(asked.question, asked.label))) return window.dash_clientside.no_update;
    window.trellis.deliver(asked.to, { ...asked.request, at: Date.now() });
    return window.dash_clientside.no_update;
  }

  window.trellis = Object.assign(window.trellis || {}, { send, ask_person: ask, attempt, settled });
  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.trellis = Object.assign(window.dash_clientside.trellis || {}, { asked_again });
})();
