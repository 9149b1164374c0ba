// Values with fields of their own (dashboard/forms/entries.py): a switch with the fields below it, or a list of entries that
// can be added, moved and removed. What the fields hold is written as JSON into the control that is out of sight.
(function () {
  "use strict";
  const no_update = () => window.dash_clientside.no_update;

  function element(tag, class_name) {
    const made = document.createElement(tag);
    made.className = class_name;
    return made;
  }

  function held_by(said) {
    const layout = window.dash_component_api.getLayout(said.id);
    return (layout && layout.props && layout.props.value) || "";
  }

  function read(text) {
    try {
      return text.trim() && text.trim() !== "none" ? JSON.parse(text) : null;
    } catch {
      return null;
    }
  }

  // As the server writes it: an entry a line.
  const written = (value) =>
    value === null ? "" : Array.isArray(value) ? (value.length ? `[\n${value.map((entry) => `  ${JSON.stringify(entry)}`).join(",\n")}\n]` : "[]") : JSON.stringify(value);

  const kind_of = (said, entry) => said.kinds.find((kind) => !said.tag || kind.tag === entry[said.tag]) || said.kinds[0];
  const fresh = (said, kind) => ({ ...(said.tag ? { [said.tag]: kind.tag } : {}), ...Object.fromEntries(kind.fields.map((field) => [field.name, field.value])) });

  function write(place, said, value) {
    place.dataset.drawn = written(value);
    window.dash_clientside.set_props(said.id, { value: place.dataset.drawn });
  }

  function typed(field, control) {
    const value = window.trellis.fields.value_of(field, control);
    // What is no number stays as it was typed, for the server to name.
    if (field.kind === "number" && Number.isNaN(value)) return control.value.trim();
    return field.kind === "text" && typeof value === "string" && value !== "" && !Number.isNaN(Number(value)) && typeof field.value !== "string" ? Number(value) : value;
  }

  function rows_of(said, entry, base, changed) {
    const body = element("div", "fields");
    const fields = kind_of(said, entry).fields;
    const value_in = (name) => (name in entry ? entry[name] : (fields.find((field) => field.name === name) || {}).value);
    const rows = [];
    // A field that does not apply is out of sight, and holds what it holds by itself.
    const follow = () => {
      for (const { field, row } of rows) {
        row.hidden = !field.when.every(([name, values]) => values.includes(value_in(name)));
        if (row.hidden && field.name in entry) entry[field.name] = field.value;
      }
    };
    for (const field of fields) {
      const value = value_in(field.name);
      const made = window.trellis.fields.row_of({ ...field, value }, base);
      if (made.control)
        made.control.addEventListener(field.kind === "choice" || field.kind === "switch" ? "change" : "input", () => {
          entry[field.name] = typed(field, made.control);
          follow();
          changed();
        });
      rows.push({ field, row: made.row });
      body.append(made.row);
    }
    follow();
    return body;
  }

  function button(icon, label, disabled, press) {
    const made = /** @type {HTMLButtonElement} */ (element("button", "btn btn-icon"));
    made.type = "button";
    made.title = label;
    made.setAttribute("aria-label", label);
    made.disabled = disabled;
    const glyph = element("i", `bi bi-${icon}`);
    glyph.setAttribute("aria-hidden", "true");
    made.append(glyph);
    made.addEventListener("click", press);
    return made;
  }

  function draw_one(place, said, value, base) {
    let entry = value || fresh(said, said.kinds[0]);
    const changed = () => write(place, said, entry);
    const body = rows_of(said, entry, base, changed);
    if (said.optional) {
      const { row, control } = window.trellis.fields.row_of({ name: "on", label: "On", kind: "switch", value: value !== null, help: "", chips: [], options: [], under: "", unit: "" }, base);
      control.setAttribute("aria-label", `${said.label}: on`);
      control.disabled = Boolean(said.locked);
      control.addEventListener("change", () => {
        body.hidden = !control.checked;
        write(place, said, control.checked ? entry : null);
      });
      body.hidden = value === null;
      place.append(row);
    }
    place.append(body);
  }

  // In place of the buttons of a list whose entries stay as they are.
  function fixed() {
    const words = element("p", "field-help");
    words.textContent = "Which entries there are was fixed when the model was created; a clone may have others.";
    return words;
  }

  function draw_many(place, said, value, base) {
    const entries = Array.isArray(value) ? value : [];
    const changed = () => write(place, said, entries);
    const anew = (focus) => {
      changed();
      draw(place);
      const found = /** @type {HTMLElement | null} */ (place.querySelectorAll(".entry, .entry-add")[focus]);
      if (found) found.focus();
    };
    const list = element("ol", "entry-list");
    entries.forEach((entry, at) => {
      const item = element("li", "entry");
      const title = `${at + 1}. ${kind_of(said, entry).title}`;
      item.tabIndex = -1;
      item.setAttribute("aria-label", title);
      const head = element("div", "entry-head");
      const words = element("span", "mini-title");
      words.textContent = title;
      const move = (by) => {
        entries.splice(at + by, 0, ...entries.splice(at, 1));
        anew(at + by);
      };
      head.append(words);
      if (!said.locked) head.append(
        button("arrow-up", `Move entry ${at + 1} up`, at === 0, () => move(-1)),
        button("arrow-down", `Move entry ${at + 1} down`, at === entries.length - 1, () => move(1)),
        button("trash", `Remove entry ${at + 1}`, false, () => {
          entries.splice(at, 1);
          anew(Math.min(at, entries.length));
        }),
      );
      item.append(head, rows_of(said, entry, `${base}-${at}`, changed));
      list.append(item);
    });
    const adding = element("div", "kinds");
    for (const kind of said.kinds) {
      const add = /** @type {HTMLButtonElement} */ (element("button", "btn btn-outline-secondary btn-sm entry-add"));
      add.type = "button";
      add.textContent = said.kinds.length > 1 ? `Add ${kind.title.toLowerCase()}` : "Add entry";
      add.addEventListener("click", () => {
        entries.push(fresh(said, kind));
        anew(entries.length - 1);
      });
      adding.append(add);
    }
    place.append(list, said.locked ? fixed() : adding);
  }

  function draw(place) {
    const said = JSON.parse(place.dataset.entries);
    const value = read(place.dataset.drawn);
    place.replaceChildren();
    (said.many ? draw_many : draw_one)(place, said, value, `entries-${said.id.form}-${said.id.field}`);
  }

  // Whoever else wrote the value (a preset, a step back, a reload) is shown; what was written here stands already.
  function draw_entries(root) {
    root.querySelectorAll("[data-entries]").forEach((place) => {
      const held = held_by(JSON.parse(place.dataset.entries));
      if (place.dataset.drawn === held) return;
      place.dataset.drawn = held;
      draw(place);
    });
    return no_update();
  }

  document.addEventListener("trellis:page", () => window.requestAnimationFrame(() => draw_entries(document)));
  window.trellis = Object.assign(window.trellis || {}, { draw_entries });
})();
