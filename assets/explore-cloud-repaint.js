// Other colours for the points of the cloud, given to what draws them. Plotly itself would compute every point anew, its place, symbol, size
// and outline too, and clear and present each of its three canvases, of which two are empty: that takes three times as long.
//
// explore.repaint(plot, {color, colorscale, cmax})   whether it could; where Plotly keeps its drawing in another way, it has to be asked itself
(function () {
  "use strict";
  const explore = window.trellis.explore;

  const pen = document.createElement("canvas").getContext("2d");

  // A CSS colour as red, green, blue and opacity, each 0 to 1. A canvas gives back every opaque colour as #rrggbb.
  function channels(colour, opacity) {
    pen.fillStyle = colour;
    return [...[1, 3, 5].map((from) => parseInt(String(pen.fillStyle).slice(from, from + 2), 16) / 255), opacity];
  }

  function repaint(plot, { color, colorscale, cmax }) {
    const scene = plot._fullLayout?._plots?.xy?._scene;
    const drawn = scene?.markerOptions?.[0];
    const painter = scene?.scatter2d;
    if (typeof painter?.update !== "function" || !painter.regl?.clear || drawn?.colors?.length !== color.length) return false;
    const palette = colorscale.map(([, colour]) => channels(colour, plot.data[0].marker.opacity));
    drawn.colors = Array.from(color, (code) => palette[code]);
    painter.update([{ colors: drawn.colors }]);
    painter.regl.clear({ color: [0, 0, 0, 0], depth: 1 });
    scene.draw();
    // from which Plotly draws when it does so next
    Object.assign(plot.data[0].marker, { color, colorscale, cmax });
    return true;
  }

  Object.assign(explore, { repaint });
})();
