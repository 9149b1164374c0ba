"""What a person waits for on the Recommenders page: the tower builder, long lists, and a test from the click to its results.

`python -m bench.recsys_pages [PART ...]` measures all parts, or those named. Each is a section of its own; they mean
something on an idle machine alone.
"""

from __future__ import annotations

import itertools
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.asking import Client
from bench.harness import Bound, Row, Section, measure_chosen, missing, percentile
from bench.recsys_answers import until
from bench.recsys_speed import SPLIT
from bench.recsys_trials import RETAIL_IDS
from bench.seeding import ACTOR, copy_run
from bench.serving import BrowserMissing, browser, serving
from recsys.editing.models import started, with_preset
from recsys.features.shipped import SHIPPED
from recsys.model.config import document_of
from recsys.model.presets import PRESETS
from recsys.model.recipes import RECIPES
from recsys.service import RecommenderService
from workbench.settings import Settings
from workbench.workbench import Workbench

PACKAGES = ("dash", "fastapi", "uvicorn", "playwright", "tensorflow-cpu")
EDITS = 20
PAUSE_MS = 300
"""Between two edits: what came with the one before is over."""
MODELS = 200
TESTS = 1_000
LOADS = 5
CLICKS = 3
PATIENCE_MS = 300_000
UNTIL_MS = 100
"""How soon the figures must follow an edit."""

_PAINTED = """
const painted = () => new Promise((done) => requestAnimationFrame(() => {
  const channel = new MessageChannel();
  channel.port1.onmessage = done;
  channel.port2.postMessage(0);
}));
"""
"""Resolves once the browser has painted what is on the page now."""

_EDITED = (
    """
async (edit) => {
"""
    + _PAINTED
    + """
  const act = (name, id, value) => document.querySelector(
    `[data-to="recsys-model-action"][data-act="${name}"][data-id="${id}"]${value ? `[data-value="${value}"]` : ''}`);
  const block = () => document.querySelector('[data-drag-list="buyer"] > [data-drag-item]');
  const places = [document.querySelector('#recsys-model-side'), document.querySelector('#recsys-model-towers')];
  const before = places.map((place) => place.textContent);
  const drawn = new Promise((done) => {
    const watch = new MutationObserver(() => {
      if (places.some((place, n) => place.textContent === before[n])) return;
      watch.disconnect();
      done();
    });
    places.forEach((place) => watch.observe(place, {subtree: true, childList: true, characterData: true}));
  });
  let form = null;
  if (edit.kind === 'units') {
    act('set-layer', 'buyer:0').click();
    form = document.querySelector('dialog.dialog form');
    form.querySelector('input').value = edit.value;
  }
  const started = performance.now();
  if (edit.kind === 'add') act('add', 'buyer', 'dense').click();
  else if (edit.kind === 'move') {
    const item = edit.value === 'ArrowDown' ? block() : block().nextElementSibling;
    item.dispatchEvent(new KeyboardEvent('keydown', {key: edit.value, altKey: true, bubbles: true}));
  } else if (edit.kind === 'units') form.requestSubmit();
  else act(edit.kind, '').click();
  await drawn;
  await painted();
  return performance.now() - started;
}
"""
)
"""Milliseconds from one edit of the buyer tower until the summary and the towers say otherwise, painted."""

_LISTED = (
    """
async (entry) => {
"""
    + _PAINTED
    + """
  const ends = performance.now() + 300000;
  while (!document.querySelector(entry)) {
    if (performance.now() > ends) throw new Error(`${entry} was not drawn in time: ${document.body.innerText.slice(0, 400)}`);
    await new Promise(requestAnimationFrame);
  }
  await painted();
  return performance.now();
}
"""
)
"""Milliseconds since the navigation began at which the first entry of a list has been painted."""


