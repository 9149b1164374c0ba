// The classes: how many labels each has, those without any, and what one may do with them.
(function () {
  "use strict";
  const explore = window.trellis.explore;
  const { made, made_button, made_help } = window.trellis;
  const HELP = [
    ["A class", "Selects the images that are labelled so; once more selects none. The bar compares how many labels classes have."],
    ["The pencil", "Another name for the class, or a merge into another one."],
    ["New class", "Adds one. The model learns it in the next run that has a label of it."],
    ["Import, export", "A CSV file with the columns index and label. A file with one bad line changes nothing."],
  ];
  const place = () => document.getElementById("explore-classes");
  let drawn = "";
  let waiting = 0;

  function draw() {
    const region = place();
    if (!region) return;
    const now = `${explore.model} ${explore.classes.join("\n")} ${[...explore.merged]}`;
    if (!region.firstChild) {
      drawn = "";
      const panel = made("section", "panel explore-card", "", { "aria-labelledby": "classes-title" });
      const head = made("div", "explore-head");
      head.append(made("h2", "explore-title", "Classes", { id: "classes-title" }), made_button("btn btn-quiet btn-sm", "New class", () => explore.add_class(), { id: "class-add" }));
      const help = made_help("classes", HELP);
      head.append(help.button);
      const files = made("div", "class-files");
      files.append(
        made_button("btn btn-quiet btn-sm", "Import labels", () => explore.import_labels(), { id: "labels-import" }),
        made_button("btn btn-quiet btn-sm", "Export labels", () => explore.export_labels(), { id: "labels-export" }),
      );
      panel.append(head, help.box, made("p", "muted small", "", { id: "classes-says" }), made("ul", "class-list"), files);
      region.replaceChildren(panel);
    }
    // What does not depend on the classes stays, so that a click just as they come is not lost.
    if (drawn !== now) region.querySelector(".class-list").replaceChildren(...explore.open_classes().map(line_of));
    drawn = now;
    refresh();
  }

  function line_of(number) {
    const name = explore.classes[number];
    const line = made("li", "class-line", "", { "data-class": number });
    const filter = made_button("class-filter", "", () => choose(number));
    const chip = made("span", "class-chip", "", { "aria-hidden": "true" });
    chip.style.background = explore.colour_of_class ? explore.colour_of_class(number) : `var(--tr-cat-${number % 20})`;
    const bar = made("span", "class-bar", "", { "aria-hidden": "true" });
    bar.append(made("span"));
    filter.append(chip, made("span", "class-name", name), bar, made("span", "class-count number"));
    const edit = made_button("btn btn-icon class-edit", "", () => edit_class(number), { "aria-label": `Rename or merge ${name}`, title: "Rename or merge" });
    edit.append(made("i", "bi bi-pencil", "", { "aria-hidden": "true" }));
    line.append(filter, edit);
    return line;
  }

  // All images with that label; once more: none.
  function choose(number) {
    const rows = [...explore.labels].filter(([, label]) => label === number).map(([row]) => row);
    const same = rows.length === explore.selection.length && rows.every((row, at) => explore.selection[at] === row);
    explore.select(same ? [] : rows);
  }

  async function refresh() {
    const region = place();
    if (!region || !region.firstChild) return;
    const counts = explore.classes.map(() => 0);
    for (const label of explore.labels.values()) counts[label] += 1;
    const most = Math.max(1, ...counts);
    for (const line of region.querySelectorAll(".class-line")) {
      const count = counts[Number(line.dataset.class)];
      line.querySelector(".class-count").textContent = count ? count.toLocaleString() : "none yet";
      line.querySelector(".class-bar > span").setAttribute("style", `width: ${(100 * count) / most}%`);
      const words = count ? `Select the ${count.toLocaleString()} images with this label` : "No image has this label yet";
      line.querySelector(".class-filter").setAttribute("title", words);
    }
    const lacking = explore.open_classes().filter((number) => !counts[number]).length;
    const rows = await explore.rows().catch(() => null);
    const says = document.getElementById("classes-says");
    if (!says || !rows) return;
    const free = rows.rows.length - explore.labels.size;
    const lack = lacking ? ` ${lacking === 1 ? "One class has" : `${lacking} classes have`} no label yet.` : "";
    says.textContent = `${explore.labels.size.toLocaleString()} of ${rows.rows.length.toLocaleString()} images labelled, ${free.toLocaleString()} without a label.${lack}`;
  }

  // Many labels a second are counted once a moment.
  function refresh_soon() {
    if (!waiting) waiting = window.setTimeout(() => ((waiting = 0), refresh()), 150);
  }

  async function change(said) {
    const told = await window.trellis.ask(`/explore/${explore.model}/classes`, { since: explore.version, ...said });
    explore.step_made("classes");
    explore.take(told);
  }

  function tell(error) {
    const toast = { id: `classes-${Date.now()}`, kind: "danger", message: error.message, hint: error.hint };
    window.dash_clientside.set_props("toast-inbox", { data: [toast] });
  }

  // What was refused is asked again, with what was typed and why.
  async function add_class(typed = "", refusal = "") {
    const name = await window.trellis.ask_person("Name of the new class", "Add", typed, refusal);
    if (name === null) return;
    try {
      await change({ add: name });
    } catch (error) {
      if (error.status === 422 || error.status === 409) add_class(name, [error.message, error.hint].filter(Boolean).join(" "));
      else tell(error);
    }
  }

  // A dialog with two ways: another name, or another class that takes over.
  function edit_class(number) {
    const name = explore.classes[number];
    const dialog = /** @type {HTMLDialogElement} */ (made("dialog", "ask dialog", "", { "aria-labelledby": "class-title" }));
    const close = () => {
      dialog.close();
      dialog.remove();
    };
    const message = made("p", "field-message", "", { role: "alert" });
    const attempt = async (said) => {
      try {
        await change(said);
        close();
      } catch (error) {
        message.textContent = [error.message, error.hint].filter(Boolean).join(" ");
      }
    };
    const form = /** @type {HTMLFormElement} */ (made("form", "class-form"));
    const input = /** @type {HTMLInputElement} */ (made("input", "form-control", "", { id: "class-name", autocomplete: "off", maxlength: 80 }));
    input.value = name;
    const save = made("button", "btn btn-primary", "Rename", { type: "submit" });
    const row = made("div", "suggest-row");
    row.append(input, save);
    form.append(made("label", "field-label", "Name", { for: "class-name" }), row);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      attempt({ rename: [number, input.value] });
    });
    const others = explore.open_classes().filter((other) => other !== number);
    const choice = /** @type {HTMLSelectElement} */ (made("select", "form-select", "", { id: "class-into" }));
    choice.append(new Option("choose a class", ""), ...others.map((other) => new Option(explore.classes[other], String(other))));
    const merge = made("div", "class-form");
    const into = made("div", "suggest-row");
    into.append(choice, made_button("btn btn-outline-secondary", "Merge", () => choice.value !== "" && attempt({ merge: [number, Number(choice.value)] })));
    const help = `Its labels become those of the other class, and ${name} takes no more. Undo takes it back.`;
    merge.append(made("label", "field-label", "Merge into", { for: "class-into" }), into, made("p", "field-help", help));
    const actions = made("div", "ask-actions");
    actions.append(made_button("btn btn-outline-secondary", "Cancel", close));
    dialog.append(made("h2", "dialog-title", `Class ${name}`, { id: "class-title" }), form, ...(others.length ? [merge] : []), message, actions);
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      close();
    });
    document.body.append(dialog);
    dialog.showModal();
    input.select();
  }

  for (const event of ["page", "classes"]) explore.on(event, draw);
  explore.on("labels", refresh_soon);
  document.addEventListener("trellis:theme", () => {
    drawn = "";
    draw();
  });
  Object.assign(explore, { add_class: () => add_class() });
})();
