"""The Explore page with 70,000 points in Chromium: the first cloud, other colours, a lasso, and what a label sends."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from bench.harness import Bound, Row, Section, missing, section
from bench.live import events_of
from bench.seeding import ACTOR
from bench.serving import BrowserMissing, browser, serving
from rcmvae.diagnostics.bundle import TEST, TRAIN, VALIDATION, DiagnosticsBundle, load
from workbench.arrays import array_specs
from workbench.runs import folder
from workbench.settings import Settings
from workbench.workbench import Workbench

POINTS = 70_000
LASSO = 10_000
COLOURINGS = ("predicted", "certainty", "component", "ood", "correct", "entropy")
WAIT_MS = 120_000

_WATCH = """
window.__seen = {};
const painted = (name) => requestAnimationFrame(() => setTimeout(() => { window.__seen[name] = performance.now(); }, 0));
const begin = setInterval(() => {
  const explore = window.trellis && window.trellis.explore;
  if (!explore || !explore.on || !document.body) return;
  clearInterval(begin);
  explore.on('places', () => { window.__seen.data = performance.now(); });
  explore.on('selection', () => painted('selected'));
  window.addEventListener('pointerup', () => { window.__seen.up = performance.now(); }, true);
  new MutationObserver((changes) => {
    for (const { target, attributeName } of changes) if (target.id === 'explore-cloud') painted(attributeName);
  }).observe(document.documentElement, { subtree: true, attributes: true, attributeFilter: ['data-drawn', 'data-colour'] });
}, 2);
"""
"""Notes in every page when data was there, and when the cloud, its colours and a selection were painted."""

_LASSO = """share => {
  const { sx, sy, tx, ty } = trellis.explore.cloud_scales();
  const { x, y } = trellis.explore.cloud_places();
  const { left, top } = document.getElementById('explore-cloud').getBoundingClientRect();
  const ends = (column) => { const s = Float32Array.from(column).sort(); return [0.5 - share / 2, 0.5 + share / 2].map(q => s[Math.floor(q * s.length)]); };
  const [xs, ys] = [ends(x).map(v => left + v * sx + tx), ends(y).map(v => top + v * sy + ty)];
  return [[xs[0], ys[0]], [xs[1], ys[0]], [xs[1], ys[1]], [xs[0], ys[1]]];
}"""
"""Corners in the window of a square that holds about that share of each axis's points."""


def many(bundle: DiagnosticsBundle, n: int) -> DiagnosticsBundle:
    """Diagnostics of `n` images, each a copy of one of the bundle's at a place nearby; all may be labelled."""
    rng = np.random.default_rng(0)
    source = np.concatenate([np.flatnonzero(bundle.split != TEST)[:1], rng.choice(np.flatnonzero(bundle.split != TEST), n - 1)])
    found: dict[str, Any] = {
        name: getattr(bundle, name)[source] for name, spec in array_specs(DiagnosticsBundle).items() if spec.shape[:1] == ("N",)
    }
    found["mu"] = (found["mu"] + rng.normal(0, 0.1, found["mu"].shape)).astype(np.float32)
    rows = np.concatenate([bundle.rows[source[:1]], np.setdiff1d(np.arange(n), bundle.rows[source[:1]])]).astype(np.int32)
    split = np.where(rng.random(n) < 0.1, VALIDATION, TRAIN).astype(np.uint8)
    return replace(bundle, **{**found, "rows": rows, "split": split})


def filled(home: Path) -> str:
    """A store with one trained model of `POINTS` points; returns the model's id."""
    bench = Workbench.open(Settings.load(home=home).prepare())
    model = bench.models.create(
        actor=ACTOR, family="rcmvae", model_type="rcmvae", dataset_id="digits", values={"max_epochs": 5}, sample={"num_samples": 1000}, name="Many"
    )  # fmt: skip
    run = bench.runs.start(actor=ACTOR, model_id=model.id)
    events_of(bench, run)
    path = bench.runs.lying(run.id, folder.BUNDLE)
    bundle = many(load(path), POINTS)
    folder.remove_manifest(bench.artefacts, run.id)
    bundle.save(path)
    folder.write_manifest(bench.artefacts, run.id)
    bench.close()
    return model.id


