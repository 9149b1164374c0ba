// Curves and figures of a run that goes on: drawn while they are in sight. A curve that has only grown gets its new points;
// what comes into view gets all that it has missed. A figure that takes long to draw is drawn less often, so that reading
// and typing stay quick on a slow machine; one that a pointer holds waits until it is let go, so that no zoom is lost.
(function () {
  "use strict";
  const PLACES = "[data-live-curve], [data-live-figure]";
  const LATE_MS = 8000; // a figure that was given and is not drawn by then is given again
  const near = new Set(); // places in or near the window
  const watched = new WeakSet();
  const REST = 5; // for so many times as long as its drawing took a figure rests afterwards
  const LONGEST_REST_MS = 3000;
  const drawings = new WeakMap(); // place -> {key, seq, data, at, seen, until}: what was drawn there last, resting until then
  const MARGIN = 160;
  const LET_GO_MS = 400; // after a pointer was let go: what it did is taken up, and a second click may follow
  let held = null; // the place that a pointer is down on
  let letting_go = 0;

  const screen = new IntersectionObserver(
    (entries) => {
      let more = false;
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) near.delete(target);
        else if (!near.has(target)) more = Boolean(near.add(target));
      }
      if (more) document.dispatchEvent(new CustomEvent("trellis:in-sight"));
    },
    { rootMargin: `${MARGIN}px 0px` },
  );

  document.addEventListener(
    "pointerdown",
    (event) => {
      window.clearTimeout(letting_go);
      held = event.target.closest?.(PLACES) || null;
    },
    true,
  );

  function let_go() {
    if (!held) return;
    window.clearTimeout(letting_go);
    letting_go = window.setTimeout(() => {
      held = null;
      document.dispatchEvent(new CustomEvent("trellis:in-sight"));
    }, LET_GO_MS);
  }
  for (const end of ["pointerup", "pointercancel", "blur"]) window.addEventListener(end, let_go, true);

  const is_near = (place) => {
    const { top, bottom, height } = place.getBoundingClientRect();
    return height > 0 && bottom > -MARGIN && top < window.innerHeight + MARGIN;
  };

  function places() {
    const found = [...document.querySelectorAll(PLACES)];
    for (const place of found) {
      if (watched.has(place)) continue;
      watched.add(place);
      if (is_near(place)) near.add(place);
      screen.observe(place);
    }
    return found;
  }

  const plot_in = (place) => place.querySelector(".js-plotly-plot");

  // What is drawn at a place, with `late` while it is still on its way; null once something else has been drawn there.
  function drawn_at(place) {
    const drawing = drawings.get(place);
    if (!drawing) return null;
    if (plot_in(place)?.data === drawing.data) {
      drawing.seen = true;
      return drawing;
    }
    return !drawing.seen && performance.now() - drawing.at < LATE_MS ? { ...drawing, late: true } : null;
  }

  const longest = (drawing) => Math.max(0, ...drawing.data.map((trace) => trace.x?.length || 0));

  // The figures in sight and what each was drawn from, as the server wants to hear it; `rested` if some were left out because
  // they were drawn a moment ago. With `patient` false none is.
  function in_sight(patient) {
    const said = { curves: {}, figures: {}, rested: false };
    for (const place of places()) {
      if (!near.has(place) || place === held) continue;
      const drawing = drawn_at(place);
      if (drawing?.late) continue;
      if (patient && drawing && performance.now() < drawing.until) {
        said.rested = true;
        continue;
      }
      const { liveCurve, liveFigure } = place.dataset;
      if (liveCurve) said.curves[liveCurve] = drawing ? { key: drawing.key, seq: drawing.seq, points: longest(drawing) } : {};
      else said.figures[liveFigure] = drawing ? { key: drawing.key } : {};
    }
    return said;
  }

  const panels = () => places().flatMap((place) => place.dataset.liveCurve || []);

  async function draw(answer) {
    for (const [name, came] of Object.entries(answer.curves)) await draw_at("live-curve", name, came);
    for (const [name, came] of Object.entries(answer.figures)) await draw_at("live-figure", name, came);
  }

  async function draw_at(type, name, came) {
    const place = document.querySelector(`[data-${type}="${CSS.escape(name)}"]`);
    if (!place || place === held) return;
    if (came.add) {
      await add(place, came);
      return;
    }
    const drawing = { key: came.key, seq: came.seq || 0, data: came.figure.data, at: performance.now(), seen: false, until: 0 };
    const before = plot_in(place);
    drawings.set(place, drawing);
    window.dash_clientside.set_props({ type, name }, { figure: came.figure });
    // The graph draws when its turn comes; until then there is nothing else to do.
    for (let tries = 0; tries < 20 && drawings.get(place) === drawing && drawn_at(place)?.late; tries += 1) {
      await new Promise((done) => window.setTimeout(done, 15));
    }
    // A first drawing waits for Plotly itself to be loaded, which says nothing about the next.
    if (before) rest(drawing, drawing.at);
  }

  function rest(drawing, began) {
    const now = performance.now();
    drawing.until = now + Math.min(REST * (now - began), LONGEST_REST_MS);
  }

  // New points at the ends of traces. The traces are those that Dash keeps, so what it draws next has them, too.
  async function add(place, came) {
    const plot = plot_in(place);
    const drawing = drawn_at(place);
    if (!drawing || drawing.late || drawing.key !== came.key) return;
    for (const [position] of came.add) plot.data[position].mode = "lines";
    const grown = { x: came.add.map(([, x]) => x), y: came.add.map(([, , y]) => y) };
    drawing.seq = came.seq;
    const began = performance.now();
    try {
      await window.Plotly.extendTraces(plot, grown, came.add.map(([position]) => position));
      rest(drawing, began);
    } catch {
      drawings.delete(place); // the next look gets it in full
    }
  }

  window.trellis = Object.assign(window.trellis || {}, { curves: { panels, in_sight, draw } });
})();
