// The login page: sends what was typed as JSON, then goes to the page that was asked for.
(function () {
  "use strict";
  const { at } = window.trellis;
  // Browsers make more of an address than meets the eye, so the one that they made is looked at.
  function inside(address) {
    try {
      const wanted = new URL(at(address), window.location.href);
      if (address.startsWith("/") && wanted.origin === window.location.origin) return wanted.href;
    } catch {
      // It is none.
    }
    return at("/");
  }
  const form = /** @type {HTMLFormElement} */ (document.getElementById("login"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const answer = document.getElementById("answer");
    answer.textContent = "";
    const response = await fetch(at("/login"), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(Object.fromEntries(new FormData(form).entries())),
    });
    if (response.ok) window.location.assign(inside(new URLSearchParams(window.location.search).get("next") || "/"));
    else answer.textContent = (await response.json()).error.message;
  });
})();
