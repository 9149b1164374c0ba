// The login page: sends what was typed as JSON, then goes to the page that was asked for.
(function () {
  "use strict";
  const inside = (address) => (address && address.startsWith("/") && !address.startsWith("//") && !address.includes("\\") ? address : "/");
  const form = /** @type {HTMLFormElement} */ (document.getElementById("login"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const answer = document.getElementById("answer");
    answer.textContent = "";
    const response = await fetch("/login", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(Object.fromEntries(new FormData(form).entries())),
    });
    if (response.ok) window.location.assign(inside(new URLSearchParams(window.location.search).get("next")));
    else answer.textContent = (await response.json()).error.message;
  });
})();
