// Sparklines are asked for when they come on screen, several runs in one question, and kept.
(function () {
  "use strict";
  const known = new Map();
  const asked = new Set();
  let wanted = new Set();
  let timer = null;
  const SVG = "http://www.w3.org/2000/svg";

  function draw(slot, points) {
    slot.replaceChildren();
    if (!points || points.length < 2) return;
    const [width, height] = [96, 24];
    const low = Math.min(...points);
    const span = Math.max(...points) - low || 1;
    const at = (value, i) => [2 + ((width - 4) * i) / (points.length - 1), height - 3 - ((height - 6) * (value - low)) / span];
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const line = document.createElementNS(SVG, "polyline");
    line.setAttribute("points", points.map((value, i) => at(value, i).map((v) => v.toFixed(1)).join(",")).join(" "));
    const end = document.createElementNS(SVG, "circle");
    const [x, y] = at(points[points.length - 1], points.length - 1);
    end.setAttribute("cx", String(x));
    end.setAttribute("cy", String(y));
    end.setAttribute("r", "1.8");
    svg.append(line, end);
    slot.append(svg);
  }

  function ask() {
    timer = null;
    const runs = [...wanted].slice(0, 60);
    wanted = new Set([...wanted].slice(60));
    runs.forEach((run) => asked.add(run));
    if (runs.length) window.dash_clientside.set_props("spark-request", { data: { runs, at: Date.now() } });
  }

  function want(slot) {
    const run = slot.dataset.spark;
    if (known.has(run)) draw(slot, known.get(run));
    if (!asked.has(run)) {
      wanted.add(run);
      timer = timer || window.setTimeout(ask, 60);
    }
  }

  const screen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      screen.unobserve(entry.target);
      want(entry.target);
    }
  });

  function find(root) {
    if (root.matches && root.matches("[data-spark]")) screen.observe(root);
    if (root.querySelectorAll) root.querySelectorAll("[data-spark]").forEach((slot) => screen.observe(slot));
  }

  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "attributes") screen.observe(/** @type {Element} */ (change.target));
      change.addedNodes.forEach((node) => node instanceof Element && find(node));
    }
  }).observe(document.documentElement, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-spark"] });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.trellis = Object.assign(window.dash_clientside.trellis || {}, {
    sparks_came(answer) {
      for (const [run, spark] of Object.entries(answer || {})) {
        known.set(run, spark.points);
        // A run that goes on is asked for again the next time it is drawn.
        if (!spark.final) asked.delete(run);
        if (spark.text) {
          for (const place of document.querySelectorAll(`[data-metric-of="${CSS.escape(run)}"]`)) {
            place.querySelector(".metric-value").textContent = spark.text;
            place.querySelector(".metric-name").textContent = `${spark.name}, so far`;
          }
        }
        document.querySelectorAll(`[data-spark="${CSS.escape(run)}"]`).forEach((slot) => draw(slot, spark.points));
      }
      return window.dash_clientside.no_update;
    },
  });
})();
