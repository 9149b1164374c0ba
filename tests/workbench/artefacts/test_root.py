"""What holds of artefacts wherever they are kept: in a folder, on an S3 server, in fsspec's own memory."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.artefacts import ArtefactError, ArtefactRoot, ArtefactsAway, UnsafePath, arrays, root_of
from workbench.artefacts.address import EXTRAS
from workbench.settings import Settings


@pytest.fixture(params=["folder", "s3", "memory"])
def root(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ArtefactRoot:
    return make_root(request.param, tmp_path, monkeypatch)


def make_root(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ArtefactRoot:
    """A new, empty root below which nothing else lies."""
    if kind == "s3":
        from tests.support.s3 import new_address

        address = new_address(monkeypatch)
    else:
        monkeypatch.setitem(EXTRAS, "memory", "fsspec")
        address = str(tmp_path / "root") if kind == "folder" else f"memory://{tmp_path.name}/artefacts"
    return root_of(Settings.load(home=tmp_path / "home", artefacts=address))


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "a/../b", "a/..", "/etc/passwd", "a\\b", "a\0b", "a\nb", "c:/x", "a/../../root2/x"]
)
def test_names_that_could_leave_the_root_are_refused(root: ArtefactRoot, name: str) -> None:
    with pytest.raises(UnsafePath):
        root.write_bytes(name, b"x")


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
    monkeypatch.setattr(arrays, "MAX_ARRAY_BYTES", 1000)
    with pytest.raises(ArtefactError, match="would unpack to"):
        root.read_arrays("a.npz")


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
def test_a_name_too_long_for_a_file_system_is_refused_in_a_sentence(root: ArtefactRoot, name: str) -> None:
    root.write_bytes("folder/a", b"x")
    for use in (lambda: root.path(name), lambda: root.exists(name), lambda: root.write_bytes(name, b"x")):
        with pytest.raises(ArtefactError, match="File name too long"):
            use()


def test_what_is_written_is_read_back_listed_and_known_by_size_and_checksum(root: ArtefactRoot) -> None:
    written = root.write_text("runs/r/log.txt", "größer\n")
    assert (written.name, written.size) == ("runs/r/log.txt", 9)
    assert written.sha256 == hashlib.sha256("größer\n".encode()).hexdigest()
    assert root.read_bytes("runs/r/log.txt") == root.read_bytes("runs/r/log.txt", written.sha256) == "größer\n".encode()
    assert root.files("runs") == root.files("runs/r") == (written,)
    assert root.sha256("runs/r/log.txt") == written.sha256
    assert [(name, look.size) for name, look in root.looks("runs").items()] == [("runs/r/log.txt", 9)]
    assert list(root.looks()) == ["runs/r/log.txt"]
    assert (root.names("runs"), root.names("runs/r"), root.names("nowhere")) == (("r",), ("log.txt",), ())
    assert root.path("runs/r/log.txt").read_text() == root.path("runs/r/log.txt", written.sha256).read_text() == "größer\n"


@pytest.mark.parametrize("name", ["a b/ü #1.txt", "100%/+&=.txt", "a*b?[c].txt", "x?versionid=1", "~/$HOME"])
def test_odd_but_plain_names_are_kept_as_they_are(root: ArtefactRoot, name: str) -> None:
    root.write_bytes("a/other", b"other")
    root.write_bytes(name, b"x")
    assert root.read_bytes(name) == b"x"
    assert name in [file.name for file in root.files(name.partition("/")[0])] or root.exists(name)
    root.remove(name)
    assert list(root.looks()) == ["a/other"]


def test_a_name_that_begins_as_another_one_is_another(root: ArtefactRoot) -> None:
    for name in ("runs/r1/a", "runs/r10/a", "runs/r1x"):
        root.write_bytes(name, b"x")
    root.remove("runs/r1")
    assert sorted(root.looks("runs")) == ["runs/r10/a", "runs/r1x"]
    assert root.files("runs/r10")[0].name == "runs/r10/a"


def test_a_file_that_takes_the_name_of_another_is_seen_at_once(root: ArtefactRoot, tmp_path: Path) -> None:
    first = root.write_bytes("last", b"first")
    before = root.look("last")
    assert root.path("last").read_bytes() == b"first"
    second = root.write_bytes("last", b"other")
    after = root.look("last")
    assert before is not None
    assert after is not None
    assert before.mark != after.mark
    assert root.path("last").read_bytes() == root.verified("last", second.sha256).read_bytes() == b"other"
    with pytest.raises(ArtefactError, match="is not what was written"):
        root.read_bytes("last", "0" * 64)
    if root.where.startswith("/"):
        with pytest.raises(ArtefactError, match="is not what was written"):
            root.verified("last", first.sha256)


def test_a_copied_file_is_verified_before_it_is_opened(root: ArtefactRoot, tmp_path: Path) -> None:
    (tmp_path / "given").write_bytes(b"whole")
    saved = root.write_copy("d/data.bin", tmp_path / "given")
    assert (saved.size, saved.sha256) == (5, hashlib.sha256(b"whole").hexdigest())
    assert root.verified(saved.name, saved.sha256).read_bytes() == b"whole"
    root.write_bytes(saved.name, b"other")
    with pytest.raises(ArtefactError, match="is not what was written"):
        root.verified(saved.name, "0" * 64)
    root.remove(saved.name)
    with pytest.raises(ArtefactError, match="is missing"):
        root.verified(saved.name, "0" * 64)
    assert not root.path(saved.name).exists()
    assert root.look(saved.name) is None


def test_what_is_made_of_arrays_is_kept_until_the_file_is_another(root: ArtefactRoot) -> None:
    made = []

    def make(given: dict[str, Any]) -> int:
        made.append(int(given["x"][0]))
        return made[-1]

    for value in (1, 2):
        saved = root.write_arrays("a.npz", {"x": np.array([value])})
        assert [root.kept("a.npz", saved.sha256, make) for _ in range(3)] == [value] * 3
    assert made == [1, 2]


def test_what_was_made_of_arrays_is_there_while_the_storage_is_away(root: ArtefactRoot, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(name: str) -> None:
        raise ArtefactsAway("It cannot be reached now.")

    first, second = (root.write_arrays("a.npz", {"x": np.array([value])}) for value in (1, 2))
    assert root.kept("a.npz", second.sha256, lambda given: int(given["x"][0])) == 2
    monkeypatch.setattr(root, "look", away)
    assert root.kept("a.npz", second.sha256, lambda given: 3) == 2
    for name, sha256 in (("a.npz", first.sha256), ("b.npz", second.sha256)):
        with pytest.raises(ArtefactsAway):
            root.kept(name, sha256, lambda given: 3)


def test_what_is_written_in_a_working_folder_is_published_and_what_goes_there_goes(root: ArtefactRoot, tmp_path: Path) -> None:
    (tmp_path / "given").write_bytes(b"x")
    with root.working("runs/r") as working:
        (working.path / "attempt-1").mkdir()
        place = working.path / "attempt-1" / "last-1.bin"
        place.write_bytes(b"one")
        published = working.publish(place)
        assert (published.name, published.sha256) == ("runs/r/attempt-1/last-1.bin", hashlib.sha256(b"one").hexdigest())
        assert root.read_bytes(published.name, published.sha256) == b"one"
        place.unlink()
        (working.path / ".half.partial").write_bytes(b"half")
        (working.path / "report.html").write_bytes(b"<p>")
        working.publish_all()
        assert [file.name for file in root.files("runs/r")] == ["runs/r/report.html"]
        with pytest.raises(UnsafePath):
            working.publish(tmp_path / "given")
        with pytest.raises(ArtefactError, match="cannot be read"):
            working.publish(working.path / "never")
    with root.working("runs/r") as again:
        again.fetch("attempt-1")
        assert not (again.path / "attempt-1" / "last-1.bin").exists()


def test_a_later_process_gets_what_an_earlier_one_left_beside_a_checkpoint(root: ArtefactRoot) -> None:
    for name in ("best-1.bin", "last-2.bin"):
        root.write_bytes(f"runs/r/attempt-1/{name}", name.encode())
    with root.working("runs/r") as working:
        working.fetch("attempt-1")
        assert sorted(path.name for path in (working.path / "attempt-1").iterdir()) == ["best-1.bin", "last-2.bin"]
        working.publish_all()
    assert len(root.files("runs/r")) == 2


def test_a_mirror_has_what_lies_there_and_keeps_what_is_written_to_it(root: ArtefactRoot) -> None:
    root.write_text("models/m/curves/k/table.csv", "1")
    place = root.mirror("models/m/curves")
    assert (place / "k" / "table.csv").read_text() == "1"
    (place / "k" / "table.csv").write_text("12")
    (place / "k" / "scratch").write_text("x")
    root.keep_mirror("models/m/curves", ("table.csv",))
    assert root.read_bytes("models/m/curves/k/table.csv") == b"12"
