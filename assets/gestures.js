// Gestures of builders: actions that must none be lost, however fast they come.
//
// A callback asked again before it has answered loses its answer, and what it changed with it. So a builder's store (an
// element with data-gestures="<store>" is on the page) holds every action that no answer has confirmed yet, each with
// a number; the server applies those after the number that its draft knows, and the draft's number confirms them.
(function () {
  "use strict";
  const waiting = {};
  let last = 0;
  let pressed = null;

  const is_builder = (store) => Boolean(document.querySelector(`[data-gestures="${CSS.escape(store)}"]`));

  function deliver(store, data) {
    if (!is_builder(store)) {
      window.dash_clientside.set_props(store, { data });
      return;
    }
    const active = document.activeElement;
    pressed = active && active.dataset.act ? { ...active.dataset } : null;
    last = Math.max(Date.now(), last + 1);
    waiting[store] = [...(waiting[store] || []), { ...data, seq: last }];
    window.dash_clientside.set_props(store, { data: waiting[store] });
  }

  // What was pressed is drawn anew with the rest; the keyboard stays on it.
  function refocus() {
    if (!pressed || document.activeElement !== document.body) return;
    const wanted = pressed;
    const same = (element) => element.dataset.act === wanted.act && element.dataset.id === wanted.id && element.dataset.value === wanted.value;
    const found = [...document.querySelectorAll(`[data-to="${CSS.escape(wanted.to)}"]`)].find(same);
    if (found) found.focus({ preventScroll: true });
  }

  // After an answer: what the draft knows is done, and what it holds outlives a reload. One that nobody has changed yet
  // (edits is 0) is as the server first drew it; it must not take the place of what the browser keeps.
  function gestures_done(draft, store) {
    if (!draft) return window.dash_clientside.no_update;
    waiting[store] = (waiting[store] || []).filter((gesture) => gesture.seq > draft.seq);
    if (draft.over) window.sessionStorage.removeItem(`trellis.draft.${draft.key}`);
    else if (draft.edits) window.sessionStorage.setItem(`trellis.draft.${draft.key}`, JSON.stringify(draft));
    return window.dash_clientside.no_update;
  }

  function draft_kept(key) {
    const kept = window.sessionStorage.getItem(`trellis.draft.${key}`);
    return kept ? JSON.parse(kept) : window.dash_clientside.no_update;
  }

  window.trellis = Object.assign(window.trellis || {}, { deliver, refocus });
  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.trellis = Object.assign(window.dash_clientside.trellis || {}, { gestures_done, draft_kept });
})();
