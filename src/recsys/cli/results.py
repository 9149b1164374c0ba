"""What a quick test found, in tables: the model beside what it must beat, how sure that is, and what is doubtful."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recsys.findings import BY_USER, MEASURES, SEEN_WORDS, Rows, doubts, lifts, who_words
from recsys.training import bundle
from workbench.artefacts import ArtefactError
from workbench.cli.output import print_table, say
from workbench.runs.folder import BUNDLE
from workbench.state import RunRecord
from workbench.workbench import Workbench

RANKING = ("recall_at_10", "recall_at_50", "recall_at_100", "ndcg_at_10", "mrr")
RATING = ("rmse", "mae", "r2")


def results_of(workbench: Workbench, run: RunRecord) -> dict[str, Any] | None:
    """What a test kept (see `Bundle.told`); None for one that ended without results.

    Raises:
        ArtefactError: for results that are damaged or gone.
    """
    path = workbench.runs.lying(run.id, BUNDLE)
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
        return Rows(("Figure", *(who_words(who) for who in people)), rows)
    rows = tuple((who_words(who), *(_text(found[who].get(n), n) for n in names)) for who in people)
    ranks = any(name.startswith(RANKING) for name in names)
    return Rows((SEEN_WORDS[told["seen"]] if ranks else "", *(_short(name) for name in names)), rows)


def sentences(told: Mapping[str, Any]) -> list[str]:
    """How it was measured, who could not be, and how much of the best possible was reached."""
    found = figures_of(told)
    lines = []
    for name in shown_names(told)[:1]:
        lines.append(f"Measured: {found['model'][name]['protocol']}.")
        own, best = found["model"][name]["value"], found.get("oracle", {}).get(name, {}).get("value")
        if own is not None and best:
            lines.append(f"{MEASURES.label(name)}: {100 * own / best:.1f} % of the oracle's.")
    own = found["model"].get("rmse", {}).get("value")
    if own is not None and told.get("oracle_rmse"):
        best = told["oracle_rmse"]
        lines.append(f"The RMSE is {own / best:.3f} times the oracle's {best:.4g}.")
    lines += [
        f"{who_words(who)}: {about}." for who, about in told["about"].items() if who not in found and about
    ]
    return lines


def doubt_lines(told: Mapping[str, Any]) -> list[str]:
    """Its warnings, a line each: code, how serious, what, and what to do."""
    return [f"{code} {severity}: {what} {action}" for code, severity, what, action in doubts(told).rows]


def print_results(told: Mapping[str, Any], *, everything: bool = False) -> None:
    """All of it: tables on standard output, sentences on standard error."""
    table = standing(told, everything=everything)
    print_table(table.columns, table.rows, "Nothing was measured.")
    table = lifts(told)
    if table.rows:
        print_table(table.columns, table.rows, "")
    for line in (*sentences(told), *([BY_USER] if everything and _by_user(told) else []), *doubt_lines(told)):
        say(line)


def _by_user(told: Mapping[str, Any]) -> bool:
    return "user_ndcg_at_10" in figures_of(told)["model"]


def _text(figure: Mapping[str, Any] | None, name: str) -> str:
    return "–" if figure is None else MEASURES.text(name, figure["value"])


def _short(name: str) -> str:
    """A column's name: the rule for seen products is said once, in the table's corner."""
    return MEASURES.label(name).split(",")[0]
