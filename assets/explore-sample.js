// The panel of the image that is looked at: what it is, what the model says of it, and what lies near it.
//
// What is asked of the server is read off kept diagnostics and comes at once. Adds to `explore`: neighbours(row, n), the rows
// nearest to one; back() and forward(), through what was looked at.
(function () {
  "use strict";
  const { made, made_button, made_help } = window.trellis;
  const HELP = [
    ["Arrows", "Through the images that were looked at."],
    ["True label", "As the data has it, to check labels by. Training never sees it, and it shows only when asked for."],
    ["Reconstructions", "By the image's component, weighted over all, and by the runner-up: where they differ the model hesitates."],
    ["Predicted", "What the model says under the labels of now: each label tells what its component stands for, so another may change it without training."],
    ["What the run says", "Certainty, how strange the image is, and the shares of classes and components."],
    ["Nearest labelled", "What lies near it in the latent space; a click looks at it, the button selects the neighbours."],
  ];
  const explore = window.trellis.explore;
  const parts = window.trellis.sample_parts;
  const SELECTED = 50; // neighbours that the button selects
  const SOURCES = { given: "came with the data", person: "given by a person", imported: "imported" };
  const KEPT = 50;
  const AFTER_LABELS_MS = 250; // labels often come in a row; the panel asks again after the last one

  let visited = []; // rows that were looked at, oldest first
  let place = -1; // where among them the panel is
  let known = null; // what the server said of the row that is shown
  const recent = new Map(); // what the server said of the rows looked at last, which stands until it says something newer
  let failed = "";
  let shown_true = null; // the row whose true label was asked for
  let waiting = 0;
  let model = "";

  const there = () => document.getElementById("explore-sample");
  const ask = (part) => window.trellis.ask(`/explore/${explore.model}/${part}`);
  const title = (text) => made("h2", "sample-title", text);

  async function neighbours(row, n) {
    const got = await ask(`neighbours?row=${row}&n=${n}`);
    return got.columns.rows;
  }

  function step(by) {
    if (!(place + by in visited)) return;
    place += by;
    explore.look_at(visited[place]);
  }

  function remember() {
    const row = explore.current;
    if (row === null || visited[place] === row) return;
    visited = [...visited.slice(0, place + 1), row];
    place = visited.length - 1;
  }

  async function look() {
    const { current, model } = explore;
    known = recent.get(current) || null;
    failed = "";
    show();
    if (current === null) return;
    try {
      const got = await ask(`sample?row=${current}`);
      if (model !== explore.model || current !== explore.current) return;
      known = got;
      known.before = said_before(recent.get(current), got);
      recent.set(current, got);
      if (recent.size > KEPT) recent.delete(recent.keys().next().value);
      explore.told = got;
      explore.tell("told");
    } catch (error) {
      if (model !== explore.model || current !== explore.current) return;
      failed = [error.message, error.hint].filter(Boolean).join(" ");
    }
    show();
  }

  // The class that the same run gave the image before the labels given since; undefined where it is the same, or nobody saw another.
  function said_before(earlier, now) {
    if (!earlier?.known || !now.known || earlier.known.run !== now.known.run) return undefined;
    const before = earlier.known.predicted === now.known.predicted ? earlier.before : earlier.known.predicted;
    return before === now.known.predicted ? undefined : before;
  }

  function head(help) {
    const row = explore.current;
    const line = made("div", "sample-head");
    const way = made("div", "sample-way");
    const back = made_button("btn btn-icon", "", () => step(-1), { "aria-label": "The image looked at before", title: "The image looked at before" });
    const forward = made_button("btn btn-icon", "", () => step(1), { "aria-label": "The image looked at next", title: "The image looked at next" });
    back.append(made("i", "bi bi-arrow-left"));
    forward.append(made("i", "bi bi-arrow-right"));
    back.disabled = place <= 0;
    forward.disabled = place + 1 >= visited.length;
    way.append(back, forward);
    line.append(title(`Image ${row}`));
    if (known) line.append(made("span", "muted small", known.split));
    line.append(way, help.button);
    return line;
  }

  const name_of = (number) => (known && known.class_names[number]) ?? explore.classes[number] ?? String(number);

  // Its label, what the model says, and the true label for those who ask.
  function facts() {
    const list = made("dl", "sample-facts");
    const now = explore.labels.get(explore.current);
    const label = made("dd", now === undefined ? "muted" : "", now === undefined ? "none yet" : name_of(now));
    if (known.label && known.label.class === now) label.append(made("span", "muted small", ` ${SOURCES[known.label.source]}`));
    list.append(made("dt", "", "Label"), label);
    const said = known.known && known.known.predicted;
    if (known.known) {
      const words = said === null ? "nothing without labels" : known.known.class_names[said];
      const prediction = made("dd", said === null ? "muted" : "", words);
      if (said !== null && now !== undefined && said !== now) prediction.append(made("span", "sample-other", " not its label"));
      if (known.before !== undefined) {
        const before = known.before === null ? "nothing" : known.known.class_names[known.before];
        prediction.append(made("span", "muted small sample-before", ` ${before} before the latest labels`));
      }
      list.append(made("dt", "", "Predicted"), prediction);
    }
    if (known.true !== null) {
      const value = made("dd");
      if (shown_true === known.row) value.append(name_of(known.true), made("span", "muted small", " for checking; training never sees it"));
      else value.append(made_button("btn btn-link", "Show", reveal, { "aria-label": "Show the true label, for checking", title: "For checking your labels; training never sees it" }));
      list.append(made("dt", "", "True label"), value);
    }
    return list;
  }

  function reveal() {
    shown_true = explore.current;
    show();
  }

  function fold(name, title_text, ...content) {
    const part = made("details", "sample-fold");
    const key = `trellis-sample-${name}`;
    part.open = window.localStorage.getItem(key) !== "closed";
    part.addEventListener("toggle", () => window.localStorage.setItem(key, part.open ? "open" : "closed"));
    part.append(made("summary", "", title_text), ...content);
    return part;
  }

  function model_says() {
    const found = known.known;
    const class_name = (number) => found.class_names[number];
    const component = (number) => {
      const claim = found.claims[number];
      return claim >= 0 && claim < found.class_names.length ? `${number} (${found.class_names[claim]})` : String(number);
    };
    const says = [parts.scores(found.scores)];
    if (found.probabilities.top.length) says.push(parts.bars("Class", found.probabilities, class_name));
    if (found.components.top.length) says.push(parts.bars("Component", found.components, component));
    return fold("says", `What run #${found.run} says`, ...says);
  }

  function near() {
    const found = known.known;
    const row = known.row;
    const button = made_button("btn btn-sm btn-outline-secondary", `Select its ${SELECTED} neighbours`, async () => {
      button.disabled = true;
      try {
        explore.select([row, ...(await neighbours(row, SELECTED))]);
      } catch (error) {
        button.after(made("p", "small", error.message, { role: "alert" }));
      }
      button.disabled = false;
    });
    return fold(
      "near",
      "What lies near it",
      parts.strip("With a label", found.labelled, name_of, "No other image has a label yet."),
      parts.strip("Of all", found.near, name_of, "There is no other image."),
      button,
    );
  }

  function show() {
    const region = there();
    if (!region) return;
    const column = region.parentElement;
    const focused = column.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") : null;
    const below = document.getElementById("explore-details");
    // While the server is asked its place is kept: whoever has scrolled stays where they are.
    const asked = explore.current !== null && !known && !failed;
    for (const part of [region, below]) part.style.minHeight = asked ? `${part.offsetHeight}px` : "";
    region.replaceChildren(...content());
    below.replaceChildren(...details());
    if (focused) focus_again(column, focused);
  }

  // What had the focus has it again after the panel was drawn anew; where it cannot be used any more, what stands beside it.
  function focus_again(column, label) {
    const same = column.querySelector(`[aria-label="${CSS.escape(label)}"]:not(:disabled)`);
    (same || column.querySelector(".sample-way button:not(:disabled)"))?.focus();
  }

  function content() {
    if (explore.current === null) {
      const words = explore.trained
        ? "Click a point of the cloud or an image: here is then what it looks like, what the model makes of it, and what lies near it."
        : "Choose an image: here is then what it looks like. What the model makes of it is known once a run has ended.";
      return [title("Selected image"), made("p", "muted small", words)];
    }
    const help = made_help("the selected image", HELP);
    const shown = [head(help), help.box];
    // what is known of it stays, whatever the server says or does not say by now
    if (failed) shown.push(made("p", "notice notice-warning", failed, { role: "alert" }));
    const top = made("div", "sample-top");
    top.append(parts.picture_of(explore.current, `Image ${explore.current}`));
    shown.push(top);
    if (!known) return shown;
    top.append(facts());
    if (known.known) shown.push(window.trellis.reconstructions.place_of(known.row));
    else shown.push(made("p", "muted small", "What the model makes of it is known once a run has ended."));
    return shown;
  }

  // What may be looked at after the image was labelled: it stands below the buttons.
  const details = () => (explore.current !== null && known?.known ? [model_says(), near()] : []);

  explore.on("page", () => {
    if (model !== explore.model) recent.clear();
    if (model !== explore.model) [visited, place, model, known, shown_true] = [[], -1, explore.model, null, null];
    look();
  });
  explore.on("points", () => {
    recent.clear();
    look();
  });
  explore.on("current", () => {
    remember();
    look();
  });
  explore.on("labels", () => {
    if (!there() || explore.current === null) return;
    show();
    window.clearTimeout(waiting);
    waiting = window.setTimeout(look, AFTER_LABELS_MS);
  });
  // asked before the labels had arrived, it told what was so before them
  explore.on("answers", () => {
    if (!there() || explore.current === null || !known?.known) return;
    if (explore.points.predicted[explore.position.get(explore.current)] !== (known.known.predicted ?? -1)) look();
  });
  Object.assign(explore, { neighbours, back: () => step(-1), forward: () => step(1) });
})();
