// How the cloud is looked at, kept over a reload in this browser tab: zoom, colouring, filter, selection, the image looked at.
(function () {
  "use strict";
  const explore = window.trellis.explore;
  const MOST_ROWS = 20000;
  const PAUSE_MS = 150;
  let timer = 0;
  let views = {};
  let method = ""; // what places the images, if another than at first was chosen
  let restoring = false;

  const name = () => `trellis-explore-${explore.model}`;

  function read() {
    try {
      return JSON.parse(window.sessionStorage.getItem(name()) || "{}");
    } catch {
      return {};
    }
  }

  function write() {
    if (!explore.model || restoring) return;
    const { colour, current, filter, selection } = explore;
    const rows = selection.length > MOST_ROWS ? [] : [...selection];
    const said = { views, method, colour, current, selection: rows, filter: filter && { key: filter.key, values: [...filter.values] } };
    try {
      window.sessionStorage.setItem(name(), JSON.stringify(said));
    } catch {
      // a full or forbidden storage: the page works without
    }
  }

  function write_soon() {
    window.clearTimeout(timer);
    timer = window.setTimeout(write, PAUSE_MS);
  }

  // Before the cloud is drawn for the first time.
  function restore() {
    const found = read();
    restoring = true;
    views = found.views || {};
    method = found.method || "";
    const allowed = explore.colourings().some(({ key, off }) => key === found.colour && !off);
    if (allowed) explore.colour_by(found.colour);
    if (found.filter && !explore.filter) for (const value of found.filter.values) explore.isolate(found.filter.key, value, true);
    if (found.selection?.length) explore.select(found.selection);
    if (found.current !== undefined && found.current !== null && explore.current === null) explore.look_at(found.current);
    restoring = false;
  }

  function keep_view(of, view) {
    views[of] = view;
    write_soon();
  }

  function keep_method(chosen) {
    method = chosen;
    write_soon();
  }

  explore.on("page", () => {
    window.clearTimeout(timer);
    views = {};
    method = "";
  });
  for (const event of ["points", "pixels"]) explore.on(event, restore);
  for (const event of ["colour", "filter", "selection", "current"]) explore.on(event, write_soon);
  window.addEventListener("pagehide", write);

  Object.assign(explore, { keep_view, kept_view: (of) => views[of], keep_method, kept_method: () => method });
})();
