// How the points of the cloud are coloured: what each colouring says of every point, in numbers, words and colours.
//
// explore.colourings()          [{key, title, off}], `off` saying why one makes no sense now ("": it does)
// explore.colour_by(key)        chooses one; event "colour"
// explore.coloured()            {key, title, values, codes, palette, groups | range}: see `group` and `grade`
// explore.isolate(key, value, more)   shows the points of one value alone, or adds or takes one value; null shows all; event "filter"
// explore.colour_of_class(n)    CSS colour of a class or component, right in both themes
(function () {
  "use strict";
  const explore = window.trellis.explore;
  const CATEGORIES = 20; // as in workbench/colours.py, whose colours and symbols these are
  const SYMBOLS = ["circle", "diamond", "square", "up", "cross", "down", "x", "star", "pentagon", "hexagram"];
  const GRADES = 64;
  const GRADED = {
    certainty: { title: "Certainty", low: "doubtful", high: "certain", percent: true, upward: true },
    entropy: { title: "Entropy", low: "sure of one class", high: "torn between classes" },
    ood: { title: "Out of distribution", low: "familiar", high: "strange", percent: true },
    reconstruction: { title: "Reconstruction error", low: "rebuilt well", high: "rebuilt badly" },
  };
  const TITLES = { label: "Label", predicted: "Prediction", true: "True class", correct: "Right or wrong", component: "Component" };

  explore.colour = "label";
  explore.filter = null; // {key, values: Set}: only these are shown

  const style = () => window.getComputedStyle(document.documentElement);
  const ink = (name) => style().getPropertyValue(`--tr-${name}`).trim();
  const colour_of_class = (number) => `var(--tr-cat-${number % CATEGORIES})`;
  const symbol_of_class = (number) => SYMBOLS[(number + Math.floor(number / CATEGORIES)) % SYMBOLS.length];

  // The rows of the cloud's points and what is known of them; without training the rows alone.
  const known = () => explore.points || explore.pixels;
  const rows = () => known()?.rows || new Int32Array(0);

  function of_labels() {
    return Int16Array.from(rows(), (row) => explore.labels.get(row) ?? -1);
  }

  // The class of each point as the data or people know it.
  function truth() {
    const labels = of_labels();
    const given = explore.points?.true;
    return given ? given.map((value, at) => (value >= 0 ? value : labels[at])) : labels;
  }

  function values_of(key) {
    if (key === "label") return of_labels();
    if (key === "correct") {
      const wanted = truth();
      return now("predicted").map((value, at) => (value < 0 || wanted[at] < 0 ? -1 : Number(value === wanted[at])));
    }
    return now(key);
  }

  // A column of the points, as the epoch that is shown has it.
  const now = (key) => explore.shown_frame?.[key] || explore.points?.[key] || new Int16Array(rows().length).fill(-1);

  function off(key) {
    const points = explore.points;
    if (key === "label") return "";
    if (!points) return "Not before a run of this model has ended.";
    if (key === "component") return points.meta.components ? "" : "This model's prior has no components.";
    if (key === "true") return points.true.some((value) => value >= 0) ? "" : "Nobody knows the true classes of this data.";
    if (key === "reconstruction") return "";
    return points.meta.seen_labels ? "" : "The model has not seen a label yet, so it recognises nothing.";
  }

  const title_of = (key) => TITLES[key] || GRADED[key].title;
  const colourings = () => [...Object.keys(TITLES), ...Object.keys(GRADED)].map((key) => ({ key, title: title_of(key), off: off(key) }));

  function name_of(key, value) {
    if (key === "correct") return ["wrong", "right"][value] || "not known";
    if (value < 0) return key === "label" ? "no label" : "unknown";
    if (key === "component") return `component ${value}`;
    return explore.classes[value] ?? String(value);
  }

  // Colours of groups: codes 0 (unknown) to 20, and the groups themselves: [{value, name, colour, symbol, count}].
  function group(key) {
    const values = values_of(key);
    const codes = new Uint8Array(values.length);
    const counts = new Map();
    const placed = explore.shown_frame?.x; // an epoch may show a part of the images: the others count as nothing
    for (let at = 0; at < values.length; at += 1) {
      if (placed && !Number.isFinite(placed[at])) continue;
      const value = values[at];
      codes[at] = value < 0 ? 0 : 1 + (value % CATEGORIES);
      counts.set(value, (counts.get(value) || 0) + 1);
    }
    const listed = key === "label" ? [...explore.classes.keys()] : [];
    const colour_of = (value) => {
      if (value < 0) return "var(--tr-muted)";
      return key === "correct" ? ["var(--tr-danger)", "var(--tr-accent)"][value] : colour_of_class(value);
    };
    const found = [...new Set([...listed, ...counts.keys()])].sort((a, b) => (a < 0 ? 1 : b < 0 ? -1 : a - b));
    const groups = found.map((value) => ({
      value, hollow: key === "component", name: name_of(key, value), colour: colour_of(value), count: counts.get(value) || 0,
      symbol: value < 0 ? "circle" : key === "correct" ? ["x", "circle"][value] : symbol_of_class(value),
    }));
    const computed = style();
    const palette = [ink("muted")];
    for (let at = 0; at < CATEGORIES; at += 1) palette.push(computed.getPropertyValue(`--tr-cat-${at}`).trim());
    if (key === "correct") palette.splice(1, 2, ink("danger"), ink("accent"));
    return { key, title: title_of(key), values, codes, palette, groups };
  }

  // Colours of a number: codes 1 to 64 over its range, 0 where it is unknown.
  function grade(key) {
    const values = values_of(key);
    const sorted = Float32Array.from(values).filter((value) => Number.isFinite(value)).sort();
    const at_share = (share) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
    const { percent, upward, low, high } = GRADED[key];
    const range = percent ? [0, 1] : key === "entropy" ? [0, Math.log(Math.max(2, explore.classes.length))] : [at_share(0.01), at_share(0.99)];
    const width = range[1] - range[0] || 1;
    const codes = new Uint8Array(values.length);
    for (let at = 0; at < values.length; at += 1) {
      const share = (values[at] - range[0]) / width;
      codes[at] = Number.isFinite(share) ? 1 + Math.round(Math.min(1, Math.max(0, share)) * (GRADES - 1)) : 0;
    }
    const ends = [ink("low"), ink("middle"), ink("high")];
    if (!upward) ends.reverse();
    return { key, title: title_of(key), values, codes, palette: [ink("muted"), ...blended(ends, GRADES)], range, words: [low, high], percent, ends };
  }

  function blended(ends, count) {
    const parts = ends.map((colour) => [1, 3, 5].map((from) => parseInt(colour.slice(from, from + 2), 16)));
    return Array.from({ length: count }, (_, at) => {
      const place = (at / (count - 1)) * (parts.length - 1);
      const first = Math.min(Math.floor(place), parts.length - 2);
      const mixed = parts[first].map((value, colour) => Math.round(value + (place - first) * (parts[first + 1][colour] - value)));
      return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
    });
  }

  let kept = null;
  function coloured() {
    kept = kept || (explore.colour in GRADED ? grade(explore.colour) : group(explore.colour));
    return kept;
  }

  function forget_colours() {
    kept = null;
    if (known() && off(explore.colour)) explore.colour = "label";
  }

  function colour_by(key) {
    if (key === explore.colour || !title_of(key)) return;
    explore.colour = key;
    forget_colours();
    explore.tell("colour");
  }

  function isolate(key, value, more) {
    const values = new Set(more && explore.filter?.key === key ? explore.filter.values : []);
    const alone = explore.filter?.key === key && explore.filter.values.has(value);
    if (alone && (more || explore.filter.values.size === 1)) values.delete(value);
    else if (value !== null) values.add(value);
    explore.filter = values.size ? { key, values } : null;
    explore.tell("filter");
  }

  // Which points are not held back by the filter, as 0 and 1; null if all are shown.
  function passing() {
    if (!explore.filter) return null;
    const { key, values } = explore.filter;
    return Uint8Array.from(values_of(key), (value) => Number(values.has(value)));
  }

  const PLACES_OF = {
    circle: null, square: [[-1, -1], [1, -1], [1, 1], [-1, 1]], diamond: [[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]],
    up: [[0, -1.3], [1.2, 0.9], [-1.2, 0.9]], down: [[0, 1.3], [1.2, -0.9], [-1.2, -0.9]],
    cross: [[-0.4, -1.2], [0.4, -1.2], [0.4, -0.4], [1.2, -0.4], [1.2, 0.4], [0.4, 0.4], [0.4, 1.2], [-0.4, 1.2], [-0.4, 0.4], [-1.2, 0.4], [-1.2, -0.4], [-0.4, -0.4]],
    pentagon: star(5, 1.2, 1.2), star: star(5, 1.4, 0.6), hexagram: star(6, 1.3, 0.75),
  };
  PLACES_OF.x = PLACES_OF.cross.map(([x, y]) => [(x - y) * 0.75, (x + y) * 0.75]);

  function star(corners, far, near) {
    return Array.from({ length: 2 * corners }, (_, at) => {
      const turn = (Math.PI * at) / corners - Math.PI / 2;
      const length = at % 2 ? near : far;
      return [length * Math.cos(turn), length * Math.sin(turn)];
    });
  }

  // Draws a symbol into a canvas's path; `size` is its half width.
  function trace_symbol(context, symbol, x, y, size) {
    const corners = PLACES_OF[symbol];
    context.beginPath();
    if (!corners) context.arc(x, y, size, 0, 2 * Math.PI);
    else {
      corners.forEach(([dx, dy], at) => context[at ? "lineTo" : "moveTo"](x + dx * size, y + dy * size));
      context.closePath();
    }
  }

  // A symbol as a small picture for a line of text. Hollow ones are of components: a component is no class of its number.
  function symbol_mark(symbol, colour, hollow = false) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "-1.6 -1.6 3.2 3.2");
    svg.setAttribute("aria-hidden", "true");
    svg.setAttribute("class", "cloud-symbol");
    const corners = PLACES_OF[symbol];
    const shape = document.createElementNS("http://www.w3.org/2000/svg", corners ? "polygon" : "circle");
    if (corners) shape.setAttribute("points", corners.map((pair) => pair.join(",")).join(" "));
    else shape.setAttribute("r", "1.1");
    Object.assign(shape.style, hollow ? { fill: "none", stroke: colour, strokeWidth: "0.55" } : { fill: colour });
    svg.append(shape);
    return svg;
  }

  for (const event of ["points", "pixels", "labels", "classes", "frame", "answers"]) explore.on(event, forget_colours);
  explore.on("page", () => {
    Object.assign(explore, { filter: null, colour: "label" });
    forget_colours();
  });
  document.addEventListener("trellis:theme", () => {
    kept = null;
    explore.tell("colour");
  });

  Object.assign(explore, {
    colourings, colour_by, coloured, isolate, passing, colour_of_class, symbol_of_class, name_of, values_of, truth, trace_symbol, symbol_mark, ink,
    cloud_rows: rows,
  });
})();
