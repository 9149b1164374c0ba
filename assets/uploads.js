// Uploads: a file that is too large for a request is refused in words, before anything is sent.
(function () {
  "use strict";

  const words = (bytes) => `${Math.round(bytes / 1048576)} MB`;

  function refuse(event, files) {
    const place = event.target.closest && event.target.closest("[data-upload-limit]");
    const file = place && files && files[0];
    const limit = place ? Number(place.dataset.uploadLimit) : 0;
    if (!file || file.size <= limit) return;
    event.stopPropagation();
    event.preventDefault();
    const toast = {
      id: String(Date.now()),
      kind: "danger",
      message: `${file.name} has ${words(file.size)}; at most ${words(limit)} can be uploaded here.`,
      hint: "Import it on the server: trellis data import.",
    };
    window.dash_clientside.set_props("toast-inbox", { data: [toast] });
    if (event.target.matches("input[type=file]")) event.target.value = "";
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.trellis = Object.assign(window.dash_clientside.trellis || {}, {
    // The button is the control; the file input behind it is its machinery, neither reached by Tab nor read out.
    // It is made some time after the page, and anew after an upload.
    upload_quiet(id) {
      const place = document.getElementById(id);
      const hide = () => {
        for (const input of place.querySelectorAll("input[type=file]:not([aria-hidden])")) {
          input.tabIndex = -1;
          input.setAttribute("aria-hidden", "true");
        }
      };
      hide();
      new MutationObserver(hide).observe(place, { childList: true, subtree: true });
      return window.dash_clientside.no_update;
    },
  });

  document.addEventListener("change", (event) => refuse(event, event.target.files), true);
  document.addEventListener("drop", (event) => refuse(event, event.dataTransfer && event.dataTransfer.files), true);
})();
