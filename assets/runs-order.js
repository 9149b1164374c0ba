// How cards are sorted on a phone, where no column has a head to press: by any column that the cards tell of, either way.
(function () {
  "use strict";
  const api = () => (document.getElementById("runs-grid") ? window.dash_ag_grid.getApi("runs-grid") : null);
  const column_of = (grid) => (grid.getColumns() || []).find((column) => column.getSort());

  // What may be chosen, and how the grid is sorted now.
  function show_order(grid) {
    const select = document.getElementById("runs-order");
    const way = document.getElementById("runs-order-way");
    if (!select || !way || !grid) return;
    const able = (grid.getColumns() || []).filter((column) => {
      const { hide, sortable, headerName } = column.getColDef();
      return !hide && sortable !== false && headerName;
    });
    const now = column_of(grid);
    const options = able.map((column) => new Option(column.getColDef().headerName, column.getColId(), false, column === now));
    select.replaceChildren(new Option("Newest first", "", false, !now), ...options);
    const down = now?.getSort() === "desc";
    way.setAttribute("aria-label", down ? "Sorted downwards; sort upwards" : "Sorted upwards; sort downwards");
    way.title = down ? "Largest or newest first" : "Smallest or oldest first";
    way.firstElementChild.className = down ? "bi bi-sort-down" : "bi bi-sort-up";
    way.disabled = !now;
  }

  function sort_by(id, sort) {
    api().applyColumnState({ state: id ? [{ colId: id, sort, sortIndex: 0 }] : [], defaultState: { sort: null } });
  }

  document.addEventListener("change", (event) => {
    if (event.target.id === "runs-order" && api()) sort_by(event.target.value, "desc");
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("#runs-order-way") || !api()) return;
    const now = column_of(api());
    if (now) sort_by(now.getColId(), now.getSort() === "desc" ? "asc" : "desc");
  });

  window.trellis = Object.assign(window.trellis || {}, { show_order });
})();