def builder(page: Section) -> None:
    """Edits of the tower builder, one after the other, as the browser sees them."""
    kinds = {
        "a layer is added": itertools.repeat({"kind": "add"}),
        "a layer is moved": itertools.cycle({"kind": "move", "value": key} for key in ("ArrowDown", "ArrowUp")),
        "a layer's units are changed": itertools.cycle({"kind": "units", "value": units} for units in ("256", "96")),
    }
    try:
        with browser() as tab, tempfile.TemporaryDirectory(prefix="trellis-bench-") as folder, serving(Path(folder)) as server:
            tab.goto(f"{server.address}recommenders/models/new?step=2")
            tab.locator("#recsys-model-towers .layer").first.wait_for(state="visible")
            tab.wait_for_timeout(3_000)
            for name, edits in kinds.items():
                taken = []
                for edit in itertools.islice(edits, EDITS + 1):
                    taken.append(tab.evaluate(_EDITED, edit))
                    tab.wait_for_timeout(PAUSE_MS)
                    if edit["kind"] == "add":
                        tab.evaluate(_EDITED, {"kind": "undo"})
                        tab.wait_for_timeout(PAUSE_MS)
                page.add(_edits(name, taken[1:]))
    except BrowserMissing as error:
        page.add(missing("an edit to the figures redrawn", "ms", str(error)))


def _edits(name: str, taken: Sequence[float]) -> Row:
    """The row of one kind of edit."""
    note = f"median {percentile(taken, 0.5):.0f} ms, slowest {max(taken):.0f} ms of {len(taken)}"
    return Row(
        f"{name}, to the figures redrawn, p95", percentile(taken, 0.95), "ms", must=Bound(UNTIL_MS, "most"), better="less", note=note
    )


def lists(page: Section) -> None:
    """The pages that list, with many models and tests stored."""
    shown = {
        "/recommenders": ("the four chapters", ".way .config-card"),
        "/recommenders/models": (f"the list of {MODELS:,} models", ".config-cards .config-card"),
        "/recommenders/tests": (f"the list of {TESTS:,} tests", ".tests-list tbody tr"),
    }
    try:
        with browser() as tab, tempfile.TemporaryDirectory(prefix="trellis-bench-") as folder, serving(Path(folder)) as server:
            _fill(server.address, Path(folder))
            asked: list[str] = []
            tab.on("request", lambda request: asked.append(request.url) if request.url.endswith("_dash-update-component") else None)
            for path, (what, entry) in shown.items():
                address = server.address.rstrip("/") + path
                first = _listed(tab, address, entry)
                asked.clear()
                taken = [_listed(tab, address, entry) for _ in range(LOADS)]
                nodes = tab.evaluate("document.querySelectorAll('*').length")
                note = f"the first visit {first:.2f} s, slowest of {LOADS} after it {max(taken):.2f} s; {nodes:,} elements, {len(asked) / LOADS:g} callbacks"
                must = Bound(1, "most")
                page.add(Row(f"{what}, to drawn", statistics.median(taken), "s", must=must, better="less", note=note))
    except BrowserMissing as error:
        page.add(missing("lists, to drawn", "s", str(error)))


def _listed(tab: Any, address: str, entry: str) -> float:
    tab.goto(address, wait_until="commit")
    seconds = tab.evaluate(_LISTED, entry) / 1e3
    tab.wait_for_load_state("networkidle")
    return seconds


def _fill(address: str, home: Path) -> None:
    """Models of every preset and type through their command, and copies of a test that was run."""
    client = Client(address)
    made, _ = client.post(
        "/api/feature-configs", {"dataset_id": "retail", "name": "Ids", **RETAIL_IDS.model_dump(mode="json", exclude_none=True)}
    )
    bench = Workbench.open(Settings.load(home=home))
    models = RecommenderService(bench).models
    chosen = itertools.cycle(itertools.product(PRESETS, ("retrieval", "ranking", "multitask")))
    for number, (preset, kind) in enumerate(itertools.islice(chosen, MODELS), 1):
        model = models.create(actor=ACTOR, name=f"{PRESETS[preset].name} {number}", document=with_preset(started(kind), preset))
    tested, _ = client.post("/api/model-configs", {"name": "Tested", **document_of(RECIPES["tutorial_retrieval"].config)})
    models.delete(actor=ACTOR, key=model.id)
    first, _ = client.post("/api/quick-tests", {"feature_config_id": made["id"], "model_config_id": tested["id"]})
    ended = until(client, first["id"], "completed", "failed", "cancelled")
    if ended["status"] != "completed":
        raise RuntimeError(f"the test that is copied ended as {ended['status']}: {ended['error']}")
    copy_run(bench, bench.state().runs[first["id"]], TESTS - 1)
    bench.close()
    client.close()


