"""Files that were sent and not yet imported."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from workbench.commands.base import CommandError
from workbench.services.uploads import KEPT_SECONDS, Uploads


@pytest.mark.parametrize("name", ["sales.csv", "../../etc/passwd", "ünï çode.csv", ".hidden", "a" * 300 + ".csv", ""])
def test_a_file_is_kept_below_the_folder_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    uploads = Uploads(tmp_path / "uploads")
    made = uploads.add(name, b"a,b\n")
    assert uploads.get(made.id) == made
    assert made.name == name
    assert made.path.read_bytes() == b"a,b\n"
    assert made.path.resolve().is_relative_to((tmp_path / "uploads" / made.id).resolve())
    assert made.path.name.endswith(".csv") == name.endswith(".csv")
    uploads.remove(made.id)
    assert list((tmp_path / "uploads").iterdir()) == []


@pytest.mark.parametrize("id", ["", "..", "../x", "0" * 32, "0" * 31 + "/", "x" * 32])
def test_what_is_not_there_is_not_found_and_removing_it_does_nothing(tmp_path: Path, id: str) -> None:
    uploads = Uploads(tmp_path / "uploads")
    kept = uploads.add("a.csv", b"1")
    uploads.remove(id)
    with pytest.raises(CommandError, match="no longer") as caught:
        uploads.get(id)
    assert caught.value.code == "not_found"
    assert uploads.get(kept.id).path.exists()


def test_a_file_that_nobody_imports_goes_after_a_day(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)
    old, young = uploads.add("old.csv", b"1"), uploads.add("young.csv", b"1")
    then = time.time() - KEPT_SECONDS - 60
    os.utime(tmp_path / old.id, (then, then))
    uploads.add("another.csv", b"1")
    assert uploads.get(young.id).name == "young.csv"
    with pytest.raises(CommandError):
        uploads.get(old.id)
