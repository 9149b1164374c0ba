// Gestures of builders: actions that must none be lost, however fast they come.
//
// A callback asked again before it has answered loses its answer, and what it changed with it. So a builder's store (an
// element with data-gestures="<store>" is on the page) holds every action that no answer has confirmed yet, each with
// a number; the server applies those after the number that its draft knows, and the draft's number confirms them.
(function () {
  "use strict";
  const waiting = {};
  let last = 0;

  const is_builder = (store) => Boolean(document.querySelector(`[data-gestures="${CSS.escape(store)}"]`));

  function deliver(store, data) {
    if (!is_builder(store)) {
      window.dash_clientside.set_props(store, { data });
      return;
    }
    last = Math.max(Date.now(), last + 1);
    waiting[store] = [...(waiting[store] || []), { ...data, seq: last }];
    window.dash_clientside.set_props(store, { data: waiting[store] });
  }

  // After an answer: what the draft knows is done, and what it holds outlives a reload.
  function gestures_done(draft, store) {
    if (!draft) return window.dash_clientside.no_update;
    waiting[store] = (waiting[store] || []).filter((gesture) => gesture.seq > draft.seq);
    if (draft.over) window.sessionStorage.removeItem(`trellis.draft.${draft.key}`);
    else window.sessionStorage.setItem(`trellis.draft.${draft.key}`, JSON.stringify(draft));
    return window.dash_clientside.no_update;
  }

  function draft_kept(key) {
    const kept = window.sessionStorage.getItem(`trellis.draft.${key}`);
    return kept ? JSON.parse(kept) : window.dash_clientside.no_update;
  }

  window.trellis = Object.assign(window.trellis || {}, { deliver });
  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.trellis = Object.assign(window.dash_clientside.trellis || {}, { gestures_done, draft_kept });
})();
