// Labels from a file and into one. What a file would do is said before it is done; one bad line, and nothing is applied.
(function () {
  "use strict";
  const explore = window.trellis.explore;
  const { made, made_button } = window.trellis;

  function opened(title, ...parts) {
    const dialog = /** @type {HTMLDialogElement} */ (made("dialog", "ask dialog", "", { "aria-labelledby": "file-title" }));
    const close = () => {
      dialog.close();
      dialog.remove();
    };
    dialog.addEventListener("cancel", (event) => {
      if (event.target !== dialog) return; // a choice of files that was cancelled closes nothing
      event.preventDefault();
      close();
    });
    const actions = made("div", "ask-actions");
    actions.append(made_button("btn btn-outline-secondary", "Close", close));
    dialog.append(made("h2", "dialog-title", title, { id: "file-title" }), ...parts, actions);
    document.body.append(dialog);
    dialog.showModal();
    return { dialog, actions, close };
  }

  // The file as the server reads it, with what it is to do.
  async function send(file, apply) {
    const content = await new Promise((done, failed) => {
      const reader = new FileReader();
      reader.addEventListener("load", () => done(String(reader.result).split(",")[1] || ""));
      reader.addEventListener("error", () => failed(new Error(`${file.name} cannot be read. Choose it again.`)));
      reader.readAsDataURL(file);
    });
    return window.trellis.ask(`/explore/${explore.model}/import`, { content, apply });
  }

  const images = (count) => (count === 1 ? "1 image" : `${count.toLocaleString()} images`);

  function import_labels() {
    const input = /** @type {HTMLInputElement} */ (made("input", "form-control", "", { type: "file", id: "labels-file", accept: ".csv,.tsv,.txt,text/csv" }));
    const says = made("div", "file-says", "", { role: "status" });
    const help = "A CSV file with the columns index,label: the sample's number, and the class by name or number. Lines about test images are refused.";
    const { actions, close } = opened(
      "Import labels", made("label", "field-label", "File", { for: "labels-file" }), input, made("p", "field-help", help), says,
    );
    const go = made_button("btn btn-primary", "Import", () => apply(), { disabled: "" });
    actions.append(go);

    async function apply() {
      go.disabled = true;
      try {
        const answer = await send(input.files[0], explore.version);
        if (answer.problems) return show(answer);
        explore.step_made("import");
        explore.take(answer.told);
        const { new: fresh, changed } = answer.preview;
        const toast = { id: `import-${Date.now()}`, kind: "good", message: `${images(fresh + changed)} labelled from ${input.files[0].name}.`, hint: "z takes it back." };
        window.dash_clientside.set_props("toast-inbox", { data: [toast] });
        close();
      } catch (error) {
        says.replaceChildren(made("p", "field-message", [error.message, error.hint].filter(Boolean).join(" ")));
      }
    }

    function show({ preview, problems, hint }) {
      go.disabled = !preview || preview.new + preview.changed === 0;
      if (problems) {
        const list = made("ul", "file-problems", "", { tabindex: "0", "aria-label": "Bad lines" });
        list.append(...problems.map(([where, what]) => made("li", "", `${where}: ${what}`)));
        const count = problems.length === 1 ? "One line is bad" : `${problems.length.toLocaleString()} lines are bad`;
        says.replaceChildren(made("p", "field-message", `${count}, so nothing is imported.${hint ? ` ${hint}` : ""}`), list);
        return;
      }
      const parts = [];
      if (preview.new) parts.push(`${images(preview.new)} would get a first label`);
      if (preview.changed) parts.push(`${images(preview.changed)} another one than now`);
      if (preview.same) parts.push(`${images(preview.same)} ${preview.same === 1 ? "has" : "have"} the same already`);
      says.replaceChildren(made("p", "", `${parts.join(", ") || "The file labels nothing"}.`));
    }

    input.addEventListener("click", () => (input.value = "")); // the same file again is read again: it may have been put right
    input.addEventListener("change", async () => {
      go.disabled = true;
      if (!input.files[0]) return;
      says.replaceChildren(made("p", "muted", "Reading…"));
      try {
        show(await send(input.files[0], null));
      } catch (error) {
        says.replaceChildren(made("p", "field-message", [error.message, error.hint].filter(Boolean).join(" ")));
      }
    });
  }

  function export_labels() {
    const box = /** @type {HTMLInputElement} */ (made("input", "form-check-input", "", { type: "checkbox", id: "labels-proposals" }));
    const line = made("div", "form-check");
    line.append(box, made("label", "field-label", "Also what proposed each (strategy, run, score)", { for: "labels-proposals" }));
    const note = `${images(explore.labels.size)} of this model, as CSV with the columns index,label. Importing it again changes nothing.`;
    const { actions, close } = opened("Export labels", made("p", "dialog-note", note), line);
    const link = /** @type {HTMLAnchorElement} */ (made("a", "btn btn-primary", "Download", { download: "" }));
    const follow = () => (link.href = window.trellis.at(`/api/models/${explore.model}/labels/csv${box.checked ? "?proposals=true" : ""}`));
    box.addEventListener("change", follow);
    follow();
    link.addEventListener("click", () => window.setTimeout(close, 0));
    actions.append(link);
  }

  Object.assign(explore, { import_labels, export_labels });
})();
