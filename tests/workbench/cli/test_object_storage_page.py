"""The commands of the page on object storage work as they stand there, against an S3 server."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.support.s3 import new_address
from workbench.artefacts import root_of
from workbench.cleaning import clearing
from workbench.commands.records import DeleteCommand
from workbench.doctor import devices
from workbench.settings import Settings
from workbench.state import Kind
from workbench.workbench import Workbench

PAGE = (ROOT / "docs" / "object-storage.md").read_text(encoding="utf-8")
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]


@pytest.fixture
def trained(trellis: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A home with a trained model whose files lie in a folder; the address of an empty bucket."""
    monkeypatch.setattr(devices, "devices", lambda settings: iter(()))
    monkeypatch.setenv("TRELLIS_PORT", "0")
    monkeypatch.chdir(tmp_path)
    assert trellis("train", "--preset", "plain", "--data", "tiny", "--name", "First", "--set", "max_epochs=2").code == 0
    return new_address(monkeypatch)


def test_every_command_of_the_page_works_in_its_order(trellis: Any, trained: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(COMMANDS) >= 3
    for line in COMMANDS:
        text = line.replace("s3://trellis-artefacts/team", trained).replace("$TRELLIS_HOME", str(home))
        variable, command = re.fullmatch(r"(?:TRELLIS_ARTEFACTS=(\S+) )?trellis (.+)", text).groups()  # pyright: ignore[reportOptionalMemberAccess]
        with monkeypatch.context() as patch:
            if variable is not None:
                patch.setenv("TRELLIS_ARTEFACTS", variable)
            said = trellis(*shlex.split(command, comments=True))
        assert said.code == 0, f"{line}\n{said.out}{said.err}"


def test_every_setting_that_the_page_names_is_one_with_that_default() -> None:
    for name, default in re.findall(r"`TRELLIS_(ARTEFACT_\w+)`[^(]*\((\d+)", PAGE):
        assert Settings.model_fields[name.lower()].default == int(default)


def test_a_copy_is_equal_goes_on_where_it_broke_off_and_comes_back(trellis: Any, trained: str, home: Path, tmp_path: Path) -> None:
    folder = home / "artefacts"
    files = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    done = json.loads(trellis("artefacts", "copy", str(folder), trained, "--json").out)
    assert (done["files"], done["there"], done["others"]) == (len(files), 0, [])
    (folder / "later").write_bytes(b"later")
    again = json.loads(trellis("artefacts", "copy", str(folder), trained, "--json").out)
    assert (again["files"], again["there"]) == (len(files) + 1, len(files))
    back = tmp_path / "back"
    assert trellis("artefacts", "copy", trained, str(back)).code == 0
    assert {path.relative_to(back): path.read_bytes() for path in back.rglob("*") if path.is_file()} == {**files, Path("later"): b"later"}


def test_a_copy_into_itself_from_nowhere_or_with_a_secret_is_refused_in_words(trellis: Any, trained: str, home: Path) -> None:
    for given in (
        (str(home / "artefacts"), str(home / "artefacts" / "within")),
        (trained, f"{trained}/within"),
        (str(home / "nowhere"), trained),
        (str(home / "artefacts"), "s3://key:hidden@bucket/x"),
        (str(home / "artefacts"), "s3://no-bucket-of-that-name/x"),
    ):
        said = trellis("artefacts", "copy", *given)
        assert said.code == 1, given
        assert "hidden" not in said.err
        assert "Traceback" not in said.err


def test_a_backup_of_object_storage_is_put_back_into_a_folder_and_into_another_bucket(
    trellis: Any, trained: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert trellis("artefacts", "copy", str(home / "artefacts"), trained).code == 0
    monkeypatch.setenv("TRELLIS_ARTEFACTS", trained)
    before = json.loads(trellis("models", "list", "--json").out)
    made = json.loads(trellis("backup", str(tmp_path / "all.zip"), "--json").out)
    assert made["models"] == made["runs"] == 1
    for name, place in (("folder", None), ("bucket", new_address(monkeypatch))):
        with monkeypatch.context() as patch:
            patch.setenv("TRELLIS_HOME", str(tmp_path / name))
            patch.delenv("TRELLIS_ARTEFACTS")
            if place is not None:
                patch.setenv("TRELLIS_ARTEFACTS", place)
            assert trellis("restore", str(tmp_path / "all.zip")).code == 0
            assert json.loads(trellis("models", "list", "--json").out) == before
            assert trellis("audit").code == 0
            checked = {each["check"]: each for each in json.loads(trellis("doctor", "--json").out)}
            assert checked["checkpoints"]["level"] == "ok", checked["checkpoints"]
            refused = trellis("restore", str(tmp_path / "all.zip"))
            assert (refused.code, "is not empty" in refused.err) == (1, True)


def test_what_was_deleted_and_what_belongs_to_nothing_goes_from_the_bucket(
    trellis: Any, trained: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert trellis("artefacts", "copy", str(home / "artefacts"), trained).code == 0
    monkeypatch.setenv("TRELLIS_ARTEFACTS", trained)
    monkeypatch.setattr(clearing, "LEAST_SECONDS", -5.0)
    root = root_of(Settings.load())
    stray = "runs/run_0000000000000/attempt-1/last"
    root.write_bytes(stray, b"stray")
    kept = [name for name in root.looks() if name != stray]
    shown = json.loads(trellis("gc", "--older-than", "0", "--json").out)
    assert [each["path"] for each in shown["leftovers"]] == [f"{trained}/runs/run_0000000000000"]
    assert root.exists(stray)
    assert trellis("gc", "--older-than", "0", "--yes").code == 0
    assert list(root.looks()) == kept
    bench = Workbench.open(Settings.load())
    bench.store.execute(DeleteCommand(kind=Kind.MODEL, id=next(iter(bench.state().models))), actor="me")
    bench.close()
    assert trellis("gc", "--older-than", "0", "--yes").code == 0
    assert [name for name in root.looks() if name.startswith(("models/", "runs/"))] == []


def test_doctor_says_what_is_wrong_with_a_bucket_and_what_is_missing_from_it(
    trellis: Any, trained: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRELLIS_ARTEFACTS", trained)
    found = {each["check"]: each for each in json.loads(trellis("doctor", "--json").out)}
    assert found["artefacts"]["level"] == "ok"
    assert (found["checkpoints"]["level"], "is missing" in found["checkpoints"]["what"]) == ("fault", True)
    monkeypatch.setenv("TRELLIS_ARTEFACTS", "s3://no-bucket-of-that-name/x")
    said = trellis("doctor", "--json")
    assert said.code == 1
    assert next(each for each in json.loads(said.out) if each["check"] == "artefacts")["level"] == "fault"
