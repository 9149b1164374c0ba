"""What holds of artefacts in a folder alone: files are where they are named."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import pytest

from workbench import artefacts
from workbench.artefacts import ArtefactError, DiskFull, FolderRoot, UnsafePath


@pytest.fixture
def root(tmp_path: Path) -> FolderRoot:
    return FolderRoot(tmp_path / "root")


def test_links_are_not_followed(root: FolderRoot, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "file").write_text("s")
    root.make_folder("runs")
    (root.folder / "runs" / "out").symlink_to(tmp_path / "secret")
    with pytest.raises(UnsafePath, match="link"):
        root.read_bytes("runs/out/file")
    assert root.files("runs") == ()


def test_what_is_written_is_read_back_with_its_size_and_hash(root: FolderRoot) -> None:
    written = root.write_text("runs/r/log.txt", "größer\n")
    assert (written.name, written.size) == ("runs/r/log.txt", 9)
    assert root.read_bytes("runs/r/log.txt", written.sha256) == "größer\n".encode()
    assert artefacts.sha256_of(root.path("runs/r/log.txt")) == written.sha256
    assert root.files("runs") == (written,)
    assert root.name_of(root.path("runs/r/log.txt")) == "runs/r/log.txt"


def test_a_file_that_changed_is_not_read(root: FolderRoot) -> None:
    written = root.write_bytes("a", b"one")
    root.path("a").write_bytes(b"two")
    with pytest.raises(ArtefactError, match="not what was written"):
        root.read_bytes("a", written.sha256)


def test_a_full_disk_is_an_error_of_its_own_and_keeps_the_old_file(root: FolderRoot, monkeypatch: pytest.MonkeyPatch) -> None:
    root.write_bytes("a", b"old")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull, match=r"disk is full.*Free some space"):
        root.write_bytes("a", b"new")
    assert root.read_bytes("a") == b"old"
    assert [p.name for p in root.folder.iterdir()] == ["a"]


def test_an_error_while_writing_leaves_nothing_behind(root: FolderRoot) -> None:
    def write_half() -> None:
        with artefacts.writing(root.path("sub/a")) as file:
            file.write(b"half")
            raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        write_half()
    assert list((root.folder / "sub").iterdir()) == []


def test_a_folder_in_the_way_is_an_error_in_words(root: FolderRoot) -> None:
    root.write_bytes("a", b"x")
    with pytest.raises(ArtefactError, match="could not be written"):
        root.write_bytes("a/b", b"y")


def test_a_copied_file_is_verified_before_it_is_opened(root: FolderRoot, tmp_path: Path) -> None:
    (tmp_path / "given").write_bytes(b"whole")
    saved = root.write_copy("d/data.bin", tmp_path / "given")
    assert (saved.size, saved.sha256) == (5, hashlib.sha256(b"whole").hexdigest())
    assert root.verified(saved.name, saved.sha256).read_bytes() == b"whole"
    root.path(saved.name).write_bytes(b"other")
    with pytest.raises(ArtefactError, match="is not what was written"):
        root.verified(saved.name, saved.sha256)
    root.remove(saved.name)
    with pytest.raises(ArtefactError, match="is missing"):
        root.verified(saved.name, saved.sha256)
