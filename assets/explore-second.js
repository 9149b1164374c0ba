// The second look: labels that the model contradicts, the worst first. Each is kept, changed or cleared by a key.
(function () {
  "use strict";
  const explore = window.trellis.explore;
  const { made, made_button, made_help } = window.trellis;
  const HELP = [
    ["Keep, or Enter", "The label is right: you vouch for it, and this browser does not ask again."],
    ["Make it …, or a class's key", "Changes the label."],
    ["Clear, or Backspace", "Takes the label away."],
    ["Look anew", "Asks the model again, under the labels of now."],
  ];
  const MOST = 200;
  let items = [];
  let said = "";

  const region = () => document.getElementById("explore-grid");
  const place = () => `trellis.kept.${explore.model}`;

  // Labels that somebody looked at and kept, as row:class; they are not asked about again in this browser.
  function kept() {
    try {
      return new Set(JSON.parse(window.localStorage.getItem(place()) || "[]"));
    } catch {
      return new Set();
    }
  }

  async function ask() {
    const model = explore.model;
    if (!explore.trained) {
      items = [];
      said = "Before a run of this model has ended it contradicts nobody. Look again then.";
      draw();
      return;
    }
    said = "Looking…";
    draw();
    try {
      const got = await window.trellis.ask(`/explore/${model}/doubted?n=${MOST}`);
      if (model !== explore.model) return;
      const known = kept();
      items = got.items.filter(({ row, label }) => !known.has(`${row}:${label}`));
      said = items.length ? "" : "The model contradicts no label.";
    } catch (error) {
      if (model !== explore.model) return;
      items = [];
      said = [error.message, error.hint].filter(Boolean).join(" ");
    }
    draw();
    if (!items.length || explore.view !== "second") return;
    explore.look_at(items[0].row);
    // Whoever chose this view goes on with the keys of its list: on the view's button Enter would only choose it again.
    if (document.activeElement?.closest("#explore-views")) region().querySelector(".second-list").focus({ preventScroll: true });
  }

  const open = ({ row, label, kept: done }) => !done && explore.labels.get(row) === label;

  function draw() {
    const box = region();
    if (!box || explore.view !== "second") return;
    const panel = made("section", "panel explore-card second-look", "", { "aria-labelledby": "second-title" });
    const head = made("div", "explore-head");
    head.append(made("h2", "explore-title", "Labels that the model contradicts", { id: "second-title" }), made_button("btn btn-quiet btn-sm", "Look anew", () => ask()));
    const help = made_help("doubted labels", HELP);
    head.append(help.button);
    const note = "Enter keeps a label, a class's key changes it, Backspace clears it, Space leaves it for later.";
    const list = made("ol", "second-list", "", { "aria-label": "Labels that the model contradicts", tabindex: "0" });
    list.append(...items.map(entry));
    panel.append(head, help.box, made("p", "muted small", said || note, { "aria-live": "polite" }), list);
    box.replaceChildren(panel);
    mark();
  }

  function entry(item) {
    const line = made("li", "second-item", "", { "data-row": item.row });
    const look = made_button("second-face", "", () => explore.look_at(item.row));
    const canvas = made("canvas", "suggest-picture", "", { width: 28, height: 28, "aria-hidden": "true" });
    explore.paint_plain(canvas, item.row);
    look.append(canvas, made("span", "second-words", item.why), made("span", "second-done"));
    const actions = made("div", "second-actions");
    const act = (words, does) =>
      made_button("btn btn-outline-secondary btn-sm", words, () => {
        explore.look_at(item.row);
        does();
      }, { "aria-label": `${words}: sample ${item.row}` });
    actions.append(act("Keep", keep), act(`Make it ${explore.classes[item.other]}`, () => label(item.other)), act("Clear", () => label(null)));
    line.append(look, actions);
    return line;
  }

  function mark() {
    const box = region();
    if (!box || explore.view !== "second") return;
    box.querySelectorAll(".second-item").forEach((line, at) => {
      const item = items[at];
      const here = item.row === explore.current;
      const now = explore.labels.get(item.row);
      line.classList.toggle("is-here", here);
      line.querySelector(".second-face").setAttribute("aria-current", String(here));
      line.classList.toggle("is-done", !open(item));
      const words = item.kept ? "kept" : now === undefined ? "cleared" : now === item.label ? "" : `now ${explore.classes[now]}`;
      line.querySelector(".second-done").textContent = words;
      if (here) explore.bring_into_view(line);
    });
  }

  const found = () => items.find(({ row }) => row === explore.current);

  function move(by) {
    if (!items.length) return;
    const direction = by === -1 || by === "up" ? -1 : 1;
    const here = items.findIndex(({ row }) => row === explore.current);
    for (let step = 1; step <= items.length; step += 1) {
      const at = (here + direction * step + 2 * items.length) % items.length;
      if (direction < 0 || open(items[at])) {
        explore.look_at(items[at].row);
        return;
      }
    }
    explore.tell("current"); // none is left: what is marked stays
  }

  // The label is right: whoever says so vouches for it.
  function keep() {
    const item = found();
    if (!item) return false;
    item.kept = true;
    explore.label([item.row], item.label);
    try {
      window.localStorage.setItem(place(), JSON.stringify([...kept(), `${item.row}:${item.label}`]));
    } catch {
      // without room it is asked about again
    }
    move(1);
    return true;
  }

  function label(value) {
    const item = found();
    if (!item) return false;
    explore.label([item.row], value);
    move(1);
    return true;
  }

  explore.movers.second = { move, label, keep };
  explore.on("view", (name) => name === "second" && ask());
  for (const event of ["labels", "current"]) explore.on(event, mark);
  explore.on("classes", draw);
  explore.on("points", () => explore.view === "second" && ask());
})();
