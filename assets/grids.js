// The library of the grids is a third of all that a page loads, and few pages have a grid: it is loaded with the first one. Until it is
// there an empty box stands in its place; callbacks that mean a grid wait, as they do for every component that Dash loads late.
(function () {
  "use strict";
  const ADDRESS = window.trellis.at("/_dash-component-suites/dash_ag_grid/dash_ag_grid.min.js");
  let loading = null;
  let real = null;

  function load() {
    loading ??= new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = ADDRESS;
      script.onload = () => {
        const library = window.dash_ag_grid;
        real = library.AgGrid;
        window.dash_ag_grid = { ...library, AgGrid };
        done(true);
      };
      script.onerror = () => {
        loading = null; // the next grid tries again
        failed(new Error("The library of the grids could not be loaded."));
      };
      document.body.append(script);
    });
    return loading;
  }

  function AgGrid(props) {
    const [, show] = window.React.useState(false);
    window.React.useEffect(() => {
      if (!real) load().then(show, () => {});
    }, []);
    return real
      ? window.React.createElement(real, props)
      : window.React.createElement("div", { id: props.id, className: props.className, style: props.style, "aria-busy": "true" });
  }
  Object.defineProperty(AgGrid, "_dashprivate_isLazyComponentReady", { get: () => Boolean(real) || load() });

  window.dash_ag_grid = { AgGrid };
  // A page that always has one.
  if (window.trellis.here() === "/runs") load().catch(() => {});
})();
