"""The shipped quick experiment in real processes: what it leaves in its run's folder trains again to the very same numbers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.crash.processes import ROOT, end_processes

pytestmark = pytest.mark.crash


@pytest.fixture
def own_home(home: Path) -> Iterator[Path]:
    """A fresh home whose worker is ended after the test."""
    yield home
    end_processes(home)


def train(home: Path, *arguments: str) -> dict[str, Any]:
    program = [sys.executable, "-c", "from workbench.cli import main; main()", "train", *arguments, "--json"]
    done = subprocess.run(program, cwd=home, env={**os.environ, "TRELLIS_HOME": str(home)}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (run,) = json.loads(done.stdout)
    return run


def test_the_quick_experiment_trains_and_its_resolved_file_trains_to_the_same(own_home: Path) -> None:
    first = train(own_home, str(ROOT / "configs" / "experiments" / "rcmvae_quick.yaml"))
    folder = Path(first["folder"])
    written = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {"resolved_config.yaml", "metrics.parquet", "summary.json", "REPORT.md", "report.html", "diagnostics.npz", "log.txt"} <= written
    assert any(name.startswith("attempt-1/checkpoints/") for name in written)
    assert first["state"] == "completed"
    second = train(own_home, str(folder / "resolved_config.yaml"))
    assert (second["config_fingerprint"], second["fingerprint"]) == (first["config_fingerprint"], first["fingerprint"])
    assert second["headline"] == first["headline"]