def click(page: Section) -> None:
    """From the click on Start to the results on the page, by a worker that has run a test already."""
    name, must = "Start to the results drawn, warm worker", Bound(12, "most")
    data = Settings.load().data
    if data is None:
        page.add(missing(name, "s", "TRELLIS_DATA names no folder with MovieLens-100K", must=must))
        return
    try:
        with browser() as tab, tempfile.TemporaryDirectory(prefix="trellis-bench-") as folder, serving(Path(folder), data=data) as server:
            recipe, client = RECIPES["tutorial_retrieval"], Client(server.address)
            ids = SHIPPED[recipe.features].config.model_dump(mode="json", exclude_none=True)
            features, _ = client.post("/api/feature-configs", {"dataset_id": "movielens-100k", "name": "Ids", **ids})
            model, _ = client.post("/api/model-configs", {"name": "Tutorial", **document_of(recipe.config)})
            split = {"strategy" if name == "split" else name: value for name, value in SPLIT.items()}
            asked = {"feature_config_id": features["id"], "model_config_id": model["id"], "split": split}
            warm, _ = client.post("/api/quick-tests", asked)
            until(client, warm["id"], "completed", "failed", "cancelled")
            taken, ran = [], []
            for _ in range(CLICKS):
                taken.append(_clicked(tab, f"{server.address}recommenders/tests/new?from={warm['id']}"))
                test, _ = client.get(f"/api/quick-tests/{tab.url.rsplit('/', 1)[-1]}")
                ran.append(test["duration_seconds"])
            client.close()
    except BrowserMissing as error:
        page.add(missing(name, "s", str(error), must=must))
        return
    note = f"of which the worker itself took {statistics.median(ran):.1f} s; median of {CLICKS}"
    spread = f"{min(taken):.1f} to {max(taken):.1f}"
    page.add(Row(name, statistics.median(taken), "s", must=must, better="less", spread=spread, note=note))


def _clicked(tab: Any, address: str) -> float:
    """Seconds from the click until the headline has been painted."""
    tab.goto(address)
    tab.locator("#recsys-start-go:not([disabled])").wait_for(state="visible", timeout=PATIENCE_MS)
    tab.wait_for_load_state("networkidle")
    tab.set_default_timeout(PATIENCE_MS)
    # The page stays the same document from the start form to the results, so its clock goes on.
    begun = tab.evaluate("() => { const now = performance.now(); document.querySelector('#recsys-start-go').click(); return now; }")
    return (tab.evaluate(_LISTED, ".headline-value") - begun) / 1e3


PARTS: dict[str, tuple[str, str, Callable[[Section], None]]] = {
    "builder": (
        "Recommenders: the tower builder",
        f"Headless Chromium on the same machine makes {EDITS} edits of each kind in a new model's buyer tower. Redrawn means that the "
        "summary with its parameter counts and both towers say what they say after the edit, painted.",
        builder,
    ),
    "lists": (
        "Recommenders: long lists",
        f"Pages of a server with {MODELS:,} model configurations of all presets and types and {TESTS:,} completed quick tests, from the "
        f"navigation to the first entry painted; median of {LOADS}.",
        lists,
    ),
    "click": (
        "Recommenders: from the click to the results on the page",
        "The recipe `tutorial_retrieval` on MovieLens-100K (32 dimensions, batch 8192, 3 epochs, metrics, baselines, export), started by "
        "a click in headless Chromium on the same machine, until the headline with its baselines has been painted.",
        click,
    ),
}
"""Name -> heading, about, what is measured."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; 2 for an unknown name."""
    return measure_chosen(PARTS, arguments, prefix="recsys_pages_", word="part", packages=PACKAGES)


if __name__ == "__main__":
    sys.exit(main())
