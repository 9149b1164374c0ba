// Cells of the tables. They carry delegated actions like everything else; none has a callback of its own.
(function () {
  "use strict";
  const functions = (window.dashAgGridComponentFunctions ??= {});
  const h = (...args) => window.React.createElement(...args);
  const icon = (name) => h("i", { className: `bi bi-${name}`, "aria-hidden": "true" });

  functions.TrellisModelLink = ({ data }) => {
    const warning = data.misfit ? h("span", { className: "tag tag-danger", title: data.misfit }, icon("exclamation-triangle"), "misfit") : null;
    return h("span", { className: "cell-name" }, h("a", { ...window.trellis.to(`/model/${data.id}`), className: "card-link" }, data.name), warning);
  };

  functions.TrellisState = ({ data }) => h("span", { className: `tag tag-${data.tone}` }, icon(data.icon), h("span", null, data.state));

  functions.TrellisMetric = ({ data }) =>
    data.metric_text
      ? h("span", { className: "cell-metric" }, h("b", null, data.metric_text), h("span", { className: "muted" }, ` ${data.metric_name}`))
      : h("span", { className: "muted" }, "–");

  functions.TrellisSpark = ({ value }) => (value ? h("span", { className: "spark", "data-spark": value, role: "img", "aria-label": "Course over the epochs" }) : null);

  functions.TrellisTime = ({ value }) => (value ? h("time", { className: "js-time", dateTime: value }, window.trellis.ago(value)) : null);

  functions.TrellisModelActions = ({ data, api, node }) => {
    const button = (picture, label, attributes) => h("button", { type: "button", className: "btn btn-icon", title: label, "aria-label": label, ...attributes }, icon(picture));
    const to = { "data-to": "models-action", "data-id": data.id };
    const stop = {
      "data-act": "stop-delete",
      "data-confirm": `${data.name} is training. Stop its run and delete the model? The delete can be undone.`,
      "data-confirm-label": "Stop and delete",
    };
    return h(
      "span",
      { className: "card-actions" },
      h("a", { ...window.trellis.to(`/create?from=${data.id}`), className: "btn btn-icon", title: `Clone ${data.name}: same data, another architecture`, "aria-label": `Clone ${data.name}` }, icon("copy")),
      button("pencil", `Rename ${data.name}`, { onClick: () => api.startEditingCell({ rowIndex: node.rowIndex, colKey: "name" }) }),
      button("tag", `Tags of ${data.name}`, { ...to, "data-act": "tag", "data-prompt": `Tags of ${data.name}, separated by commas`, "data-prompt-value": data.tags, "data-prompt-label": "Save tags" }),
      button("trash", `Delete ${data.name}`, { ...to, ...(data.active ? stop : { "data-act": "delete" }) }),
    );
  };

  // What was typed into a cell is sent by the page's own callback. If it is refused, the cell holds the old value again
  // and what was typed is asked for once more.
  function cell_edited(changes, grid) {
    const change = (changes || [])[0];
    if (!change) return window.dash_clientside.no_update;
    window.trellis.attempt(async (words) => {
      const api = window.dash_ag_grid.getApi(grid);
      const node = api.getRowNode(String(change.data.id));
      if (!node) return;
      node.updateData({ ...node.data, [change.colId]: change.oldValue });
      const title = api.getColumnDef(change.colId).headerName;
      const value = await window.trellis.ask_person(title, "Save", String(change.value ?? ""), words);
      if (value !== null) node.setDataValue(change.colId, value);
    });
    return window.dash_clientside.no_update;
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.trellis = Object.assign(window.dash_clientside.trellis || {}, { cell_edited });
})();
