"""Quick tests beside each other: their figures with the best marked, and where they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from recsys.cli import differing
from recsys.cli.results import figures_of
from recsys.findings import DIFFERENCE_COLUMNS, MEASURES, Rows, difference_cells
from recsys.services.pairing import Paired
from workbench.state import RunRecord

BEST = "*"


@dataclass(frozen=True)
class Compared:
    """One test and what it found (see `Bundle.told`)."""

    run: RunRecord
    told: dict[str, Any]


def table_of_figures(tests: Sequence[Compared]) -> Rows:
    """A row a figure that any of them has, a column a test; the best of a row is marked where one is better."""
    own = [figures_of(test.told)["model"] for test in tests]
    rows = []
    for name in dict.fromkeys(name for found in own for name in found):
        values = [found[name]["value"] if name in found else None for found in own]
        best = MEASURES.of(name).better([value for value in values if value is not None])
        marked = best is not None and any(value != best for value in values if value is not None)
        cells = [
            f"{MEASURES.text(name, value)}{f' {BEST}' if marked and value == best else ''}"
            for value in values
        ]
        rows.append((MEASURES.label(name), *cells))
    seconds = [test.run.duration_seconds for test in tests]
    rows.append(("Seconds", *("–" if value is None else f"{value:.1f}" for value in seconds)))
    return Rows(("Figure", *(f"#{test.run.number}" for test in tests)), tuple(rows))


def table_of_differences(tests: Sequence[Compared]) -> Rows:
    """A row each setting that took another value in a test than in the others, by its label."""
    rows = differing.rows([differing.told(test.run, test.told) for test in tests])
    return Rows(("Setting", *(f"#{test.run.number}" for test in tests)), rows)


def table_of_pairs(pairs: Sequence[Paired]) -> Rows:
    """A row each figure of a test against the first, on the same test rows."""
    rows = [
        (f"{MEASURES.label(figure)}: #{pair.run.number} against #{pair.against.number}",
         *difference_cells(figure, lift.model_dump()))
        for pair in pairs
        for figure, lift in pair.figures.items()
    ]  # fmt: skip
    return Rows(("Paired", *DIFFERENCE_COLUMNS), tuple(rows))


def protocol_differences(tests: Sequence[Compared]) -> list[str]:
    """Sentences about figures of several tests that were not measured alike; such figures say nothing together."""
    own = [figures_of(test.told)["model"] for test in tests]
    said: dict[tuple[str, ...], list[str]] = {}
    for name in dict.fromkeys(name for found in own for name in found):
        how = [found[name]["protocol"] if name in found else None for found in own]
        if len({words for words in how if words is not None}) > 1:
            lines = [
                f"#{t.run.number}: {words}" for t, words in zip(tests, how, strict=True) if words is not None
            ]
            said.setdefault(tuple(lines), []).append(MEASURES.label(name))
    return [f"{names[0]} was measured differently. {'; '.join(lines)}." for lines, names in said.items()]
