// Shown code: copied to the clipboard, or saved as a file, by the buttons above it.
(function () {
  "use strict";
  const text_of = (button) => button.closest(".code").querySelector("code").textContent;

  document.addEventListener("click", async (event) => {
    const copy = event.target.closest("[data-copy-code]");
    if (copy) {
      const label = copy.lastChild;
      const before = label.textContent;
      try {
        await navigator.clipboard.writeText(text_of(copy));
        label.textContent = "Copied";
      } catch {
        label.textContent = "Select it and copy: the browser refused";
      }
      window.setTimeout(() => {
        label.textContent = before;
      }, 2000);
    }
    const save = event.target.closest("[data-save-code]");
    if (save) {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text_of(save)], { type: "text/plain" }));
      link.download = save.dataset.saveCode;
      link.click();
      URL.revokeObjectURL(link.href);
    }
  });
})();
