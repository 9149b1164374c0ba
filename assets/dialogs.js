// Settings dialogs: an element with data-dialog opens the form that it describes; what is applied is sent as an action.
//
// The description (dashboard/components/dialog.py) is JSON: title, note, submit, and fields of kind number, text,
// choice, switch or words. A field below a switch (`under`) counts while that is on. The action's value is JSON:
// field -> value, null for an empty number that may be left out and for everything below a switch that is off.
(function () {
  "use strict";

  function made(tag, class_name, text) {
    const element = document.createElement(tag);
    if (class_name) element.className = class_name;
    if (text) element.textContent = text;
    return element;
  }

  function control_of(field, id) {
    if (field.kind === "choice") {
      const select = /** @type {HTMLSelectElement} */ (made("select", "form-select"));
      for (const [value, label, help] of field.options) {
        const option = /** @type {HTMLOptionElement} */ (made("option", "", label));
        option.value = JSON.stringify(value);
        option.title = help;
        option.selected = JSON.stringify(value) === JSON.stringify(field.value);
        select.append(option);
      }
      select.id = id;
      return select;
    }
    const input = /** @type {HTMLInputElement} */ (made("input", field.kind === "switch" ? "form-check-input" : "form-control"));
    input.id = id;
    input.autocomplete = "off";
    if (field.kind === "switch") {
      input.type = "checkbox";
      input.setAttribute("role", "switch");
      input.checked = Boolean(field.value);
    } else {
      input.type = "text";
      if (field.kind === "number") input.inputMode = field.whole ? "numeric" : "decimal";
      input.value = field.value === null || field.value === undefined ? "" : String(field.value);
      input.placeholder = field.optional ? "none" : "";
    }
    return input;
  }

  // What is wrong with a number as it is typed, in words; empty if nothing is.
  function fault(field, text) {
    if (field.kind !== "number") return "";
    const typed = text.trim();
    if (!typed) return field.optional ? "" : `${field.label} is needed.`;
    const number = Number(typed);
    if (!Number.isFinite(number)) return `${field.label} must be a number.`;
    if (field.whole && !Number.isInteger(number)) return `${field.label} must be a whole number.`;
    const low = field.least !== null && (number < field.least || (field.open && number === field.least));
    if (low || (field.most !== null && number > field.most)) return `${field.label} must be ${field.range}.`;
    return "";
  }

  function value_of(field, control) {
    if (field.kind === "switch") return control.checked;
    if (field.kind === "choice") return JSON.parse(control.value);
    const text = control.value.trim();
    if (field.kind === "number") return text ? Number(text) : null;
    return text || (field.optional ? null : "");
  }

  function chips_of(field, control) {
    const row = made("div", "chips");
    row.setAttribute("role", "group");
    row.setAttribute("aria-label", `${field.label}: common values`);
    const show = () => row.querySelectorAll("button").forEach((b) => b.setAttribute("aria-pressed", String(b.textContent === control.value.trim())));
    for (const value of field.chips) {
      const chip = /** @type {HTMLButtonElement} */ (made("button", "chip", String(value)));
      chip.type = "button";
      chip.addEventListener("click", () => {
        control.value = String(value);
        control.dispatchEvent(new Event("input"));
      });
      row.append(chip);
    }
    control.addEventListener("input", show);
    show();
    return row;
  }

  function row_of(field, base) {
    const id = `${base}-${field.name.replace(/[^a-z0-9]+/gi, "-")}`;
    const row = made("div", `field dialog-field${field.under ? " dialog-under" : ""}`);
    if (field.kind === "words") {
      row.append(made("p", "field-help", field.label));
      return { field, row, control: null, check: () => true };
    }
    const control = control_of(field, id);
    const label = /** @type {HTMLLabelElement} */ (made("label", "field-label", field.unit ? `${field.label} (${field.unit})` : field.label));
    label.htmlFor = id;
    if (field.locked) {
      /** @type {HTMLInputElement} */ (control).disabled = true;
      label.append(made("i", "bi bi-lock ms-1"), made("span", "visually-hidden", ", fixed when the model was created"));
      row.title = "Fixed when the model was created; a clone may have another.";
    }
    const help = made("p", "field-help", field.help);
    help.id = `${id}-help`;
    const message = made("p", "field-message");
    message.id = `${id}-message`;
    message.setAttribute("role", "alert");
    control.setAttribute("aria-describedby", `${help.id} ${message.id}`);
    if (field.kind === "switch") {
      const line = made("div", "form-check form-switch field-switch");
      line.append(control, label);
      row.append(line, help);
    } else {
      row.append(label, ...(field.chips.length ? [chips_of(field, control)] : []), control, help, message);
    }
    if (field.kind === "choice") {
      const explain = () => {
        const chosen = field.options.find(([value]) => JSON.stringify(value) === control.value);
        help.textContent = [field.help, chosen && chosen[2]].filter(Boolean).join(" ");
      };
      control.addEventListener("change", explain);
      explain();
    }
    const check = () => {
      const words = row.hidden ? "" : fault(field, control.value || "");
      message.textContent = words;
      row.classList.toggle("is-invalid", Boolean(words));
      control.setAttribute("aria-invalid", String(Boolean(words)));
      return !words;
    };
    control.addEventListener("input", check);
    return { field, row, control, check };
  }

  function open(element) {
    const said = JSON.parse(element.dataset.dialog);
    const dialog = /** @type {HTMLDialogElement} */ (made("dialog", "ask dialog"));
    const form = /** @type {HTMLFormElement} */ (made("form"));
    form.noValidate = true;
    const title = made("h2", "dialog-title", said.title);
    title.id = "dialog-title";
    dialog.setAttribute("aria-labelledby", title.id);
    const rows = said.fields.map((field) => row_of(field, "dialog"));
    const held = () => Object.fromEntries(rows.filter((r) => r.control).map((r) => [r.field.name, value_of(r.field, r.control)]));
    const follow = () => {
      const values = held();
      for (const { field, row } of rows) row.hidden = Boolean(field.under) && !values[field.under];
    };
    rows.forEach(({ control }) => control && control.addEventListener("input", follow));
    follow();
    const cancel = /** @type {HTMLButtonElement} */ (made("button", "btn btn-outline-secondary", said.fields.length ? "Cancel" : "Close"));
    cancel.type = "button";
    const apply = /** @type {HTMLButtonElement} */ (made("button", "btn btn-primary", said.submit));
    const actions = made("div", "ask-actions");
    actions.append(cancel, ...(said.fields.some((field) => field.kind !== "words") ? [apply] : []));
    const body = made("div", "dialog-body");
    body.append(...rows.map((r) => r.row));
    form.append(title, ...(said.note ? [made("p", "dialog-note", said.note)] : []), body, actions);
    dialog.append(form);
    const close = () => {
      dialog.close();
      dialog.remove();
      if (element.isConnected) element.focus();
    };
    cancel.addEventListener("click", close);
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      close();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const wrong = rows.find(({ check }) => !check());
      if (wrong) {
        wrong.control.focus();
        return;
      }
      const values = held();
      for (const { field } of rows) if (field.under && !values[field.under]) values[field.name] = null;
      close();
      window.trellis.send(element, { value: JSON.stringify(values) });
    });
    document.body.append(dialog);
    dialog.showModal();
    const first = rows.find((r) => r.control && !r.row.hidden);
    (first ? first.control : cancel).focus();
  }

  window.trellis = Object.assign(window.trellis || {}, { fields: { row_of, value_of } });

  // In the capture phase: the click means the dialog, and only what is applied there is an action.
  document.addEventListener(
    "click",
    (event) => {
      const element = event.target.closest("[data-dialog]");
      if (!element || element.disabled || element.getAttribute("aria-disabled") === "true") return;
      event.preventDefault();
      event.stopPropagation();
      open(element);
    },
    true,
  );
})();
