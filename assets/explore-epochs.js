// Where images stood after each epoch: followed while a run trains, replayed afterwards. Tells "frame" of the epoch that is shown.
(function () {
  "use strict";
  const { made, made_button } = window.trellis;
  const explore = window.trellis.explore;
  const FOLLOW_MS = 1000; // between looks while a run trains: at most one redraw a second
  const IDLE_MS = 5000; // between looks while none does
  const STEP_MS = 600; // between epochs of a replay
  const KEPT = 80;

  const frames = new Map(); // "run/epoch" -> frame
  const HELP = [
    ["Play, the slider", "Show where the images stood in an epoch of a run, and what the model said of them then."],
    ["Now, or Follow", "Back to the kept weights; while a run trains, to its newest epoch."],
    ["The run", "Which run is replayed, where there are several."],
  ];
  let runs = []; // as the server tells them, newest first
  let chosen = ""; // the run that is replayed
  let epoch = null; // the epoch that is shown, null: the kept weights
  let following = true; // whether the newest epoch of a run that trains is shown
  let playing = 0; // its timer
  let timer = 0;
  let wanted = null;
  let asking = false;
  let trained = ""; // the run that trained when the page looked last
  let loaded = ""; // the weights that were asked for last
  let model = "";
  let parts = null; // elements of this page
  let failed = "";

  const there = () => document.getElementById("explore-epochs");
  const ask = (part) => window.trellis.ask(`/explore/${explore.model}/${part}`);
  const run_of = (id) => runs.find(({ run }) => run === id);
  const active = () => runs.find((run) => run.active);
  const kept_key = () => `trellis-epoch-${explore.model}`;

  async function look() {
    window.clearTimeout(timer);
    const mine = model;
    if (!mine || !there() || window.trellis.page_gone()) return;
    if (!document.hidden) {
      try {
        const got = await ask("epochs");
        if (mine !== model) return;
        runs = got.runs;
        failed = "";
        news(got.weights);
      } catch (error) {
        failed = error.message;
      }
      show();
    }
    timer = window.setTimeout(look, active() ? FOLLOW_MS : IDLE_MS);
  }

  // What the last look brought: another epoch, another run, the end of one, other weights.
  function news(weights) {
    const now = active();
    const ended = Boolean(trained) && (!now || now.run !== trained);
    if (ended && following) shift(null);
    follow_weights(weights, ended);
    if (now && now.run !== trained) following = epoch === null || following;
    trained = now ? now.run : "";
    if (now && following) {
      chosen = now.run;
      if (now.epochs.length) shift(now.epochs[now.epochs.length - 1]);
    }
    if (!run_of(chosen)) chosen = runs.length ? runs[0].run : "";
    if (epoch !== null && !run_of(chosen)?.epochs.includes(epoch)) shift(nearest(epoch));
  }

  // A run left other weights than those that the page shows. It may have begun and ended between two looks.
  function follow_weights(weights, ended) {
    const coming = explore.trained && !explore.points && !ended; // the page itself has asked for them
    if (!weights || coming || weights === loaded || weights === explore.points?.meta.weights) return;
    loaded = weights;
    explore.trained = true;
    explore.load().catch((error) => explore.tell("failed", error));
  }

  // The epoch that was kept and lies nearest; older ones are thinned out while a run trains.
  function nearest(to) {
    const epochs = run_of(chosen)?.epochs || [];
    return epochs.reduce((best, one) => (best === null || Math.abs(one - to) < Math.abs(best - to) ? one : best), null);
  }

  // Shows an epoch of the chosen run; null shows the kept weights.
  function shift(to) {
    if (to === epoch && to !== null) return;
    epoch = to;
    if (to === null) window.sessionStorage.removeItem(kept_key());
    else window.sessionStorage.setItem(kept_key(), JSON.stringify({ run: chosen, epoch: to, following }));
    show();
    fetch_newest();
  }

  // One question at a time, for the epoch that is wanted by then: who drags the slider waits for none of those passed.
  async function fetch_newest() {
    wanted = epoch === null ? null : `${chosen}/${epoch}`;
    if (asking) return;
    if (wanted === null) {
      explore.tell("frame", null);
      return;
    }
    asking = true;
    const [mine, key] = [model, wanted];
    const [run, of] = key.split("/");
    try {
      if (!frames.has(key)) keep(key, await ask(`epoch?run=${run}&epoch=${of}`));
      failed = "";
    } catch (error) {
      failed = error.message;
    }
    asking = false;
    if (mine !== model) return;
    if (key === (epoch === null ? null : `${chosen}/${epoch}`)) {
      if (frames.has(key)) explore.tell("frame", spread(frames.get(key)));
      show();
    } else fetch_newest();
  }

  function keep(key, got) {
    frames.set(key, { meta: got.meta, ...got.columns });
    if (frames.size > KEPT) frames.delete(frames.keys().next().value);
  }

  // A frame in the order of the points, NaN and -1 for images that it does not show.
  function spread(frame) {
    const known = explore.points || explore.pixels;
    const shown = { run: frame.meta.run, epoch: frame.meta.epoch, meta: frame.meta, rows: frame.rows };
    if (!known) return { ...shown, x: frame.x, y: frame.y, predicted: frame.predicted, component: frame.component };
    const n = known.rows.length;
    const all = { x: new Float32Array(n).fill(NaN), y: new Float32Array(n).fill(NaN), predicted: new Int16Array(n).fill(-1), component: new Int16Array(n).fill(-1) };
    const position = new Map(Array.from(known.rows, (row, at) => [row, at]));
    frame.rows.forEach((row, at) => {
      const to = position.get(row);
      if (to === undefined) return;
      for (const [name, column] of Object.entries(all)) column[to] = frame[name][at];
    });
    return { ...shown, ...all };
  }

  function build() {
    const region = there();
    if (!region) return null;
    if (parts && parts.region === region && region.firstChild) return parts;
    const play = made_button("btn btn-icon", "", toggle_play);
    const symbol = made("i", "bi bi-play-fill");
    play.append(symbol);
    const slider = /** @type {HTMLInputElement} */ (made("input", "epochs-slider", "", { type: "range", min: 0, step: 1, "aria-label": "Epoch that is shown" }));
    slider.addEventListener("input", () => {
      stop();
      following = false;
      const epochs = run_of(chosen)?.epochs || [];
      shift(epochs[Number(slider.value)] ?? null);
    });
    const choice = /** @type {HTMLSelectElement} */ (made("select", "form-select form-select-sm", "", { "aria-label": "Run to replay" }));
    choice.addEventListener("change", () => {
      stop();
      following = false;
      chosen = choice.value;
      shift(run_of(chosen)?.epochs.at(-1) ?? null);
    });
    const now = made_button("btn btn-sm btn-outline-secondary", "Now", to_now);
    const words = made("p", "epochs-words muted small");
    const line = made("div", "epochs-line");
    const help = window.trellis.made_help("epochs", HELP);
    line.append(play, slider, now, choice, help.button);
    region.className = "explore-epochs";
    region.replaceChildren(line, help.box, words);
    parts = { region, line, play, symbol, slider, choice, now, words };
    return parts;
  }

  function toggle_play() {
    if (playing) stop();
    else play_on(true);
    show();
  }

  function play_on(first) {
    const epochs = run_of(chosen)?.epochs || [];
    const at = epochs.indexOf(epoch);
    following = false;
    if (first && (epoch === null || at === epochs.length - 1)) shift(epochs[0] ?? null);
    else if (at + 1 < epochs.length) shift(epochs[at + 1]);
    else {
      stop();
      show();
      return;
    }
    playing = window.setTimeout(() => (there() ? play_on(false) : stop()), STEP_MS);
  }

  function stop() {
    window.clearTimeout(playing);
    playing = 0;
  }

  // The kept weights; while a run trains, its newest epoch.
  function to_now() {
    stop();
    following = true;
    const now = active();
    if (now) {
      chosen = now.run;
      shift(now.epochs.at(-1) ?? null);
    } else shift(null);
  }

  function show() {
    const own = build();
    if (!own) return;
    const run = run_of(chosen);
    const epochs = run?.epochs || [];
    own.line.hidden = !epochs.length;
    const training = Boolean(active());
    own.slider.max = String(training ? epochs.length - 1 : epochs.length); // the last place is that of the kept weights
    own.slider.value = String(epoch === null ? epochs.length : epochs.indexOf(epoch));
    const words = says(run, epochs);
    own.slider.setAttribute("aria-valuetext", words);
    own.symbol.className = playing ? "bi bi-pause-fill" : "bi bi-play-fill";
    own.play.setAttribute("aria-label", playing ? "Pause" : "Play the epochs");
    own.play.title = playing ? "Pause" : "Play the epochs";
    own.now.textContent = training ? "Follow" : "Now";
    own.now.title = training ? "Follow the run that trains" : "Return to the kept weights";
    own.now.disabled = training ? following : epoch === null;
    own.choice.hidden = runs.length < 2;
    const options = runs.map(({ run: id, number, active: trains }) => [id, `Run #${number}${trains ? ", training" : ""}`]);
    if (own.choice.dataset.options !== JSON.stringify(options)) {
      own.choice.dataset.options = JSON.stringify(options);
      own.choice.replaceChildren(...options.map(([value, text]) => made("option", "", text, { value })));
    }
    own.choice.value = chosen;
    if (own.words.textContent !== words) own.words.textContent = words;
  }

  function says(run, epochs) {
    if (failed) return failed;
    if (!run) return explore.trained ? "No run of this model can be replayed: runs of a few seconds are over too soon." : "";
    if (!epochs.length) return run.active ? `Run #${run.number} trains: the cloud follows it once there is something to see.` : "This run was over too soon to be replayed.";
    if (epoch === null) return `The kept weights. ${epochs.length === 1 ? "One epoch" : `${epochs.length} epochs`} of run #${run.number} can be replayed.`;
    const meta = frames.get(`${chosen}/${epoch}`)?.meta;
    const part = meta && meta.shown < meta.images ? ` ${meta.shown.toLocaleString()} of ${meta.images.toLocaleString()} images are shown.` : "";
    return `${run.active && following ? "Following run" : "Run"} #${run.number}: epoch ${epoch.toLocaleString()} of ${run.total.toLocaleString()}.${part}`;
  }

  // After a reload the epoch that was looked at is shown again.
  function restore() {
    [epoch, following] = [null, true];
    try {
      const kept = JSON.parse(window.sessionStorage.getItem(kept_key()) || "null");
      if (kept && !kept.following) [chosen, epoch, following] = [kept.run, kept.epoch, false];
    } catch {
      window.sessionStorage.removeItem(kept_key());
    }
  }

  explore.on("page", () => {
    stop();
    if (explore.model !== model) {
      model = explore.model;
      frames.clear();
      [runs, chosen, trained, loaded, failed] = [[], "", "", "", ""];
      if (model) restore();
    }
    if (model && there()) look();
    else window.clearTimeout(timer);
  });
  // What was shown before the points or their places came is shown among them.
  for (const event of ["places", "pixels"]) explore.on(event, () => epoch !== null && fetch_newest());
  document.addEventListener("visibilitychange", () => !document.hidden && model && there() && look());
})();
