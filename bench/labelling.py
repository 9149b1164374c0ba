"""Labelling by keys in a browser: from the key to what is seen and to what is durable, at a thousand labels a minute."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from bench.harness import Bound, Row, Section, missing, percentile, section
from bench.seeding import ACTOR
from bench.serving import BrowserMissing, browser, serving
from workbench.settings import Settings
from workbench.workbench import Workbench

LABELS = 1000
PER_MINUTE = 1000
SAMPLES = 1437
"""All training images of the digits."""

_WATCH = """
() => {
  const explore = window.trellis.explore;
  const waiting = [];
  let before = 0;
  window.__visible = [];
  window.__durable = [];
  window.addEventListener('keydown', (event) => {
    if (!/^[0-9]$/.test(event.key)) return;
    waiting.push(event.timeStamp);
    // the frame after the one in which it was drawn begins when that one has been painted
    requestAnimationFrame(() => requestAnimationFrame(() => window.__visible.push(performance.now() - event.timeStamp)));
  }, { capture: true });
  explore.on('unsaved', (now) => {
    for (let done = before - now; done > 0; done -= 1) window.__durable.push(performance.now() - waiting.shift());
    before = now;
  });
}
"""


def type_labels(page: Any) -> float:
    """Press a key for each label, as evenly as they come a minute; seconds that it took."""
    started = time.perf_counter()
    for number in range(LABELS):
        ahead = started + number * 60 / PER_MINUTE - time.perf_counter()
        if ahead > 0:
            time.sleep(ahead)
        page.keyboard.press(str(number % 10))
    page.wait_for_function("() => window.trellis.explore.unsaved() === 0")
    return time.perf_counter() - started


def measure(result: Section, home: Path) -> None:
    """A fresh model without labels, labelled from its suggestions by keys alone."""
    with browser() as page, serving(home) as server:
        bench = Workbench.open(Settings.load(home=home))
        model = bench.models.create(
            actor=ACTOR, family="rcmvae", model_type="rcmvae", dataset_id="digits", values={}, name="Labelled",
            sample={"num_samples": SAMPLES, "num_labeled": 0},
        )  # fmt: skip
        page.goto(f"{server.address}model/{model.id}/explore")
        page.wait_for_function("() => window.trellis.explore.suggestions().length > 0")
        page.locator("#suggest-next").click()
        page.evaluate(_WATCH)
        seconds = type_labels(page)
        visible, durable = page.evaluate("window.__visible"), page.evaluate("window.__durable")
        kept = len(bench.models.labels(model.id))
        bench.close()
    result.add(Row("key to visible label, p95", percentile(visible, 0.95), "ms", must=Bound(50, "most"), better="less",
                   note=f"median {percentile(visible, 0.5):.0f} ms; up to the frame after the one that shows it"))  # fmt: skip
    result.add(Row("key to durable label, p95", percentile(durable, 0.95), "ms", must=Bound(100, "most"), better="less",
                   note=f"median {percentile(durable, 0.5):.0f} ms; the answer that says so has come back"))  # fmt: skip
    result.add(Row("labels a minute, typed and kept", kept / seconds * 60, "1/min", must=Bound(900, "least"),
                   note=f"{kept} of {LABELS} keys became labels of different images"))  # fmt: skip


def main() -> None:
    """Measure labelling by keys."""
    about = (
        f"Headless Chromium on the same machine presses {LABELS:,} digit keys at {PER_MINUTE:,} a minute on the Explore tab of an untrained "
        "model; each key labels an image and goes on to the next suggestion, and the list is asked for anew whenever it is used up."
    )
    with (
        section("labelling", "Labelling by keys", about, packages=("dash", "sqlalchemy", "playwright")) as result,
        tempfile.TemporaryDirectory(prefix="trellis-bench-") as folder,
    ):
        try:
            measure(result, Path(folder))
        except BrowserMissing as error:
            result.add(missing("key to visible label, p95", "ms", str(error)))


if __name__ == "__main__":
    main()
