// Runs in the head, before anything is drawn: the remembered theme, or the system's.
(function () {
  "use strict";
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => window.localStorage.getItem("trellis.theme") || "auto";
  const shown = () => (chosen() === "auto" ? (system.matches ? "dark" : "light") : chosen());

  function apply() {
    document.documentElement.setAttribute("data-bs-theme", shown());
    document.documentElement.setAttribute("data-theme-choice-now", chosen());
    document.dispatchEvent(new CustomEvent("trellis:theme", { detail: shown() }));
  }

  window.trellisTheme = {
    shown,
    chosen,
    choose(choice) {
      window.localStorage.setItem("trellis.theme", choice);
      apply();
    },
  };
  system.addEventListener("change", apply);
  apply();
})();
