// When the server does not answer, the page says so, and says when it is back. What is on it stays.
(function () {
  "use strict";
  const RETRY_MS = 2000;
  const send = window.fetch.bind(window);
  let banner = null;
  let returning = false;

  function lost() {
    if (banner && !returning) return;
    returning = false;
    if (!banner) {
      banner = document.createElement("div");
      banner.className = "connection";
      banner.setAttribute("role", "alert");
      banner.textContent = "The server does not answer. What trains goes on without it; this page goes on by itself once it is back.";
      document.body.append(banner);
    }
    window.setTimeout(look, RETRY_MS);
  }

  // The page is drawn again; until that is done, what somebody types into it would be lost, so the banner stays.
  function back() {
    returning = true;
    window.dash_clientside.set_props("refresh", { data: Date.now() });
  }

  document.addEventListener("trellis:page", () => {
    if (!returning) return;
    returning = false;
    banner.remove();
    banner = null;
  });

  function look() {
    send(window.trellis.at("/health"), { cache: "no-store" }).then(
      (answer) => (answer.ok ? back() : window.setTimeout(look, RETRY_MS)),
      () => window.setTimeout(look, RETRY_MS),
    );
  }

  // Whoever is not logged in any more is asked to, and comes back to where they were.
  let leaving = false;
  function log_in() {
    if (leaving) return;
    leaving = true;
    const here = window.trellis.here() + window.location.search;
    window.location.assign(window.trellis.at(`/login?why=ended&next=${encodeURIComponent(here)}`));
  }

  window.fetch = (...request) =>
    send(...request).then(
      (answer) => {
        if (answer.status !== 401) return answer;
        log_in();
        // The page is left: whoever asked need not hear of it.
        return new Promise(() => {});
      },
      (error) => {
        if (error.name !== "AbortError") lost();
        throw error;
      },
    );
})();
