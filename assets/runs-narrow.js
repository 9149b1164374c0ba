// The Runs grid on a phone: a card a run, with what its columns would say, in place of columns that nobody sees beside each other.
(function () {
  "use strict";
  const cells = (window.dashAgGridComponentFunctions ??= {});
  const functions = (window.dashAgGridFunctions ??= {});
  const h = (...args) => window.React.createElement(...args);
  const CARD = "card";
  const ALWAYS = new Set([CARD, "id", "ag-Grid-SelectionColumn"]); // columns that a phone shows
  const HEAD = new Set(["number", "about", "state"]); // what a card's first lines say
  const NOTHING = new Set(["", "–"]);

  const narrow = () => window.dash_clientside.trellis.narrow_now();
  const wanted = (column) => !column.getColDef().hide && !ALWAYS.has(column.getColId());

  // Shows the columns or the cards, as the window is wide.
  function fit(api) {
    const columns = api.getColumns() || [];
    const cards = narrow();
    const show = columns.filter((column) => (column.getColId() === CARD ? cards : wanted(column) && !cards));
    const hide = columns.filter((column) => !ALWAYS.has(column.getColId()) || column.getColId() === CARD).filter((column) => !show.includes(column));
    api.setColumnsVisible(hide.filter((column) => column.isVisible()), false);
    api.setColumnsVisible(show.filter((column) => !column.isVisible()), true);
    window.trellis.show_order(api);
  }

  // The columns were written anew, so each is shown or hidden as the server says.
  functions.TrellisRunsFit = ({ api }) => fit(api);

  // The grid stands for the first time; what it calls then comes before anybody listens.
  function fit_runs(rows) {
    if (rows) fit(window.dash_ag_grid.getApi("runs-grid"));
    return window.dash_clientside.no_update;
  }

  document.addEventListener("trellis:narrow", () => {
    if (document.getElementById("runs-grid")) fit(window.dash_ag_grid.getApi("runs-grid"));
  });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.trellis = Object.assign(window.dash_clientside.trellis || {}, { fit_runs });

  // What a column says of a run: its name and its value, or nothing where the run has none.
  function fact(api, node, column) {
    const { headerName, cellRenderer } = column.getColDef();
    const value = api.getCellValue({ rowNode: node, colKey: column });
    if (value === null || value === undefined) return null;
    const time = cellRenderer === "TrellisTime";
    const words = time ? h("time", { className: "js-time", dateTime: value }, window.trellis.ago(value)) : api.getCellValue({ rowNode: node, colKey: column, useFormatter: true }) || String(value);
    if (NOTHING.has(words)) return null;
    return h("span", { key: column.getColId() }, h("span", { className: "muted" }, `${headerName} `), words);
  }

  cells.TrellisRunCard = ({ api, node, data }) => {
    const facts = (api.getColumns() || []).filter((column) => wanted(column) && !HEAD.has(column.getColId()));
    return h(
      "div",
      { className: "run-card" },
      h("div", { className: "run-card-head" }, cells.TrellisRunLink({ data }), cells.TrellisState({ data })),
      h("div", { className: "run-card-about" }, cells.TrellisRunAbout({ data })),
      h("div", { className: "run-card-facts" }, ...facts.map((column) => fact(api, node, column))),
    );
  };
})();
