// Above the cloud: what colours it, how the pointer selects, zoom, and a search.
(function () {
  "use strict";
  const explore = window.trellis.explore;
  const SHOWN_MS = 8000; // what the search found is said for so long
  const MODES = [
    ["move", "arrows-move", "Move: drag moves the cloud, Shift and drag draws a lasso"],
    ["lasso", "lasso", "Lasso: drag around images to select them"],
    ["box", "bounding-box", "Box: drag a box around images to select them"],
  ];
  const ZOOMS = [["zoom-in", "Nearer", () => explore.zoom(1)], ["zoom-out", "Farther", () => explore.zoom(-1)], ["fullscreen", "Show all points", () => explore.show_all()]];
  const LASSO = "M8 2.5c3.3 0 6 1.7 6 4s-2.7 4-6 4-6-1.7-6-4 2.7-4 6-4M4 9.5c-1 1-.8 2.4.6 2.4s1.2-1.4 0-1.8M5 11.9c0 1-.8 1.7-2 1.9";
  const HELP = [
    ["Colour by", "What the points' colours say; below the cloud stands what they mean, and each of its chips shows its images alone."],
    ["Move, lasso, box", "What dragging does. Shift and drag draws a lasso in every mode, with Ctrl it adds."],
    ["Nearer, farther, all", "Zoom; the wheel does so, too."],
    ["Search", "#123 finds an image, a class's name its images, c7 those of a component, wrong those predicted wrongly."],
    ["Place by", "Of more than two dimensions: the principal components, or UMAP, which keeps neighbours together and is computed once."],
  ];
  let parts = null;
  let timer = 0;
  let note = ""; // what to know of how the images are placed

  const element = (tag, name, more = {}) => Object.assign(document.createElement(tag), { className: name, ...more });

  function icon(name) {
    if (name !== "lasso") return element("i", `bi bi-${name}`, { ariaHidden: "true" });
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 16 16");
    svg.setAttribute("class", "cloud-icon");
    svg.setAttribute("aria-hidden", "true");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", LASSO);
    svg.append(path);
    return svg;
  }

  function button(name, words, act) {
    const made = element("button", "btn btn-icon", { type: "button", title: words, ariaLabel: words.split(":")[0] });
    made.append(icon(name));
    made.addEventListener("click", act);
    return made;
  }

  function build() {
    const place = document.getElementById("explore-tools");
    if (!place || !explore.model) return;
    note = "";
    const colours = element("select", "form-select form-select-sm", { ariaLabel: "Colour by", title: "What colours the points" });
    colours.addEventListener("change", () => explore.colour_by(colours.value));
    const modes = element("div", "segmented cloud-modes", { role: "group", ariaLabel: "What dragging does" });
    for (const [mode, name, words] of MODES) {
      const made = button(name, words, () => explore.set_mode(mode));
      made.dataset.mode = mode;
      modes.append(made);
    }
    const zooms = element("div", "cloud-zooms", { role: "group", ariaLabel: "Zoom" });
    zooms.append(...ZOOMS.map(([name, words, act]) => button(name, words, act)));
    const form = element("form", "search cloud-search");
    const field = element("input", "form-control form-control-sm", {
      type: "search", placeholder: "#123, a class, c7, wrong", autocomplete: "off", ariaLabel: "Find images: #123 by number, a class, c7 for a component, or wrong",
    });
    form.append(icon("search"), field);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      find(field.value.trim());
    });
    const row = element("div", "cloud-tools");
    const help = window.trellis.made_help("points", HELP);
    row.append(colours, modes, zooms, form, help.button);
    const said = element("div", "cloud-said", { role: "status" });
    const below = element("div", "cloud-below");
    below.append(element("div", "cloud-placing", { id: "explore-placing" }), said);
    place.replaceChildren(below, row, help.box);
    parts = { place, colours, modes, said };
    show_colours();
    show_mode();
    show_selection();
    explore.tell("tools");
  }

  function show_colours() {
    if (!parts) return;
    parts.colours.replaceChildren(
      ...explore.colourings().map(({ key, title, off }) => Object.assign(new Option(title, key, false, key === explore.colour), { disabled: Boolean(off), title: off })),
    );
  }

  function show_mode() {
    for (const made of parts?.modes.children || []) made.setAttribute("aria-pressed", String(made.dataset.mode === explore.mode));
  }

  const images = (n) => (n === 1 ? "1 image" : `${n.toLocaleString()} images`);

  // What is selected, with a way out; or else what was found a moment ago.
  function show_selection() {
    if (!parts) return;
    window.clearTimeout(timer);
    parts.said.replaceChildren();
    const n = explore.selection.length;
    if (!n) {
      parts.said.textContent = note;
      return;
    }
    const clear = element("button", "btn btn-quiet btn-sm", { type: "button", textContent: "Clear", title: "Select nothing (Escape)" });
    clear.addEventListener("click", () => explore.select([]));
    parts.said.append(element("span", "", { textContent: `${images(n)} selected` }), clear);
  }

  function say(words) {
    show_selection();
    if (!explore.selection.length) parts.said.textContent = "";
    parts.said.prepend(element("span", "", { textContent: words }));
    timer = window.setTimeout(show_selection, SHOWN_MS);
  }

  // What a search means: {row}, or {rows, words}; {words} alone if nothing.
  function meant(text) {
    const rows = explore.cloud_rows();
    const number = /^#(\d+)$/.exec(text);
    if (number) {
      const row = Number(number[1]);
      return rows.includes(row) ? { row } : { words: `Image ${number[1]} is not among the training and validation images of this model.` };
    }
    const wanted = text.toLowerCase();
    const named = explore.classes.findIndex((name) => name.toLowerCase() === wanted);
    const value = named < 0 && /^\d+$/.test(text) && Number(text) < explore.classes.length ? Number(text) : named;
    if (value >= 0) {
      const predicted = explore.values_of("predicted");
      const found = rows.filter((row, at) => (explore.labels.get(row) ?? predicted[at]) === value);
      return { rows: found, words: `of class ${explore.classes[value]}, by label or else by prediction` };
    }
    const component = /^c(\d+)$/.exec(wanted);
    if (component) {
      const values = explore.values_of("component");
      return { rows: rows.filter((_, at) => values[at] === Number(component[1])), words: `in component ${component[1]}` };
    }
    if (wanted === "wrong") {
      const values = explore.values_of("correct");
      return { rows: rows.filter((_, at) => values[at] === 0), words: "predicted wrongly" };
    }
    return { words: `Nothing is called “${text}”. Try #123, a class, c7 for a component, or wrong.` };
  }

  function find(text) {
    if (!text || !parts) return;
    const { row, rows, words } = meant(text);
    if (row !== undefined) {
      explore.look_at(row);
      explore.bring(row);
      say(`Image ${row}`);
    } else if (!rows || !rows.length) {
      explore.select([]); // nothing that an earlier search found is labelled by mistake
      say(rows ? `There are no images ${words}.` : words);
    }
    else {
      explore.select(rows);
      if (!words.startsWith("in component")) say(words);
    }
  }

  explore.on("page", build);
  for (const event of ["points", "pixels", "colour", "labels"]) explore.on(event, show_colours);
  explore.on("mode", show_mode);
  explore.on("note", (words) => {
    note = words || "";
    show_selection();
  });
  explore.on("selection", show_selection);
})();
