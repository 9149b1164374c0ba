// The latent space of a model, drawn with WebGL.
(function () {
  "use strict";
  const explore = window.trellis.explore;

  async function draw() {
    const plotly = await window.trellis.plotly();
    const place = document.getElementById("explore-cloud");
    if (!place || !explore.places) return;
    const trace = { type: "scattergl", mode: "markers", x: explore.places.x, y: explore.places.y, marker: { size: 4 } };
    await plotly.react(place, [trace], { margin: { l: 40, r: 8, t: 8, b: 40 }, uirevision: explore.model }, { displaylogo: false });
  }

  explore.on("places", draw);
})();
