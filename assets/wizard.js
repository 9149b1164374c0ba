// Wizards: which step is shown stands in the address, and going to another is an entry of the history; what the server
// drew is dressed.
(function () {
  "use strict";
  const wizard = () => document.querySelector(".wizard[data-step]");

  const addressOf = (step) => {
    const address = new URL(window.location.href);
    if (step === 1) address.searchParams.delete("step");
    else address.searchParams.set("step", String(step));
    return address;
  };
  const withoutStep = () => addressOf(1).href;
  let home = "";

  function show(step) {
    const place = wizard();
    const pages = place ? place.querySelectorAll("[data-page-step]").length : 0;
    if (!place || step < 1 || step > pages) return false;
    place.dataset.step = String(step);
    place.querySelectorAll("[data-goto-step]").forEach((button) => {
      if (button.dataset.gotoStep === String(step)) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
    });
    for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (place.querySelectorAll("[data-step-by]"))) {
      const to = step + Number(button.dataset.stepBy);
      button.disabled = to < 1 || to > pages;
    }
    return true;
  }

  function go(step, focus) {
    const before = wizard() && Number(wizard().dataset.step);
    if (!show(step)) return;
    if (step !== before) window.history.pushState(window.history.state, "", addressOf(step));
    if (focus) {
      window.scrollTo({ top: 0 });
      wizard().querySelector(`[data-goto-step="${step}"]`).focus({ preventScroll: true });
    }
  }

  // What nobody has typed yet is no fault until its field was left, or somebody went on.
  function touch() {
    if (wizard()) wizard().dataset.touched = "1";
  }
  for (const kind of /** @type {const} */ (["change", "focusout"]))
    document.addEventListener(kind, (event) => {
      if (event.target.closest(".wizard .field-name input")) touch();
    });

  // In the capture phase, before a button that points at an error jumps there: the step must be shown first.
  document.addEventListener(
    "click",
    (event) => {
      const pointer = event.target.closest("[data-step]:not(.wizard)");
      if (pointer && pointer.dataset.step && pointer.closest(".wizard")) go(Number(pointer.dataset.step), false);
      if (event.target.closest('.wizard [data-goto-step], .wizard [data-step-by="1"], .wizard [data-jump]:not([data-jump=""])')) touch();
      const to = event.target.closest("[data-goto-step]");
      if (to) go(Number(to.dataset.gotoStep), false);
      const by = event.target.closest("[data-step-by]");
      if (by && wizard()) go(Number(wizard().dataset.step) + Number(by.dataset.stepBy), true);
    },
    true,
  );
  // A search over links: those stay whose text has all its words.
  document.addEventListener("input", (event) => {
    const place = event.target.closest("[data-narrowed]");
    if (!place || event.target.type !== "search") return;
    const words = event.target.value.toLocaleLowerCase().split(/\s+/);
    const links = [...place.querySelectorAll(".kinds > a")];
    for (const link of links) link.hidden = !words.every((word) => link.textContent.toLocaleLowerCase().includes(word));
    place.querySelector(".field-help").hidden = links.some((link) => !link.hidden);
  });

  document.addEventListener("trellis:page", () => {
    if (!wizard()) return;
    const step = Number(wizard().dataset.step);
    show(step);
    window.history.replaceState(window.history.state, "", addressOf(step));
    home = withoutStep();
  });

  // Back and Forward within a wizard show another step of the page that is there; the frame would draw it anew.
  window.addEventListener(
    "popstate",
    (event) => {
      if (!wizard() || withoutStep() !== home) return;
      if (show(Number(new URL(window.location.href).searchParams.get("step") || 1))) event.stopImmediatePropagation();
    },
    true,
  );

  function wizard_drawn(told) {
    if (!told) return window.dash_clientside.no_update;
    window.dash_clientside.trellis.apply_looks(told.looks);
    window.requestAnimationFrame(() => {
      window.trellis.show_chips();
      document.querySelectorAll("[data-goto-step]").forEach((button) => {
        const mark = button.querySelector(".step-wrong");
        if (!mark) return;
        const awaits = told.wrong[button.dataset.gotoStep];
        mark.hidden = awaits === undefined;
        mark.toggleAttribute("data-awaits", awaits === true);
      });
    });
    return window.dash_clientside.trellis.focus_entry(told);
  }

  // A list is drawn anew after something was pressed in it: it stays where it was scrolled to, and the keyboard on what was
  // pressed, or on the first of the entries that came.
  let pressed = null;
  document.addEventListener(
    "click",
    (event) => {
      const button = event.target.closest(".config-list [data-act]");
      const list = button && button.closest(".config-list");
      if (list) pressed = { top: list.scrollTop, cards: list.querySelectorAll(".config-card").length, act: button.dataset.act, id: button.dataset.id };
    },
    true,
  );
  function stay() {
    const list = document.querySelector(".config-list");
    if (!pressed || !list) return;
    const { top, cards, act, id } = pressed;
    pressed = null;
    list.scrollTop = top;
    const card = /** @type {HTMLElement | undefined} */ (list.querySelectorAll(".config-card .card-link")[cards]);
    const same = /** @type {HTMLElement | undefined} */ ([...list.querySelectorAll("[data-act]")].find((found) => found.dataset.act === act && found.dataset.id === id));
    const target = act === "more" ? card : same;
    if (target) target.focus({ preventScroll: act !== "more" });
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.trellis = Object.assign(window.dash_clientside.trellis || {}, {
    wizard_drawn,
    // A list's filters stand in the address, so that what is seen can be linked.
    query_shown(values) {
      const address = new URL(window.location.href);
      for (const [name, value] of Object.entries(values || {})) {
        if (value) address.searchParams.set(name, value);
        else address.searchParams.delete(name);
      }
      window.history.replaceState(window.history.state, "", address);
      window.requestAnimationFrame(() => window.requestAnimationFrame(stay));
      return window.dash_clientside.no_update;
    },
    draft_of_page: (_, draft) => window.dash_clientside.trellis.draft_kept(draft.key),
  });
})();
