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

    // The button is the control; the file input behind it is its machinery, neither reached by Tab nor read out.
    // It is made some time after the page, and anew after an upload.
    create_upload(id) {
      const place = document.getElementById(id);
      const hide = () => {
        for (const input of place.querySelectorAll("input[type=file]:not([aria-hidden])")) {
          input.tabIndex = -1;
          input.setAttribute("aria-hidden", "true");
        }
      };
      hide();
      new MutationObserver(hide).observe(place, { childList: true, subtree: true });
      return window.dash_clientside.no_update;
    },

    create_restore() {
      const kept = window.sessionStorage.getItem(key());
      return kept ? JSON.parse(kept) : window.dash_clientside.no_update;
    },
  });
})();
