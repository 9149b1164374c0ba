// What the model says of the points follows the labels: asked anew a moment after the last one, and changed where it stands.
// Tells of it: event "answers".
(function () {
  "use strict";
  const explore = window.trellis.explore;
  const PAUSE_MS = 700; // labels often come in a row
  let timer = 0;
  let asking = false;
  let again = false;

  // What a page has of one point, in whole steps as the server counts them (src/rcmvae/explore/answers.py): -1 where nothing is known.
  const level = (value, steps) => (Number.isNaN(value) ? -1 : Math.floor(value * steps + 0.5));

  // The order in which differences are told: by predicted class, then certainty, then place.
  function order_of({ n, predicted, certainty }, steps) {
    const keys = new Float64Array(n);
    for (let at = 0; at < n; at++) keys[at] = ((predicted[at] + 32768) * 65536 + level(certainty[at], steps) + 1) * n + at;
    return keys.sort().map((key) => key % n);
  }

  // Puts what has come into the points: what is so now, or with `steps` how many steps of a unit each has moved. Whether they fit.
  function take(points, columns, steps) {
    if (columns.predicted.length !== points.n) return false;
    const order = steps ? order_of(points, steps) : null;
    for (const [name, values] of Object.entries(columns)) {
      if (!steps) points[name] = values;
      else move(points[name], values, order, name === "predicted" ? 1 : steps);
    }
    points.ood = points.certainty.map((value) => 1 - value);
    return true;
  }

  function move(has, moved, order, steps) {
    for (let i = 0; i < moved.length; i++) if (moved[i]) has[order[i]] = (level(has[order[i]], steps) + moved[i]) / steps;
  }

  async function follow() {
    const { model, points } = explore;
    if (!points || !document.getElementById("explore")) return;
    if (asking) {
      again = true;
      return;
    }
    asking = true;
    try {
      const { meta, columns } = await window.trellis.ask(`/explore/${model}/answers?mark=${points.meta.mark}`);
      // other weights, or another page, by now: they have come whole
      if (model !== explore.model || points !== explore.points || meta.weights !== points.meta.weights) return;
      if (!take(points, columns, meta.steps)) return;
      points.meta = meta;
      explore.tell("answers");
    } catch {
      // what stands there stays; the next label asks again
    } finally {
      asking = false;
      if (again) follow_soon();
      again = false;
    }
  }

  function follow_soon() {
    window.clearTimeout(timer);
    timer = window.setTimeout(follow, PAUSE_MS);
  }

  // Labels count once the server has them.
  let followed = false; // labels that come with the page are in its points already
  explore.on("labels", (rows) => {
    if (!rows && !followed) return;
    followed = true;
    follow_soon();
  });
  explore.on("unsaved", (count) => followed && count === 0 && follow_soon());
  explore.on("page", () => {
    window.clearTimeout(timer);
    followed = false;
  });
})();
