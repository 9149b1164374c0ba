// A tree of plain elements as one component (dashboard/markup.py): [tag, attributes, entry, ...], where an entry is another
// such list, a text, or the number of a child that Dash has drawn.
(function () {
  "use strict";

  function Markup({ children, tree }) {
    const { createElement, Fragment } = window.React;
    const drawn = Array.isArray(children) ? children : [children];
    const node = (entry) => {
      if (typeof entry === "string") return entry;
      if (typeof entry === "number") return drawn[entry];
      const [tag, attributes, ...entries] = entry;
      return createElement(tag || Fragment, attributes, ...entries.map(node));
    };
    return node(tree);
  }

  window.trellis_parts = { Markup };
})();
