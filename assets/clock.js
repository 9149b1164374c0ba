// Times are written in the browser's zone: "3 min ago", with the full time as tooltip.
(function () {
  "use strict";
  const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });

  function ago(then, now) {
    const seconds = Math.max(0, (now - then) / 1000);
    if (seconds < 10) return "just now";
    if (seconds < 60) return `${Math.round(seconds)} s ago`;
    if (seconds < 3600) return `${Math.round(seconds / 60)} min ago`;
    if (seconds < 86400) return `${Math.round(seconds / 3600)} h ago`;
    if (seconds < 7 * 86400) return `${Math.round(seconds / 86400)} d ago`;
    return day.format(then);
  }

  function write(element) {
    const then = new Date(element.getAttribute("datetime"));
    if (Number.isNaN(then.getTime())) return;
    const text = element.dataset.relative === "0" ? full.format(then) : ago(then, new Date());
    if (element.textContent !== text) element.textContent = text;
    element.title = full.format(then);
  }

  function writeAll(root) {
    if (root.matches && root.matches("time.js-time")) write(root);
    if (root.querySelectorAll) root.querySelectorAll("time.js-time").forEach(write);
  }

  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "attributes") write(change.target);
      change.addedNodes.forEach((node) => node.nodeType === 1 && writeAll(node));
    }
  }).observe(document.documentElement, { childList: true, subtree: true, attributes: true, attributeFilter: ["datetime"] });
  window.setInterval(() => writeAll(document), 15000);
  window.trellis = Object.assign(window.trellis || {}, { ago: (iso) => ago(new Date(iso), new Date()), fullTime: (iso) => full.format(new Date(iso)) });
})();
