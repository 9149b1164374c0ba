"""The training rate of this machine: measured once by a family, kept in the home folder, corrected by runs that finish."""

from __future__ import annotations

import json
import math
from pathlib import Path
from statistics import median

from workbench.artefacts import write_atomic
from workbench.runs import leases
from workbench.runs.frameworks import families_of
from workbench.settings import Settings
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
    with store.transaction() as connection:
        leases.set_rate(connection, worker_id, rate)
    return rate


def known_rate(store: Store, home: Path, framework: str) -> float | None:
    """The rate a worker has told or left in the home folder; None while nobody has measured it."""
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


def stored_rate(home: Path, framework: str) -> float | None:
    """The rate kept in the home folder, or None."""
    return _read(home).get(framework)


def _keep(home: Path, framework: str, rate: float) -> None:
    write_atomic(_file(home), json.dumps({**_read(home), framework: rate}).encode())


def _read(home: Path) -> dict[str, float]:
    try:
        values = json.loads(_file(home).read_bytes())
    except (FileNotFoundError, ValueError):
        # None yet, or a file damaged by hand: measuring again mends both.
        return {}
    return {str(name): float(rate) for name, rate in values.items()} if isinstance(values, dict) else {}


def _file(home: Path) -> Path:
    return home / "rates.json"
