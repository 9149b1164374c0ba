// Toasts. Outcomes leave by themselves unless looked at; errors stay until dismissed or until their page is left.
(function () {
  "use strict";
  const STAY_MS = 7000;
  const MOST_ERRORS = 3;
  const ICONS = { good: "check-circle", info: "info-circle", warning: "exclamation-triangle", danger: "exclamation-octagon" };
  const seen = new Set();

  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  }

  function press(className, text, act) {
    const made = element("button", className, text);
    made.type = "button";
    made.addEventListener("click", act);
    return made;
  }

  const staying = () => [...document.querySelectorAll("#toasts .toast-note:not(.is-leaving)")];

  function leave(toast) {
    toast.classList.add("is-leaving");
    offerToDismissAll();
    window.setTimeout(() => toast.remove(), 200);
  }

  function offerToDismissAll() {
    const place = document.getElementById("toasts");
    const there = place.querySelector(".toast-all");
    const folded = fold();
    if (staying().length < 2) {
      if (there) there.remove();
      return;
    }
    const button = there || press("toast-all", "", () => staying().forEach(leave));
    button.textContent = folded ? `Dismiss all, ${folded} earlier too` : "Dismiss all";
    if (!there) place.prepend(button);
  }

  // One that says the same as one that is still there takes its place, and says how often by now.
  function replaceTwin(spec) {
    const twin = staying().find((toast) => toast.dataset.said === said(spec));
    if (!twin) return 1;
    twin.remove();
    return Number(twin.dataset.times) + 1;
  }

  // Few stand on the page at a time; how many errors are behind them is told above.
  function fold() {
    const errors = staying().filter((toast) => toast.matches(".toast-danger"));
    errors.forEach((toast, at) => {
      toast.hidden = at < errors.length - MOST_ERRORS;
    });
    return Math.max(0, errors.length - MOST_ERRORS);
  }

  const said = (spec) => `${spec.kind} ${spec.message} ${spec.hint || ""}`;

  function show(spec) {
    if (!spec || seen.has(spec.id)) return;
    seen.add(spec.id);
    const refusal = spec.kind === "danger" ? [spec.message, spec.hint].filter(Boolean).join(" ") : "";
    if (window.trellis.settled(refusal)) return;
    const times = replaceTwin(spec);
    const toast = element("div", `toast-note toast-${spec.kind}`);
    toast.dataset.said = said(spec);
    toast.dataset.times = String(times);
    toast.dataset.along = spec.along ? "1" : "";
    toast.setAttribute("role", spec.kind === "danger" ? "alert" : "status");
    const picture = element("i", `bi bi-${ICONS[spec.kind] || ICONS.info}`);
    picture.setAttribute("aria-hidden", "true");
    const words = element("div", "toast-words");
    const message = element("p", "", spec.message);
    if (times > 1) message.append(element("span", "toast-times", ` ${times} times`));
    words.append(message);
    if (spec.hint) words.append(element("p", "toast-hint", spec.hint));
    toast.append(picture, words);
    if (spec.link) {
      const link = element("a", "toast-action", spec.link[0]);
      link.href = window.trellis.at(spec.link[1]);
      link.addEventListener("click", (event) => {
        event.preventDefault();
        window.trellis.go(spec.link[1]);
        leave(toast);
      });
      toast.append(link);
    }
    if (spec.undo !== null && spec.undo !== undefined) {
      const undo = () => {
        window.dash_clientside.set_props("shell-undo", { data: { seq: spec.undo, at: Date.now() } });
        leave(toast);
      };
      toast.append(press("toast-action", "Undo", undo));
    }
    const close = press("toast-close", "", () => leave(toast));
    close.setAttribute("aria-label", "Dismiss");
    close.title = "Dismiss";
    close.append(element("i", "bi bi-x-lg"));
    toast.append(close);
    document.getElementById("toasts").append(toast);
    offerToDismissAll();
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

  // What was wrong on a page means nothing on the next one, unless it came along with the change of page.
  document.addEventListener("trellis:page", (event) => {
    if (!event.detail.moved) return;
    for (const toast of staying()) {
      if (!toast.matches(".toast-danger")) continue;
      if (toast.dataset.along) toast.dataset.along = "";
      else leave(toast);
    }
  });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.trellis = Object.assign(window.dash_clientside.trellis || {}, {
    show_toasts(toasts) {
      (toasts || []).forEach(show);
      return window.dash_clientside.no_update;
    },
  });
})();
