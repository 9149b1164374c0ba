// Pieces of the panel of the selected image: pictures, bars, scores, neighbours. They know nothing of where they stand.
(function () {
  "use strict";
  const { made, made_button } = window.trellis;
  const explore = window.trellis.explore;

  // A canvas with the picture of a row, once it has come.
  function picture_of(row, words) {
    const canvas = /** @type {HTMLCanvasElement} */ (made("canvas", "sample-picture", "", { role: "img", "aria-label": words }));
    explore.picture(row).then((image) => explore.draw(canvas, image), () => canvas.setAttribute("aria-label", `${words}: its picture has not come`));
    return canvas;
  }

  const per_cent = (share) => (share > 0 && share < 0.01 ? "< 1 %" : `${Math.round(100 * share)} %`);

  // Shares as bars: {top: [[number, share]], rest, others}; `name` says what a number is.
  function bars(title, { top, rest, others }, name) {
    const table = made("table", "sample-bars");
    table.append(made("caption", "", title));
    const body = made("tbody");
    const rows = top.map(([number, share]) => [name(number), share]);
    if (others) rows.push([`${others} more`, rest]);
    for (const [words, share] of rows) {
      const row = made("tr");
      const cell = made("td", "sample-bar", "", { "aria-hidden": "true" });
      const fill = made("span");
      fill.style.width = `${100 * share}%`;
      cell.append(fill);
      row.append(made("th", "", words, { scope: "row", title: words }), cell, made("td", "num", per_cent(share)));
      body.append(row);
    }
    table.append(body);
    return table;
  }

  const RANKS = { certainty: "surer than", ood: "newer than", reconstruction: "worse than" };
  const NAMES = { certainty: "Certainty", ood: "OOD score", reconstruction: "Reconstruction" };

  // Certainty, newness and reconstruction loss, each with where it lies among all images.
  function scores(found) {
    const list = made("dl", "sample-scores");
    for (const [name, score] of Object.entries(found)) {
      const value = made("dd", "num", score === null ? "–" : score.value.toPrecision(3));
      const among = score === null ? "needs labels" : `${RANKS[name]} ${Math.floor(100 * score.share)}\u00a0%`;
      list.append(made("dt", "", NAMES[name]), value, made("dd", "muted", among));
    }
    return list;
  }

  // Images beside each other, nearest first; a click looks at one.
  function strip(title, found, class_name, nothing) {
    const part = made("div", "sample-strip");
    part.append(made("h3", "group-title", title));
    if (!found.length) {
      part.append(made("p", "muted small", nothing));
      return part;
    }
    const list = made("ul");
    for (const { row, label, distance } of found) {
      const words = label === null ? "no label" : class_name(label);
      const button = made_button("sample-near", "", () => explore.look_at(row), { title: `Image ${row}, ${words}, distance ${distance.toPrecision(3)}` });
      button.append(picture_of(row, `Image ${row}`), made("span", "", label === null ? "–" : words), made("span", "num muted", distance.toPrecision(2)));
      const entry = made("li");
      entry.append(button);
      list.append(entry);
    }
    part.append(list);
    return part;
  }

  window.trellis.sample_parts = { picture_of, bars, scores, strip, per_cent };
})();
