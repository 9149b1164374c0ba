"""A backup or a restore that is ended leaves nothing; what one that was killed leaves is known as such, and cleared away by the next."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.crash.processes import ROOT, wait_until
from workbench.settings import Settings

pytestmark = pytest.mark.crash

STANDS = """
import sys, time
from pathlib import Path
from workbench.backup import {module}

def stand(*_):
    Path({mark!r}).touch()
    time.sleep(600)

{module}.{name} = stand
from workbench.cli.app import run
sys.exit(run(sys.argv[1:]))
"""
"""A command line that stands still where that function would be called."""


def ended(tmp_path: Path, home: Path, how: signal.Signals, at: str, *arguments: str) -> int:
    """Carry out a command line in a home, end it while it stands at `at`, and return its exit code."""
    mark = tmp_path / "stands"
    module, _, name = at.rpartition(".")
    process = subprocess.Popen(
        [sys.executable, "-c", STANDS.format(module=module, name=name, mark=str(mark)), *arguments], cwd=ROOT,
        env={**os.environ, "TRELLIS_HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)}, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    wait_until(lambda: mark.exists() or process.poll() is not None, f"the command to stand at {at}")
    mark.unlink()
    process.send_signal(how)
    _, said = process.communicate(timeout=120)
    assert "Traceback" not in said
    return process.returncode


def carried_out(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-c", "import sys; from workbench.cli.app import run; sys.exit(run(sys.argv[1:]))", *arguments]
    env = {**os.environ, "TRELLIS_HOME": str(home), "TRELLIS_PORT": "0", "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(program, cwd=ROOT, env=env, capture_output=True, text=True, timeout=300, check=False)


def partial(*folders: Path) -> list[Path]:
    return [path for folder in folders for path in folder.rglob(".*.partial") if ".partial" not in str(path.parent)]


@pytest.fixture
def home(fake_bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a model."""
    monkeypatch.delenv("TRELLIS_DATABASE_URL", raising=False)
    model = fake_bench.models.create(actor="user:test", family="fake", model_type="toy", dataset_id="tiny", values={}, sample={})
    assert Path(fake_bench.settings.artefacts, "models", model.id).is_dir()
    own = fake_bench.settings.home / "configs"
    own.mkdir()
    (own / "mine.yaml").write_text("layer: model\n")
    return fake_bench.settings.home


def test_a_backup_that_is_ended_leaves_nothing_and_a_killed_ones_remains_go_at_once(home: Path, tmp_path: Path) -> None:
    at, file = "taking._version", tmp_path / "out" / "all.zip"
    assert ended(tmp_path, home, signal.SIGTERM, at, "backup", str(file)) == 130
    assert partial(home, tmp_path / "out") == []
    ended(tmp_path, home, signal.SIGKILL, at, "backup", str(file))
    left = partial(home, tmp_path / "out")
    assert len(left) == 2
    found = {each["check"]: each for each in json.loads(carried_out(home, "doctor", "--json").stdout)}
    assert found["leftovers"]["level"] == "warning"
    assert set(found["leftovers"]["facts"]["paths"]) == {str(path) for path in left}
    assert carried_out(home, "gc", "--yes").returncode == 0
    assert partial(home, tmp_path / "out") == []
    ended(tmp_path, home, signal.SIGKILL, at, "backup", str(file))
    assert len(partial(home, tmp_path / "out")) == 2
    assert carried_out(home, "backup", str(file)).returncode == 0
    assert [path.name for path in file.parent.iterdir()] == ["all.zip"]
    assert partial(home) == []


def test_what_a_backup_that_is_under_way_works_in_is_no_leftover(home: Path, tmp_path: Path) -> None:
    from workbench.artefacts import root_of
    from workbench.backup import owned
    from workbench.cleaning.leftovers import temporaries

    settings = Settings.load(home=home)
    artefacts = root_of(settings)
    with owned.folder(settings.written, "backup") as folder:
        assert owned.standing(folder) == "working"
        assert temporaries(settings, artefacts, 10.0**10) == ()
        elsewhere = json.loads((folder / ".owner.partial").read_text()) | {"host": "another", "pid": 1}
        (folder / ".owner.partial").write_text(json.dumps(elsewhere))
        assert owned.standing(folder) == "unknown"
        assert [left.place.name for left in temporaries(settings, artefacts, 10.0**10)] == [str(folder)]
        kept = tmp_path / "mine.txt"
        kept.write_text("mine")
        owned.sign(folder, beside=(str(kept),))
        assert owned.beside(folder) == ()


@pytest.mark.parametrize("at", ["restoring._check_store", "restoring._put_store"])
def test_a_restore_that_is_ended_leaves_nothing_and_after_a_killed_one_it_works_again(home: Path, tmp_path: Path, at: str) -> None:
    file, other = tmp_path / "all.zip", tmp_path / "other"
    assert carried_out(home, "backup", str(file)).returncode == 0
    assert ended(tmp_path, other, signal.SIGTERM, at, "restore", str(file)) == 130
    assert not other.exists()
    ended(tmp_path, other, signal.SIGKILL, at, "restore", str(file))
    assert len(partial(other)) == 2
    found = {each["check"]: each for each in json.loads(carried_out(other, "doctor", "--json").stdout)}
    assert "trellis restore" in found["leftovers"]["todo"]
    (other / "mine").write_text("mine")
    said = carried_out(other, "restore", str(file))
    assert (said.returncode, "is not empty" in said.stderr) == (1, True)
    assert [path.name for path in other.iterdir()] == ["mine"]
    (other / "mine").unlink()
    assert carried_out(other, "restore", str(file)).returncode == 0
    assert sorted(path.name for path in other.iterdir()) == ["artefacts", "configs", "trellis.db"]


def test_a_restore_beside_another_one_is_refused(home: Path, tmp_path: Path) -> None:
    from workbench.backup import owned, restoring
    from workbench.backup.archive import BackupError

    file, other = tmp_path / "all.zip", tmp_path / "other"
    assert carried_out(home, "backup", str(file)).returncode == 0
    settings = Settings.load(home=other)
    with owned.folder(other, "restore") as folder:
        with pytest.raises(BackupError, match="under way"):
            restoring.restore(file, settings)
        (folder / ".owner.partial").unlink()
        with pytest.raises(BackupError, match=r"restore-.*is of a restore that was cut short, .*remove"):
            restoring.restore(file, settings)
        assert folder.is_dir()
