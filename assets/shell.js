// The frame in the browser: window title, where the navigation stands, theme, menus, shortcuts.
(function () {
  "use strict";
  let meta = { shortcuts: [] };
  let shownPath = null;
  const GLOBAL_KEYS = [
    ["?", "these shortcuts"],
    ["/", "search on this page"],
  ];
  // [letter, what is there, address] of the pages that a letter after g goes to.
  const going = () => JSON.parse(document.getElementById("frame").dataset.go);

  const isTyping = (target) => target instanceof Element && target.closest("input, textarea, select, [contenteditable=true], dialog");

  function page_shown(next) {
    if (!next) return window.dash_clientside.no_update;
    const moved = shownPath !== null && shownPath !== next.path;
    shownPath = next.path;
    meta = next;
    document.dispatchEvent(new CustomEvent("trellis:page", { detail: { moved } }));
    document.title = `${next.title} · Trellis`;
    for (const entry of document.querySelectorAll(".nav-entry, .nav-entry-aside")) {
      const here = entry.id === `nav-${next.nav}`;
      entry.classList.toggle("is-here", here);
      if (here) entry.setAttribute("aria-current", "page");
      else entry.removeAttribute("aria-current");
    }
    if (window.location.hash.length > 1) show_part(window.location.hash.slice(1));
    else if (moved) {
      window.scrollTo(0, 0);
      const main = document.getElementById("page");
      if (!main.contains(document.activeElement)) main.focus({ preventScroll: true });
    }
    return window.dash_clientside.no_update;
  }

  // The page comes after its address, so the browser has found nothing to scroll to; what is above the part grows for a
  // moment. Whoever moves the page meanwhile is left alone.
  function show_part(id) {
    let left = 40;
    const begun = { path: shownPath, moved: false };
    const moved = () => (begun.moved = true);
    for (const kind of ["wheel", "touchstart", "keydown", "mousedown"]) window.addEventListener(kind, moved, { once: true, passive: true });
    const look = () => {
      if (begun.moved || begun.path !== shownPath) return;
      document.getElementById(decodeURIComponent(id))?.scrollIntoView({ block: "start" });
      if ((left -= 1) > 0) window.setTimeout(look, 100);
    };
    look();
  }

  function markTheme() {
    const chosen = window.trellisTheme.chosen();
    for (const button of document.querySelectorAll("button[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === chosen));
    }
  }

  function showShortcuts() {
    const dialog = document.createElement("dialog");
    dialog.className = "ask shortcuts";
    dialog.setAttribute("aria-label", "Keyboard shortcuts");
    const title = document.createElement("h2");
    title.textContent = "Keyboard shortcuts";
    const list = document.createElement("dl");
    const own = meta.shortcuts || [];
    const everywhere = [...GLOBAL_KEYS, ...going().map(([letter, words]) => [`g then ${letter}`, words])];
    const others = everywhere.filter(([keys]) => !own.some(([taken]) => taken === keys));
    for (const [keys, words] of [...own, ...others]) {
      const term = document.createElement("dt");
      for (const key of keys.split(" ")) {
        if (key === "then" || key === "or") {
          term.append(` ${key} `);
          continue;
        }
        const cap = document.createElement("kbd");
        cap.textContent = key;
        term.append(cap);
      }
      const meaning = document.createElement("dd");
      meaning.textContent = words;
      list.append(term, meaning);
    }
    const close = document.createElement("button");
    close.type = "button";
    close.className = "btn btn-outline-secondary";
    close.textContent = "Close";
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => dialog.remove());
    dialog.append(title, list, close);
    document.body.append(dialog);
    dialog.showModal();
    dialog.scrollTop = 0; // the button that has the focus stands at the end
  }

  let leader = 0;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (event.key === "?") {
      event.preventDefault();
      showShortcuts();
    } else if (event.key === "/") {
      const search = document.querySelector("#page input[type=search], #page .search input");
      if (search) {
        event.preventDefault();
        search.focus();
        search.select();
      }
    } else if (event.key === "g") {
      leader = Date.now();
    } else if (Date.now() - leader < 1200) {
      const found = going().find(([letter]) => letter === event.key);
      if (!found) return;
      leader = 0;
      event.preventDefault();
      window.trellis.go(found[2]);
    }
  });

  document.addEventListener("click", (event) => {
    const choice = event.target.closest("button[data-theme-choice]");
    if (choice) {
      window.trellisTheme.choose(choice.dataset.themeChoice);
      markTheme();
      // The Settings page shows the same buttons outside any menu.
      choice.closest("details")?.removeAttribute("open");
    }
    for (const menu of document.querySelectorAll("details.pop-host[open]")) {
      if (!(event.target instanceof Node) || !menu.contains(event.target) || event.target.closest("a")) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.pop-host[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  const narrow = window.matchMedia("(max-width: 760px)"); // as in the style sheets
  narrow.addEventListener("change", () => document.dispatchEvent(new CustomEvent("trellis:narrow")));
  document.addEventListener("trellis:page", markTheme);
  document.addEventListener("trellis:theme", (event) => {
    if (document.getElementById("theme-menu")) window.dash_clientside.set_props("theme", { data: event.detail });
  });

  // Whether what the open page is of was deleted meanwhile: then its scripts ask no more until it is drawn anew.
  const page_gone = () => Boolean(document.querySelector('#page-gone [data-gone="page"]'));

  window.trellis = Object.assign(window.trellis || {}, { page_gone });
  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.trellis = Object.assign(window.dash_clientside.trellis || {}, {
    page_shown,
    theme_shown() {
      markTheme();
      return window.trellisTheme.shown();
    },
    narrow_now: () => narrow.matches,
  });
})();
