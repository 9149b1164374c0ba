"""Two processes that train as one learn what one device learns, but for rounding."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.parallel.telling import PATIENT, SECONDS
from tests.parallel.test_runs import lines, require_equal
from tests.support.brokers import free_port

EACH = 2
"""Devices of each process."""


def told(folder: Path, *cases: str) -> list[dict[str, dict[str, Any]]]:
    """What each of two processes says of the cases, by name."""
    flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_force_host_platform_device_count={EACH} {PATIENT}"
    paths = os.pathsep.join(filter(None, sys.path))
    environment = {**os.environ, "XLA_FLAGS": flags, "TRELLIS_HOME": str(folder), "PYTHONPATH": paths}
    address = f"127.0.0.1:{free_port()}"
    processes = []
    for rank in (0, 1):
        command = [sys.executable, "-m", "tests.parallel.crew", str(rank), address, *cases]
        with (folder / f"errors-{rank}").open("wb") as errors:
            processes.append(
                subprocess.Popen(command, cwd=Path(__file__).parents[2], env=environment, stdout=subprocess.PIPE, stderr=errors, text=True)
            )
    try:
        outputs = [process.communicate(timeout=SECONDS)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
    errors = [(folder / f"errors-{rank}").read_text()[-3000:] for rank in (0, 1)]
    assert [process.returncode for process in processes] == [0, 0], errors
    found = [[json.loads(line) for line in output.splitlines() if line.startswith("{")] for output in outputs]
    return [{one["case"]: one for one in each} for each in found]


def test_processes_learn_together_what_one_device_learns(tmp_path: Path) -> None:
    first, second = told(tmp_path, "curriculum", "lstm in parts")
    agreed, other = first.pop("agreeing"), second.pop("agreeing")
    assert agreed == other
    assert (agreed["agreed"], agreed["least"], agreed["most"]) == (2 + 2**-40, -0.5, 1)
    assert (agreed["told"], agreed["unready"]) == ("run_ä0 1", [[], [1]])
    require_equal(first)
    same = ("distance", "where", "differ")
    assert {name: [one[key] for key in same] for name, one in first.items()} == {
        name: [one[key] for key in same] for name, one in second.items()
    }
    assert lines(first["lstm in parts"]["logs"], "Trains")[0][1] == (
        "Trains on 4 devices (cpu) of 2 processes, each with up to 2 of a step's 6 parts of 3 windows"
    )
