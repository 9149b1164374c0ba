"""What the pages read of forecasting runs: their errors, and all that one run kept."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dashboard.about import about_of, followed_at
from traffic.bundle import Errors, TrafficBundle, load_errors
from traffic.figures.table import comparable
from workbench.artefacts import ArtefactError
from workbench.commands.base import CommandError
from workbench.commands.rules import find_run, id_of
from workbench.families import family
from workbench.kept import Recent
from workbench.layered.registry import entry_of
from workbench.services import diagnosis
from workbench.state import Kind, RunRecord
from workbench.values import place_of

if TYPE_CHECKING:
    from workbench.workbench import Workbench

FAMILY = "traffic"
MOST = 200
"""Runs that a page lists, the newest; their errors stay in memory, some 100 kB a run."""


_SEED = re.compile(r", seed \d+.*$")
"""How a model's name ends that is one of several seeds (see `workbench.services.layered.model_name`)."""


@dataclass(frozen=True)
class Result:
    """A run and its errors.

    Attributes:
        name: of its model. href: its own page. figures: the model's figures of it, "" once it is deleted. dataset: what its data is called. errors: None while there are none; then `why` says why.
        alike: equal for runs that differ in nothing but their seeds.
    """

    run: RunRecord
    name: str
    href: str
    dataset: str
    alike: str
    errors: Errors | None = None
    why: str = ""
    figures: str = ""


class _Errors(Recent):
    """Errors by their file."""

    def __init__(self) -> None:
        super().__init__(MOST)


def results(workbench: Workbench) -> tuple[list[Result], int]:
    """The newest runs of the family, newest first, and how many there are."""
    runs = [run for run in workbench.state().runs.values() if run.family == FAMILY and run.deleted_at is None]
    newest = sorted(runs, key=lambda run: -run.number)[:MOST]
    return [result_of(workbench, run) for run in newest], len(runs)


def result_of(workbench: Workbench, run: RunRecord) -> Result:
    """One run with its errors."""
    state = workbench.state()
    dataset = state.dataset_of(run)
    record = state.datasets.get(dataset) if dataset else None
    errors, why = errors_of(workbench, run)
    about = about_of(state, run)
    figures = f"{about.href}/diagnose?run={run.id}" if about.href else ""
    return Result(run, about.title, followed_at(run), record.name if record else dataset or "", alike(run), errors, why, figures)


def errors_of(workbench: Workbench, run: RunRecord) -> tuple[Errors | None, str]:
    """A run's errors, or why there are none."""
    if run.state.active:
        return None, "The errors come when the run ends."
    path = diagnosis.bundle_path(workbench, run)
    if path is None:
        return None, run.reason or "The run ended without measuring its errors."
    seen = path.stat()
    try:
        return workbench.kept.of(_Errors).get((path, seen.st_mtime_ns, seen.st_size), lambda: load_errors(path)), ""
    except ArtefactError as error:
        return None, str(error)


def bundle_of(workbench: Workbench, run_id: str) -> TrafficBundle:
    """All that a run kept. Raises CommandError not_found, ArtefactError."""
    return diagnosis.presented(workbench, run_of(workbench, run_id)).bundle


def run_of(workbench: Workbench, run_id: str) -> RunRecord:
    """A run of the family, by id or number. Raises CommandError not_found."""
    state = workbench.state()
    run = find_run(state, id_of(state, Kind.RUN, run_id))
    if run.family != FAMILY:
        raise CommandError(f"Run #{run.number} forecasts nothing: it is one of {family(run.family).title}.", "run", code="not_found")
    return run


def alike(run: RunRecord) -> str:
    """What a run is made of but for its seeds, as text."""
    model = family(run.family).model(run.model_type)
    entry = entry_of(run.family, run.model_type)
    config = deepcopy(run.config)
    for key in model.layered.seeds:
        path = tuple(key.split("."))
        for section in model.sections:
            place = place_of(entry.model_type, section)
            if path[: len(place)] == place:
                _drop(config.get(section, {}), path[len(place) :])
    settings = dict(model.holds.settings(model.holds.run_payload.model_validate(run.payload)))
    data = run.dataset.model_dump(mode="json") if run.dataset else None
    return json.dumps([run.model_type, config, settings, data], sort_keys=True, default=str)


def _drop(config: dict[str, Any], path: Sequence[str]) -> None:
    for part in path[:-1]:
        config = config.get(part, {})
    config.pop(path[-1], None)


def by_windows(found: Sequence[Result]) -> list[list[Result]]:
    """The measured runs in groups whose errors may stand in one column, in the order of their first runs: those of one dataset
    with the same content, test windows and rules."""
    groups: list[list[Result]] = []
    for result in found:
        if result.errors is None:
            continue
        own = next((group for group in groups if _same_data(group[0], result) and comparable(_errors(group[0]), result.errors)), None)
        if own is None:
            groups.append([result])
        else:
            own.append(result)
    return groups


def _same_data(a: Result, b: Result) -> bool:
    kept = [None if each.run.dataset is None else each.run.dataset.content_sha256 for each in (a, b)]
    return (a.dataset, kept[0]) == (b.dataset, kept[1])


def by_seed(found: Sequence[Result]) -> list[list[Result]]:
    """Runs in groups that differ in nothing but their seeds, in the order of their first runs."""
    groups: dict[str, list[Result]] = {}
    for result in found:
        groups.setdefault(result.alike, []).append(result)
    return list(groups.values())


def common_name(group: Sequence[Result]) -> str:
    """What runs that differ in their seeds are called: the first one's name without its seed."""
    return _SEED.sub("", group[0].name) or group[0].name


def _errors(result: Result) -> Errors:
    assert result.errors is not None
    return result.errors
