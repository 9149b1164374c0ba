// Figures and reports: fetched when they come into view; figures are saved as pictures by the browser itself.
(function () {
  "use strict";
  const LATE = "[data-lazy-figure], [data-lazy-src]";

  const seen = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        seen.unobserve(entry.target);
        if (entry.target.dataset.lazySrc) {
          entry.target.src = `${window.trellis.at(entry.target.dataset.lazySrc)}#${window.trellisTheme.shown()}`;
          continue;
        }
        window.dash_clientside.set_props({ type: "figure-seen", name: entry.target.dataset.lazyFigure, run: entry.target.dataset.lazyRun || "" }, { data: true });
      }
    },
    { rootMargin: "240px 0px" },
  );

  function watch(root) {
    if (root.matches && root.matches(LATE)) seen.observe(root);
    if (root.querySelectorAll) root.querySelectorAll(LATE).forEach((place) => seen.observe(place));
  }

  new MutationObserver((changes) => {
    for (const change of changes) change.addedNodes.forEach((node) => node.nodeType === 1 && watch(node));
  }).observe(document.documentElement, { childList: true, subtree: true });

  // A report stands in an origin of its own: it learns of the theme from its address at first, then by messages.
  document.addEventListener("trellis:theme", (event) => {
    for (const frame of document.querySelectorAll("iframe.report-frame[src]")) frame.contentWindow.postMessage({ theme: event.detail }, "*");
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-figure-save]");
    if (!button) return;
    const plot = button.closest(".figure-card").querySelector(".js-plotly-plot");
    if (!plot || !window.Plotly) return;
    const options = { format: button.dataset.figureSave, filename: button.dataset.figure, width: plot.clientWidth, height: plot.clientHeight, scale: 2 };
    window.Plotly.downloadImage(plot, options);
  });
})();
