"""The training rate of this machine: measured once by a family, kept in the home folder, corrected by runs that finish."""

from __future__ import annotations

import heapq
import json
import math
from contextlib import suppress
from pathlib import Path
from statistics import median

from workbench.artefacts import ArtefactError, ArtefactRoot, write_atomic
from workbench.families import ImportString
from workbench.runs import leases
from workbench.runs.folder import SUMMARY, folder_of
from workbench.runs.frameworks import families_of
from workbench.settings import Settings
from workbench.state import AppState, RunState
from workbench.store.store import Store

KEPT = 8
"""Finished runs of a kind of model that its usual rate is taken from."""
REACHED = "reached_rates.json"


def measure_once(store: Store, settings: Settings, worker_id: str, framework: str) -> float | None:
    """Floating point operations a second of training with this framework here; measured if it is not known yet.

    None for a framework whose families have no measure. The worker's row carries it from then on. Raises LeaseLost.
    """
    measure = next((family.rate for family in families_of(framework) if family.rate is not None), None)
    if measure is None:
        return None
    with store.reading() as connection:
        row = leases.row(connection, worker_id)
    if row is not None and row.rate is not None:
        return row.rate
    rate = stored_rate(settings.home, framework)
    if rate is None:
        rate = float(measure.load()())
        _keep(settings.home, framework, rate)
    with store.statement() as connection:
        leases.set_rate(connection, worker_id, rate)
    return rate


def measure_next(settings: Settings, framework: str) -> bool:
    """Measure one kind of model that has a measure of its own and is not known yet; False if there is none left."""
    left = next(((name, own) for name, own in _own_measures(framework).items() if stored_rate(settings.home, name) is None), None)
    if left is not None:
        name, own = left
        _keep(settings.home, name, float(own.load()()))
    return left is not None


def _own_measures(framework: str) -> dict[str, ImportString]:
    """ "family/kind" -> how its rate is measured, of the kinds of models that the framework's rate does not speak for."""
    return {f"{family.name}/{kind.name}": kind.rate for family in families_of(framework) for kind in family.models if kind.rate is not None}


def known_rate(store: Store, home: Path, framework: str, model_type: str | None = None) -> float | None:
    """The rate a worker has told or left in the home folder; None while nobody has measured it.

    `model_type` ("family/name") with a measure of its own has the rate that this gave, others have the framework's.
    """
    if model_type in _own_measures(framework):
        return stored_rate(home, str(model_type))
    with store.reading() as connection:
        told = [row.rate for row in leases.rows(connection) if row.framework == framework and row.rate is not None]
    return told[-1] if told else stored_rate(home, framework)


def learn(home: Path, model_type: str, rate: float | None) -> None:
    """Keep the rate that a finished run of this kind of model reached here; None: it was too short to tell."""
    if rate is None or not math.isfinite(rate) or rate <= 0:
        return
    reached = _reached(home)
    kept = [*reached.get(model_type, []), rate][-KEPT:]
    write_atomic(home / REACHED, json.dumps({**reached, model_type: kept}).encode())


def told_rate(state: AppState, root: ArtefactRoot, model_type: str) -> float | None:
    """The usual rate of the last finished runs of this kind of model on whatever host, as their summaries tell it; None before the first."""
    done = (run for run in state.runs.values() if run.state is RunState.COMPLETED and f"{run.family}/{run.model_type}" == model_type)
    found = []
    for run in heapq.nlargest(KEPT, done, key=lambda run: run.number):
        # a summary that is gone or damaged tells nothing, and one of a short run no rate
        with suppress(ArtefactError, KeyError, ValueError, TypeError):
            found.append(float(root.read_json(f"{folder_of(run.id)}/{SUMMARY}")["rate"]))
    return median(found) if found else None


def reached_rate(home: Path, model_type: str) -> float | None:
    """The usual rate of the last finished runs of this kind of model here; None before the first."""
    rates = reached_rates(home, model_type)
    return median(rates) if rates else None


def reached_rates(home: Path, model_type: str) -> tuple[float, ...]:
    """The rates of the last finished runs of this kind of model here, oldest first."""
    return tuple(_reached(home).get(model_type, ()))


def _reached(home: Path) -> dict[str, list[float]]:
    try:
        values = json.loads((home / REACHED).read_bytes())
        return {str(name): [float(rate) for rate in rates][-KEPT:] for name, rates in values.items()}
    except (FileNotFoundError, ValueError, TypeError, AttributeError):
        # None yet, or a file damaged by hand: the next run begins it anew.
        return {}


def stored_rate(home: Path, name: str) -> float | None:
    """The rate of a framework or a kind of model ("family/name") kept in the home folder, or None."""
    return _read(home).get(name)


def _keep(home: Path, name: str, rate: float) -> None:
    write_atomic(_file(home), json.dumps({**_read(home), name: rate}).encode())


def _read(home: Path) -> dict[str, float]:
    try:
        values = json.loads(_file(home).read_bytes())
    except (FileNotFoundError, ValueError):
        # None yet, or a file damaged by hand: measuring again mends both.
        return {}
    return {str(name): float(rate) for name, rate in values.items()} if isinstance(values, dict) else {}


def _file(home: Path) -> Path:
    return home / "rates.json"
