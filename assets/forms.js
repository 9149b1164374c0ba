// Forms: rows take their look from the server's answer without being drawn again.
(function () {
  "use strict";
  const lastHow = {};
  const rows = (form) => document.querySelectorAll(`.field[data-form="${CSS.escape(form)}"]`);
  const keep = () => window.dash_clientside.no_update;

  function controls(row) {
    return row.querySelectorAll("input, select, textarea");
  }

  // Controls cannot carry ARIA attributes from the server, so they are joined to their words here.
  function name(row) {
    if (row.dataset.named) return;
    row.dataset.named = "1";
    const base = `f-${row.dataset.form}-${row.dataset.field}`;
    const help = row.querySelector(":scope > .field-help");
    const message = row.querySelector(":scope > .field-message");
    help.id = `${base}-help`;
    message.id = `${base}-message`;
    const label = row.querySelector(".field-label");
    const group = row.querySelector(".choices");
    if (label && group) {
      label.id = `${base}-label`;
      group.setAttribute("role", "radiogroup");
      group.setAttribute("aria-labelledby", label.id);
      group.setAttribute("aria-describedby", `${help.id} ${message.id}`);
    }
    for (const control of controls(row)) {
      if (!group && !control.closest(".entries")) control.setAttribute("aria-describedby", `${help.id} ${message.id}`);
      if (control.tagName === "SELECT" && !label) control.setAttribute("aria-label", `${row.querySelector("label")?.textContent || ""}: how`);
    }
  }

  // Before the first judgement arrives too: a form that nobody has touched yet can be read as well.
  document.addEventListener("trellis:page", () => {
    window.requestAnimationFrame(() => document.querySelectorAll(".field[data-form][data-field]").forEach(name));
  });

  function apply(row, look) {
    row.hidden = !look.shown;
    row.classList.toggle("is-invalid", Boolean(look.error));
    row.classList.toggle("is-warned", !look.error && Boolean(look.warning));
    row.querySelector(":scope > .field-message").textContent = look.error || look.warning || look.idle || look.source || "";
    row.classList.toggle("is-idle", Boolean(look.idle));
    const was = row.querySelector(".field-was");
    was.hidden = look.was === null;
    was.querySelector(".field-was-text").textContent = look.was === null ? "" : `was ${look.was}`;
    was.dataset.base = JSON.stringify(look.base);
    const toggle = row.querySelector(".field-switch-how input[type=checkbox]");
    if (toggle && look.on !== null && toggle.checked !== look.on) {
      window.dash_clientside.set_props({ form: row.dataset.form, field: row.dataset.field, part: "switch" }, { value: look.on });
    }
    for (const control of controls(row)) {
      if (!control.closest(".entries")) control.setAttribute("aria-invalid", String(Boolean(look.error)));
      if (row.dataset.idle || look.idle) control.disabled = Boolean(look.idle);
      if (control.type === "text" && look.placeholder && !control.closest(".entries")) control.placeholder = look.placeholder;
    }
    row.dataset.idle = look.idle ? "1" : "";
    window.trellis.draw_entries(row);
  }

  function apply_looks(looks) {
    for (const [form, fields] of Object.entries(looks || {})) {
      for (const row of rows(form)) {
        name(row);
        const look = fields[row.dataset.field];
        if (look) apply(row, look);
      }
    }
    return keep();
  }

  function jump(target) {
    const slash = target.lastIndexOf("/");
    const place =
      slash > 0
        ? document.querySelector(`.field[data-form="${CSS.escape(target.slice(0, slash))}"][data-field="${CSS.escape(target.slice(slash + 1))}"]`)
        : document.getElementById(target);
    if (!place) return;
    for (let parent = place.closest("details"); parent; parent = parent.parentElement.closest("details")) parent.open = true;
    place.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    const control = place.matches("input, select, textarea, button") ? place : place.querySelector("input:checked, input:not([disabled]), select, textarea");
    if (control) control.focus({ preventScroll: true });
    place.classList.add("is-pointed");
    window.setTimeout(() => place.classList.remove("is-pointed"), 1600);
  }

  // In the capture phase, so that a button that points at an error does nothing else.
  document.addEventListener(
    "click",
    (event) => {
      const pointer = event.target.closest("[data-jump]");
      if (!pointer || !pointer.dataset.jump) return;
      event.preventDefault();
      event.stopPropagation();
      jump(pointer.dataset.jump);
    },
    true,
  );

  document.addEventListener("click", (event) => {
    const was = event.target.closest(".field-was");
    if (!was || was.dataset.base === undefined) return;
    const row = was.closest(".field");
    window.dash_clientside.set_props({ form: row.dataset.form, field: row.dataset.field }, { value: JSON.parse(was.dataset.base) });
    const control = controls(row)[0];
    if (control) control.focus();
  });

// A switch with "how" beside it: off is the choice "none", on the choice it last had.
  document.addEventListener("change", (event) => {
    const row = event.target.closest(".field");
    if (!row || event.target.type !== "checkbox" || !row.querySelector(".field-how")) return;
    const key = `${row.dataset.form}/${row.dataset.field}`;
    const how = row.querySelector("select");
    if (!event.target.checked && how.value) lastHow[key] = how.value;
    const value = event.target.checked ? lastHow[key] || how.options[0].value : "none";
    window.dash_clientside.set_props({ form: row.dataset.form, field: row.dataset.field }, { value });
  });

  // What is typed is sent after a pause; leaving the field sends it at once, so that a button pressed next sees it.
  document.addEventListener("focusout", (event) => {
    const input = event.target;
    if (!input.matches || !input.matches("#page input.form-control[id], #page textarea.form-control[id]") || input.closest(".entries")) return;
    const id = input.id.startsWith("{") ? JSON.parse(input.id) : input.id;
    const held = window.dash_component_api.getLayout(id);
    if (held && held.props && (held.props.value ?? "") !== input.value) window.dash_clientside.set_props(id, { value: input.value });
  });

  window.trellis = Object.assign(window.trellis || {}, { jump });
  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.trellis = Object.assign(window.dash_clientside.trellis || {}, { apply_looks });
})();
