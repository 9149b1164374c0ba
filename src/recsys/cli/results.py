"""What a quick test found, in tables: the model beside what it must beat, how sure that is, and what is doubtful."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recsys.metrics import GROUPS, METRICS
from recsys.training import bundle
from workbench.artefacts import ArtefactError
from workbench.cli.output import print_table, say
from workbench.families import Metrics
from workbench.runs.folder import BUNDLE
from workbench.state import RunRecord
from workbench.workbench import Workbench

MEASURES = Metrics(METRICS)
RANKING = ("recall_at_10", "recall_at_50", "recall_at_100", "ndcg_at_10", "mrr")
RATING = ("rmse", "mae", "r2")
DIFFERENCE_COLUMNS = ("Difference", "95 % interval", "Relative", "")
_BETTER = {"recall_at_10": "Recall@10", "rmse": "RMSE"}


@dataclass(frozen=True)
class Rows:
    """A table: names of its columns, and rows of text."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def results_of(workbench: Workbench, run: RunRecord) -> dict[str, Any] | None:
    """What a test kept (see `Bundle.told`); None for one that ended without results.

    Raises:
        ArtefactError: for results that are damaged or gone.
    """
    path = workbench.runs.folder(run.id) / BUNDLE
    if not path.exists():
        if run.headline:
            raise ArtefactError(f"The results of test #{run.number} are gone: {path} does not exist.")
        return None
    return dict(bundle.load(path).told)


def figures_of(told: Mapping[str, Any]) -> dict[str, dict[str, dict[str, Any]]]:
    """Who was measured -> name of a figure -> the figure."""
    return {who: {f["name"]: f for f in figures} for who, figures in told["metrics"].items()}


def shown_names(told: Mapping[str, Any], *, everything: bool = False) -> tuple[str, ...]:
    """The figures that a table shows, by the headline's rule for seen products; or all that the model has."""
    own = figures_of(told)["model"]
    if everything:
        return tuple(own)
    suffix = "" if told["seen"] == "all" else "_unseen"
    wanted = (*(f"{name}{suffix}" for name in RANKING), *RATING)
    return tuple(name for name in wanted if name in own)


def standing(told: Mapping[str, Any], *, everything: bool = False) -> Rows:
    """The model, then each baseline and the oracle: a row each, a column a figure; all figures in columns of who."""
    found = figures_of(told)
    names = shown_names(told, everything=everything)
    people = [who for who in told["about"] if who in found]
    if everything:
        rows = tuple((MEASURES.label(n), *(_text(found[who].get(n), n) for who in people)) for n in names)
        return Rows(("Figure", *(_who(who) for who in people)), rows)
    rows = tuple((_who(who), *(_text(found[who].get(n), n) for n in names)) for who in people)
    return Rows(("", *(_short(name) for name in names)), rows)


def lifts(told: Mapping[str, Any]) -> Rows:
    """The model minus each baseline, with the 95 % interval; what may be no difference at all is said."""
    rows = [
        (f"{_BETTER.get(figure, figure)} against {_who(who)}", *difference_cells(figure, lift))
        for figure, against in told["lift"].items()
        for who, lift in against.items()
    ]
    return Rows(("Lift", *DIFFERENCE_COLUMNS), tuple(rows))


def difference_cells(figure: str, lift: Mapping[str, Any]) -> tuple[str, ...]:
    """A difference of a figure (`Lift` as JSON values) under `DIFFERENCE_COLUMNS`."""
    share, interval, relative = (
        MEASURES.of(figure).format == "share",
        lift["absolute_interval"],
        lift["relative"],
    )
    return (
        _difference(lift["absolute"], share=share),
        f"{_difference(interval['low'], share=share)} to {_difference(interval['high'], share=share)}",
        "–" if relative is None else f"{100 * relative:+.1f} %",
        _verdict(interval, lower=MEASURES.of(figure).direction == "lower"),
    )


def sentences(told: Mapping[str, Any]) -> list[str]:
    """How it was measured, who could not be, and how much of the best possible was reached."""
    found = figures_of(told)
    lines = []
    for name in shown_names(told)[:1]:
        lines.append(f"Measured: {found['model'][name]['protocol']}.")
        own, best = found["model"][name]["value"], found.get("oracle", {}).get(name, {}).get("value")
        if own is not None and best:
            lines.append(f"{MEASURES.label(name)} is {100 * own / best:.1f} % of the oracle's.")
    own = found["model"].get("rmse", {}).get("value")
    if own is not None and told.get("oracle_rmse"):
        best = told["oracle_rmse"]
        lines.append(f"The RMSE is {own / best:.3f} times the oracle's {best:.4g}.")
    lines += [f"{_who(who)}: {about}." for who, about in told["about"].items() if who not in found and about]
    return lines


def doubts(told: Mapping[str, Any]) -> list[str]:
    """Its warnings, a line each: code, how serious, what, and what to do."""
    return [
        f"{w['code']} {w['severity']}: {w['message']}. {w['action']['words']}."
        for w in told.get("warnings", [])
    ]


def print_results(told: Mapping[str, Any], *, everything: bool = False) -> None:
    """All of it: tables on standard output, sentences on standard error."""
    table = standing(told, everything=everything)
    print_table(table.columns, table.rows, "Nothing was measured.")
    table = lifts(told)
    if table.rows:
        print_table(table.columns, table.rows, "")
    for line in (*sentences(told), *doubts(told)):
        say(line)


def _who(name: str) -> str:
    """Who was measured, for people."""
    return GROUPS.get(name, name)


def _text(figure: Mapping[str, Any] | None, name: str) -> str:
    return "–" if figure is None else MEASURES.text(name, figure["value"])


def _short(name: str) -> str:
    """A column's name: the rule for seen products is said once, below the table."""
    return MEASURES.label(name).split(",")[0]


def _difference(value: float, *, share: bool) -> str:
    return f"{100 * value:+.1f} points" if share else f"{value:+.4f}"


def _verdict(interval: Mapping[str, float], *, lower: bool) -> str:
    if interval["low"] <= 0 <= interval["high"]:
        return "may be none"
    return "better" if (interval["high"] < 0) == lower else "worse"
