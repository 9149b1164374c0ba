// The images as a grid: many at once, of a part of them, in an order; only what is in sight is drawn. Label keys apply to the selection.
//
// explore.view: "cloud", "grid" or "second"; explore.movers: what goes on to the next image in each; explore.show_view(name).
(function () {
  "use strict";
  const explore = window.trellis.explore;
  const { made, made_button, made_help } = window.trellis;
  const HELP = [
    ["Show, order", "Which images, and in which order. What is labelled meanwhile stays where it is until Show anew."],
    ["Select all", "All that are shown. Shift and click selects a row of them, Ctrl and click adds one."],
    ["A class's key", "Labels all that are selected, or the one that is looked at; Z takes it back."],
  ];
  const VIEWS_HELP = [
    ["Cloud", "The latent space: each image a point where the model puts it."],
    ["Grid", "Thumbnails of all images or of a part, to label many at once."],
    ["Second look", "Labels that the model contradicts, to keep, change or clear."],
  ];
  const SIZE = { width: 68, height: 84 };
  const REST_MS = 60;
  const AROUND = 2;
  const HIDDEN = { cloud: ["grid"], grid: ["tools", "cloud", "legend", "epochs"], second: ["tools", "cloud", "legend", "epochs"] };
  const VIEWS = [["cloud", "Cloud"], ["grid", "Grid"], ["second", "Second look"]];
  let rows = []; // those that are shown, in their order
  let shown = { part: "all", order: "row" };
  let anchor = 0;
  let tiles = new Map(); // position -> element
  let timer = 0;
  let chosen = new Set();

  const region = () => document.getElementById("explore-grid");
  const scroller = () => region() && region().querySelector(".grid-scroll");

  // ------------------------------------------------------------------- views

  function draw_views() {
    const place = document.getElementById("explore-views");
    if (!place) return;
    const group = made("div", "segmented explore-views", "", { role: "group", "aria-label": "View" });
    group.append(...VIEWS.map(([name, title]) => made_button("btn btn-sm", title, () => show_view(name), { "data-view": name })));
    const help = made_help("views", VIEWS_HELP);
    const line = made("div", "explore-views-line");
    line.append(group, help.button);
    place.replaceChildren(line, help.box);
  }

  function show_view(name) {
    explore.view = name;
    for (const part of ["tools", "cloud", "legend", "epochs", "grid"]) {
      const element = document.getElementById(`explore-${part}`);
      if (element) element.hidden = HIDDEN[name].includes(part);
    }
    for (const button of document.querySelectorAll("#explore-views [data-view]")) {
      button.setAttribute("aria-pressed", String(button.dataset.view === name));
    }
    const address = new URL(window.location.href);
    if (name === "cloud") address.searchParams.delete("view");
    else address.searchParams.set("view", name);
    if (address.href !== window.location.href) window.history.replaceState(window.history.state, "", address.href);
    if (name === "grid") draw();
    explore.tell("view", name);
    if (name === "cloud") window.dispatchEvent(new Event("resize"));
  }

  // ------------------------------------------------------------- what is shown

  const column = (name) => (row) => {
    const at = explore.position.get(row);
    return at === undefined || !explore.points ? NaN : explore.points[name][at];
  };
  const ORDERS = {
    row: ["As in the dataset", null, 1],
    unsure: ["Least certain first", column("certainty"), 1],
    sure: ["Most certain first", column("certainty"), -1],
    ood: ["Most novel first", column("ood"), -1],
    label: ["By label", (row) => explore.labels.get(row) ?? NaN, 1],
    predicted: ["By what the model says", column("predicted"), 1],
  };

  function belongs(part) {
    const [kind, value] = part.split(":");
    const number = Number(value);
    if (kind === "unlabelled") return (row) => !explore.labels.has(row);
    if (kind === "labelled") return (row) => explore.labels.has(row);
    if (kind === "label") return (row) => explore.labels.get(row) === number;
    if (kind === "predicted") return (row) => column("predicted")(row) === number;
    if (kind === "suggested") {
      const listed = new Set(explore.suggestions().map(({ index }) => index));
      return (row) => listed.has(row);
    }
    if (kind === "selection") {
      const selected = new Set(explore.selection);
      return (row) => selected.has(row);
    }
    return () => true;
  }

  async function gather() {
    const model = explore.model;
    const all = await explore.rows();
    if (model !== explore.model) return;
    const found = Array.from(all.rows).filter(belongs(shown.part));
    const [, key, sign] = ORDERS[shown.order];
    if (key) {
      const keyed = found.map((row) => [row, key(row)]);
      keyed.sort(([a, x], [b, y]) => Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || sign * (x - y) || a - b);
      rows = keyed.map(([row]) => row);
    } else rows = found;
    anchor = Math.max(0, rows.indexOf(explore.current));
    clear_tiles();
    layout();
  }

  // ----------------------------------------------------------------- drawing

  function draw() {
    const place = region();
    if (!place || explore.view !== "grid") return;
    if (!place.querySelector(".grid-scroll")) place.replaceChildren(frame());
    fill_choices();
    gather().catch(() => {});
  }

  function choice(id, label, act) {
    const select = made("select", "form-select form-select-sm", "", { id, "aria-label": label });
    select.addEventListener("change", act);
    return select;
  }

  function frame() {
    const box = made("div", "grid-box");
    const bar = made("div", "grid-bar");
    bar.append(
      choice("grid-part", "Show", (event) => ((shown.part = event.target.value), gather())),
      choice("grid-order", "Order", (event) => ((shown.order = event.target.value), gather())),
      made_button("btn btn-quiet btn-sm", "Show anew", () => gather(), { title: "What was labelled since leaves or joins what is shown" }),
      made_button("btn btn-quiet btn-sm", "Select all", () => explore.select(rows)),
      made("span", "muted small grid-says", "", { "aria-live": "polite" }),
    );
    const help = made_help("thumbnails", HELP);
    bar.append(help.button);
    const scroll = made("div", "grid-scroll", "", { role: "listbox", "aria-multiselectable": "true", "aria-label": "Images", tabindex: "0" });
    scroll.append(made("div", "grid-space", "", { role: "presentation" }));
    scroll.addEventListener("scroll", layout, { passive: true });
    scroll.addEventListener("click", clicked);
    box.append(bar, help.box, scroll);
    new ResizeObserver(() => (clear_tiles(), layout())).observe(scroll);
    return box;
  }

  function fill_choices() {
    const part = /** @type {HTMLSelectElement} */ (document.getElementById("grid-part"));
    const group = (label, kind) => {
      const options = made("optgroup", "", "", { label });
      options.append(...explore.open_classes().map((number) => new Option(`${label} ${explore.classes[number]}`, `${kind}:${number}`)));
      return options;
    };
    part.replaceChildren(
      new Option("All images", "all"), new Option("Unlabelled", "unlabelled"), new Option("Labelled", "labelled"),
      new Option("Suggestions", "suggested"), new Option("Selection", "selection"), group("Labelled", "label"),
      ...(explore.points ? [group("The model says", "predicted")] : []),
    );
    part.value = shown.part;
    if (part.selectedIndex < 0) part.value = shown.part = "all";
    const order = /** @type {HTMLSelectElement} */ (document.getElementById("grid-order"));
    const usable = Object.entries(ORDERS).filter(([name]) => explore.points || name === "row" || name === "label");
    order.replaceChildren(...usable.map(([name, order]) => new Option(String(order[0]), name)));
    order.value = shown.order;
    if (order.selectedIndex < 0) order.value = shown.order = "row";
  }

  const across = (scroll) => Math.max(1, Math.floor(scroll.clientWidth / SIZE.width));

  function clear_tiles() {
    for (const tile of tiles.values()) tile.remove();
    tiles = new Map();
  }

  function layout() {
    const scroll = scroller();
    if (!scroll || scroll.clientWidth === 0) return;
    const wide = across(scroll);
    const space = scroll.querySelector(".grid-space");
    space.setAttribute("style", `height: ${Math.ceil(rows.length / wide) * SIZE.height}px`);
    const from = Math.max(0, Math.floor(scroll.scrollTop / SIZE.height) - AROUND) * wide;
    const to = Math.min(rows.length, (Math.ceil((scroll.scrollTop + scroll.clientHeight) / SIZE.height) + AROUND) * wide);
    for (const [at, tile] of tiles) {
      if (at >= from && at < to) continue;
      tile.remove();
      tiles.delete(at);
    }
    const fresh = new Map();
    for (let at = from; at < to; at += 1) {
      if (!tiles.has(at)) fresh.set(at, tile_of(at, wide));
    }
    for (const [at, tile] of fresh) tiles.set(at, tile);
    mark(fresh);
    space.append(...fresh.values());
    window.clearTimeout(timer);
    timer = window.setTimeout(show_pictures, REST_MS);
  }

  function tile_of(at, wide) {
    const tile = made("div", "grid-tile", "", { role: "option", id: `grid-tile-${at}`, "data-at": at, "aria-setsize": rows.length, "aria-posinset": at + 1 });
    tile.style.transform = `translate(${(at % wide) * SIZE.width}px, ${Math.floor(at / wide) * SIZE.height}px)`;
    tile.append(made("canvas", "grid-picture", "", { width: 1, height: 1, "aria-hidden": "true" }), made("span", "grid-label"));
    return tile;
  }

  function show_pictures() {
    for (const [at, tile] of tiles) {
      const canvas = /** @type {HTMLCanvasElement} */ (tile.querySelector("canvas"));
      if (canvas.dataset.row === String(rows[at])) continue;
      canvas.dataset.row = String(rows[at]);
      explore.paint_plain(canvas, rows[at]);
    }
  }

  // What each tile says: its label, else what the model thinks; whether it is selected; whether it is looked at.
  function mark(some = tiles) {
    const scroll = scroller();
    if (!scroll) return;
    const predicted = column("predicted");
    for (const [at, tile] of some) {
      const row = rows[at];
      const label = explore.labels.get(row);
      const guess = predicted(row);
      const words = label !== undefined ? explore.classes[label] : guess >= 0 ? `${explore.classes[guess]}?` : "";
      const line = tile.lastElementChild;
      if (line.textContent !== words) line.textContent = words;
      tile.classList.toggle("has-label", label !== undefined);
      tile.classList.toggle("is-here", row === explore.current);
      tile.setAttribute("aria-selected", String(chosen.has(row)));
      tile.setAttribute("aria-label", `Sample ${row}, ${label !== undefined ? `labelled ${words}` : words ? `the model says ${explore.classes[guess]}` : "no label"}`);
    }
    const at = rows.indexOf(explore.current);
    if (tiles.has(at)) scroll.setAttribute("aria-activedescendant", `grid-tile-${at}`);
    else scroll.removeAttribute("aria-activedescendant");
    const says = region().querySelector(".grid-says");
    const selected = explore.selection.length > 1 ? `, ${explore.selection.length.toLocaleString()} selected: a key labels them all` : "";
    const text = `${rows.length.toLocaleString()} image${rows.length === 1 ? "" : "s"}${selected}`;
    if (says.textContent !== text) says.textContent = text;
  }

  // --------------------------------------------------------------- selecting

  function clicked(event) {
    const tile = event.target.closest(".grid-tile");
    if (!tile) return;
    const at = Number(tile.dataset.at);
    if (event.shiftKey) return select_to(at);
    anchor = at;
    if (event.ctrlKey || event.metaKey) {
      const next = new Set(explore.selection);
      if (!next.delete(rows[at])) next.add(rows[at]);
      explore.select(next);
    } else explore.select([rows[at]]);
    explore.look_at(rows[at]);
  }

  function select_to(at) {
    explore.select(rows.slice(Math.min(anchor, at), Math.max(anchor, at) + 1));
    explore.look_at(rows[at]);
  }

  function bring_into_view(at) {
    const scroll = scroller();
    const top = Math.floor(at / across(scroll)) * SIZE.height;
    if (top < scroll.scrollTop) scroll.scrollTop = top;
    else if (top + SIZE.height > scroll.scrollTop + scroll.clientHeight) scroll.scrollTop = top + SIZE.height - scroll.clientHeight;
    layout();
  }

  function move(by, extend) {
    const scroll = scroller();
    if (!scroll || !rows.length) return;
    const here = rows.indexOf(explore.current);
    const step = by === "down" ? across(scroll) : by === "up" ? -across(scroll) : by;
    const at = here < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, here + step));
    if (extend) {
      if (explore.selection.length < 2) anchor = Math.max(0, here);
      select_to(at);
    } else {
      anchor = at;
      explore.select([rows[at]]);
      explore.look_at(rows[at]);
    }
    bring_into_view(at);
  }

  // Of many that are selected all get the label, and the selection stays.
  function label(value) {
    if (explore.selection.length < 2) return false;
    explore.give_many([...explore.selection], value);
    return true;
  }

  // Draws the image of a row into a canvas; without it the words stand alone.
  async function paint_plain(canvas, row) {
    try {
      const image = await explore.picture(row);
      if (canvas.dataset.row && canvas.dataset.row !== String(row)) return;
      explore.draw(canvas, image);
    } catch {
      delete canvas.dataset.row; // asked for again when it comes into sight again
    }
  }

  Object.assign(explore, { view: "cloud", movers: { grid: { move, label } }, show_view, paint_plain });

  explore.on("page", () => {
    rows = [];
    clear_tiles();
    shown = { part: "all", order: "row" };
    draw_views();
    const asked = new URLSearchParams(window.location.search).get("view");
    show_view(VIEWS.some(([name]) => name === asked) ? asked : "cloud");
  });
  for (const event of ["points", "classes"]) explore.on(event, draw);
  for (const event of ["labels", "current", "answers"]) explore.on(event, () => explore.view === "grid" && mark());
  explore.on("selection", () => {
    chosen = new Set(explore.selection);
    if (explore.view === "grid") mark();
  });
})();
