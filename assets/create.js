// The Create page in the browser: applies the server's judgement and keeps the form over a reload.
(function () {
  "use strict";
  const key = () => `trellis.create${window.location.search}`;

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.trellis = Object.assign(window.dash_clientside.trellis || {}, {
    create_judged(view) {
      if (!view) return window.dash_clientside.no_update;
      if (view.draft) window.sessionStorage.setItem(key(), JSON.stringify(view.draft));
      else window.sessionStorage.removeItem(key());
      return window.dash_clientside.trellis.apply_looks(view.looks);
    },

    create_restore() {
      const kept = window.sessionStorage.getItem(key());
      return kept ? JSON.parse(kept) : window.dash_clientside.no_update;
    },
  });
})();
