"""The training rate of this machine: measured once, kept in the home folder, shown on the worker's row."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import Engine

from workbench.artefacts import write_atomic
from workbench.families import ImportString
from workbench.runs import leases
from workbench.runs.frameworks import FRAMEWORKS
from workbench.settings import Settings
from workbench.store.store import Store


def measure_once(store: Store, settings: Settings, worker_id: str, framework: str) -> float | None:
    """Floating point operations a second of training with this framework here; measured if it is not known yet.

    None for a framework that has no measure. The worker's row carries it from then on. Raises LeaseLost.
    """
    measure = FRAMEWORKS[framework].rate
    if measure is None:
        return None
    with store.engine.connect() as connection:
        row = leases.row(connection, worker_id)
    if row is not None and row.rate is not None:
        return row.rate
    rate = stored_rate(settings.home, framework)
    if rate is None:
        rate = float(ImportString(measure).load()())
        _keep(settings.home, framework, rate)
    with store.transaction() as connection:
        leases.set_rate(connection, worker_id, rate)
    return rate


def known_rate(engine: Engine, home: Path, framework: str) -> float | None:
    """The rate a worker has told or left in the home folder; None while nobody has measured it."""
    with engine.connect() as connection:
        told = [row.rate for row in leases.rows(connection) if row.framework == framework and row.rate is not None]
    return told[-1] if told else stored_rate(home, framework)


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
