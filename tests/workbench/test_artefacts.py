from __future__ import annotations

import errno
import hashlib
import io
import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench import artefacts
from workbench.artefacts import ArtefactError, ArtefactRoot, DiskFull, UnsafePath


@pytest.fixture
def root(tmp_path: Path) -> ArtefactRoot:
    return ArtefactRoot(tmp_path / "root")


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "a/../b", "a/..", "/etc/passwd", "a\\b", "a\0b", "a\nb", "c:/x", "a/../../root2/x"]
)
def test_names_that_could_leave_the_root_are_refused(root: ArtefactRoot, name: str) -> None:
    with pytest.raises(UnsafePath):
        root.write_bytes(name, b"x")


def test_links_are_not_followed(root: ArtefactRoot, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "file").write_text("s")
    root.make_folder("runs")
    (root.folder / "runs" / "out").symlink_to(tmp_path / "secret")
    with pytest.raises(UnsafePath, match="link"):
        root.read_bytes("runs/out/file")
    assert root.files("runs") == ()


def test_what_is_written_is_read_back_with_its_size_and_hash(root: ArtefactRoot) -> None:
    written = root.write_text("runs/r/log.txt", "größer\n")
    assert (written.name, written.size) == ("runs/r/log.txt", 9)
    assert root.read_bytes("runs/r/log.txt", written.sha256) == "größer\n".encode()
    assert artefacts.sha256_of(root.path("runs/r/log.txt")) == written.sha256
    assert root.files("runs") == (written,)
    assert root.name_of(root.path("runs/r/log.txt")) == "runs/r/log.txt"


def test_a_file_that_changed_is_not_read(root: ArtefactRoot) -> None:
    written = root.write_bytes("a", b"one")
    root.path("a").write_bytes(b"two")
    with pytest.raises(ArtefactError, match="not what was written"):
        root.read_bytes("a", written.sha256)


def test_a_missing_file_is_named(root: ArtefactRoot) -> None:
    with pytest.raises(ArtefactError, match=r"models/m/sample.npz is missing"):
        root.read_arrays("models/m/sample.npz")


def test_arrays_come_back_as_they_were(root: ArtefactRoot) -> None:
    arrays = {"train": np.arange(5, dtype=np.int32), "x": np.eye(3, dtype=np.float32)}
    first = root.write_arrays("a.npz", arrays)
    back = root.read_arrays("a.npz", first.sha256)
    assert all(np.array_equal(back[n], arrays[n]) and back[n].dtype == arrays[n].dtype for n in arrays)
    assert root.write_arrays("b.npz", arrays).sha256 == first.sha256


def test_arrays_of_objects_are_not_written(root: ArtefactRoot) -> None:
    with pytest.raises(ArtefactError, match="Python objects"):
        root.write_arrays("a.npz", {"x": np.array([{}, []], dtype=object)})


def test_a_pickle_in_an_array_file_is_never_run(root: ArtefactRoot, tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> Any:
            return (os.mkdir, (str(tmp_path / "exploded"),))

    buffer = io.BytesIO()
    np.save(buffer, np.array([Bomb()], dtype=object), allow_pickle=True)
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w") as archive:
        archive.writestr("x.npy", buffer.getvalue())
    root.write_bytes("bomb.npz", (tmp_path / "bomb.npz").read_bytes())
    root.write_bytes("plain.npz", pickle.dumps(Bomb()))
    for name in ("bomb.npz", "plain.npz"):
        with pytest.raises(ArtefactError, match="not a readable array file"):
            root.read_arrays(name)
    assert not (tmp_path / "exploded").exists()


def test_a_torn_array_file_is_an_error(root: ArtefactRoot) -> None:
    root.write_arrays("a.npz", {"x": np.arange(1000)})
    root.write_bytes("a.npz", root.read_bytes("a.npz")[:-40])
    with pytest.raises(ArtefactError, match="not a readable array file"):
        root.read_arrays("a.npz")


def test_a_file_that_would_unpack_to_too_much_is_refused(root: ArtefactRoot, monkeypatch: pytest.MonkeyPatch) -> None:
    root.write_arrays("a.npz", {"x": np.zeros(100_000)})
    monkeypatch.setattr(artefacts, "MAX_ARRAY_BYTES", 1000)
    with pytest.raises(ArtefactError, match="would unpack to"):
        root.read_arrays("a.npz")


def test_a_full_disk_is_an_error_of_its_own_and_keeps_the_old_file(root: ArtefactRoot, monkeypatch: pytest.MonkeyPatch) -> None:
    root.write_bytes("a", b"old")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(artefacts.os, "fsync", full)
    with pytest.raises(DiskFull, match=r"disk is full.*Free some space"):
        root.write_bytes("a", b"new")
    assert root.read_bytes("a") == b"old"
    assert [p.name for p in root.folder.iterdir()] == ["a"]


def test_an_error_while_writing_leaves_nothing_behind(root: ArtefactRoot) -> None:
    def write_half() -> None:
        with artefacts.writing(root.path("sub/a")) as file:
            file.write(b"half")
            raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        write_half()
    assert list((root.folder / "sub").iterdir()) == []


def test_a_folder_in_the_way_is_an_error_in_words(root: ArtefactRoot) -> None:
    root.write_bytes("a", b"x")
    with pytest.raises(ArtefactError, match="could not be written"):
        root.write_bytes("a/b", b"y")


def test_removing_takes_a_folder_with_all_it_holds_and_forgives_what_is_not_there(root: ArtefactRoot) -> None:
    root.write_bytes("models/m/a", b"x")
    root.remove("models/m")
    root.remove("models/m")
    assert not root.exists("models/m/a")


def test_json_that_is_damaged_is_an_error(root: ArtefactRoot) -> None:
    root.write_json("a.json", {"x": [1, 2]})
    assert root.read_json("a.json") == {"x": [1, 2]}
    root.write_text("a.json", "{")
    with pytest.raises(ArtefactError, match="not valid JSON"):
        root.read_json("a.json")


@pytest.mark.parametrize("name", ["a" * 256, "folder/" + "a" * 256, "/".join(["a" * 200] * 30), "ü" * 128])
def test_a_name_too_long_for_the_file_system_is_refused_in_a_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    for use in (lambda root: root.path(name), lambda root: root.exists(name), lambda root: root.write_bytes(name, b"x")):
        with pytest.raises(ArtefactError, match="File name too long"):
            use(ArtefactRoot(tmp_path))


def test_a_copied_file_is_verified_before_it_is_opened(root: ArtefactRoot, tmp_path: Path) -> None:
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
