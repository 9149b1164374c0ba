// Labels by hand: a button for each class with its key, the present label and what the model suggests; many at once; what is on its way.
(function () {
  "use strict";
  const explore = window.trellis.explore;
  const NAME_CHARACTERS = 6; // that a button has room for, at least; what is longer is cut
  const { made, made_button, made_help } = window.trellis;
  const HELP = [
    ["A class, or its key", "Labels the image that is looked at, or all that are selected in the grid. The processor beside a class marks what the model says."],
    ["Clear", "Takes the label away."],
    ["Skip", "Leaves the image for later and goes on."],
    ["Undo, Redo", "Take back what you did last to labels and classes, step by step, also after a reload; what others changed since stays."],
    ["New class", "Adds a class, which gets a key of its own."],
    ["All labels are safe", "Everything is written to disk. What is still on its way waits in this browser and is sent again by itself."],
  ];
  let drawn = "";

  const place = () => document.getElementById("explore-labelling");
  const rows_selected = () => [...explore.selection];

  function chip(number) {
    const mark = made("span", "class-chip", "", { "aria-hidden": "true" });
    mark.style.background = colour(number);
    return mark;
  }
  const colour = (number) => (explore.colour_of_class ? explore.colour_of_class(number) : `var(--tr-cat-${number % 20})`);

  function class_button(number) {
    const button = made_button("class-button", "", () => explore.give(number), { "data-class": number, "aria-pressed": "false" });
    const key = explore.keys_of(number);
    button.append(chip(number), made("span", "class-name", explore.classes[number]));
    const says = made("span", "class-says", "", { hidden: "" });
    says.append(made("i", "bi bi-cpu", "", { "aria-hidden": "true" }), made("span", "visually-hidden", "what the model says"));
    button.append(says);
    if (key) {
      const cap = made("kbd", "", key);
      button.append(cap);
      button.setAttribute("aria-keyshortcuts", key);
    }
    return button;
  }

  function action(name, words, key, act) {
    const button = made_button("btn btn-quiet btn-sm", words, act, { "data-label-act": name, "aria-keyshortcuts": key });
    button.append(made("kbd", "", key === "Backspace" ? "⌫" : key === " " ? "Space" : key.toUpperCase()));
    return button;
  }

  function draw() {
    const region = place();
    if (!region) return;
    const now = `${explore.model} ${explore.classes.join("\n")} ${[...explore.merged]}`;
    if (!region.firstChild) {
      drawn = "";
      region.replaceChildren(empty_panel());
    }
    // What does not depend on the classes stays, so that a click just as they come is not lost.
    if (drawn !== now) show_classes(region);
    drawn = now;
    refresh();
  }

  function show_classes(region) {
    const open = explore.open_classes();
    const buttons = region.querySelector(".class-buttons");
    buttons.replaceChildren(...open.map(class_button));
    buttons.style.setProperty("--longest", String(Math.min(NAME_CHARACTERS, Math.max(1, ...open.map((number) => explore.classes[number].length)))));
    region.querySelector("#labelling-class").replaceChildren(...open.map((number) => new Option(explore.classes[number], String(number))), new Option("no label", ""));
  }

  function empty_panel() {
    const panel = made("section", "panel explore-card", "", { "aria-labelledby": "labelling-title", tabindex: "-1" });
    const title = made("h2", "explore-title", "Label", { id: "labelling-title" });
    // Where the panel of the image is far away (small screens), the image stands here, too.
    const face = made("div", "labelling-face");
    const start = made_button("btn btn-primary btn-sm labelling-start", "Label next", begin);
    const says = made("p", "labelling-says");
    says.id = "labelling-says";
    const buttons = made("div", "class-buttons", "", { role: "group", "aria-label": "Classes" });
    const actions = made("div", "labelling-actions");
    actions.append(
      action("clear", "Clear", "Backspace", () => explore.give(null)), action("skip", "Skip", " ", () => explore.next(1)),
      action("undo", "Undo", "z", () => explore.walk("undo")), action("redo", "Redo", "y", () => explore.walk("redo")),
      action("new", "New class", "n", () => explore.add_class()),
    );
    const safe = made("p", "labelling-safe muted");
    safe.id = "labelling-safe";
    const help = made_help("labelling", HELP);
    const head = made("div", "explore-head");
    head.append(title, help.button);
    panel.append(head, help.box, face, says, start, buttons, actions, selection_line(), made("p", "note note-info labelling-training", "", { hidden: "" }), safe);
    return panel;
  }

  // The button goes once there is an image; what labels it has the focus then, and no key presses the button anew.
  function begin() {
    explore.next(1);
    if (explore.current !== null) /** @type {HTMLElement} */ (place().firstChild).focus({ preventScroll: true });
  }

  function selection_line() {
    const line = made("div", "labelling-many", "", { hidden: "" });
    const label = made("label", "field-label", "", { for: "labelling-class" });
    const choice = /** @type {HTMLSelectElement} */ (made("select", "form-select form-select-sm", "", { id: "labelling-class" }));
    const go = made_button("btn btn-primary btn-sm", "Label all", () =>
      explore.give_many(rows_selected(), choice.value === "" ? null : Number(choice.value)),
    );
    const row = made("div", "labelling-many-row");
    row.append(choice, go, made_button("btn btn-quiet btn-sm", "Deselect", () => explore.select([])));
    line.append(label, row);
    return line;
  }

  function refresh() {
    const region = place();
    if (!region || !region.firstChild) return;
    const row = explore.current;
    const label = row === null ? null : explore.labels.get(row) ?? null;
    const said = said_of(row);
    const predicted = said ? said.class : -1;
    for (const button of region.querySelectorAll(".class-button")) {
      const number = Number(button.dataset.class);
      button.setAttribute("aria-pressed", String(number === label));
      button.querySelector(".class-says").hidden = number !== predicted;
      button.setAttribute("title", number === predicted ? `${explore.classes[number]}: what the model says` : explore.classes[number]);
    }
    region.querySelector("#labelling-says").textContent = words(row, label, said);
    region.querySelector(".explore-card").classList.toggle("is-unchosen", row === null);
    show_face(region.querySelector(".labelling-face"), row);
    many(region);
    safe(region);
  }

  function show_face(place, row) {
    if (place.dataset.row === String(row)) return;
    place.dataset.row = String(row);
    place.replaceChildren(...(row === null ? [] : [window.trellis.sample_parts.picture_of(row, `Image ${row}`)]));
  }

  // The class that the model gives an image under the labels of now, and how likely it finds it: as the image's own panel says, as soon as
  // that is known.
  function said_of(row) {
    const told = row !== null && explore.told && explore.told.row === row ? explore.told.known : null;
    if (told) return told.predicted === null ? null : { class: told.predicted, share: told.probabilities.top[0][1] };
    const at = row === null ? undefined : explore.position.get(row);
    const found = at === undefined || !explore.points ? -1 : explore.points.predicted[at];
    return found < 0 ? null : { class: found, share: NaN };
  }

  function words(row, label, said) {
    if (row === null) return "Choose an image: in the list, the cloud or the grid. A key labels it and goes on.";
    const by = explore.by.get(row);
    const has = label === null ? "has no label" : `is labelled ${explore.classes[label]}`;
    const model = said ? `; the model says ${explore.classes[said.class]}${Number.isFinite(said.share) ? ` at ${Math.round(100 * said.share)} %` : ""}` : "";
    return `Sample ${row} ${has}${by ? ` (${by})` : ""}${model}.`;
  }

  function many(region) {
    const count = explore.selection.length;
    const line = region.querySelector(".labelling-many");
    line.hidden = count < 2;
    line.querySelector("label").textContent = `Label all ${count.toLocaleString()} selected as`;
  }

  function safe(region) {
    const count = explore.unsaved();
    const on_way = count === 1 ? "1 label on its way" : `${count.toLocaleString()} labels on their way`;
    const line = region.querySelector("#labelling-safe");
    const said = count ? `${on_way}${explore.kept() ? "" : "; do not close this page, this browser keeps nothing"}` : "All labels are safe";
    if (line.textContent !== said) line.textContent = said;
    const note = region.querySelector(".labelling-training");
    note.hidden = !explore.training;
    note.textContent = "This model is training. What you label now is kept and used by the next run.";
  }

  explore.on("begun", (typed) => {
    for (const button of document.querySelectorAll("#explore-labelling .class-button")) {
      button.classList.toggle("is-begun", Boolean(typed) && explore.keys_of(Number(button.dataset.class)).startsWith(typed));
    }
  });
  for (const event of ["page", "classes"]) explore.on(event, draw);
  for (const event of ["labels", "current", "selection", "points", "unsaved", "training", "told", "answers"]) explore.on(event, refresh);
  document.addEventListener("trellis:theme", () => {
    drawn = "";
    draw();
  });
})();
