// What the model says of the points follows the labels: asked anew a moment after the last one, and changed where it stands.
// Tells of it: event "answers".
(function () {
  "use strict";
  const explore = window.trellis.explore;
  const PAUSE_MS = 700; // labels often come in a row
  let timer = 0;
  let asking = false;
  let again = false;

  // Puts what has come into the points: what is so now, or with `steps` how many steps of a unit each has moved. Whether they fit.
  function take(points, columns, steps) {
    if (columns.predicted.length !== points.n) return false;
    for (const [name, values] of Object.entries(columns)) {
      if (!steps) points[name] = values;
      else move(points[name], values, name === "predicted" ? 1 : steps);
    }
    points.ood = points.certainty.map((value) => 1 - value);
    return true;
  }

  // Rounds as the server does (src/rcmvae/explore/answers.py); what has not moved stays as exact as it came.
  function move(has, moved, steps) {
    for (let at = 0; at < moved.length; at++) if (moved[at]) has[at] = (Math.floor(has[at] * steps + 0.5) + moved[at]) / steps;
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
