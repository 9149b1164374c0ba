// Chips beside a field: one click fills a common value in, and the chip of the present value is marked.
(function () {
  "use strict";

  const input_of = (chip) => document.querySelector(`.field[data-form="${CSS.escape(chip.dataset.form)}"][data-field="${CSS.escape(chip.dataset.field)}"] input`);

  function show() {
    for (const chip of document.querySelectorAll("[data-chip]")) {
      const input = input_of(chip);
      const held = input ? input.value.trim() : "";
      chip.setAttribute("aria-pressed", String(held !== "" && Number(held) === Number(chip.dataset.chip)));
    }
  }

  document.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-chip]");
    if (!chip) return;
    window.dash_clientside.set_props({ field: chip.dataset.field, form: chip.dataset.form }, { value: chip.dataset.chip });
    window.requestAnimationFrame(show);
  });
  document.addEventListener("input", (event) => {
    if (event.target.closest(".field[data-form]")) show();
  });
  document.addEventListener("trellis:page", () => window.requestAnimationFrame(show));
  window.trellis = Object.assign(window.trellis || {}, { show_chips: show });
})();
