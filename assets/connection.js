// When the server does not answer, the page says so, and says when it is back. What is on it stays.
(function () {
  "use strict";
  const RETRY_MS = 2000;
  const send = window.fetch.bind(window);
  let banner = null;

  function lost() {
    if (banner) return;
    banner = document.createElement("div");
    banner.className = "connection";
    banner.setAttribute("role", "alert");
    banner.textContent = "The server does not answer. What trains goes on without it; this page goes on by itself once it is back.";
    document.body.append(banner);
    window.setTimeout(look, RETRY_MS);
  }

  function back() {
    if (!banner) return;
    banner.remove();
    banner = null;
    window.dash_clientside.set_props("refresh", { data: Date.now() });
  }

  function look() {
    send("/health", { cache: "no-store" }).then(
      (answer) => (answer.ok ? back() : window.setTimeout(look, RETRY_MS)),
      () => window.setTimeout(look, RETRY_MS),
    );
  }

  window.fetch = (...request) =>
    send(...request).catch((error) => {
      if (error.name !== "AbortError") lost();
      throw error;
    });
})();
