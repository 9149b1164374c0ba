"""Small JSON files that a run leaves behind, as pages, REST and the command line read them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.commands.base import CommandError

if TYPE_CHECKING:
    from workbench.workbench import Workbench

MOST_BYTES = 4_000_000
"""Size of a JSON artefact past which it is not read."""


def read_json(workbench: Workbench, run_id: str, name: str) -> dict[str, Any]:
    """A JSON artefact of a run; empty if the run has none, or none that can be read."""
    try:
        path: Path = workbench.runs.artefact_path(run_id, name)
        if not path.is_file() or path.stat().st_size > MOST_BYTES:
            return {}
        found = json.loads(path.read_text(encoding="utf-8"))
    except (CommandError, OSError, ValueError):
        # A damaged or half-written file is shown as absent; its size and checksum are in the list of files.
        return {}
    return found if isinstance(found, dict) else {}
