// Toasts. Outcomes leave by themselves unless looked at; errors stay until dismissed.
(function () {
  "use strict";
  const STAY_MS = 7000;
  const ICONS = { good: "check-circle", info: "info-circle", warning: "exclamation-triangle", danger: "exclamation-octagon" };
  const seen = new Set();

  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  }

  function leave(toast) {
    toast.classList.add("is-leaving");
    window.setTimeout(() => toast.remove(), 200);
  }

  function show(spec) {
    if (!spec || seen.has(spec.id)) return;
    seen.add(spec.id);
    const toast = element("div", `toast-note toast-${spec.kind}`);
    toast.setAttribute("role", spec.kind === "danger" ? "alert" : "status");
    const picture = element("i", `bi bi-${ICONS[spec.kind] || ICONS.info}`);
    picture.setAttribute("aria-hidden", "true");
    const words = element("div", "toast-words");
    words.append(element("p", "", spec.message));
    if (spec.hint) words.append(element("p", "toast-hint", spec.hint));
    toast.append(picture, words);
    if (spec.link) {
      const link = element("a", "toast-action", spec.link[0]);
      link.href = spec.link[1];
      link.addEventListener("click", (event) => {
        event.preventDefault();
        window.dash_clientside.set_props("url", { href: spec.link[1] });
        leave(toast);
      });
      toast.append(link);
    }
    if (spec.undo !== null && spec.undo !== undefined) {
      const undo = element("button", "toast-action", "Undo");
      undo.type = "button";
      undo.addEventListener("click", () => {
        window.dash_clientside.set_props("shell-undo", { data: { seq: spec.undo, at: Date.now() } });
        leave(toast);
      });
      toast.append(undo);
    }
    const close = element("button", "toast-close");
    close.type = "button";
    close.setAttribute("aria-label", "Dismiss");
    close.append(element("i", "bi bi-x-lg"));
    close.addEventListener("click", () => leave(toast));
    toast.append(close);
    document.getElementById("toasts").append(toast);
    if (spec.kind !== "danger") {
      let timer = window.setTimeout(() => leave(toast), STAY_MS);
      const hold = () => window.clearTimeout(timer);
      const release = () => {
        hold();
        timer = window.setTimeout(() => leave(toast), STAY_MS / 2);
      };
      for (const name of ["mouseenter", "focusin"]) toast.addEventListener(name, hold);
      for (const name of ["mouseleave", "focusout"]) toast.addEventListener(name, release);
    }
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.trellis = Object.assign(window.dash_clientside.trellis || {}, {
    show_toasts(toasts) {
      (toasts || []).forEach(show);
      return window.dash_clientside.no_update;
    },
  });
})();
