"""The panel's results: one record a set and draw, kept as JSON, and the arithmetic of the table over them."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from bench.harness import RESULTS

RAW = RESULTS / "panel"
"""Records of each preset, a file each; `simple` are those without a model."""


@dataclass(frozen=True)
class Record:
    """One label draw of one set.

    Attributes:
        set, draw: which. labels: given. held: images that all are judged on.
        simple: accuracy by simple method; one that gave no answer is missing. notes: what methods left out, if anything.
        model: the trained model's accuracy on the same images; None where none was trained.
        k_eff: its effective components over all. kl_z: in nats. recall: of its worst class. seconds, epochs: of its training.
        warnings: what the run said of itself.
    """

    set: str
    draw: int
    labels: int
    held: int
    simple: Mapping[str, float]
    notes: Mapping[str, str]
    model: float | None = None
    k_eff: float | None = None
    kl_z: float | None = None
    recall: float | None = None
    seconds: float | None = None
    epochs: int | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """What the table says of a set, over its draws.

    Attributes:
        set, draws: which, and how many. methods: mean accuracy by simple method. best: the one with the highest mean.
        best_mean: that. best_deviation: its standard deviation over draws (None with one draw).
        mean, deviation: of the model's accuracy, None without one.
        errors: the model's mean error over the best simple method's: below 1 is better. accuracies: likewise, above 1 is better.
    """

    set: str
    draws: int
    methods: Mapping[str, float]
    best: str
    best_mean: float
    best_deviation: float | None
    mean: float | None = None
    deviation: float | None = None
    errors: float | None = None
    accuracies: float | None = None


def line_of(records: Sequence[Record]) -> Line:
    """The line of one set's records. A method that lacks an answer in one draw is left out. Raises ValueError without any method."""
    shared = set.intersection(*(set(each.simple) for each in records)) if records else set[str]()
    methods = (
        {name: statistics.fmean(each.simple[name] for each in records) for name in records[0].simple if name in shared} if shared else {}
    )
    if not methods:
        raise ValueError("no simple method gave an answer in every draw")
    best = max(methods, key=methods.__getitem__)
    top = methods[best]
    of_best = _deviation([each.simple[best] for each in records])
    reached = [each.model for each in records if each.model is not None]
    if len(reached) < len(records):
        return Line(records[0].set, len(records), methods, best, top, of_best)
    mean = statistics.fmean(reached)
    errors = (1 - mean) / (1 - top) if top < 1 else (1.0 if mean == 1 else float("inf"))
    return Line(
        records[0].set, len(records), methods, best, top, of_best, mean, _deviation(reached), errors, mean / top if top > 0 else float("inf")
    )  # fmt: skip


def lines_of(records: Iterable[Record]) -> list[Line]:
    """A line a set, the one with the worst ratio of errors first; sets without a model come last, as they come."""
    by_set: dict[str, list[Record]] = {}
    for each in records:
        by_set.setdefault(each.set, []).append(each)
    lines = [line_of(found) for found in by_set.values()]
    return sorted(lines, key=lambda line: -line.errors if line.errors is not None else float("inf"))


def overall(lines: Sequence[Line]) -> tuple[float, float] | None:
    """The worst ratio of errors, and the mean; None where no model was trained."""
    ratios = [line.errors for line in lines if line.errors is not None]
    return (max(ratios), statistics.fmean(ratios)) if ratios else None


def text_of(lines: Sequence[Line], titles: Mapping[str, str], methods: Mapping[str, str]) -> str:
    """The table as Markdown. `titles`: of sets, `methods`: of simple methods, by key."""
    head = ["set", "draws", "model", "best simple method", "errors", "accuracies", *methods.values()]
    rows = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for line in lines:
        model = _with(line.mean, line.deviation)
        best = f"{methods.get(line.best, line.best)} {_with(line.best_mean, line.best_deviation)}"
        ratios = ["" if ratio is None else f"{ratio:.2f}x" for ratio in (line.errors, line.accuracies)]
        each = [f"{100 * line.methods[name]:.1f}" if name in line.methods else "" for name in methods]
        rows.append(f"| {' | '.join([titles.get(line.set, line.set), str(line.draws), model, best, *ratios, *each])} |")
    return "\n".join(rows)


def kept(preset: str) -> dict[tuple[str, int], Record]:
    """Records of a preset by set and draw; none where none are kept."""
    path = RAW / f"{preset}.json"
    if not path.exists():
        return {}
    found = [Record(**{**each, "warnings": tuple(each["warnings"])}) for each in json.loads(path.read_text(encoding="utf-8"))]
    return {(each.set, each.draw): each for each in found}


def keep(preset: str, record: Record) -> None:
    """Keep a record in place of an earlier one of the same set and draw."""
    records = kept(preset) | {(record.set, record.draw): record}
    RAW.mkdir(parents=True, exist_ok=True)
    text = json.dumps([asdict(records[key]) for key in sorted(records)], indent=1, ensure_ascii=False)
    (RAW / f"{preset}.json").write_text(text + "\n", encoding="utf-8")


def _deviation(values: Sequence[float]) -> float | None:
    return statistics.stdev(values) if len(values) > 1 else None


def _with(value: float | None, deviation: float | None) -> str:
    if value is None:
        return ""
    return f"{100 * value:.1f}" if deviation is None else f"{100 * value:.1f} ± {100 * deviation:.1f}"
