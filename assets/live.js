// Live updates: what only the browser can know.
(function () {
  "use strict";

  // A change seen elsewhere is worth a look only while this page does not look by itself.
  function nudge_when_idle(seen, idle) {
    return idle ? seen : window.dash_clientside.no_update;
  }

  // What a launch does now, on the pages of its model. While it shows, the bar of the poll does not (see the style sheet).
  function launch_line(launching, told, cancelled, wanted, target) {
    const mine = launching && wanted && target && wanted.model === target.model && (target.latest || wanted.run === target.run) && wanted.key !== cancelled;
    const words = mine && told && told.key === wanted.key ? told.words : "Starting";
    return [mine ? "live-progress launch-line" : "live-progress launch-line d-none", words];
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.trellis = Object.assign(window.dash_clientside.trellis || {}, { nudge_when_idle, launch_line });
})();
