// The Models page in the browser: renaming in place, filters in the address, the remembered view.
(function () {
  "use strict";

  // With `typed` and `refusal`: once more, because what was typed was refused.
  function startRename(id, typed, refusal) {
    const button = document.querySelector(`[data-rename="${CSS.escape(id)}"]`);
    const title = document.querySelector(`[data-name-of="${CSS.escape(id)}"]`);
    if (!button || !title || title.querySelector("input")) return;
    const link = title.firstElementChild;
    const before = title.textContent;
    const input = document.createElement("input");
    input.className = "form-control form-control-sm";
    input.value = typed ?? before;
    input.setAttribute("aria-label", `New name of ${before}`);
    input.setAttribute("aria-invalid", String(Boolean(refusal)));
    const message = document.createElement("p");
    message.className = "field-message";
    message.id = "rename-message";
    message.setAttribute("role", "alert");
    message.textContent = refusal || "";
    input.setAttribute("aria-describedby", message.id);
    link.hidden = true;
    title.append(input, message);
    input.focus();
    if (!refusal) input.select();
    let done = false;
    const finish = (save) => {
      if (done) return;
      done = true;
      const name = input.value.trim();
      input.remove();
      message.remove();
      link.hidden = false;
      if (save && name !== before) {
        window.trellis.attempt((words) => startRename(id, name, words));
        window.trellis.send(button, { action: "rename", id, value: name });
      }
      button.focus();
      window.dash_clientside.set_props("models-nudge", { data: Date.now() });
    };
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === "Escape") {
        event.preventDefault();
        finish(event.key === "Enter");
      }
      event.stopPropagation();
    });
    // Later, because a browser may also say that the focus is lost when the input is taken away with the list around it.
    input.addEventListener("blur", () => window.setTimeout(() => input.isConnected && finish(true)));
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-rename]");
    if (button) startRename(button.dataset.rename);
  });

  const renaming = () => document.querySelector("[data-name-of] input") !== null;

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.trellis = Object.assign(window.dash_clientside.trellis || {}, {
    // What others change is shown once nobody is typing a name into the list.
    models_may_change(seen) {
      return renaming() ? window.dash_clientside.no_update : seen;
    },

    // Without a view in the address, the one looked at last.
    models_view_remembered() {
      const remembered = window.localStorage.getItem("trellis.models.view");
      const inAddress = new URLSearchParams(window.location.search).has("view");
      return remembered === "table" && !inAddress ? "table" : window.dash_clientside.no_update;
    },

    // Replaces the address without a visit, so that what is seen can be linked and a reload shows it again.
    models_address(text, family, state, tag, sort, view) {
      if (window.trellis.here() === "/") {
        const query = new URLSearchParams();
        for (const [name, value] of Object.entries({ text, family, state, tag })) if (value && value !== "any") query.set(name, value);
        if (sort && sort !== "updated") query.set("sort", sort);
        if (view === "table") query.set("view", view);
        window.localStorage.setItem("trellis.models.view", view || "cards");
        const search = query.toString();
        window.history.replaceState(window.history.state, "", window.trellis.at(`/${search && `?${search}`}`));
        document.querySelectorAll('.page-models .segmented [data-act="view"]').forEach((button) => {
          button.setAttribute("aria-pressed", String(button.dataset.id === (view || "cards")));
        });
      }
      return window.dash_clientside.no_update;
    },
  });
})();
