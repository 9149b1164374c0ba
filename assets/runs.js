// The Runs grid: its cells, how it writes numbers, its search and what is selected.
(function () {
  "use strict";
  const cells = (window.dashAgGridComponentFunctions ??= {});
  const functions = (window.dashAgGridFunctions ??= {});
  const h = (...args) => window.React.createElement(...args);
  const icon = (name) => h("i", { className: `bi bi-${name}`, "aria-hidden": "true" });
  const keep = () => window.dash_clientside.no_update;
  const open = (id) => window.trellis.go(`/run/${id}`);

  cells.TrellisRunLink = ({ data }) => h("a", { ...window.trellis.to(`/run/${data.id}`, true), className: "card-link" }, `#${data.number}`);

  cells.TrellisRunAbout = ({ data }) =>
    data.about_href ? h("a", window.trellis.to(data.about_href, true), data.about) : h("span", { className: "muted" }, data.about);

  cells.TrellisRunActions = ({ data }) => {
    const to = { "data-to": "runs-action", "data-id": data.id };
    const button = (picture, label, attributes) =>
      h("button", { type: "button", className: "btn btn-icon btn-sm", title: label, "aria-label": label, ...to, ...attributes }, icon(picture));
    if (data.active) return button("stop-fill", data.stopping ? `Run #${data.number} is stopping` : `Stop run #${data.number}`, { "data-act": "stop", disabled: data.stopping });
    return button("trash", `Delete run #${data.number}`, { "data-act": "delete" });
  };

  functions.TrellisDuration = (seconds) => {
    if (seconds === null || seconds === undefined) return "–";
    if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
    if (seconds < 59.5) return `${Math.round(seconds)} s`;
    const minutes = Math.floor(Math.round(seconds) / 60);
    if (minutes < 60) return `${minutes} min ${Math.round(seconds) % 60} s`;
    return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  };
  functions.TrellisEpochs = (done, data) => (data.of && done < data.of ? `${done} of ${data.of}` : done ? String(done) : "–");
  functions.TrellisShare = (value) => (value === null || value === undefined ? "–" : `${(100 * value).toFixed(1)} %`);
  const raised = (exponent) => [...String(Number(exponent))].map((c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]).join("");
  // As number_text of workbench/families/metrics.py.
  functions.TrellisNumber = (value) => {
    if (value === null || value === undefined) return "–";
    const size = Math.abs(value);
    if (Number.isInteger(value) && size < 1e6) return value.toLocaleString("en");
    if (size < 1e-4 || size >= 1e9) {
      const [mantissa, exponent] = value.toExponential(2).split("e");
      return `${mantissa}×10${raised(exponent)}`;
    }
    if (size >= 1e4) return Math.round(value).toLocaleString("en");
    return String(Number(value.toPrecision(size < 1e-3 ? 3 : 4)));
  };
  // A group's value narrows the list to its runs.
  cells.TrellisGroup = ({ data }) => h("button", { type: "button", className: "btn-link-plain", title: "List these runs alone" }, data.value);
  cells.TrellisMean = ({ data, colDef }) => data[`${colDef.field}:words`] ?? "–";

  // How the grid is sorted now, as addresses say it; a column's key is its header's tooltip.
  functions.TrellisRunsSorted = ({ api }) => {
    window.trellis.show_order(api);
    const sorted = api
      .getColumnState()
      .filter((column) => column.sort)
      .sort((one, other) => one.sortIndex - other.sortIndex)
      .map((column) => `${column.sort === "desc" ? "-" : ""}${api.getColumnDef(column.colId).headerTooltip}`);
    window.dash_clientside.set_props("runs-sort", { data: sorted.join(",") });
  };

  functions.TrellisOpenRun = (params) => {
    if (params.event && params.event.key === "Enter" && !["tags", "note", "id"].includes(params.column.getColId())) open(params.data.id);
  };

  // What is searched stands in the address, too; no saved view keeps it.
  function search_grid(text, options) {
    window.dash_clientside.trellis.query_shown({ search: text });
    return { ...options, quickFilterText: text || "" };
  }

  // A grid that holds not all runs has them sorted and searched by the server, once nobody has typed for a moment.
  let asks = 0, asked = "";
  async function runs_again(text, sort, cut) {
    const mine = (asks += 1), wanted = JSON.stringify([text || "", sort || ""]);
    if (!cut) {
      asked = wanted;
      return keep();
    }
    await new Promise((done) => setTimeout(done, 250));
    if (mine !== asks || wanted === asked) return keep();
    asked = wanted;
    return wanted;
  }

  function runs_selected(rows) {
    const n = (rows || []).length;
    return [n ? `${n} selected` : "", n === 0, n === 0, n < 2 || n > 10];
  }

  // The selected runs beside each other, the oldest first.
  function compare_runs(_, rows) {
    const chosen = [...(rows || [])].sort((one, other) => one.number - other.number);
    if (chosen.length > 1) window.trellis.go(`/runs/compare?ids=${chosen.map((row) => row.id).join(",")}`);
    return keep();
  }

  // How many runs are listed, and of how many if a search or a filter holds some back.
  function runs_counted(listed, known, total) {
    const shown = listed ? listed.length : Object.keys(known || {}).length;
    const runs = `${total.toLocaleString("en")} ${total === 1 ? "run" : "runs"}`;
    return shown === total ? runs : `${shown.toLocaleString("en")} of ${runs}`;
  }

  // What is asked for stands in the address, so that what is seen can be linked and a reload shows it again.
  // Of a saved view only what differs from it.
  function runs_address(asked, sort, view) {
    if (window.trellis.here() !== "/runs" || !asked) return keep();
    const address = new URL(window.location.href);
    const held = (view || {}).query || {};
    for (const [name, value] of Object.entries({ where: asked.where, columns: asked.columns.join(","), sort: sort || "", group: asked.group })) {
      if (value === (held[name] || "")) address.searchParams.delete(name);
      else address.searchParams.set(name, value);
    }
    window.history.replaceState(window.history.state, "", address);
    return keep();
  }

  // The figure that a comparison shows stands in its address.
  const figure_shown = (shown) => (shown ? window.dash_clientside.trellis.query_shown({ figure: shown.figure }) : keep());

  // A click on a group lists its runs alone, no longer grouped.
  function open_group(click) {
    const row = click && window.dash_ag_grid.getApi("runs-groups-grid").getRowNode(click.rowId);
    return row ? [row.data.where, "-"] : [keep(), keep()];
  }

  // A click on a row opens its run, except where the cell has a use of its own.
  function open_run(click) {
    const id = click && (click.rowId ?? (click.data || {}).id);
    if (id && !["tags", "note", "id", "model", "number", "ag-Grid-SelectionColumn"].includes(click.colId)) open(id);
    return keep();
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.trellis = Object.assign(window.dash_clientside.trellis || {}, { search_grid, runs_again, runs_selected, runs_counted, runs_address, figure_shown, open_group, compare_runs, open_run });
})();
