"""What a person waits for on the Runs page with a thousand runs of many settings, and on the comparison of ten.

`python -m bench.runs [PART ...]` measures all parts, or those named. Each is a section of its own; they mean something on an
idle machine alone.
"""

from __future__ import annotations

import math
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.harness import Bound, Row, Section, measure_chosen, missing, percentile
from bench.seeding import add_runs, first_model
from bench.serving import BrowserMissing, browser, serving
from workbench.runs.events import NewEvent, append
from workbench.settings import Settings
from workbench.workbench import Workbench

PACKAGES = ("dash", "dash-ag-grid", "plotly", "fastapi", "uvicorn", "playwright")
RUNS = 1_000
LOADS = 5
COMPARED, EPOCHS = 10, 100
SCROLLS = 60
"""Steps of one sweep over the whole grid."""

_PAINTED = """
const painted = () => new Promise((done) => requestAnimationFrame(() => {
  const channel = new MessageChannel();
  channel.port1.onmessage = done;
  channel.port2.postMessage(0);
}));
"""
"""Resolves once the browser has painted what is on the page now."""

_DRAWN = (
    "async (wanted) => {"
    + _PAINTED
    + """
  const ends = performance.now() + 120000;
  while (document.querySelectorAll(wanted.selector).length < wanted.count) {
    if (performance.now() > ends) throw new Error(`${wanted.selector} was not drawn in time: ${document.body.innerText.slice(0, 400)}`);
    await new Promise(requestAnimationFrame);
  }
  await painted();
  return performance.now();
}"""
)
"""Milliseconds since the navigation began at which so many elements have been painted."""

_FILTERED = (
    "async (wanted) => {"
    + _PAINTED
    + """
  const box = document.querySelector('#runs-where'), count = document.querySelector('#runs-count');
  const before = count.textContent;
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(box, wanted);
  box.dispatchEvent(new Event('input', {bubbles: true}));
  const started = performance.now();
  box.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', code: 'Enter', keyCode: 13, bubbles: true}));
  box.dispatchEvent(new KeyboardEvent('keyup', {key: 'Enter', code: 'Enter', keyCode: 13, bubbles: true}));
  box.blur();
  while (count.textContent === before) await new Promise(requestAnimationFrame);
  await painted();
  return performance.now() - started;
}"""
)
"""Milliseconds from Enter in the filter until the count says otherwise, painted."""

_SWEPT = """
async (steps) => {
  const body = document.querySelector('.ag-body-viewport'), frames = [];
  const most = body.scrollHeight - body.clientHeight;
  for (let step = 1; step <= steps; step += 1) {
    const started = performance.now();
    body.scrollTop = most * step / steps;
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    frames.push((performance.now() - started) / 2);
  }
  return frames;
}
"""
"""Milliseconds a frame while the grid is scrolled from its first row to its last."""


def grid(page: Section) -> None:
    """The grid of a thousand runs: drawn, filtered, scrolled."""
    name = f"{RUNS:,} runs, to drawn"
    try:
        with browser() as tab, tempfile.TemporaryDirectory(prefix="trellis-bench-") as folder:
            _fill(Path(folder))
            with serving(Path(folder)) as server:
                address = f"{server.address}runs"
                row = {"selector": ".ag-center-cols-container .ag-row", "count": 10}
                first = drawn(tab, address, row)
                taken = [drawn(tab, address, row) for _ in range(LOADS)]
                note = f"the first visit {first:.2f} s, slowest of {LOADS} after it {max(taken):.2f} s"
                page.add(Row(name, statistics.median(taken), "s", must=Bound(1, "most"), better="less", note=note))
                shown = [
                    drawn(tab, f"{address}?columns=state,accuracy,loss,learning_rate,batch_size,random_seed,tags", row)
                    for _ in range(LOADS)
                ]
                page.add(
                    Row("the same with three settings as columns", statistics.median(shown), "s", must=Bound(1, "most"), better="less")
                )
                grouped = [drawn(tab, f"{address}?group=learning_rate", {"selector": "#groups .ag-row", "count": 4}) for _ in range(LOADS)]
                page.add(Row("grouped by a setting, to drawn", statistics.median(grouped), "s", must=Bound(1, "most"), better="less"))
                drawn(tab, address, row)
                tab.wait_for_timeout(1_000)
                texts = ("accuracy > 95 %", "accuracy > 95 % and learning_rate <= 0.001", "state = failed", "tag = baseline", "")
                filtered = [tab.evaluate(_FILTERED, text) for text in texts]
                note = f"slowest of {len(filtered)} {max(filtered):.0f} ms"
                page.add(
                    Row(
                        "a filter typed, to the runs that fit",
                        statistics.median(filtered),
                        "ms",
                        must=Bound(500, "most"),
                        better="less",
                        note=note,
                    )
                )
                frames = tab.evaluate(_SWEPT, SCROLLS)
                note = f"median {statistics.median(frames):.0f} ms over {len(frames)} steps of {RUNS // SCROLLS} rows"
                page.add(
                    Row("a frame while scrolling, p95", percentile(frames, 0.95), "ms", must=Bound(50, "most"), better="less", note=note)
                )
    except BrowserMissing as error:
        page.add(missing(name, "s", str(error), must=Bound(1, "most")))


