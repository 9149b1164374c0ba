"""A process with several devices, and what it says of cases."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

DEVICES = 8
SECONDS = 540
PATIENT = "--xla_cpu_collective_call_terminate_timeout_seconds=300"
"""Of a busy machine that gives eight devices a core between them, nobody is to believe that they hang."""


def told_by(module: str, home: Path, *cases: str) -> dict[str, dict[str, Any]]:
    """What `python -m module CASE ...` says of cases, by name, with eight devices."""
    flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_force_host_platform_device_count={DEVICES} {PATIENT}"
    done = subprocess.run(
        [sys.executable, "-m", module, *cases], cwd=Path(__file__).parents[2], timeout=SECONDS, capture_output=True,
        text=True, env={**os.environ, "XLA_FLAGS": flags, "TRELLIS_HOME": str(home), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert [one["case"] for one in found] == list(cases)
    return {one["case"]: one for one in found}
