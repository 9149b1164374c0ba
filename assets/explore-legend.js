// Below the cloud: what its colours mean, as chips that show one group alone, or as a bar between two words; and what the pointer is over.
(function () {
  "use strict";
  const explore = window.trellis.explore;
  const CARD_PIXELS = 56;
  let card = null;
  let pointer = [0, 0];

  const element = (tag, name, more = {}) => Object.assign(document.createElement(tag), { className: name, ...more });
  const percent = (value) => `${Math.round(100 * value)} %`;

  function show() {
    const place = document.getElementById("explore-legend");
    if (!place || !explore.cloud_rows().length) return;
    const { groups, ...graded } = explore.coloured();
    const row = element("div", "cloud-legend", { role: "group", ariaLabel: explore.coloured().title });
    row.append(element("span", "cloud-legend-title", { textContent: explore.coloured().title }), ...(groups ? groups.map(chip) : [bar(graded)]));
    if (explore.filter) row.append(all_again());
    const before = place.contains(document.activeElement) ? document.activeElement?.dataset.value : undefined;
    place.replaceChildren(row);
    if (before !== undefined) place.querySelector(`[data-value="${before}"]`)?.focus();
  }

  function chip({ value, name, colour, symbol, hollow, count }) {
    const made = element("button", "cloud-chip", { type: "button", title: `Show ${name} alone; with Ctrl add it or take it away` });
    made.dataset.value = value;
    const shown = explore.filter?.key === explore.colour && explore.filter.values.has(value);
    made.setAttribute("aria-pressed", String(shown));
    made.append(explore.symbol_mark(symbol, colour, hollow), element("span", "", { textContent: name }), element("span", "muted number", { textContent: count.toLocaleString() }));
    made.addEventListener("click", (event) => explore.isolate(explore.colour, value, event.ctrlKey || event.metaKey || event.shiftKey));
    return made;
  }

  function bar({ range, words, percent: shares, ends, values }) {
    const said = (value) => (shares ? percent(value) : value.toPrecision(3));
    const made = element("span", "cloud-grades");
    const colours = element("span", "cloud-bar");
    colours.style.background = `linear-gradient(to right, ${ends.join(", ")})`;
    const unknown = values.reduce((count, value) => count + Number(!Number.isFinite(value)), 0);
    made.append(`${said(range[0])} ${words[0]}`, colours, `${words[1]} ${said(range[1])}`, unknown ? `; grey: unknown (${unknown.toLocaleString()})` : "");
    return made;
  }

  function all_again() {
    const { key, values } = explore.filter;
    const names = [...values].map((value) => explore.name_of(key, value)).join(", ");
    const made = element("button", "btn btn-quiet btn-sm", { type: "button", textContent: "Show all", title: `Only ${names} is shown` });
    made.addEventListener("click", () => explore.isolate(null, null));
    const held = element("span", "cloud-only");
    held.append(`Only ${names}`, made);
    return held;
  }

  // What is known of an image in a line each.
  function lines_of(row) {
    const found = [`#${row}`];
    const label = explore.labels.get(row);
    found.push(label === undefined ? "no label" : `labelled ${explore.classes[label]}`);
    const at = explore.position.get(row);
    if (at === undefined || !explore.points) return found;
    const { component, certainty, predicted } = explore.points;
    if (predicted[at] >= 0) found.push(`predicted ${explore.classes[predicted[at]] ?? predicted[at]}`);
    if (Number.isFinite(certainty[at])) found.push(`${percent(certainty[at])} certain`);
    if (component[at] >= 0) found.push(`component ${component[at]}`);
    return found;
  }

  // Draws the image of a row into a canvas, each of its pixels a square.
  async function paint(canvas, row) {
    canvas.dataset.row = row;
    const image = await explore.picture(row);
    if (canvas.dataset.row !== String(row)) return;
    explore.draw(canvas, image);
  }

  function hovered(row) {
    if (row === null || row === undefined) {
      card?.remove();
      card = null;
      return;
    }
    const place = document.getElementById("explore-cloud");
    if (!place) return;
    if (!card) {
      card = element("div", "cloud-card", { ariaHidden: "true" });
      card.append(element("canvas", "pixelated", { width: CARD_PIXELS, height: CARD_PIXELS }), element("div", ""));
    }
    place.append(card);
    paint(card.querySelector("canvas"), row).catch(() => {}); // the words are there without the image
    const [first, ...others] = lines_of(row);
    card.lastElementChild.replaceChildren(element("b", "", { textContent: first }), ...others.map((line) => element("div", "", { textContent: line })));
    const { left, top, width, height } = place.getBoundingClientRect();
    const [x, y] = [pointer[0] - left, pointer[1] - top];
    card.style.left = `${x + 16 + card.offsetWidth > width ? Math.max(0, x - 16 - card.offsetWidth) : x + 16}px`;
    card.style.top = `${Math.max(0, Math.min(height - card.offsetHeight, y - card.offsetHeight / 2))}px`;
  }

  document.addEventListener("pointermove", (event) => {
    pointer = [event.clientX, event.clientY];
  });
  explore.on("page", () => hovered(null));
  explore.on("hover", hovered);
  for (const event of ["points", "pixels", "labels", "classes", "colour", "filter", "frame", "answers"]) explore.on(event, show);

  Object.assign(explore, { paint });
})();
