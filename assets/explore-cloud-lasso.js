// Selecting many points: with a lasso or a box, chosen in the tools, or with Shift while moving. What lies inside is found in the
// coordinates of the data, so nothing is drawn anew.
(function () {
  "use strict";
  const explore = window.trellis.explore;
  const STEP = 4; // pixels between corners of a lasso
  let drag = null; // {path, svg, shape}: what is being drawn

  explore.mode = "move";

  function set_mode(mode) {
    explore.mode = mode;
    const place = document.getElementById("explore-cloud");
    if (place) place.dataset.mode = mode;
    explore.tell("mode");
  }

  const inside_plot = ({ left, top, width, height }, x, y) => x >= left && x <= left + width && y >= top && y <= top + height;

  function at_pointer(event, place) {
    const { left, top } = place.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  }

  function begin(event, place) {
    if (event.button !== 0 || (explore.mode === "move" && !event.shiftKey)) return;
    const [x, y] = at_pointer(event, place);
    if (!place.dataset.drawn || !inside_plot(explore.cloud_scales(), x, y)) return;
    event.preventDefault();
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "cloud-lasso");
    svg.setAttribute("aria-hidden", "true");
    const shape = document.createElementNS("http://www.w3.org/2000/svg", "polygon");
    svg.append(shape);
    place.append(svg);
    drag = { place, svg, shape, path: [[x, y]], box: explore.mode === "box", add: event.ctrlKey || event.metaKey };
    explore.tell("hover", null);
  }

  function go_on(event) {
    if (!drag) return;
    const scale = explore.cloud_scales();
    const [px, py] = at_pointer(event, drag.place);
    const x = Math.min(scale.left + scale.width, Math.max(scale.left, px));
    const y = Math.min(scale.top + scale.height, Math.max(scale.top, py));
    const [x0, y0] = drag.path[0];
    const [lx, ly] = drag.path.at(-1);
    if (drag.box) drag.path = [[x0, y0], [x, y0], [x, y], [x0, y]];
    else if (Math.hypot(x - lx, y - ly) >= STEP) drag.path.push([x, y]);
    drag.shape.setAttribute("points", drag.path.map((corner) => corner.join(",")).join(" "));
  }

  function finish(event) {
    if (!drag) return;
    go_on(event);
    const { svg, path, add } = drag;
    svg.remove();
    drag = null;
    if (path.length < 3) return;
    const found = rows_inside(path);
    explore.select(add ? new Set([...explore.selection, ...found]) : found);
  }

  function stop() {
    drag?.svg.remove();
    drag = null;
  }

  // The rows of the points within a polygon of pixels, those that a filter holds back left out.
  function rows_inside(path) {
    const { sx, sy, tx, ty } = explore.cloud_scales();
    const [xs, ys] = [path.map(([px]) => (px - tx) / sx), path.map(([, py]) => (py - ty) / sy)];
    const [x_low, x_high, y_low, y_high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const { x, y } = explore.cloud_places();
    const rows = explore.cloud_rows();
    const passing = explore.passing();
    const found = [];
    for (let at = 0; at < rows.length; at += 1) {
      const [px, py] = [x[at], y[at]];
      if (!(px >= x_low && px <= x_high && py >= y_low && py <= y_high) || (passing && !passing[at])) continue;
      let within = false;
      for (let i = 0, j = xs.length - 1; i < xs.length; j = i, i += 1) {
        if (ys[i] > py !== ys[j] > py && px < ((xs[j] - xs[i]) * (py - ys[i])) / (ys[j] - ys[i]) + xs[i]) within = !within;
      }
      if (within) found.push(rows[at]);
    }
    return found;
  }

  explore.on("cloud", ({ place }) => {
    place.dataset.mode = explore.mode;
    place.addEventListener("pointerdown", (event) => begin(event, place), true);
    // Plotly listens to these; while something is being selected it must not move the cloud.
    for (const heard of ["mousedown", "touchstart"]) place.addEventListener(heard, (event) => drag && event.stopPropagation(), true);
  });
  window.addEventListener("pointermove", go_on);
  window.addEventListener("pointerup", finish);
  window.addEventListener("pointercancel", stop);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !document.getElementById("explore-cloud") || document.querySelector("dialog[open]")) return;
    if (drag) stop();
    else if (explore.selection.length) explore.select([]);
  });

  Object.assign(explore, { set_mode });
})();
