// A file of a model that was made is fetched by the browser.
(function () {
  "use strict";

  function export_made(made) {
    if (made && made.href) {
      const link = document.createElement("a");
      link.href = window.trellis.at(made.href);
      link.download = "";
      document.body.append(link);
      link.click();
      link.remove();
    }
    return window.dash_clientside.no_update;
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.trellis = Object.assign(window.dash_clientside.trellis || {}, { export_made });
})();
