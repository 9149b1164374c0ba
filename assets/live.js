// The live part of a page looks at its run on its own: the server says what has changed since the last look, and only that
// is written. Dash asks every component of a page for each property that is set, so what changes with every epoch (texts,
// the bar, points of curves) goes past it.
(function () {
  "use strict";
  const ADDRESS = window.trellis.at("/live-look");
  const PAUSE_MS = 800; // after a look's drawing: with the time that the look itself takes about one a second
  const SLOW_MS = 5000; // between looks of a tab that nobody sees, which draws nothing, and at a server that does not answer
  const PARTS = ["steps", "metrics", "ended", "notices", "log-lines", "recent"];
  const NOTHING = () => window.dash_clientside.no_update;

  let page = null; // {target, phase, active, keys, idle}: what this page shows; another object once it is another page
  let view = { smoothing: 0, log: false, hidden: [], overlay: [] };
  let looking = false;
  let again = false;
  let timer = 0;

  const there = (id) => document.getElementById(id);
  const curves = () => window.trellis.curves;

  function asked() {
    const parts = {};
    for (const name of PARTS) {
      const place = there(`live-${name}`);
      if (place) parts[name] = page.keys[name] ?? place.dataset.part ?? ""; // what the page came with has its key there
    }
    return {
      ...page.target,
      parts,
      panels: curves().panels(),
      terms: there("live-hidden") ? page.keys.terms || "" : null,
      view: { ...view, dark: window.trellisTheme.shown() === "dark", narrow: window.dash_clientside.trellis.narrow_now() },
    };
  }

  // Looks now; if a look is under way already, once more after it, because it may have come too early.
  async function look() {
    if (looking) {
      again = true;
      return;
    }
    looking = true;
    let pause = null;
    try {
      do {
        again = false;
        pause = await once();
      } while (again);
    } finally {
      looking = false;
    }
    window.clearTimeout(timer);
    if (pause !== null) timer = window.setTimeout(look, pause);
  }

  // One look. Returns after how many milliseconds to look again, null if nothing goes on.
  async function once() {
    const mine = page;
    if (!mine || !there("live-progress") || window.trellis.page_gone()) return null;
    const { rested, ...seen } = document.hidden ? { rested: false } : curves().in_sight(mine.active);
    let answer = null;
    try {
      const body = JSON.stringify({ ...asked(), ...seen });
      const options = { method: "POST", headers: { "Content-Type": "application/json" }, body };
      const got = await window.fetch(ADDRESS, options);
      answer = got.ok ? await got.json() : null;
    } catch {
      answer = null; // the page says itself that the server does not answer
    }
    if (mine !== page || !there("live-progress")) return 0;
    if (!answer) return SLOW_MS;
    mine.active = answer.active;
    await write(mine, answer);
    await curves().draw(answer);
    // The last state of a run is drawn whatever it costs.
    if (!answer.active) return rested ? 0 : null;
    return document.hidden ? SLOW_MS : PAUSE_MS;
  }

  const set = (id, properties) => window.dash_clientside.set_props(id, properties);

  async function write(shown, answer) {
    const parts = Object.entries(answer.parts);
    for (const [name, part] of parts) {
      shown.keys[name] = part.key;
      set(`live-${name}`, { children: part.children });
    }
    if (answer.terms) {
      shown.keys.terms = answer.terms.key;
      set("live-hidden", { options: answer.terms.options });
    }
    for (const [name, idle] of Object.entries(answer.idle)) {
      if (Boolean(shown.idle[name]) === idle) continue;
      shown.idle[name] = idle;
      set({ type: "live-panel", name }, { hidden: idle });
    }
    const phase = JSON.stringify(answer.phase);
    if (phase !== shown.phase) {
      shown.phase = phase;
      set("live-phase", { data: answer.phase });
    }
    // What was set is on the page only after this.
    if (parts.length) await new Promise((done) => window.setTimeout(done, 0));
    show_bar(answer);
    for (const [name, words] of Object.entries(answer.texts)) {
      const place = document.querySelector(`[data-live="${CSS.escape(name)}"]`);
      if (place && place.textContent !== words) place.textContent = words;
    }
  }

  function show_bar(answer) {
    const row = there("live-progress");
    if (!row) return;
    if (answer.bar) {
      there("live-bar").className = answer.bar.look;
      there("live-bar").setAttribute("aria-valuenow", answer.bar.value);
      there("live-bar-fill").style.width = answer.bar.width;
      if (there("live-words").textContent !== answer.bar.words) there("live-words").textContent = answer.bar.words;
    }
    row.className = answer.active ? "live-progress" : "live-progress d-none";
  }

  // What a launch does now, on the pages of its model. While it shows, the bar of the run does not (see the style sheet).
  function launch_line(launching, told, cancelled, wanted, target) {
    const mine = launching && wanted && target && wanted.model === target.model && (target.latest || wanted.run === target.run) && wanted.key !== cancelled;
    const words = mine && told && told.key === wanted.key ? told.words : "Starting";
    return [mine ? "live-progress launch-line" : "live-progress launch-line d-none", words];
  }

  // A page was drawn, or drawn again: what is known of what it shows is out of date.
  function live_shown(target, phase) {
    page = target ? { target, phase: JSON.stringify(phase), active: false, keys: {}, idle: {} } : null;
    look();
    return NOTHING();
  }

  function live_look() {
    look();
    return NOTHING();
  }

  function live_view(smoothing, log, hidden, overlay) {
    view = { smoothing: Number(smoothing) || 0, log: Boolean(log), hidden: hidden || [], overlay: overlay || [] };
    look();
    return NOTHING();
  }

  document.addEventListener("visibilitychange", () => document.hidden || look());
  document.addEventListener("trellis:theme", look);
  document.addEventListener("trellis:narrow", look);
  document.addEventListener("trellis:in-sight", look);

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.trellis = Object.assign(window.dash_clientside.trellis || {}, { launch_line, live_look, live_shown, live_view });
})();
