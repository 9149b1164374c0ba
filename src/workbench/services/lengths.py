"""How long a run is, in epochs, as its family declares where that stands."""

from __future__ import annotations

from workbench.families import model_type
from workbench.state import RunRecord
from workbench.values import stored_value


def length_of(run: RunRecord) -> int | None:
    """The epochs that a run was asked for; None if its family is not installed."""
    try:
        kind = model_type(run.family, run.model_type)
    except KeyError:
        return None
    default = kind.fields.defaults.get(kind.length)
    found = stored_value(run.config, kind.length, default)
    return found if isinstance(found, int) else None
