// Plotly is large. It is loaded ahead, once the first page stands and the browser has nothing else to do, or with the first
// press of a button, so that the first curves need not wait for it. Dash's graphs wait for what `window.Plotly` is: until the
// library has put itself there, that is the promise of it, so it is never loaded twice.
(function () {
  "use strict";
  let begun = false;

  function load() {
    if (begun || window.Plotly || !window._dashPlotlyJSURL) return;
    begun = true;
    window.Plotly = new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = window._dashPlotlyJSURL;
      script.onload = () => done(window.Plotly);
      script.onerror = () => {
        delete window.Plotly; // a graph tries again itself, and says so if it fails
        failed(new Error("plotly.js could not be loaded"));
      };
      document.body.append(script);
    });
    window.Plotly.catch(() => {});
  }

  // Plotly once it is there, for what draws without Dash's graphs.
  async function plotly() {
    load();
    return window.Plotly;
  }
  window.trellis = Object.assign(window.trellis || {}, { plotly });

  document.addEventListener("trellis:page", () => window.requestIdleCallback(load), { once: true });
  document.addEventListener("pointerdown", load, { capture: true, once: true });
})();
