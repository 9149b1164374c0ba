"""docs/devices.md does what it says."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

from workbench.cli.crew import crew

ROOT = Path(__file__).parents[2]
CREW = "trellis crew "
PAGE = ROOT / "docs" / "devices.md"


def test_the_command_of_the_page_trains_on_two_devices(tmp_path: Path) -> None:
    (command,) = re.findall(r"^```bash\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    flag = "--xla_force_host_platform_device_count=2"
    assert f"XLA_FLAGS={flag}" in PAGE.read_text(encoding="utf-8")
    environment = {
        **os.environ, "XLA_FLAGS": f"{os.environ.get('XLA_FLAGS', '')} {flag}", "TRELLIS_HOME": str(tmp_path), "COLUMNS": "300",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]), "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
    }  # fmt: skip
    done = subprocess.run(["bash", "-euc", command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Trains on 2 devices (cpu), each with " in done.stderr
    assert re.search(r"Each device holds [\d.]+ [kM]B from step to step", done.stderr)


def test_the_commands_of_a_crew_name_its_options() -> None:
    options = {f"--{name}" for name in inspect.signature(crew).parameters}
    commands = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if CREW in line]
    assert len(commands) == 3
    for command in commands:
        said = re.findall(r"--\w+", command.partition(CREW)[2])
        assert said == ["--coordinator", "--size", "--rank"]
        assert set(said) <= options
