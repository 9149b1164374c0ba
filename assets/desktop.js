// Notices on the desktop when a run or a sweep has ended: turned on by a click in Settings, shown only while the page is out of sight.
(function () {
  "use strict";
  const KEPT = "trellis-desktop";
  const EVERY_MS = 10_000;
  const able = "Notification" in window;
  let after = null;
  let timer = null;

  const on = () => able && Notification.permission === "granted" && window.localStorage.getItem(KEPT) === "on";

  function mark() {
    const said = document.getElementById("settings-desktop-said");
    for (const button of document.querySelectorAll("button[data-desktop-choice]")) {
      button.setAttribute("aria-pressed", String(on()));
      if (button instanceof HTMLButtonElement) button.disabled = !able;
    }
    if (!said) return;
    if (!able) said.textContent = "This browser has none for pages of this address: it needs https, or 127.0.0.1.";
    else if (Notification.permission === "denied") said.textContent = "This browser refuses them to this page. Allow them in its settings for this address.";
    else said.textContent = on() ? "They are on in this browser." : "";
  }

  async function choose() {
    if (on()) window.localStorage.removeItem(KEPT);
    else if ((await Notification.requestPermission()) === "granted") window.localStorage.setItem(KEPT, "on");
    mark();
    follow();
  }

  // Several tabs may show the same: the tag makes it one notice.
  function show(ending) {
    const notice = new Notification(ending.title, { body: ending.results, tag: ending.key, icon: window.trellis.at("/assets/favicon.svg") });
    notice.addEventListener("click", () => {
      window.focus();
      window.location.assign(ending.page);
      notice.close();
    });
  }

  async function look() {
    timer = null;
    if (!document.hidden || !on()) return;
    try {
      const answer = await window.fetch(window.trellis.at(`/api/endings${after === null ? "" : `?after=${after}`}`), { cache: "no-store" });
      if (answer.ok) {
        const told = await answer.json();
        after = told.next;
        if (document.hidden) told.items.forEach(show);
      }
    } catch {
      // the server is away: the page says so once somebody looks at it
    }
    follow();
  }

  function follow() {
    if (document.hidden && on()) timer ??= window.setTimeout(look, after === null ? 0 : EVERY_MS);
    else after = null;
  }

  document.addEventListener("visibilitychange", follow);
  document.addEventListener("trellis:page", mark);
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("button[data-desktop-choice]")) choose();
  });
})();
