// Live updates: what only the browser can know.
(function () {
  "use strict";

  // A change seen elsewhere is worth a look only while this page does not look by itself.
  function nudge_when_idle(seen, idle) {
    return idle ? seen : window.dash_clientside.no_update;
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.trellis = Object.assign(window.dash_clientside.trellis || {}, { nudge_when_idle });
})();
