"""What a person waits for: from the click on "Try it" to the first epoch, from an event to the pixel, for a second run."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.harness import Bound, Row, Section, missing, percentile, section
from bench.seeding import ACTOR
from bench.serving import BrowserMissing, browser, serving
from workbench.runs.events import StoredEvent
from workbench.settings import Settings
from workbench.state import RunRecord
from workbench.workbench import Workbench

PATIENCE_SECONDS = 300.0
READING = 8.0
"""Seconds that somebody may look at the first page before the click; the other visits click as soon as the button shows."""

_WATCH = """
window.__drawn = [];
const note = (graph) => {
  const ends = (graph.calcdata || []).map((points) => points.length ? +points[points.length - 1].x : 0);
  const last = Math.max(0, ...ends.filter(Number.isFinite));
  const before = window.__drawn.length ? window.__drawn[window.__drawn.length - 1][0] : 0;
  if (last > before) requestAnimationFrame(() => window.__drawn.push([last, Date.now()]));
};
setInterval(() => {
  const graph = document.querySelector('#live-loss .js-plotly-plot');
  if (!graph || !graph.on || graph.__watched) return;
  graph.__watched = true;
  graph.on('plotly_afterplot', () => note(graph));
  note(graph);
}, 10);
"""
"""Notes, in every page, when the loss curve was painted up to which epoch (browser and workers share the machine's clock)."""


def epoch_ms(text: str) -> float:
    """Milliseconds since 1970 of a time as events hold it."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1e3


def events_of(bench: Workbench, run: RunRecord, patience: float = PATIENCE_SECONDS) -> list[StoredEvent]:
    """All events of a run that has ended, waiting for its end. Raises TimeoutError after `patience` seconds."""
    until = time.monotonic() + patience
    events: list[StoredEvent] = []
    for event in bench.runs.follow(run.id):
        events.append(event)
        if time.monotonic() > until:
            raise TimeoutError(f"run #{run.number} has not ended within {patience:g} s")
    return events


def first_at(events: Sequence[StoredEvent], kind: str) -> float:
    """When the first event of a kind happened, in milliseconds since 1970."""
    return epoch_ms(next(event.at for event in events if event.kind == kind))


def try_it(page: Any, address: str, reading: float = 0.0) -> tuple[float, float]:
    """Click "Try it" on the first visit's page, `reading` seconds after it shows.

    Returns when, and when the first epoch was painted (milliseconds since 1970).
    """
    page.goto(address)
    button = page.locator("#models-try")
    button.wait_for(state="visible")
    page.wait_for_timeout(reading * 1e3)
    clicked = time.time() * 1e3
    button.click()
    page.wait_for_function("() => window.__drawn && window.__drawn.length > 0", timeout=PATIENCE_SECONDS * 1e3)
    return clicked, page.evaluate("window.__drawn[0][1]")


def visit_row(name: str, most: float, clicked: float, drawn: float, run: RunRecord, events: Sequence[StoredEvent]) -> Row:
    """The row of a first visit, with where the time went."""
    stages = {
        "queued": epoch_ms(run.created_at),
        "claimed by a worker": first_at(events, "started"),
        "first epoch trained": first_at(events, "epoch"),
        "drawn": drawn,
    }
    parts, before = [], clicked
    for stage, at in stages.items():
        parts.append(f"{stage} after {(at - before) / 1e3:.1f} s")
        before = at
    return Row(name, (drawn - clicked) / 1e3, "s", must=Bound(most, "most"), note=", then ".join(parts), better="less")


def delays(drawn: list[tuple[float, float]], events: list[StoredEvent]) -> list[float]:
    """Seconds from each epoch's event to the first painting that shows it; epochs painted with the page itself count too."""
    found = []
    for event in events:
        if event.kind != "epoch":
            continue
        shown = next((at for epoch, at in drawn if epoch >= event.payload["epoch"]), None)
        if shown is not None:
            found.append((shown - epoch_ms(event.at)) / 1e3)
    return found


def cold_visit(result: Section, home: Path) -> None:
    """First visit with nothing compiled. Follows the whole run, then starts a second one on the warm worker."""
    with browser() as page, serving(home) as server:
        page.add_init_script(_WATCH)
        clicked, drawn = try_it(page, server.address)
        bench = Workbench.open(Settings.load(home=home))
        run = next(iter(bench.state().runs.values()))
        events = events_of(bench, run)
        result.add(visit_row('"Try it" to the first epoch drawn, nothing compiled before', 15, clicked, drawn, run, events))
        page.wait_for_timeout(2_000)
        waits = delays([tuple(pair) for pair in page.evaluate("window.__drawn")], events)
        name = "epoch's event to pixel while training, p95"
        note = f"{len(waits)} epochs, median {percentile(waits, 0.5):.2f} s"
        result.add(Row(name, percentile(waits, 0.95), "s", must=Bound(1.2, "most"), note=note, better="less"))
        cold = first_at(events, "epoch") - epoch_ms(run.created_at)
        second_run(result, bench, run.subject.id, cold)
        bench.close()


def stopped(bench: Workbench, run: RunRecord) -> list[StoredEvent]:
    """Stop a run as soon as its first epoch is done; its events up to its end."""
    for event in bench.runs.follow(run.id):
        if event.kind == "epoch":
            if bench.state().runs[run.id].state.active:
                bench.runs.request_stop(actor=ACTOR, run_id=run.id)
            break
    return events_of(bench, run)


def second_run(result: Section, bench: Workbench, model_id: str, cold: float) -> None:
    """A run on the worker that has just trained the same model, and one after an edit of its settings."""
    for what, values in (("second run on a warm worker", {}), ("after an edit of the learning rate", {"learning_rate": 5e-4})):
        bench.models.update_config(actor=ACTOR, model_id=model_id, values=values)
        started = time.time() * 1e3
        events = stopped(bench, bench.runs.start(actor=ACTOR, model_id=model_id))
        delay, first = ((first_at(events, kind) - started) / 1e3 for kind in ("started", "epoch"))
        quarter = Bound(4, "least", "ratio") if not values else None
        if not values:
            result.add(Row(f"{what}: start to training", delay, "s", must=Bound(0.5, "most"), better="less"))
        result.add(Row(f"{what}: start to first epoch", first, "s", cold / 1e3, "first run, cold", quarter, better="less"))


def forget_all_but_cache(home: Path) -> None:
    """Make a used home folder a first visit's again, with its compiled code: that is bound to the folder it was made in."""
    for entry in home.iterdir():
        if entry.is_dir() and entry != Settings.load(home=home).cache:
            shutil.rmtree(entry)
        elif entry.is_file():
            entry.unlink()


def visit(result: Section, home: Path, words: str, most: float, reading: float) -> None:
    """A first visit's first epoch; the run is stopped after it."""
    settings = Settings.load(home=home).prepare()
    with browser() as page, serving(home) as server:
        page.add_init_script(_WATCH)
        clicked, drawn = try_it(page, server.address, reading)
        bench = Workbench.open(settings)
        run = next(iter(bench.state().runs.values()))
        events = stopped(bench, run)
        bench.close()
    result.add(visit_row(f'"Try it" to the first epoch drawn, {words}', most, clicked, drawn, run, events))


def main() -> None:
    """Measure a first visit, cold and warm, and what follows."""
    about = (
        "Headless Chromium on the same machine clicks the button of the first visit as soon as it shows: a model is created, a worker "
        "starts, compiles and trains on the handwritten digits. A point counts as shown when Plotly has painted it."
    )
    with (
        section("live", "Live training", about, packages=("dash", "plotly", "jax", "playwright")) as result,
        tempfile.TemporaryDirectory(prefix="trellis-bench-") as folder,
    ):
        home = Path(folder)
        try:
            cold_visit(result, home)
            forget_all_but_cache(home)
            visit(result, home, "compiled before", 5, 0)
            forget_all_but_cache(home)
            visit(result, home, f"compiled before, clicked after {READING:g} s", 5, READING)
            shutil.rmtree(home)
            visit(result, home, f"nothing compiled before, clicked after {READING:g} s", 15, READING)
        except BrowserMissing as error:
            result.add(missing('"Try it" to the first epoch drawn', "s", str(error)))


if __name__ == "__main__":
    main()
