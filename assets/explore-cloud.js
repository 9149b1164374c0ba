// The latent space of a model: one trace of all points in WebGL, which is recoloured and never drawn anew for a label; and above it a
// canvas with what changes quickly: labelled points, what a filter or a selection leaves, and the ring around the current point.
(function () {
  "use strict";
  const explore = window.trellis.explore;
  const CONFIG = { displayModeBar: false, scrollZoom: true, doubleClick: false, displaylogo: false, showSendToCloud: false };
  const MANY_LABELS = 3000; // more than so many labelled points are drawn as plain dots
  const ZOOM = 1.5;
  const AFTER_LABELS_MS = 800;
  const RESIZED_MS = 60;
  const FOLLOWS_LABELS = new Set(["predicted", "correct", "certainty", "entropy", "ood"]);
  let cloud = null; // {place, plot, over, words, drawn, axes}: the cloud of this page
  let drawing = Promise.resolve();
  let frame_wanted = 0;
  let recolouring = 0;
  let resizing = 0;

  const element = (tag, name, more = {}) => Object.assign(document.createElement(tag), { className: name, ...more });

  // The coordinates of all points now: an epoch's, the kept weights', or those of the pixels.
  function places() {
    const own = explore.places || explore.pixels;
    const frame = explore.shown_frame;
    return frame && own ? { x: frame.x, y: frame.y, meta: frame.meta || own.meta } : own;
  }

  function built() {
    const place = document.getElementById("explore-cloud");
    if (!place) return null;
    if (cloud && cloud.place === place && cloud.plot.isConnected) return cloud;
    place.replaceChildren();
    const plot = element("div", "cloud-plot", { role: "img", ariaLabel: "The images in the plane" });
    const over = element("canvas", "cloud-over");
    const words = element("p", "cloud-words", { hidden: true });
    over.setAttribute("aria-hidden", "true");
    place.append(plot, over, words);
    cloud = { place, plot, over, words, drawn: false, axes: "" };
    new ResizeObserver(() => resized(cloud)).observe(place);
    explore.tell("cloud", cloud);
    return cloud;
  }

  // In another room the same part of the plane is shown: all of it, unless somebody looks nearer. An observer speaks up at once, too:
  // then the cloud is as it was drawn.
  function resized(own) {
    window.clearTimeout(resizing);
    resizing = window.setTimeout(() => in_turn(() => own.drawn && own.plot.isConnected && !fits(own) && refit(own)), RESIZED_MS);
  }

  function fits(own) {
    const { width, height } = own.plot._fullLayout;
    return width === own.plot.clientWidth && height === own.plot.clientHeight;
  }

  async function refit(own) {
    if (own !== cloud || !own.drawn || !own.plot.isConnected || !own.plot.clientWidth) return;
    const { x, y, meta } = places();
    const kept = explore.kept_view(meta.method);
    own.fitting = true;
    try {
      await window.Plotly.Plots.resize(own.plot);
      await window.Plotly.relayout(own.plot, { "xaxis.range": [...(kept?.x || extent(x))], "yaxis.range": [...(kept?.y || extent(y))] });
    } finally {
      own.fitting = false;
    }
    over_now();
  }

  function extent(column) {
    let [low, high] = [Infinity, -Infinity];
    for (const value of column) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (!Number.isFinite(low)) return [-1, 1];
    const margin = (high - low || 1) * 0.04;
    return [low - margin, high + margin];
  }

  const size_of = (n) => (n <= 800 ? 7 : n <= 2500 ? 5.5 : n <= 10000 ? 4 : 3);

  function marker() {
    const { codes, palette } = explore.coloured();
    const last = palette.length - 1;
    // Labelled points stand on the canvas in their colours, so a label changes nothing here.
    return { color: explore.colour === "label" ? new Uint8Array(codes.length) : codes, colorscale: palette.map((colour, at) => [at / last, colour]), cmin: 0, cmax: last, showscale: false };
  }

  function axis(title, range) {
    const muted = explore.ink("muted");
    return {
      title: { text: title, standoff: 6, font: { size: 12, color: muted } }, range: [...range], tickfont: { size: 11, color: muted }, gridcolor: explore.ink("line"),
      zeroline: false, ticks: "",
    };
  }

  function layout() {
    const { x, y, meta } = places();
    const kept = explore.kept_view(meta.method);
    const [xs, ys] = [axis(meta.x_title, kept?.x || extent(x)), axis(meta.y_title, kept?.y || extent(y))];
    if (meta.scaled) Object.assign(ys, { scaleanchor: "x", scaleratio: 1 });
    else Object.assign(ys, { showticklabels: false, showgrid: false });
    const cells = meta.cells || [];
    if (cells.length || meta.method === "umap") for (const one of [xs, ys]) Object.assign(one, { showticklabels: false, showgrid: false });
    const line = { color: explore.ink("line-strong"), width: 1 };
    const font = { size: 11, color: explore.ink("muted") };
    return {
      margin: { l: 44, r: 8, t: 8, b: 38 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", dragmode: "pan", hovermode: "closest", showlegend: false,
      font: { family: "system-ui, sans-serif" }, xaxis: xs, yaxis: ys,
      shapes: cells.map((c) => ({ type: "rect", x0: c.x - c.half, x1: c.x + c.half, y0: c.y - c.half, y1: c.y + c.half, line, layer: "below" })),
      annotations: cells.map((c) => ({ text: c.name, x: c.x - c.half, y: c.y + c.half, xanchor: "left", yanchor: "top", showarrow: false, font })),
    };
  }

  // Draws run one after the other: Plotly does not like two at once.
  function in_turn(work) {
    drawing = drawing.then(work).catch((error) => say(`The cloud could not be drawn (${error.message}).`));
    return drawing;
  }

  function say(words) {
    const own = built();
    if (!own) return;
    own.words.textContent = words;
    own.words.hidden = !words;
  }

  async function draw() {
    const plotly = await window.trellis.plotly();
    const own = built();
    const found = places();
    if (!own || !found) return;
    const base = { type: "scattergl", mode: "markers", x: found.x, y: found.y, hoverinfo: "none", marker: { size: size_of(found.x.length), opacity: 0.8, ...marker() } };
    await plotly.react(own.plot, [base], layout(), CONFIG);
    if (!own.drawn) listen(own);
    own.drawn = true;
    own.axes = axes_of(found.meta);
    own.place.dataset.drawn = found.meta.method;
    say("");
    explore.tell("note", found.meta.words);
    describe(own);
    over_now();
  }

  function describe(own) {
    const n = explore.cloud_rows().length.toLocaleString();
    own.plot.setAttribute("aria-label", `${n} images in the plane, coloured by ${explore.coloured().title.toLowerCase()}. The search finds images without a pointer.`);
  }

  async function recolour() {
    const plotly = await window.trellis.plotly();
    if (!cloud?.drawn || !cloud.plot.isConnected) return;
    const { color, colorscale, cmax } = marker();
    if (!explore.repaint(cloud.plot, { color, colorscale, cmax })) {
      await plotly.restyle(cloud.plot, { "marker.color": [color], "marker.colorscale": [colorscale], "marker.cmax": [cmax] });
    }
    cloud.place.dataset.colour = explore.colour;
    describe(cloud);
    over_now();
  }

  const axes_of = ({ method, x_title, y_title, cells }) => JSON.stringify([method, x_title, y_title, cells || []]);

  // The points go to an epoch's places: under the same axes nothing but they move.
  async function move_points() {
    const plotly = await window.trellis.plotly();
    const found = places();
    if (!cloud?.drawn || !found) return;
    if (axes_of(found.meta) !== cloud.axes) {
      await draw();
      return;
    }
    const change = { x: [found.x], y: [found.y] };
    if (explore.colour !== "label") change["marker.color"] = [explore.coloured().codes];
    await plotly.restyle(cloud.plot, change);
    over_now();
  }

  // Pixels of the data's coordinates, as the axes stand at this moment: px = x * sx + tx, py = y * sy + ty.
  function scales() {
    const { xaxis, yaxis } = cloud.plot._fullLayout;
    const sx = xaxis._length / (xaxis.range[1] - xaxis.range[0]);
    const sy = -yaxis._length / (yaxis.range[1] - yaxis.range[0]);
    return {
      sx, sy, tx: xaxis._offset - xaxis.range[0] * sx, ty: yaxis._offset + yaxis._length - yaxis.range[0] * sy,
      left: xaxis._offset, top: yaxis._offset, width: xaxis._length, height: yaxis._length,
    };
  }

  function over_soon() {
    if (!frame_wanted) frame_wanted = window.requestAnimationFrame(over_now);
  }

  // Which points stand out, as 0 and 1; null if none does.
  function standing_out() {
    const passing = explore.passing();
    if (!explore.selection.length) return passing;
    const found = new Uint8Array(explore.cloud_rows().length);
    for (const row of explore.selection) {
      const at = position_of(row);
      if (at !== undefined && (!passing || passing[at])) found[at] = 1;
    }
    return found;
  }

  const position_of = (row) => (explore.points ? explore.position : explore.pixels?.position)?.get(row);

  function over_now() {
    window.cancelAnimationFrame(frame_wanted);
    frame_wanted = 0;
    if (!cloud?.drawn || !cloud.plot._fullLayout) return;
    const { over, plot } = cloud;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [plot.clientWidth, plot.clientHeight];
    if (over.width !== width * ratio || over.height !== height * ratio) Object.assign(over, { width: width * ratio, height: height * ratio });
    const context = over.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const scale = scales();
    context.save();
    context.beginPath();
    context.rect(scale.left, scale.top, scale.width, scale.height);
    context.clip();
    const out = standing_out();
    const { x, y } = places();
    if (out) draw_out(context, scale, out, x, y);
    draw_labelled(context, scale, out, x, y);
    draw_current(context, scale, x, y);
    context.restore();
  }

  function draw_out(context, { sx, sy, tx, ty, left, top, width, height }, out, x, y) {
    context.globalAlpha = 0.82;
    context.fillStyle = explore.ink("surface");
    context.fillRect(left, top, width, height);
    context.globalAlpha = 1;
    const { codes, palette } = explore.coloured();
    const size = size_of(out.length) + 0.5;
    palette.forEach((colour, code) => {
      context.fillStyle = colour;
      for (let at = 0; at < out.length; at += 1) {
        if (out[at] && codes[at] === code) context.fillRect(x[at] * sx + tx - size / 2, y[at] * sy + ty - size / 2, size, size);
      }
    });
  }

  function draw_labelled(context, { sx, sy, tx, ty, left, top, width, height }, out, x, y) {
    const { codes, palette } = explore.coloured();
    const plain = explore.labels.size > MANY_LABELS;
    context.strokeStyle = explore.ink("ink");
    context.lineWidth = plain ? 0.75 : 1.25;
    for (const [row, label] of explore.labels) {
      const at = position_of(row);
      if (at === undefined || (out && !out[at])) continue;
      const [px, py] = [x[at] * sx + tx, y[at] * sy + ty];
      if (px < left || px > left + width || py < top || py > top + height) continue;
      context.fillStyle = palette[codes[at]];
      explore.trace_symbol(context, plain ? "circle" : explore.symbol_of_class(label), px, py, plain ? 2 : 4.5);
      context.fill();
      context.stroke();
    }
  }

  function draw_current(context, { sx, sy, tx, ty }, x, y) {
    const at = explore.current === null ? undefined : position_of(explore.current);
    if (at === undefined) return;
    for (const [colour, line] of [["surface", 5], ["accent", 2.5]]) {
      context.beginPath();
      context.arc(x[at] * sx + tx, y[at] * sy + ty, 10, 0, 2 * Math.PI);
      context.strokeStyle = explore.ink(colour);
      context.lineWidth = line;
      context.stroke();
    }
  }

  function listen(own) {
    const row_at = (event) => explore.cloud_rows()[event.points[0].pointNumber];
    own.plot.on("plotly_hover", (event) => explore.tell("hover", row_at(event)));
    own.plot.on("plotly_unhover", () => explore.tell("hover", null));
    own.plot.on("plotly_click", (event) => explore.look_at(row_at(event)));
    own.plot.on("plotly_doubleclick", () => show_all());
    own.plot.on("plotly_relayouting", over_soon);
    own.plot.on("plotly_relayout", () => {
      if (own.fitting) return;
      const { xaxis, yaxis } = own.plot._fullLayout;
      explore.keep_view(places().meta.method, { x: [...xaxis.range], y: [...yaxis.range] });
      over_soon();
    });
  }

  const relayout = (x, y) => in_turn(() => window.Plotly.relayout(cloud.plot, { "xaxis.range": x, "yaxis.range": y }));

  function show_all() {
    if (!cloud?.drawn) return;
    explore.keep_view(places().meta.method, null);
    in_turn(() => refit(cloud));
  }

  // Nearer (by > 0) or farther, around the middle.
  function zoom(by) {
    if (!cloud?.drawn) return;
    const { xaxis, yaxis } = cloud.plot._fullLayout;
    const around = ([low, high]) => {
      const half = ((high - low) / 2) * ZOOM ** -by;
      return [(low + high) / 2 - half, (low + high) / 2 + half];
    };
    relayout(around(xaxis.range), around(yaxis.range));
  }

  // Moves the cloud so that a row's point is in sight.
  function bring(row) {
    const at = position_of(row);
    if (at === undefined || !cloud?.drawn) return;
    const { xaxis, yaxis } = cloud.plot._fullLayout;
    const [x, y] = [places().x[at], places().y[at]];
    if (!Number.isFinite(x) || (x > xaxis.range[0] && x < xaxis.range[1] && y > yaxis.range[0] && y < yaxis.range[1])) return;
    const around = ([low, high], middle) => [middle - (high - low) / 2, middle + (high - low) / 2];
    relayout(around(xaxis.range, x), around(yaxis.range, y));
  }

  // A model that was not trained: its images by their pixels.
  async function load_pixels() {
    const model = explore.model;
    if (!model || explore.trained) return;
    say("The images are being placed by their pixels.");
    try {
      const { meta, columns } = await window.trellis.ask(`/explore/${model}/pixels`);
      if (model !== explore.model) return;
      explore.pixels = { meta, ...columns, position: new Map([...columns.rows].map((row, at) => [row, at])) };
      explore.tell("pixels");
    } catch (error) {
      if (model === explore.model) say(`${error.message} ${error.hint || ""}`);
    }
  }

  explore.on("page", () => {
    if (cloud && !cloud.plot.isConnected) {
      window.Plotly?.purge?.(cloud.plot);
      cloud = null;
    }
    explore.pixels = null;
    explore.shown_frame = null;
    if (!explore.model || !built()) return;
    if (!explore.trained) load_pixels();
    else if (!explore.places) say("The images are on their way.");
  });
  explore.on("failed", (error) => say(`${error.message} ${error.hint || ""}`));
  explore.on("places", () => in_turn(draw));
  explore.on("pixels", () => in_turn(draw));
  explore.on("colour", () => in_turn(recolour));
  explore.on("frame", (frame) => {
    explore.shown_frame = frame;
    in_turn(move_points);
  });
  // Whether a prediction is right may depend on a label; the points follow once a row of labels is given.
  explore.on("labels", () => {
    window.clearTimeout(recolouring);
    if (explore.colour === "correct") recolouring = window.setTimeout(() => in_turn(recolour), AFTER_LABELS_MS);
  });
  explore.on("answers", () => FOLLOWS_LABELS.has(explore.colour) && in_turn(recolour));
  for (const event of ["labels", "current", "selection", "filter", "classes"]) explore.on(event, over_soon);
  document.addEventListener("trellis:theme", () => cloud?.drawn && in_turn(draw));

  Object.assign(explore, { pixels: null, shown_frame: null, cloud_places: places, cloud_scales: scales, show_all, zoom, bring });
})();
