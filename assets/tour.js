// A first visit's tour (dashboard/components/tour.py): offered in a line, taken step by step in a card beside the part that it is about.
// It never begins by itself, never covers a dialog, and takes no key but Escape while the focus is in it.
(function () {
  "use strict";
  const PREFIX = "trellis-tour-";
  let shown = null;

  function made(tag, class_name, text) {
    const element = document.createElement(tag);
    if (class_name) element.className = class_name;
    if (text) element.textContent = text;
    return element;
  }

  function press(text, primary, act) {
    const button = /** @type {HTMLButtonElement} */ (made("button", `btn btn-sm ${primary ? "btn-primary" : "btn-outline-secondary"}`, text));
    button.type = "button";
    button.addEventListener("click", act);
    return button;
  }

  // A browser that keeps nothing is offered the tour at each visit.
  function answered(name) {
    try {
      return window.localStorage.getItem(PREFIX + name) !== null;
    } catch {
      return false;
    }
  }

  function remember(name) {
    try {
      window.localStorage.setItem(PREFIX + name, "answered");
    } catch {
      // It is offered again, then.
    }
  }

  const there = (step) => {
    const part = document.getElementById(step.part);
    return part && part.childElementCount && part.getClientRects().length ? part : null;
  };

  function end() {
    if (!shown) return;
    shown.marked?.classList.remove("tour-marked");
    shown.card.remove();
    window.removeEventListener("resize", place);
    window.removeEventListener("scroll", place, true);
    const { back } = shown;
    shown = null;
    const to = back && back.isConnected ? back : document.getElementById("page");
    if (to) to.focus({ preventScroll: true });
  }

  // Beside the part where there is room, else at the bottom of the window.
  function place() {
    if (!shown?.marked) return;
    const { card, marked } = shown;
    const about = marked.getBoundingClientRect();
    const size = card.getBoundingClientRect();
    const gap = 12;
    let left = about.right + gap;
    if (left + size.width > window.innerWidth - gap) left = about.left - size.width - gap;
    if (left < gap) left = Math.max(gap, window.innerWidth - size.width - gap);
    const top = Math.min(Math.max(gap, about.top), window.innerHeight - size.height - gap);
    card.style.left = `${left}px`;
    card.style.top = `${Math.max(gap, top)}px`;
  }

  function show(number) {
    const step = shown.steps[number];
    shown.marked?.classList.remove("tour-marked");
    shown.number = number;
    shown.marked = there(step);
    const last = number === shown.steps.length - 1;
    const row = made("div", "tour-actions");
    if (number) row.append(press("Back", false, () => show(number - 1)));
    if (!last) row.append(press("End the tour", false, end));
    const next = press(last ? "Done" : "Next", true, () => (last ? end() : show(number + 1)));
    row.append(next);
    const title = made("h2", "tour-title", step.title);
    title.id = "tour-title";
    const words = made("p", "", step.words);
    words.id = "tour-words";
    shown.card.replaceChildren(title, words, made("p", "muted tour-count", `${number + 1} of ${shown.steps.length}`), row);
    if (shown.marked) {
      shown.marked.classList.add("tour-marked");
      shown.marked.scrollIntoView({ block: "nearest", behavior: "instant" });
    }
    place();
    next.focus({ preventScroll: true });
  }

  function begin(steps, back) {
    const found = steps.filter(there);
    if (!found.length || document.querySelector("dialog[open]")) return;
    end();
    const card = made("div", "tour-card");
    card.setAttribute("role", "dialog");
    card.setAttribute("aria-modal", "false");
    card.setAttribute("aria-labelledby", "tour-title");
    card.setAttribute("aria-describedby", "tour-words");
    card.addEventListener("keydown", (event) => {
      // A key that is pressed here is meant for the tour, not for the page.
      event.stopPropagation();
      if (event.key !== "Escape") return;
      event.preventDefault();
      end();
    });
    document.body.append(card);
    shown = { steps: found, card, marked: null, number: 0, back };
    window.addEventListener("resize", place);
    window.addEventListener("scroll", place, true);
    show(0);
  }

  function tour_shown(told) {
    end();
    const offer = document.getElementById("tour-offer");
    if (!offer || !told || answered(told.name)) return window.dash_clientside.no_update;
    const line = made("div", "tour-offer");
    const answer = (then) => () => {
      remember(told.name);
      line.remove();
      then();
    };
    const heading = document.querySelector("#page h1");
    line.append(
      made("span", "", "New here? A short tour shows what is where, and in which order one works."),
      press("Take the tour", true, answer(() => begin(told.steps, heading))),
      press("No, thank you", false, answer(() => document.getElementById("page")?.focus({ preventScroll: true }))),
    );
    offer.replaceChildren(line);
    return window.dash_clientside.no_update;
  }

  document.addEventListener("click", (event) => {
    const again = /** @type {Element} */ (event.target).closest("[data-tour-again]");
    if (!again) return;
    try {
      for (const key of Object.keys(window.localStorage)) if (key.startsWith(PREFIX)) window.localStorage.removeItem(key);
    } catch {
      // Nothing was kept, so every tour is offered anyway.
    }
    const said = again.parentElement.querySelector("[data-tour-said]");
    if (said) said.textContent = "Pages that have a tour offer it at your next visit.";
  });

  // A dialog that opens ends the tour, which would lie below it.
  new MutationObserver(() => {
    if (shown && document.querySelector("dialog[open]")) end();
  }).observe(document, { subtree: true, attributes: true, attributeFilter: ["open"] });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.trellis = Object.assign(window.dash_clientside.trellis || {}, { tour_shown });
})();
