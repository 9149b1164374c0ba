"""What every benchmark shares: rows with references and targets, sections kept as JSON, timing side by side."""

from __future__ import annotations

import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from bench.machine import describe, load_average, share_in_use

RESULTS = Path(__file__).parent / "results"
BUSY = 0.15
"""Other work that takes more than this share of the processor before or after a benchmark makes its numbers those of a busy machine."""


@dataclass(frozen=True)
class Bound:
    """A target: `of` (the row's value, or its ratio to the reference) is at least or at most `limit`."""

    limit: float
    at: Literal["least", "most"]
    of: Literal["value", "ratio"] = "value"

    def holds(self, value: float, ratio: float | None) -> bool:
        """Whether the target is reached. A ratio that is not known reaches nothing."""
        number = value if self.of == "value" else ratio
        if number is None:
            return False
        return number >= self.limit if self.at == "least" else number <= self.limit

    def words(self, unit: str) -> str:
        """The target as a table shows it: `≤ 5 ms`, `≥ 1.3x`."""
        sign = "≥" if self.at == "least" else "≤"
        return f"{sign} {self.limit:g}x" if self.of == "ratio" else f"{sign} {self.limit:g} {unit}".rstrip()


@dataclass(frozen=True)
class Row:
    """One measured figure.

    Attributes:
        name: what was measured. value: the figure in `unit`; None if it was not measured, then `note` says why.
        reference: the figure it is compared with, in the same unit, and `reference_name` what that is.
        must, goal: targets. note: anything a reader has to know. spread: standard deviation or quartile range in words.
        better: whether more or less is better; it decides which way the ratio is read (above 1 is better).
    """

    name: str
    value: float | None
    unit: str
    reference: float | None = None
    reference_name: str = ""
    must: Bound | None = None
    goal: Bound | None = None
    note: str = ""
    spread: str = ""
    better: Literal["more", "less"] = "more"

    @property
    def ratio(self) -> float | None:
        """Value over reference, or reference over value where less is better: above 1 is better than the reference."""
        if self.value is None or self.reference is None or 0.0 in (self.value, self.reference):
            return None
        return self.value / self.reference if self.better == "more" else self.reference / self.value

    @property
    def passed(self) -> bool | None:
        """Whether `must` is reached; None without one or without a measurement."""
        if self.must is None or self.value is None or (self.must.of == "ratio" and self.ratio is None):
            return None
        return self.must.holds(self.value, self.ratio)

    @property
    def goal_reached(self) -> bool | None:
        """Whether `goal` is reached, likewise."""
        if self.goal is None or self.value is None or (self.goal.of == "ratio" and self.ratio is None):
            return None
        return self.goal.holds(self.value, self.ratio)


def missing(name: str, unit: str, why: str, *, must: Bound | None = None, goal: Bound | None = None) -> Row:
    """A row for what could not be measured, with the reason."""
    return Row(name, None, unit, must=must, goal=goal, note=f"not measured: {why}")


@dataclass
class Section:
    """The figures of one script.

    Attributes:
        name: the script's. title, about: heading and one paragraph. rows: in order. machine: where they were taken.
        load_before, load_after: 1-minute load averages (benchmarks run before it count). other_before, other_after: share of the
            processor that was in use while the benchmark itself did nothing. at: UTC time. seconds: how long it took.
    """

    name: str
    title: str
    about: str
    rows: list[Row] = field(default_factory=list)
    machine: Mapping[str, str] = field(default_factory=dict)
    load_before: float = 0.0
    load_after: float = 0.0
    other_before: float = 0.0
    other_after: float = 0.0
    at: str = ""
    seconds: float = 0.0

    @property
    def busy(self) -> bool:
        """Whether other work was going on beside it."""
        return max(self.other_before, self.other_after) > BUSY

    def add(self, *rows: Row) -> None:
        """Append rows and show each on the terminal as soon as it is known."""
        for row in rows:
            self.rows.append(row)
            shown = "not measured" if row.value is None else f"{row.value:.4g} {row.unit}"
            against = f" ({row.ratio:.2f}x of {row.reference_name})" if row.ratio is not None else ""
            print(f"  {row.name}: {shown}{against} {row.note}".rstrip(), flush=True)

    def save(self) -> Path:
        """Write the section's JSON file."""
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{self.name}.json"
        path.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        return path


def load_section(path: Path) -> Section:
    """A section as `Section.save` wrote it."""
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    rows = []
    for row in data.pop("rows"):
        bounds = {key: None if row[key] is None else Bound(**row[key]) for key in ("must", "goal")}
        rows.append(Row(**{**row, **bounds}))
    return Section(**data, rows=rows)


@contextmanager
def section(name: str, title: str, about: str, *, packages: Sequence[str] = ()) -> Iterator[Section]:
    """Measure one section: describes the machine, times the whole and, if it ends well, saves it and rewrites RESULTS.md.

    Args:
        name: the script's name, and its result file's.
        packages: installed distributions whose versions matter to the numbers.
    """
    from bench.page import write_page

    print(f"{title}", flush=True)
    result = Section(name, title, about, machine=describe(packages), load_before=load_average(), other_before=share_in_use())
    started = time.perf_counter()
    result.at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    yield result
    result.seconds = round(time.perf_counter() - started, 1)
    result.load_after, result.other_after = load_average(), share_in_use()
    result.save()
    write_page()


def side_by_side(candidates: Mapping[str, Callable[[], object]], *, rounds: int, warm_up: int = 1) -> dict[str, list[float]]:
    """Seconds of each candidate in every round, taken in turns so that a busy moment hits all of them alike.

    Each callable must have finished its work when it returns.
    """
    for _ in range(warm_up):
        for work in candidates.values():
            work()
    seconds: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, work in candidates.items():
            started = time.perf_counter()
            work()
            seconds[name].append(time.perf_counter() - started)
    return seconds


def paired_ratio(slow: Sequence[float], fast: Sequence[float]) -> float:
    """Median over rounds of slow / fast: how many times faster the second is, with the rounds' common noise taken out."""
    return statistics.median(a / b for a, b in zip(slow, fast, strict=True))


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0 to 1) of the values do not exceed."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values to take a percentile of")
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def measure_chosen(
    parts: Mapping[str, tuple[str, str, Callable[[Section], None]]],
    arguments: Sequence[str] | None,
    *,
    prefix: str,
    word: str,
    packages: Sequence[str] = (),
) -> int:
    """Measure those parts of a script that were named, all if none was, each as a section of its own; 2 for an unknown name.

    Args:
        parts: name -> heading, about, what is measured. arguments: names; None takes those of the command line.
        prefix: of the sections' names. word: what a part is called in the refusal.
    """
    chosen = list(sys.argv[1:] if arguments is None else arguments) or list(parts)
    unknown = [name for name in chosen if name not in parts]
    if unknown:
        print(f"no {word} named {', '.join(unknown)}; known: {', '.join(parts)}", file=sys.stderr)
        return 2
    for name in chosen:
        title, about, measure = parts[name]
        with section(f"{prefix}{name}", title, about, packages=packages) as page:
            measure(page)
    return 0
