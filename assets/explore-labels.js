// Labels as they are given: shown at once, kept in this browser until the server has them, sent in their order, never twice.
//
// explore.label(rows, class or null, proposal), explore.walk("undo" | "redo"), explore.step_made(key) (a class was added: Undo knows it),
// explore.unsaved() -> number of steps on their way, explore.by Map(row -> who else labelled it), explore.training.
// What is unsent lies in localStorage, a place for each time a page was loaded: whoever comes next sends it, on any page.
(function () {
  "use strict";
  const explore = window.trellis.explore;
  const KEEP = "trellis.labels.";
  const STEPS_AT_ONCE = 500;
  const ROWS_AT_ONCE = 50_000;
  const RETRY_MS = 1500;
  const GONE_MS = 15_000;
  const LOOK_MS = 1000;
  const MOST_KNOWN = 5000;
  const load = [...window.crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const boxes = new Map();
  let count = 0;
  let given = new Map(); // what this page said of a row, to tell when somebody else says otherwise
  const history = { undo: [], redo: [] };
  let looking = false;
  let unkept = false;
  const said_left = new Set();

  const here = () => Boolean(explore.model && document.getElementById("explore"));
  const box_of = (model) => {
    if (!boxes.has(model)) boxes.set(model, { model, steps: [], places: new Set([`${KEEP}${model}.${load}`]), sending: false, away: false });
    return boxes.get(model);
  };
  const rows_of = (step) => (step.walk ? step.expected || [] : step.clear || [...step.set.keys()]);
  const new_key = () => `${Date.now().toString(36)}-${load}-${(count += 1)}`;

  function tell(kind, message, hint) {
    window.dash_clientside.set_props("toast-inbox", { data: [{ id: new_key(), kind, message, hint: hint || null }] });
  }

  // ------------------------------------------------------------------ giving

  function label(rows, value, proposal = null) {
    const wanted = [...rows];
    if (!wanted.length) return;
    const changes = wanted.map((row) => [row, explore.labels.get(row) ?? null, value]);
    const step = { key: new_key(), proposal };
    if (value === null) step.clear = wanted;
    else step.set = new Map(wanted.map((row) => [row, value]));
    for (const row of wanted) given.set(row, value);
    for (const row of wanted) explore.by.delete(row);
    history.undo.push({ key: step.key, changes });
    if (history.undo.length > MOST_KNOWN) history.undo.shift();
    history.redo = [];
    enqueue(step);
    explore.show_labels(wanted.map((row) => [row, value]));
  }

  // Takes back what this browser did last to the model's labels, or brings it again. What this page remembers is shown at once.
  function walk(direction) {
    const entry = history[direction].pop();
    const step = { key: new_key(), walk: direction };
    if (entry) {
      history[direction === "undo" ? "redo" : "undo"].push(entry);
      step.expected = entry.changes && entry.changes.filter(([, before, after]) => before !== after).map(([row]) => row);
    }
    enqueue(step);
    if (!entry || !entry.changes) return;
    for (const [row, before, after] of entry.changes) given.set(row, direction === "undo" ? before : after);
    explore.show_labels(entry.changes.map(([row, before, after]) => [row, direction === "undo" ? before : after]));
    show_walked(entry.changes.map(([row]) => row));
  }

  function show_walked(rows) {
    if (rows.length === 1) explore.look_at(rows[0]);
  }

  // Something else that Undo takes back was done: where it stands among the labels is known, what it changed is not.
  function step_made(key) {
    history.undo.push({ key, changes: null });
    history.redo = [];
  }

  function enqueue(step) {
    const box = box_of(explore.model);
    box.steps.push(step);
    keep(box);
    explore.tell("unsaved", unsaved());
    if (!box.away) window.setTimeout(() => send(box), 0);
  }

  const unsaved = () => (boxes.has(explore.model) ? boxes.get(explore.model).steps.length : 0);

  // ----------------------------------------------------------------- keeping

  const as_said = ({ key, set, clear, walk, proposal }) => ({
    key, ...(set ? { set: Object.fromEntries(set) } : {}), ...(clear ? { clear } : {}), ...(walk ? { walk } : {}),
    ...(proposal ? { proposal } : {}),
  });
  const read_back = (said) => (said.set ? { ...said, set: new Map(Object.entries(said.set).map(([row, value]) => [Number(row), value])) } : said);

  function keep(box) {
    const name = `${KEEP}${box.model}.${load}`;
    try {
      if (box.steps.length) window.localStorage.setItem(name, JSON.stringify(box.steps.map(as_said)));
      else window.localStorage.removeItem(name);
      unkept = false;
    } catch {
      unkept = true; // no room, or none allowed: they live as long as the page
    }
  }

  function kept_at(name) {
    try {
      const found = JSON.parse(window.localStorage.getItem(name) || "[]");
      return Array.isArray(found) ? found : [];
    } catch {
      return [];
    }
  }

  // What earlier pages could not send any more. A page that is still open may send the same: keys make once of it.
  function adopt() {
    let names = [];
    try {
      names = Object.keys(window.localStorage).filter((name) => name.startsWith(KEEP) && !name.endsWith(`.${load}`)).sort();
    } catch {
      return;
    }
    const found = names.map((name) => ({ name, steps: kept_at(name) })).filter(({ steps }) => steps.length);
    found.sort((a, b) => (a.steps[0].key < b.steps[0].key ? -1 : 1));
    for (const { name, steps } of found) {
      const box = box_of(name.slice(KEEP.length, name.lastIndexOf(".")));
      box.places.add(name);
      box.steps.push(...steps.map(read_back));
    }
    for (const box of boxes.values()) {
      keep(box);
      send(box);
    }
  }

  function forget(box, keys) {
    box.steps = box.steps.filter((step) => !keys.has(step.key));
    keep(box);
    for (const name of Array.from(box.places)) {
      if (name.endsWith(`.${load}`)) continue;
      const left = kept_at(name).filter((step) => !keys.has(step.key));
      if (left.length) window.localStorage.setItem(name, JSON.stringify(left));
      else {
        window.localStorage.removeItem(name);
        box.places.delete(name);
      }
    }
  }

  // ----------------------------------------------------------------- sending

  function batch_of(box) {
    const batch = [];
    let rows = 0;
    for (const step of box.steps) {
      rows += rows_of(step).length;
      if (batch.length === STEPS_AT_ONCE || (batch.length && rows > ROWS_AT_ONCE)) break;
      batch.push(step);
    }
    return batch;
  }

  async function send(box) {
    if (box.sending || !box.steps.length) return;
    box.sending = true;
    const batch = batch_of(box);
    const since = box.model === explore.model ? explore.version : 0;
    let told = null;
    try {
      told = await window.trellis.ask(`/explore/${box.model}/labels`, { since, steps: batch.map(as_said) });
    } catch (error) {
      box.sending = false;
      if ([400, 413, 422].includes(error.status)) refuse_all(box, batch, error);
      else retry(box, error);
      return;
    }
    box.sending = false;
    if (box.away) box.away = false;
    forget(box, new Set(batch.map((step) => step.key)));
    if (box.model === explore.model) {
      take(told);
      judge(batch, told.outcomes);
      explore.tell("unsaved", unsaved());
    }
    send(box);
  }

  function retry(box, error) {
    if (!box.away && error.status) tell("warning", `The server cannot keep your labels now: ${error.message}`, "They stay in this browser and are sent again.");
    box.away = true;
    explore.tell("unsaved", unsaved());
    // A model that was deleted may be restored: what was typed waits for it.
    window.setTimeout(() => send(box), error.status === 404 ? GONE_MS : RETRY_MS);
  }

  function refuse_all(box, batch, error) {
    forget(box, new Set(batch.map((step) => step.key)));
    tell("danger", error.message, error.hint);
    if (box.model === explore.model) restore();
    explore.tell("unsaved", unsaved());
    send(box);
  }

  // What was refused is taken back on the page and said; where Undo took back something else than this page thought, the page follows.
  function judge(batch, outcomes) {
    const by_key = new Map(outcomes.map((outcome) => [outcome.key, outcome]));
    const refused = outcomes.filter((outcome) => outcome.refused !== null);
    let astray = refused.length > 0;
    for (const step of batch) {
      const { rows, left } = by_key.get(step.key);
      if (left && !said_left.has(left)) {
        said_left.add(left); // Undo passes by it each time, but once is enough to know
        tell("info", left, "Undo took back what you did before it.");
      }
      if (!step.walk && !rows.length) history.undo = history.undo.filter(({ key }) => key !== step.key);
      if (!step.walk) continue;
      if (!step.expected) show_walked(rows);
      else if (step.expected.length !== rows.length || step.expected.some((row) => !rows.includes(row))) astray = true;
    }
    if (refused.length) {
      const more = refused.length > 1 ? ` (and ${refused.length - 1} more were refused)` : "";
      const nothing = /There is nothing (else )?to/.test(refused[0].refused);
      tell(nothing ? "info" : "danger", `${refused[0].refused}${more}`, refused[0].hint);
    }
    if (astray) restore();
  }

  function restore() {
    history.undo = [];
    history.redo = [];
    given = new Map();
    explore.load_labels().catch(() => {});
  }

  // --------------------------------------------------------------- following

  // Labels and classes that changed since, whoever changed them; what is on its way here is newer than they are.
  function take(told) {
    if (told.version < explore.version) return;
    explore.version = told.version;
    if (told.training !== explore.training) {
      explore.training = told.training;
      explore.tell("training", told.training);
    }
    if (told.everything) {
      explore.load_labels().catch(() => {});
      return;
    }
    const merged = new Map(Object.entries(told.merged).map(([number, into]) => [Number(number), into]));
    if (told.class_names.join("\n") !== explore.classes.join("\n") || String([...merged]) !== String([...explore.merged])) {
      explore.classes = told.class_names;
      explore.merged = merged;
      explore.tell("classes");
    }
    const ours = on_their_way();
    const changes = [];
    const lost = [];
    for (const [row, value, by] of told.labels) {
      if (ours.has(row)) continue;
      if (by === null) explore.by.delete(row);
      else {
        explore.by.set(row, by);
        if (given.has(row) && given.get(row) !== value) lost.push([row, value, by, given.get(row)]);
        given.delete(row);
      }
      if ((explore.labels.get(row) ?? null) !== value) changes.push([row, value]);
    }
    if (changes.length) explore.show_labels(changes);
    if (lost.length) tell_lost(lost);
  }

  function on_their_way() {
    const rows = new Map();
    for (const step of boxes.has(explore.model) ? boxes.get(explore.model).steps : []) {
      if (step.walk) for (const row of rows_of(step)) rows.set(row, explore.labels.get(row) ?? null);
      else if (step.clear) for (const row of step.clear) rows.set(row, null);
      else for (const [row, value] of step.set) rows.set(row, value);
    }
    return rows;
  }

  function tell_lost(lost) {
    const [row, value, by, mine] = lost[0];
    const named = (number) => (number === null ? "no label" : explore.classes[number]);
    const more = lost.length > 1 ? ` So it is with ${lost.length - 1} more.` : "";
    tell("warning", `${by} changed sample ${row} from ${named(mine)}, as you had it, to ${named(value)}.${more}`, "The last word counts; label it again if yours is right.");
  }

  async function look() {
    if (looking || !here() || document.hidden || !explore.version || boxes.get(explore.model)?.sending || window.trellis.page_gone()) return;
    looking = true;
    const model = explore.model;
    try {
      const told = await window.trellis.ask(`/explore/${model}/changes?since=${explore.version}`);
      if (model === explore.model) take(told);
    } catch {
      // the page's own banner says that the server is away
    } finally {
      looking = false;
    }
  }

  explore.on("page", () => {
    given = new Map();
    history.undo = [];
    history.redo = [];
    explore.by = new Map();
    explore.training = false;
    if (here()) explore.tell("unsaved", unsaved());
  });
  window.setInterval(look, LOOK_MS);
  document.addEventListener("visibilitychange", look);

  Object.assign(explore, { label, walk, step_made, take, unsaved, on_their_way, by: new Map(), training: false, kept: () => !unkept });
  adopt();
})();
