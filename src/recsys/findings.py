"""What a trial found, in words: its lifts and its doubts as tables, for the command line, reports and exports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from recsys.metrics import GROUPS, METRICS
from recsys.model.warning import GRAVEST_FIRST
from workbench.families import Metrics

MEASURES = Metrics(METRICS)
DIFFERENCE_COLUMNS = ("Difference", "95 % interval", "Relative", "")
DOUBT_COLUMNS = ("Code", "Severity", "What", "What to do")
SEEN_WORDS = {"all": "All items", "unseen": "Seen left out"}
"""The rule for seen items as a heading."""

BY_USER = (
    "nDCG@10 is a mean over rows: each row asks for its own product alone. By user it is a mean over users, for whom every "
    "product of their test rows is right."
)
_SIMPLEST = ("popularity", "mean")


@dataclass(frozen=True)
class Rows:
    """A table: names of its columns, and rows of text."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def who_words(name: str) -> str:
    """Who was measured, for people."""
    return GROUPS.get(name, name)


def lifts(told: Mapping[str, Any]) -> Rows:
    """The model minus each baseline with the 95 % interval, the best baseline first.

    A baseline that is itself worse than the simplest one is called so, and what it is beaten by is not told in per cent of it:
    that would be a large share of very little.

    Args:
        told: what a trial kept (see `recsys.training.bundle.Bundle.told`).
    """
    rows = []
    for figure, against in told["lift"].items():
        lower = MEASURES.of(figure).direction == "lower"
        ordered = sorted(against.items(), key=lambda one: one[1]["baseline"] * (1 if lower else -1))
        simplest = next((who for who in _SIMPLEST if who in against), None)
        for who, lift in ordered:
            cells = list(difference_cells(figure, lift))
            words = who_words(who)
            if simplest is not None and _worse(lift, against[simplest], lower=lower):
                words += f" (itself worse than {who_words(simplest).lower()})"
                cells[2] = "–"
            rows.append((f"{MEASURES.label(figure)}, against {words}", *cells))
    return Rows(("Lift", *DIFFERENCE_COLUMNS), tuple(rows))


def difference_cells(figure: str, lift: Mapping[str, Any]) -> tuple[str, ...]:
    """A difference of a figure (`Lift` as JSON values) under `DIFFERENCE_COLUMNS`."""
    share, interval = MEASURES.of(figure).format == "share", lift["absolute_interval"]
    relative = lift["relative"]
    return (
        _difference(lift["absolute"], share=share),
        f"{_difference(interval['low'], share=share)} to {_difference(interval['high'], share=share)}",
        "–" if relative is None else f"{100 * relative:+.1f} %",
        _verdict(interval, lower=MEASURES.of(figure).direction == "lower"),
    )


def doubts(told: Mapping[str, Any]) -> Rows:
    """Its warnings, the gravest first: code, how serious, what, and what to do."""
    return Rows(
        DOUBT_COLUMNS,
        tuple(
            (w["code"], w["severity"], f"{w['message']}.", f"{w['action']['words']}.")
            for w in gravest_first(told.get("warnings", []))
        ),
    )


def gravest_first(warnings: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Warnings as a trial kept them, those of its settings and of its results, the gravest first."""
    return sorted(warnings, key=lambda w: (GRAVEST_FIRST.index(w["severity"]), w["code"]))


def _worse(one: Mapping[str, Any], other: Mapping[str, Any], *, lower: bool) -> bool:
    return one["baseline"] > other["baseline"] if lower else one["baseline"] < other["baseline"]


def _difference(value: float, *, share: bool) -> str:
    return f"{100 * value:+.1f} points" if share else f"{value:+.4f}"


def _verdict(interval: Mapping[str, float], *, lower: bool) -> str:
    if interval["low"] <= 0 <= interval["high"]:
        return "may be none"
    return "better" if (interval["high"] < 0) == lower else "worse"
