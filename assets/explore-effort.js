// The progress of the labelling, on the left of the Explore page: how many, how fast, what they brought, what more would bring.
(function () {
  "use strict";
  const explore = window.trellis.explore;
  const LATER = 2000;
  const WIDTH = 240;
  const HEIGHT = 56;
  const TALL = 104; // of a picture of two things beside each other
  let waiting = 0;
  let asked = 0;

  function element(tag, properties, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children.filter((child) => child !== null));
    return made;
  }

  function drawn(tag, attributes) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  }

  const percent = (share) => `${(100 * share).toFixed(1)} %`;
  const counted = (n, word) => `${n.toLocaleString("en")} ${word}${n === 1 ? "" : "s"}`;

  // A picture of points (x, y), joined if `line` says so, a dashed line of what was fitted, and beside them others (x, y, spread) in a band.
  function picture(label, points, { line = false, fitted = [], beside = [] } = {}) {
    const height = beside.length ? TALL : HEIGHT;
    const high = beside.map(({ labels, mean, spread }) => [labels, mean + spread]);
    const low = beside.map(({ labels, mean, spread }) => [labels, mean - spread]);
    const every = [...points, ...fitted, ...high, ...low];
    const bounds = (at) => [Math.min(...every.map((p) => p[at])), Math.max(...every.map((p) => p[at]))];
    const [left, right] = bounds(0);
    const [bottom, top] = bounds(1);
    const place = ([x, y]) => [4 + ((WIDTH - 8) * (x - left)) / (right - left || 1), height - 4 - ((height - 8) * (y - bottom)) / (top - bottom || 1)];
    const path = (list) => list.map(place).map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
    const image = drawn("svg", { viewBox: `0 0 ${WIDTH} ${height}`, class: beside.length ? "effort-picture tall" : "effort-picture", role: "img", "aria-label": label });
    if (beside.length) {
      const middle = beside.map(({ labels, mean }) => [labels, mean]);
      image.append(drawn("polygon", { points: path([...high, ...low.reverse()]), class: "effort-band" }), drawn("polyline", { points: path(middle), class: "effort-random" }));
      for (const [x, y] of middle.map(place)) image.append(drawn("rect", { x: x - 2.5, y: y - 2.5, width: 5, height: 5, class: "effort-square" }));
    }
    if (fitted.length) image.append(drawn("polyline", { points: path(fitted), class: "effort-fitted" }));
    if (line) image.append(drawn("polyline", { points: path(points), class: "effort-line" }));
    else for (const [x, y] of points.map(place)) image.append(drawn("circle", { cx: x, cy: y, r: 3, class: "effort-point" }));
    return image;
  }

  const caption = (text) => element("p", { className: "effort-caption", textContent: text });

  // Labels over time as steps: they stay until the next one.
  function steps(series) {
    return series.flatMap(([at, total], place) => (place ? [[at, series[place - 1][1]], [at, total]] : [[at, total]]));
  }

  function words_of_pace(pace) {
    if (!pace.labels) return "You have not labelled in this session.";
    const per_hour = pace.per_hour === null ? "too few to tell a pace" : `${Math.round(pace.per_hour).toLocaleString("en")} an hour`;
    return `You, this session: ${counted(pace.labels, "label")}, ${per_hour}.`;
  }

  function lacking(found) {
    if (!found.lacking.length) return null;
    const shown = found.lacking.slice(0, 6).map(([name, labels]) => `${name} (${labels})`);
    const rest = found.lacking.length > 6 ? ` and ${found.lacking.length - 6} more` : "";
    return element("p", { className: "effort-words" }, element("strong", { textContent: "Few labels: " }), shown.join(", ") + rest);
  }

  // What labels have brought, and what random ones would.
  function learnt(found) {
    const accuracies = found.runs.map((run) => [run.labels, run.accuracy]);
    const beside = found.random?.points || [];
    if (!accuracies.length && !beside.length) return [];
    const runs = found.runs.map((run) => `${run.labels} labels ${percent(run.accuracy)}`).join(", ");
    const others = beside.map(({ labels, mean, spread }) => `${labels} labels ${percent(mean)} plus or minus ${(100 * spread).toFixed(1)}`).join(", ");
    const label = `Held-out accuracy by labels: ${runs}${others ? `; random labelling: ${others}` : ""}`;
    const legend = beside.length ? ": circles are this model's runs, squares are random labels (band: one standard deviation over draws)" : "";
    return [picture(label, accuracies, { fitted: found.estimate.curve, beside }), caption(`Held-out accuracy by number of labels${legend}`)];
  }

  function draw(found) {
    const region = document.getElementById("explore-effort");
    if (!region) return;
    const people = found.people.map(({ name, labels }) => `${name} ${labels.toLocaleString("en")}`).join(", ");
    const last = found.runs[found.runs.length - 1];
    const help = element("p", { className: "effort-help", id: "effort-help", hidden: true, textContent:
      "Pauses of over five minutes do not count for the pace. Points are this model's runs: the labels each began with, and its accuracy on " +
      "held-out images. The dashed line is a power law fitted to them. Random labels are those that the model began with and others drawn at random; " +
      "a run that trained on from earlier weights has had more epochs than they have." });
    const button = element("button", { type: "button", className: "btn btn-icon effort-ask", title: "What this shows", textContent: "?" });
    button.setAttribute("aria-label", "What the progress shows");
    button.setAttribute("aria-expanded", "false");
    button.setAttribute("aria-controls", "effort-help");
    button.addEventListener("click", () => {
      help.hidden = !help.hidden;
      button.setAttribute("aria-expanded", String(!help.hidden));
    });
    const over_time = found.series.length > 1;
    const parts = [
      element("div", { className: "effort-head" }, element("h2", { className: "mini-title", textContent: "Progress" }), button),
      help,
      over_time ? picture(`Labels over time: ${found.series[0][1]} to ${found.total}`, steps(found.series), { line: true }) : null,
      over_time ? caption(`Labels over time, ${found.series[0][1].toLocaleString("en")} to ${found.total.toLocaleString("en")}`) : null,
      element("p", { className: "effort-words", textContent: `${counted(found.total, "label")}${people ? `; set by ${people}` : ""}.` }),
      element("p", { className: "effort-words", textContent: words_of_pace(found.pace) }),
      ...learnt(found),
      last ? element("p", { className: "effort-words", textContent: `Run #${last.number}: ${percent(last.accuracy)} held-out with ${counted(last.labels, "label")}.` }) : null,
      element("p", { className: "effort-words", textContent: found.estimate.words }),
      found.random ? element("p", { className: "effort-words", textContent: found.random.words }) : null,
      found.random?.stale ? element("p", { className: "effort-words effort-stale", textContent: found.random.stale }) : null,
      explore.effort_curve(),
      lacking(found),
    ];
    const open = region.querySelector(".effort-ask[aria-expanded='true']") !== null;
    const focused = region.contains(document.activeElement) ? document.activeElement : null;
    region.replaceChildren(...parts.filter((part) => part !== null));
    if (open) button.click();
    if (focused) (region.contains(focused) ? focused : button).focus();
  }

  async function look() {
    const model = explore.model;
    const mine = (asked += 1);
    if (!model || !document.getElementById("explore-effort")) return;
    try {
      const found = await window.trellis.ask(`/explore/${model}/effort`);
      if (model === explore.model && mine === asked) draw(found);
    } catch (error) {
      const region = document.getElementById("explore-effort");
      if (region && model === explore.model) region.replaceChildren(element("p", { className: "effort-words", textContent: error.message }));
    }
  }

  // Labels are told one by one while somebody labels; what they amount to can wait until a moment after the last.
  function later() {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(look, LATER);
  }

  explore.on("page", look);
  explore.on("labels", later);
  explore.on("curve", look);
})();
