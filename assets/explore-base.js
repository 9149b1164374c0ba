// What the scripts of the Explore page share: the points, the labels, what is selected; and word of every change.
//
// window.trellis.explore:
//   model                the model's id, "" on other pages
//   points               {meta, n, rows, split, predicted, component, certainty, entropy, ood, reconstruction} or null before training
//   places               {meta, x, y}, in the order of the points
//   position             Map from a dataset row to its position among the points
//   labels, classes      Map from a dataset row to its class, and the classes' names; first_names: what those of the data were called at first
//   told                 what the server says of the current image (see rcmvae/explore/sample.py), null until it has said it
//   merged               Map from a class to the one that it was merged into: it takes no labels and is not shown
//   current, selection   the dataset row that is looked at (null: none); rows that are selected together
//   pixels               {meta, rows, x, y, position} of a model that was not trained, whose images stand by their pixels
//   filter               {key, values}: of a colouring, the values whose points alone are shown; null: all (see explore-cloud-colour.js)
//   on(event, handler)   events: "page", "points", "places", "labels" (rows that changed), "classes", "current", "selection",
//                        "pixels", "colour" (the points have other colours), "filter", "hover" (row or null), "mode" (what dragging does),
//                        "frame" (an epoch is shown: {run, epoch, rows, x, y, predicted, component, meta}, x to component in the order of the
//                        points, NaN or -1 for an image without; null for the kept weights; see explore-epochs.js), "cloud" (its
//                        place was made), "note" (words about how the images are placed), "tools" (the tools were made), "unsaved" (labels on their
//                        way), "training" (whether the model trains), "failed" (an error: what the page shows could not be loaded),
//                        "answers" (what the model says of the points follows new labels; see explore-follow.js), "told" (told, what the server says of the current image, has come), "curve" (of what random labelling reaches more is computed)
//   tell(event, detail)  tells of one; handlers of a page that is gone are forgotten
//   neighbours(row, n)   the rows nearest to one; back() and forward() go through what was looked at (explore-sample.js)
//   look_at(row), select(rows), show_labels(changes, classes), picture(row), image_of(pixels, width, height, channels), draw(canvas, image)
(function () {
  "use strict";
  const NOTHING = () => window.dash_clientside.no_update;
  const KEPT_PICTURES = 3000;
  const MOST_DRAWN_OUT = 4; // times longer than wide, or wider than long, that an image is shown at most
  const handlers = new Map();
  const pictures = new Map();

  const explore = {
    model: "", trained: false, points: null, places: null, position: new Map(), labels: new Map(), classes: [], first_names: [], merged: new Map(), version: 0, current: null, told: null,
    selection: new Int32Array(0), on, tell, look_at, select, show_labels, load, load_labels, picture, image_of, draw,
  };

  function on(event, handler) {
    if (!handlers.has(event)) handlers.set(event, []);
    handlers.get(event).push(handler);
  }

  function tell(event, detail) {
    for (const handler of handlers.get(event) || []) handler(detail);
  }

  const ask = (part, said) => window.trellis.ask(`/explore/${explore.model}/${part}`, said);

  // A page of a model was drawn: everything is asked anew.
  function explore_shown(target) {
    const other = !target || target.model !== explore.model;
    explore.model = target ? target.model : "";
    explore.trained = Boolean(target && target.trained);
    if (other) {
      Object.assign(explore, { points: null, places: null, position: new Map(), labels: new Map(), classes: [], first_names: [], version: 0, current: null, told: null });
      explore.selection = new Int32Array(0);
      pictures.clear();
    }
    tell("page");
    if (target) load().catch((error) => tell("failed", error));
    return NOTHING();
  }

  async function load() {
    const model = explore.model;
    await Promise.all([load_labels(), explore.trained ? load_points() : null]);
    return model === explore.model;
  }

  async function load_points() {
    const model = explore.model;
    const [points, places] = await Promise.all([ask("points"), ask("places")]);
    if (model !== explore.model) return;
    explore.points = { meta: points.meta, n: points.columns.rows.length, ...points.columns };
    explore.places = { meta: places.meta, ...places.columns };
    explore.position = new Map();
    points.columns.rows.forEach((row, at) => explore.position.set(row, at));
    tell("points");
    tell("places");
  }

  async function load_labels() {
    const model = explore.model;
    const got = await ask("labels");
    if (model !== explore.model) return;
    explore.labels = new Map();
    got.columns.rows.forEach((row, at) => explore.labels.set(row, got.columns.labels[at]));
    for (const [row, label] of explore.on_their_way()) {
      if (label === null) explore.labels.delete(row);
      else explore.labels.set(row, label);
    }
    explore.classes = got.meta.class_names;
    explore.first_names = got.meta.first_names;
    explore.merged = new Map(Object.entries(got.meta.merged).map(([number, into]) => [Number(number), into]));
    explore.version = got.meta.version;
    tell("classes");
    tell("labels", null);
  }

  // Labels that changed, as [row, class or null] pairs: shown at once, whoever made them.
  function show_labels(changes) {
    for (const [row, label] of changes) {
      if (label === null) explore.labels.delete(row);
      else explore.labels.set(row, label);
    }
    tell("labels", changes.map(([row]) => row));
  }

  function look_at(row) {
    if (explore.current === row) return;
    explore.current = row;
    tell("current");
  }

  function select(rows) {
    explore.selection = Int32Array.from(rows);
    tell("selection");
  }

  // The image of a row as ImageData; those asked for in one moment come with one answer.
  const wanted = new Map();
  function picture(row) {
    const kept = pictures.get(row);
    if (kept) return kept;
    const coming = new Promise((done, failed) => {
      if (!wanted.size) window.setTimeout(fetch_pictures, 0);
      wanted.set(row, { done, failed });
    });
    coming.catch(() => pictures.delete(row));
    pictures.set(row, coming);
    if (pictures.size > KEPT_PICTURES) pictures.delete(pictures.keys().next().value);
    return coming;
  }

  async function fetch_pictures() {
    const asked = [...wanted.entries()];
    wanted.clear();
    for (let from = 0; from < asked.length; from += 200) {
      const part = asked.slice(from, from + 200);
      try {
        const got = await ask(`pictures?rows=${part.map(([row]) => row).join(",")}`);
        const [, height, width, channels] = got.shapes.pixels;
        const size = height * width * channels;
        part.forEach(([, { done }], at) => done(image_of(got.columns.pixels.subarray(at * size, (at + 1) * size), width, height, channels)));
      } catch (error) {
        for (const [, { failed }] of part) failed(error);
      }
    }
  }

  function image_of(pixels, width, height, channels) {
    const image = new ImageData(width, height);
    for (let at = 0; at < width * height; at += 1) {
      for (let colour = 0; colour < 3; colour += 1) image.data[4 * at + colour] = pixels[at * channels + (channels >= 3 ? colour : 0)];
      image.data[4 * at + 3] = 255;
    }
    return image;
  }

  // Draws an image into a canvas, pixel for pixel, in its own shape; one that would be no more than a line is shown stretched.
  function draw(canvas, image) {
    canvas.width = image.width;
    canvas.height = image.height;
    canvas.getContext("2d").putImageData(image, 0, 0);
    const shape = image.width / image.height;
    const shown = Math.min(MOST_DRAWN_OUT, Math.max(1 / MOST_DRAWN_OUT, shape));
    canvas.style.aspectRatio = String(shown);
    canvas.style.objectFit = shown === shape ? "contain" : "fill";
  }

  window.trellis = Object.assign(window.trellis || {}, { explore });
  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.trellis = Object.assign(window.dash_clientside.trellis || {}, { explore_shown });
})();
