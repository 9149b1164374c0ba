// What to label next: a strategy's list, walked through with "label next" or the keys; asked again when it is used up.
//
// explore.suggestions: [{index, score, predicted, certainty, why}]; explore.proposal_of(row) -> {strategy, run, score} or null.
(function () {
  "use strict";
  const explore = window.trellis.explore;
  const { made, made_button, made_help } = window.trellis;
  const HELP = [
    ["Strategy", "What makes an image worth asking for. Those that can say nothing yet are listed below with why."],
    ["How many", "Images that are listed at once; when they are used up the next ones are asked for."],
    ["Label next", "Goes to the next image of the list. A key labels it and goes on."],
    ["Suggest anew", "Asks again, with the labels of now."],
    ["The list", "Most worth asking first, but spread: images much alike are not all asked for. The number at the end is the strategy's score."],
  ];
  const DEFAULT = "margin";
  let list = { items: [], strategies: [], left: 0, run: null, strategy: DEFAULT, refusal: "", asking: false };
  let wanted = { strategy: DEFAULT, n: 20 };
  let seed = 0;
  let skipped = new Set();
  let asked_for = "";
  let why_anew = ""; // why the page itself asked for another list

  const place = () => document.getElementById("explore-suggestions");
  const done = (row) => explore.labels.has(row);
  const kept = () => `trellis.suggest.${explore.model}`;

  async function ask() {
    const model = explore.model;
    if (!place() || list.asking || !model) return;
    if (!explore.trained) {
      await ask_at_random(model);
      return;
    }
    list.asking = true;
    const news = why_anew;
    why_anew = "";
    say();
    const strategy = wanted.strategy;
    try {
      const got = await window.trellis.ask(`/explore/${model}/suggestions?strategy=${strategy}&n=${wanted.n}&seed=${(seed += 1)}`);
      if (model !== explore.model) return;
      list = { ...got, strategies: got.strategies.length ? got.strategies : list.strategies, refusal: got.left ? "" : "Every training image has a label.", news, asking: false };
      skipped = new Set();
    } catch (error) {
      if (model !== explore.model) return;
      Object.assign(list, { items: [], refusal: [error.message, error.hint].filter(Boolean).join(" "), asking: false });
      if (list.strategies.length === 0 && strategy !== "ood") await ask_usable(model);
    } finally {
      list.asking = false;
    }
    draw();
    explore.tell("suggestions");
    if (wanted.strategy !== strategy) ask();
  }

  // The strategy that one begins with may have nothing to say yet, as long as there are no labels; novelty always has.
  async function ask_usable(model) {
    try {
      const got = await window.trellis.ask(`/explore/${model}/suggestions?strategy=ood&n=${wanted.n}&seed=${(seed += 1)}`);
      if (model !== explore.model) return;
      list = { ...got, refusal: "", asking: false };
      wanted.strategy = got.strategy;
    } catch {
      // what was said first stands
    }
  }

  // Before training nothing is known of any image: unlabelled training images as chance has it.
  async function ask_at_random(model) {
    const rows = await explore.rows();
    if (model !== explore.model) return;
    const free = rows.rows.filter((row, at) => rows.split[at] === 0 && !done(row));
    const items = [];
    for (let left = Math.min(wanted.n, free.length); left > 0; left -= 1) {
      const at = Math.floor(Math.random() * free.length);
      if (items.some(({ index }) => index === free[at])) left += 1;
      else items.push({ index: free[at], score: null, predicted: null, certainty: null, why: "Drawn at random: nothing is known of it until a run has ended." });
    }
    list = { items, strategies: [], left: free.length, run: null, strategy: "random", refusal: free.length ? "" : "Every training image has a label.", asking: false };
    skipped = new Set();
    draw();
    explore.tell("suggestions");
  }

  const open_items = () => list.items.filter(({ index }) => !done(index) && !skipped.has(index));

  // The next one of the list after the one that is looked at, from its beginning again at its end; null if none is left.
  function following(by) {
    const items = list.items;
    const here = items.findIndex(({ index }) => index === explore.current);
    for (let step = 1; step <= items.length; step += 1) {
      const at = here < 0 && by < 0 ? items.length - step : (here + by * step + 2 * items.length) % items.length;
      if (by < 0 || (!done(items[at].index) && !skipped.has(items[at].index))) return items[at].index;
    }
    return null;
  }

  function move(by) {
    const direction = by === -1 || by === "up" ? -1 : 1; // the list has no rows: up and down are one on, too
    if (direction > 0 && by === 1 && explore.current !== null && !done(explore.current)) skipped.add(explore.current);
    const row = following(direction);
    if (row !== null && row !== explore.current) explore.look_at(row);
    else if (row === null) {
      asked_for = explore.model;
      ask();
    }
  }

  function proposal_of(row) {
    const found = list.items.find(({ index }) => index === row);
    return found && !done(row) ? { strategy: list.strategy, run: list.run, score: found.score } : null;
  }

  // ----------------------------------------------------------------- drawing

  function draw() {
    const region = place();
    if (!region) return;
    if (!region.firstChild) region.append(frame());
    const choice = /** @type {HTMLSelectElement} */ (region.querySelector("#suggest-strategy"));
    const known = list.strategies.length ? list.strategies : [{ name: list.strategy, title: list.strategy === "random" ? "Random" : list.strategy, disabled: null }];
    choice.replaceChildren(
      ...known.map(({ name, title, disabled }) => {
        const option = new Option(disabled ? `${title} (not now)` : title, name, false, name === list.strategy);
        option.disabled = Boolean(disabled);
        option.title = disabled || "";
        return option;
      }),
    );
    const chosen = known.find(({ name }) => name === choice.value);
    region.querySelector("#suggest-sentence").textContent = (chosen && chosen.sentence) || "";
    const off = known.filter(({ disabled }) => disabled);
    const reasons = region.querySelector(".suggest-off");
    reasons.hidden = !off.length;
    reasons.querySelector("ul").replaceChildren(...off.map(({ title, disabled }) => made("li", "", `${title}: ${disabled}.`)));
    region.querySelector("ol").replaceChildren(...list.items.map(entry));
    say();
    mark();
    if (asked_for === explore.model) {
      asked_for = "";
      const row = following(1);
      if (row !== null) explore.look_at(row);
    }
  }

  function frame() {
    const panel = made("section", "panel explore-card", "", { "aria-labelledby": "suggest-title" });
    const choice = made("select", "form-select form-select-sm", "", { id: "suggest-strategy", "aria-label": "Strategy", "aria-describedby": "suggest-sentence" });
    choice.addEventListener("change", (event) => {
      wanted.strategy = event.target.value;
      remember();
      ask();
    });
    const count = made("select", "form-select form-select-sm suggest-count", "", { "aria-label": "How many" });
    count.append(...[10, 20, 50, 100].map((n) => new Option(String(n), String(n), false, n === wanted.n)));
    count.addEventListener("change", (event) => {
      wanted.n = Number(event.target.value);
      remember();
      ask();
    });
    const row = made("div", "suggest-row");
    row.append(choice, count);
    const actions = made("div", "suggest-row");
    actions.append(
      made_button("btn btn-primary btn-sm", "Label next", () => move(1), { id: "suggest-next" }),
      made_button("btn btn-quiet btn-sm", "Suggest anew", () => ask(), { id: "suggest-anew" }),
    );
    const off = made("details", "suggest-off");
    off.append(made("summary", "", "Not now, and why"), made("ul"));
    const sentence = made("p", "muted small", "", { id: "suggest-sentence" });
    const says = made("p", "muted small suggest-says", "", { "aria-live": "polite" });
    const help = made_help("suggestions", HELP);
    const head = made("div", "explore-head");
    head.append(made("h2", "explore-title", "Label next", { id: "suggest-title" }), help.button);
    panel.append(
      head, help.box, row, sentence, actions, says,
      made("ol", "suggest-list", "", { "aria-label": "Suggestions", tabindex: "0" }), off,
    );
    return panel;
  }

  function entry(item) {
    const line = made("li", "", "", { "data-row": item.index });
    const button = made_button("suggest-item", "", () => explore.look_at(item.index));
    const picture = made("canvas", "suggest-picture", "", { width: 28, height: 28, "aria-hidden": "true" });
    const words = made("span", "suggest-words");
    words.append(made("b", ""), made("span", "suggest-why"), made("span", "suggest-label"));
    button.append(picture, words, made("span", "suggest-score number", item.score === null ? "" : item.score.toPrecision(2)));
    line.append(button);
    explore.paint_plain(picture, item.index);
    fill(line, item);
    return line;
  }

  // What the model says of it follows the labels; where that is another class than when it was asked for, so are the words.
  function fill(line, { index, predicted, now = predicted, why }) {
    const name = (number) => explore.classes[number] ?? "?";
    line.querySelector("b").textContent = now === null ? `Sample ${index}` : `${name(now)}?`;
    line.querySelector(".suggest-why").textContent = now === predicted ? why : `${predicted === null ? "Nothing" : name(predicted)} before the latest labels.`;
  }

  function follow() {
    const lines = place()?.querySelectorAll("ol > li") || [];
    list.items.forEach((item, at) => {
      const found = explore.points.predicted[explore.position.get(item.index)] ?? -1;
      item.now = found < 0 ? null : found;
      if (lines[at]) fill(lines[at], item);
    });
  }

  function mark() {
    const region = place();
    if (!region) return;
    for (const line of region.querySelectorAll("ol > li")) {
      const row = Number(line.dataset.row);
      const label = explore.labels.get(row);
      const here = row === explore.current;
      const button = line.querySelector("button");
      button.setAttribute("aria-current", String(here));
      button.classList.toggle("is-done", label !== undefined);
      button.querySelector(".suggest-label").textContent = label === undefined ? "" : `labelled ${explore.classes[label]}`;
      if (here) bring_into_view(line);
    }
    say();
  }

  // The list alone is scrolled; the page stays where it is.
  function bring_into_view(line) {
    const list = line.parentElement;
    const above = line.offsetTop - list.offsetTop;
    if (above < list.scrollTop) list.scrollTop = above;
    else if (above + line.offsetHeight > list.scrollTop + list.clientHeight) list.scrollTop = above + line.offsetHeight - list.clientHeight;
  }

  function say() {
    const line = place() && place().querySelector(".suggest-says");
    if (!line) return;
    const open = open_items().length;
    const left = list.refusal || `${open} of ${list.items.length} suggestions left.`;
    const words = list.asking ? "Choosing…" : [list.news, left].filter(Boolean).join(" ");
    if (line.textContent !== words) line.textContent = words;
  }

  function remember() {
    try {
      window.localStorage.setItem(kept(), JSON.stringify(wanted));
    } catch {
      // without room it is asked for anew each time
    }
  }

  function recall() {
    try {
      const found = JSON.parse(window.localStorage.getItem(kept()) || "{}");
      wanted = { strategy: String(found.strategy || DEFAULT), n: [10, 20, 50, 100].includes(found.n) ? found.n : 20 };
    } catch {
      wanted = { strategy: DEFAULT, n: 20 };
    }
  }

  // Rows that may be labelled, trained or not.
  let rows = { model: "", coming: null };
  explore.rows = () => {
    if (rows.model !== explore.model) {
      rows = { model: explore.model, coming: window.trellis.ask(`/explore/${explore.model}/rows`).then(({ columns }) => columns) };
      rows.coming.catch(() => (rows = { model: "", coming: null }));
    }
    return rows.coming;
  };

  let shown = "";
  explore.on("page", () => {
    if (!place()) return;
    if (shown !== explore.model) {
      list = { items: [], strategies: [], left: 0, run: null, strategy: DEFAULT, refusal: "", asking: false };
      shown = "";
    }
    recall();
    draw();
  });
  explore.on("labels", (changed) => {
    if (changed === null && shown !== explore.model) {
      shown = explore.model;
      ask().catch(() => {});
    } else mark();
  });
  // Other weights speak now, after a run: what they would ask for is another list.
  explore.on("points", () => {
    if (shown !== explore.model || list.asking || list.run === explore.points.meta.run) return;
    if (list.items.length) why_anew = "A run has ended: what it left asks for these now.";
    ask().catch(() => {});
  });
  explore.on("answers", follow);
  explore.on("current", mark);
  explore.on("classes", () => place() && draw());

  explore.movers.cloud = { move };
  Object.assign(explore, { bring_into_view, proposal_of, suggestions: () => list.items });
})();
