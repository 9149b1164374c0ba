// Marks on what a list shows (see dashboard/components/marks.py): a click adds to what is marked now, wherever that is kept.
(function () {
  "use strict";

  function after(before, ids, most, oldest_leaves) {
    if (!ids.length) return [];
    const others = before.filter((id) => !ids.includes(id));
    if (ids.every((id) => before.includes(id))) return others;
    const all = [...others, ...ids];
    if (!most || all.length <= most) return all;
    return oldest_leaves ? all.slice(-most) : before;
  }

  function in_store(store, change) {
    const layout = window.dash_component_api.getLayout(store);
    if (layout) window.dash_clientside.set_props(store, { data: change(layout.props.data || []) });
  }

  // The address changes with the click itself, and the page follows it as after a step back or forward.
  function in_address(name, change) {
    const address = new URL(window.location.href);
    const now = change((address.searchParams.get(name) || "").split(",").filter(Boolean));
    if (now.length) address.searchParams.set(name, now.join(","));
    else address.searchParams.delete(name);
    address.search = address.search.replaceAll("%2C", ",");
    window.history.pushState({}, "", address);
    window.dispatchEvent(new PopStateEvent("popstate"));
  }

  document.addEventListener("click", (event) => {
    const element = event.target.closest("[data-marks]");
    if (!element || element.disabled || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    const { marks, ids, most, oldestLeaves } = element.dataset;
    const change = (before) => after(before, (ids || "").split(",").filter(Boolean), Number(most || 0), Boolean(oldestLeaves));
    if (marks.startsWith("?")) in_address(marks.slice(1), change);
    else in_store(marks, change);
  });

  // What was deleted is no longer marked.
  function unmarked(asked, marked) {
    const gone = asked && asked.action === "delete" && (marked || []).includes(asked.id);
    return gone ? marked.filter((id) => id !== asked.id) : window.dash_clientside.no_update;
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.trellis = Object.assign(window.dash_clientside.trellis || {}, { unmarked });
})();
