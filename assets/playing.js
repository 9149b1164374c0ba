// A button that moves a slider on step by step: data-plays names the slider's id. At the end it stops, and begins anew when it is pressed there.
(function () {
  "use strict";

  const STEP_MS = 700;
  let timer = 0;
  let button = null;

  function slider_of(element) {
    return /** @type {HTMLInputElement | null} */ (element && element.isConnected ? document.getElementById(element.dataset.plays) : null);
  }

  function show(playing) {
    if (!button) return;
    const label = playing ? "Pause" : "Play";
    button.setAttribute("aria-label", label);
    button.title = label;
    const symbol = button.querySelector("i");
    if (symbol) symbol.className = playing ? "bi bi-pause-fill" : "bi bi-play-fill";
  }

  function stop() {
    window.clearTimeout(timer);
    timer = 0;
    show(false);
  }

  function move(slider, value) {
    const setter = Object.getOwnPropertyDescriptor(window.HTMLInputElement.prototype, "value").set;
    setter.call(slider, String(value));
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    slider.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function step(anew) {
    const slider = slider_of(button);
    if (!slider) return stop();
    const at = Number(slider.value);
    const last = Number(slider.max);
    if (at >= last && !anew) return stop();
    move(slider, at >= last ? Number(slider.min) : at + 1);
    timer = window.setTimeout(() => step(false), STEP_MS);
  }

  document.addEventListener("click", (event) => {
    const pressed = /** @type {HTMLElement} */ (event.target).closest("[data-plays]");
    if (!pressed) return;
    const playing = timer && button === pressed;
    stop();
    button = pressed;
    if (playing) return;
    step(true);
    show(Boolean(timer));
  });

  // Whoever moves the slider plays no longer.
  for (const kind of ["pointerdown", "keydown"]) {
    document.addEventListener(kind, (event) => {
      if (timer && event.target === slider_of(button)) stop();
    });
  }
})();
