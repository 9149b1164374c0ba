// Quick tests: what only the browser can know.
(function () {
  "use strict";

  // What a page shows stands in its address, without a step back for every choice.
  function address_told(address) {
    if (address) window.history.replaceState(window.history.state, "", window.trellis.at(address));
    return window.dash_clientside.no_update;
  }

  document.addEventListener("click", async (event) => {
    const copier = event.target.closest("[data-copy]");
    const source = copier && document.getElementById(copier.dataset.copy);
    if (!source) return;
    const words = copier.lastChild;
    const before = words.textContent;
    try {
      await navigator.clipboard.writeText(source.textContent);
      words.textContent = "Copied";
    } catch {
      // Without a secure connection browsers keep the clipboard to themselves: the text is selected instead.
      window.getSelection().selectAllChildren(source);
      words.textContent = "Selected: press Ctrl+C";
    }
    window.setTimeout(() => (words.textContent = before), 2000);
  });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.trellis = Object.assign(window.dash_clientside.trellis || {}, { address_told });
})();
