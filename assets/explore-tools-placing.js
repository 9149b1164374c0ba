// What places the images of a latent space of more than two dimensions: principal components at once, UMAP once it was computed.
(function () {
  "use strict";
  const explore = window.trellis.explore;
  const LOOK_MS = 1000;
  const METHODS = [["pca", "Principal components"], ["umap", "UMAP"]];
  let timer = 0;
  let standing = null; // {state, words} of the projection; null where there is none to make
  let wanted = false; // whether the page goes over to it once it is there
  let weights = ""; // that it is of
  let model = "";
  let gone = false; // whether it was of other weights, and is to be made anew

  const element = (tag, name, more = {}) => Object.assign(document.createElement(tag), { className: name, ...more });
  const ask = (part, said) => window.trellis.ask(`/explore/${explore.model}/${part}`, said);

  async function look(act) {
    window.clearTimeout(timer);
    const model = explore.model;
    try {
      const found = await ask("projection", act ? { act } : undefined);
      if (model !== explore.model) return;
      standing = found;
    } catch (error) {
      if (model !== explore.model) return;
      standing = { state: "failed", words: error.message };
    }
    show();
    if (standing.state === "under way") timer = window.setTimeout(look, LOOK_MS);
    else if (standing.state === "done" && wanted) place_by("umap");
  }

  function show() {
    const place = document.getElementById("explore-placing");
    if (!place) return;
    if (!standing || !explore.places || explore.places.meta.dimensions < 3) place.replaceChildren();
    else if (standing.state === "under way") place.replaceChildren(element("span", "", { textContent: `UMAP: ${standing.words}` }), button("Cancel", "Stop computing it", cancel));
    else if (standing.state === "done") place.replaceChildren(chooser());
    else if (gone && standing.state === "none") place.replaceChildren(element("span", "", { textContent: "A run has ended: UMAP was of the weights before." }), button("UMAP again", "Place the images by UMAP of the present weights", begin));
    else place.replaceChildren(...[standing.words, button("UMAP", "Place the images by UMAP, too. It is computed in the background, once for these weights.", begin)].filter(Boolean));
  }

  function button(text, title, act) {
    const made = element("button", "btn btn-outline-secondary btn-sm", { type: "button", textContent: text, title });
    made.addEventListener("click", act);
    return made;
  }

  function chooser() {
    const made = element("select", "form-select form-select-sm", { ariaLabel: "Place by", title: "What places the images" });
    made.append(...METHODS.map(([key, name]) => new Option(name, key, false, key === explore.places.meta.method)));
    made.addEventListener("change", () => place_by(made.value));
    return made;
  }

  function begin() {
    wanted = true;
    gone = false;
    look("begin");
  }

  function cancel() {
    wanted = false;
    look("cancel");
  }

  async function place_by(method) {
    wanted = method === "umap";
    const model = explore.model;
    const got = await ask(method === "umap" ? "places?method=umap" : "places").catch(() => null);
    if (!got || model !== explore.model) return;
    explore.places = { meta: got.meta, ...got.columns };
    explore.keep_method(method);
    explore.tell("places");
  }

  explore.on("page", () => {
    window.clearTimeout(timer);
    standing = null;
    if (model === explore.model) return; // the same page, drawn anew
    model = explore.model;
    wanted = gone = false;
    weights = "";
  });
  explore.on("places", () => {
    if (explore.places.meta.method === "pca" && !standing) {
      wanted = explore.kept_method() === "umap";
      look();
    } else show();
  });
  explore.on("tools", show);
  // Other weights: what was projected is of the ones before.
  explore.on("points", () => {
    const now = explore.points.meta.weights;
    if (weights && weights !== now) gone = wanted;
    if (weights !== now) standing = null;
    weights = now;
  });
})();