def comparison(page: Section) -> None:
    """Ten runs beside each other: metrics, settings, lines across settings, curves of a hundred epochs."""
    name = f"{COMPARED} runs compared, to the lines and the curves drawn"
    try:
        with browser() as tab, tempfile.TemporaryDirectory(prefix="trellis-bench-") as folder:
            _fill(Path(folder))
            ids = _tell_epochs(Path(folder))
            with serving(Path(folder)) as server:
                address = f"{server.address}runs/compare?ids={','.join(ids)}&group=learning_rate"
                wanted = {"selector": "#compare-parallel .y-axis, #compare-parallel .axis, #compare-curves .main-svg", "count": 4}
                first = drawn(tab, address, wanted)
                taken = [drawn(tab, address, wanted) for _ in range(LOADS)]
                note = f"the first visit {first:.2f} s, slowest of {LOADS} after it {max(taken):.2f} s"
                page.add(Row(name, statistics.median(taken), "s", must=Bound(1.5, "most"), better="less", note=note))
    except BrowserMissing as error:
        page.add(missing(name, "s", str(error), must=Bound(1.5, "most")))


def _tell_epochs(home: Path) -> list[str]:
    """Give the newest runs the epochs that a course of training tells; their ids, the oldest first."""
    bench = Workbench.open(Settings.load(home=home))
    runs = sorted(bench.state().runs.values(), key=lambda run: run.number)[-COMPARED:]
    with bench.store.transaction() as connection:
        for run in runs:
            append(connection, run.id, run.attempt, [told_epoch(epoch, run.number) for epoch in range(1, EPOCHS + 1)])
    bench.close()
    return [run.id for run in runs]


def told_epoch(epoch: int, number: int) -> NewEvent:
    """What a course of training tells of an epoch; runs of different numbers differ a little."""
    loss = 40 + 30 * math.exp(-epoch / 20) + 0.1 * number % 3
    values = {"loss": loss, "reconstruction": 0.9 * loss, "kl_z": 0.1 * loss, "accuracy": 1 - math.exp(-epoch / 15)}
    metrics = {f"{split}/{name}": value for split in ("train", "validation") for name, value in values.items()}
    return NewEvent.now(
        "epoch", epoch=epoch, total=EPOCHS, life_epoch=epoch, metrics=metrics, elapsed_seconds=float(epoch), eta_seconds=0.0
    )


def drawn(tab: Any, address: str, wanted: dict[str, Any]) -> float:
    """Seconds from the navigation until `count` elements of `selector` have been painted; returns once the page is at rest."""
    tab.goto(address, wait_until="commit")
    seconds = tab.evaluate(_DRAWN, wanted) / 1e3
    tab.wait_for_load_state("networkidle")
    return seconds


def _fill(home: Path) -> None:
    """Runs of several settings, through the journal."""
    bench = Workbench.open(Settings.load(home=home))
    add_runs(bench, first_model(bench), RUNS, varied=True)
    bench.close()


PARTS: dict[str, tuple[str, str, Callable[[Section], None]]] = {
    "grid": (
        "Runs: a thousand in one grid",
        f"A server with {RUNS:,} runs of twelve settings, from the navigation to the first rows painted in headless Chromium on the "
        f"same machine; median of {LOADS}.",
        grid,
    ),
    "comparison": (
        "Runs: ten beside each other",
        f"A comparison of {COMPARED} runs with {EPOCHS} epochs each, of three settings, grouped, from the navigation to the lines across settings "
        f"and the curves in headless Chromium on the same machine; median of {LOADS}.",
        comparison,
    ),
}
"""Name -> heading, about, what is measured."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; 2 for an unknown name."""
    return measure_chosen(PARTS, arguments, prefix="runs_", word="part", packages=PACKAGES)


if __name__ == "__main__":
    sys.exit(main())