def first_cloud(result: Section, page: Any) -> None:
    """From the moment the page has the data to the painted cloud."""
    page.wait_for_function("window.__seen && window.__seen['data-drawn']", timeout=WAIT_MS)
    seconds = page.evaluate("(window.__seen['data-drawn'] - window.__seen.data) / 1000")
    assert page.evaluate("trellis.explore.places.x.length") == POINTS
    result.add(Row(f"first cloud of {POINTS:,} points", seconds, "s", must=Bound(1, "most"), better="less"))


def colours(result: Section, page: Any) -> None:
    """From the choice of a colouring to its paint, the median of several."""
    found = []
    for key in COLOURINGS:
        page.evaluate(
            "key => { window.__seen['data-colour'] = 0; window.__seen.chosen = performance.now(); trellis.explore.colour_by(key); }", key
        )
        page.wait_for_function("window.__seen['data-colour'] > 0", timeout=WAIT_MS)
        found.append(page.evaluate("window.__seen['data-colour'] - window.__seen.chosen"))
    note = f"median of {len(found)}, {min(found):.0f} to {max(found):.0f} ms"
    result.add(Row("another colouring", median(found), "ms", must=Bound(500, "most"), note=note, better="less"))


def lasso(result: Section, page: Any) -> None:
    """From the release of the pointer to the painted selection."""
    page.get_by_role("button", name="Lasso", exact=True).click()
    corners = page.evaluate(_LASSO, (LASSO / POINTS) ** 0.5)
    page.mouse.move(*corners[0])
    page.mouse.down()
    for corner in (*corners[1:], corners[0]):
        page.mouse.move(*corner, steps=5)
    page.evaluate("window.__seen.selected = 0")
    page.mouse.up()
    page.wait_for_function("window.__seen.selected > 0", timeout=WAIT_MS)
    taken, milliseconds = page.evaluate("[trellis.explore.selection.length, window.__seen.selected - window.__seen.up]")
    note = f"{taken:,} of {POINTS:,} images"
    result.add(Row(f"lasso of about {LASSO:,}", milliseconds, "ms", must=Bound(300, "most"), note=note, better="less"))


def a_label(result: Section, page: Any) -> None:
    """All that goes over the line within three seconds of a label."""
    name, must = "sent and received for one label", Bound(100, "most")
    if not page.evaluate("typeof trellis.explore.label === 'function'"):
        result.add(missing(name, "kB", "this page labels nothing", must=must))
        return
    size = [0]

    def add(request: Any) -> None:
        sizes = request.sizes()
        size[0] += sum(sizes[part] for part in ("requestBodySize", "requestHeadersSize", "responseBodySize", "responseHeadersSize"))

    page.on("requestfinished", add)
    page.evaluate("trellis.explore.label([trellis.explore.points.rows[0]], 3)")
    page.wait_for_timeout(3_000)
    result.add(Row(name, size[0] / 1e3, "kB", must=must, note="headers included", better="less"))


STEPS: tuple[Callable[[Section, Any], None], ...] = (first_cloud, colours, lasso, a_label)


def main() -> None:
    """Measure the page of one model, step by step."""
    about = (
        f"The Explore page of a model of {POINTS:,} made-up points (a trained model's, copied to places nearby) in headless Chromium at "
        "1280x800, which draws WebGL by the processor. Times end when the browser has painted."
    )
    with (
        section("explore", "Explore and label", about, packages=("dash", "plotly", "playwright")) as result,
        tempfile.TemporaryDirectory(prefix="trellis-bench-") as home,
    ):
        model = filled(Path(home))
        try:
            with browser() as page, serving(Path(home)) as server:
                page.set_viewport_size({"width": 1280, "height": 800})
                page.add_init_script(_WATCH)
                page.goto(f"{server.address}model/{model}/explore")
                for step in STEPS:
                    step(result, page)
        except BrowserMissing as error:
            result.add(missing(f"first cloud of {POINTS:,} points", "s", str(error)))


if __name__ == "__main__":
    main()
