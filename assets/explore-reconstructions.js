// What the decoder makes of the image that is looked at. A process beside the server holds the model: loaded, it answers at
// once; until then the panel says so, and everything else stands already.
(function () {
  "use strict";
  const { made } = window.trellis;
  const explore = window.trellis.explore;
  const KEPT = 200;
  const NAMES = { selected: "component", weighted: "weighted", runner_up: "runner-up" };

  const answers = new Map(); // row -> {pixels, ...} or {failed}
  let model = "";
  let loaded = false; // whether the model has answered once on this page
  let wanted = null;
  let asking = false;

  // The place of a row's reconstructions; it fills itself once they are there.
  function place_of(row) {
    const place = made("div", "sample-decoded", "", { "data-row": row });
    fill(place, answers.get(row));
    if (!answers.has(row)) want(row);
    return place;
  }

  function fill(place, answer) {
    if (!answer) {
      const words = loaded ? "" : "Loading the model: its reconstructions come in a moment.";
      place.replaceChildren(made("p", "muted small", words));
      return;
    }
    if (answer.failed) {
      place.replaceChildren(made("p", "notice notice-warning", answer.failed, { role: "alert" }));
      return;
    }
    place.replaceChildren(
      ...answer.images.map(({ image, words }) => {
        const figure = made("figure");
        const canvas = made("canvas", "sample-picture", "", { role: "img", "aria-label": `Reconstruction ${words}` });
        window.trellis.explore.draw(canvas, image);
        figure.append(canvas, made("figcaption", "", words));
        return figure;
      }),
    );
  }

  // One question at a time, the newest first: who hurries through images waits for none of those passed.
  async function want(row) {
    wanted = row;
    if (asking) return;
    asking = true;
    while (wanted !== null) {
      const [now, of] = [wanted, model];
      wanted = null;
      const answer = await answered(now);
      if (of !== model) continue;
      keep(now, answer);
      document.querySelectorAll(`.sample-decoded[data-row="${now}"]`).forEach((place) => fill(place, answer));
    }
    asking = false;
  }

  async function answered(row) {
    try {
      const got = await window.trellis.ask(`/explore/${model}/reconstructions?row=${row}`);
      loaded = true;
      const [, height, width, channels] = got.shapes.pixels;
      const size = height * width * channels;
      const images = got.meta.names.map((name, at) => ({
        image: explore.image_of(got.columns.pixels.subarray(at * size, (at + 1) * size), width, height, channels),
        words: words_of(name, got.meta.components),
      }));
      return { images };
    } catch (error) {
      return { failed: [error.message, error.hint].filter(Boolean).join(" ") };
    }
  }

  function words_of(name, components) {
    if (name === "weighted" && !components.length) return "reconstruction";
    return name === "selected" ? `${NAMES.selected} ${components[0]}` : name === "runner_up" ? `${NAMES.runner_up} ${components[1]}` : NAMES.weighted;
  }

  function keep(row, answer) {
    if (answer.failed) return; // asked anew when the image is looked at again
    answers.set(row, answer);
    if (answers.size > KEPT) answers.delete(answers.keys().next().value);
  }

  explore.on("page", () => {
    if (explore.model !== model) loaded = false;
    model = explore.model;
    answers.clear();
    if (model && explore.trained) window.trellis.ask(`/explore/${model}/ready`, {}).catch(() => {});
  });
  explore.on("points", () => answers.clear());
  window.trellis.reconstructions = { place_of };
})();
