// Plotly is large. It is loaded ahead: at once where the frame names it, since figures come with the page; elsewhere once the first
// page stands and the browser has nothing else to do, or with the first press of a button. Dash's graphs wait for what `window.Plotly` is: until the
// library has put itself there, that is the promise of it, so it is never loaded twice.
(function () {
  "use strict";
  let begun = false;

  function load() {
    const address = document.querySelector("link[data-plotly]")?.getAttribute("href") || window._dashPlotlyJSURL;
    if (begun || window.Plotly || !address) return;
    begun = true;
    window.Plotly = new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = address;
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

  if (document.querySelector("link[data-plotly]")) load();
  document.addEventListener("trellis:page", () => window.requestIdleCallback(load), { once: true });
  document.addEventListener("pointerdown", load, { capture: true, once: true });
})();
