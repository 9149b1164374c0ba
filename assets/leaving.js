// Leaving a page with unsaved settings is asked about: by a link, by closing, by a reload. And what Tab need not stop at.
(function () {
  "use strict";
  const unsaved = () => Number(document.getElementById("hub-changes")?.dataset.unsaved || 0);

  function unsaved_shown(edits) {
    const place = document.getElementById("hub-changes");
    if (place) place.dataset.unsaved = String((edits && edits.changed) || 0);
    return window.dash_clientside.no_update;
  }

  function ask(go) {
    const dialog = document.createElement("dialog");
    dialog.className = "ask";
    dialog.setAttribute("aria-label", "Unsaved settings");
    const words = document.createElement("p");
    const n = unsaved();
    words.textContent = `${n === 1 ? "1 change of the settings is" : `${n} changes of the settings are`} not saved. Leave without saving?`;
    const row = document.createElement("div");
    row.className = "ask-actions";
    const button = (label, look, act) => {
      const made = document.createElement("button");
      made.type = "button";
      made.className = `btn ${look}`;
      made.textContent = label;
      made.addEventListener("click", () => {
        dialog.close();
        act();
      });
      row.append(made);
    };
    button("Stay", "btn-outline-secondary", () => {});
    button("Leave without saving", "btn-primary", go);
    dialog.addEventListener("close", () => dialog.remove());
    dialog.append(words, row);
    document.body.append(dialog);
    dialog.showModal();
  }

  // In the capture phase: the link's own listener must not go first.
  document.addEventListener(
    "click",
    (event) => {
      const link = event.target.closest("a[href]");
      if (!link || !unsaved() || event.ctrlKey || event.metaKey || event.shiftKey || link.target || link.hasAttribute("download")) return;
      const to = new URL(link.href, window.location.href);
      if (to.origin !== window.location.origin || (to.pathname === window.location.pathname && to.search === window.location.search)) return;
      event.preventDefault();
      event.stopPropagation();
      ask(() => {
        document.getElementById("hub-changes").dataset.unsaved = "0";
        window.dash_clientside.set_props("url", { href: to.pathname + to.search + to.hash });
      });
    },
    true,
  );
  window.addEventListener("beforeunload", (event) => {
    if (unsaved()) event.preventDefault();
  });

  // A graph's tools are for the pointer; with a dozen graphs they would be a hundred stops for Tab.
  new MutationObserver((changes) => {
    for (const change of changes) {
      for (const node of change.addedNodes) {
        if (!(node instanceof Element)) continue;
        const tools = node.matches(".modebar-btn") ? [node] : node.querySelectorAll(".modebar-btn");
        for (const tool of tools) tool.tabIndex = -1;
      }
    }
  }).observe(document.documentElement, { childList: true, subtree: true });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.trellis = Object.assign(window.dash_clientside.trellis || {}, { unsaved_shown });
})();
