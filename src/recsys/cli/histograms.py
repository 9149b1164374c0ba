"""`trellis quick-tests histograms`: weights and gradients of a test's layers in bins."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from recsys import histograms
from recsys.cli.following import find_quick_test
from recsys.cli.test_actions import Test
from recsys.histograms import Binned
from workbench.cli.opening import opened
from workbench.cli.output import AsJson, print_json, print_table, say
from workbench.commands.base import CommandError

LEVELS = " ▁▂▃▄▅▆▇█"
"""How full a bin is, from empty to the fullest of its histogram."""

_COLUMNS = ("Layer", "Of", "From", "To", "Length", "Histogram")


def show_histograms(
    test: Test,
    epoch: Annotated[
        int | None, typer.Option(min=1, help="Of that epoch instead of the last that was looked at.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the weights and gradients of a test's layers in 25 bins, as far as its model asks for them."""
    with opened() as workbench:
        run = find_quick_test(workbench, test)
        found = histograms.read(workbench.runs.lying(run.id, histograms.FILE))
    if as_json:
        print_json([asdict(one) for one in found if epoch in (None, one.epoch)])
        return
    if not found:
        raise CommandError(
            f"Test #{run.number} kept no histograms.", "test",
            "Set histogram_epochs of its model, and run it again.", code="conflict",
        )  # fmt: skip
    known = {one.epoch: one for one in found}
    chosen = known.get(found[-1].epoch if epoch is None else epoch)
    if chosen is None:
        looked_at = ", ".join(map(str, known))
        raise CommandError(f"Epoch {epoch} was not looked at.", "epoch", f"Choose from {looked_at}.")
    rows = [
        (layer.name, kind, *_cells(binned))
        for layer in chosen.layers
        for kind, binned in (("weights", layer.weights), ("gradients", layer.gradients))
    ]
    print_table(_COLUMNS, rows, "")
    say(
        f"Epoch {chosen.epoch}: weights at its end, gradients of its first batch. Looked at: {', '.join(map(str, known))}."
    )


def bars(counts: tuple[int, ...]) -> str:
    """Counts as a line of bars, of which every one that is not empty can be seen."""
    most = max(counts, default=0) or 1
    return "".join(LEVELS[-(-(len(LEVELS) - 1) * count // most)] for count in counts)


def _cells(binned: Binned | None) -> tuple[str, ...]:
    if binned is None:
        return ("–", "–", "–", "none in this batch")
    return (f"{binned.low:.3g}", f"{binned.high:.3g}", f"{binned.norm:.4g}", bars(binned.counts))
