"""MNIST: the published data in canonical order, from a folder or a server, and damaged files.

The real files are needed only where their content is the point; the rest runs on small stand-ins.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rcmvae.data import mnist, published
from rcmvae.data.catalogue import MNIST_FACTS
from rcmvae.data.sampling import facts_of
from tests.rcmvae.data.idx_files import Folders, idx_bytes, put, small_arrays
from tests.support.mirror import Mirror, serving
from workbench.datasets import DatasetError


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, bytes]]:
    """Four small files in MNIST's place, by name, unpacked."""
    arrays = small_arrays()
    content = {name: idx_bytes(array) for name, array in arrays.items()}
    files = tuple(published.SourceFile(name, hashlib.sha256(content[name]).hexdigest(), array.shape) for name, array in arrays.items())
    monkeypatch.setattr(mnist, "MNIST", replace(mnist.MNIST, files=files))
    published._read.cache_clear()
    yield content
    published._read.cache_clear()


def test_the_real_files_are_the_published_60000_and_10000_in_order(data_folder: Path, tmp_path: Path) -> None:
    data = mnist.load(Folders(data_folder, tmp_path))
    assert data.images.shape == (70_000, 28, 28, 1)
    assert data.images.dtype == np.uint8
    assert data.test.tolist() == list(range(60_000, 70_000))
    assert data.true_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert data.true_labels[60_000:60_010].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert np.bincount(data.true_labels[:60_000]).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert data.manifest.content_sha256 == "39e2216ef60e0f7833df5f387039e8e889e9f98ab95a1b7fdb37a7294f6e2b6f"
    assert facts_of(data) == MNIST_FACTS
    assert not list(tmp_path.iterdir())


def test_the_real_files_from_a_server_give_the_same_dataset(data_folder: Path, tmp_path: Path) -> None:
    served = {f"/{path.name}": path.read_bytes() for path in (data_folder / "mnist").iterdir()}
    told: list[str] = []
    with serving(Mirror(served, break_after=4_000_000)) as mirror:
        fetched = mnist.load(Folders(None, tmp_path), progress=lambda name, *_: told.append(name), mirrors=(mirror.address,))
    assert fetched.manifest == mnist.load(Folders(data_folder, tmp_path)).manifest
    assert set(told) == {path.removeprefix("/") for path in served}
    assert "bytes=4000000-" in [asked for _, asked in mirror.requests]


def test_packed_and_plain_files_and_downloads_give_the_same_dataset(small: dict[str, bytes], tmp_path: Path) -> None:
    packed = mnist.load(Folders(put(tmp_path / "packed", small), tmp_path))
    plain = mnist.load(Folders(put(tmp_path / "plain", small, packed=False), tmp_path))
    with serving(Mirror({f"/x/{name}.gz": gzip.compress(data) for name, data in small.items()})) as mirror:
        fetched = mnist.load(Folders(None, tmp_path / "downloads"), mirrors=(mirror.address + "x",))
        again = mnist.load(Folders(None, tmp_path / "downloads"), mirrors=(mirror.address + "x",))
    assert packed.manifest == plain.manifest == fetched.manifest
    assert again is fetched
    assert len(mirror.requests) == 4
    assert fetched.true_labels.tolist() == list(range(10))
    assert fetched.test.tolist() == [6, 7, 8, 9]


def test_a_folder_without_mnist_does_not_keep_it_from_being_downloaded(small: dict[str, bytes], tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with serving(Mirror({f"/{name}.gz": gzip.compress(data) for name, data in small.items()})) as mirror:
        mnist.load(Folders(tmp_path / "data", tmp_path / "downloads"), mirrors=(mirror.address,))
    assert sorted(p.name for p in (tmp_path / "downloads" / "mnist").glob("*.gz")) == sorted(f"{name}.gz" for name in small)


NAME = "t10k-images-idx3-ubyte"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: gzip.compress(data[:-1]), "truncated"),
        (lambda data: gzip.compress(data)[:-20], "gzip stream ends too early"),
        (lambda data: gzip.compress(b"PNG!" + data[4:]), "not an idx file"),
        (lambda data: gzip.compress(data[:2] + b"\x0d" + data[3:]), "values of type float32, expected uint8"),
        (lambda data: gzip.compress(data[:-1] + bytes([data[-1] ^ 1])), "not the published one: its checksum is"),
        (lambda data: gzip.compress(idx_bytes(np.zeros((5, 28, 28), np.uint8))), "has shape 5x28x28, expected 4x28x28"),
        (lambda data: b"<html>not found</html>", "not an idx file"),
    ],
    ids=["truncated", "torn", "wrong magic", "wrong type", "one bit", "wrong count", "a web page"],
)
def test_a_damaged_file_is_named_with_what_is_wrong(
    small: dict[str, bytes], tmp_path: Path, change: Callable[[bytes], bytes], words: str
) -> None:
    folder = put(tmp_path / "data", small)
    path = folder / "mnist" / f"{NAME}.gz"
    path.write_bytes(change(small[NAME]))
    with pytest.raises(DatasetError, match=words) as caught:
        mnist.load(Folders(folder, tmp_path))
    assert str(path) in str(caught.value)


def test_a_missing_file_beside_others_is_named(small: dict[str, bytes], tmp_path: Path) -> None:
    folder = put(tmp_path / "data", small)
    (folder / "mnist" / f"{NAME}.gz").unlink()
    with pytest.raises(DatasetError, match=f"{NAME}.gz is missing"):
        mnist.load(Folders(folder, tmp_path))


def test_a_file_that_changes_after_it_was_read_is_noticed(small: dict[str, bytes], tmp_path: Path) -> None:
    folder = put(tmp_path / "data", small)
    mnist.load(Folders(folder, tmp_path))
    (folder / "mnist" / f"{NAME}.gz").write_bytes(b"changed since")
    with pytest.raises(DatasetError, match="not an idx file"):
        mnist.load(Folders(folder, tmp_path))


def test_a_mirror_that_serves_another_file_leaves_nothing_behind(small: dict[str, bytes], tmp_path: Path) -> None:
    served = {f"/{name}.gz": gzip.compress(data) for name, data in small.items()}
    served[f"/{NAME}.gz"] = gzip.compress(small["train-images-idx3-ubyte"])
    with serving(Mirror(served)) as mirror, pytest.raises(DatasetError, match=r"could not be downloaded.*has shape 6x28x28"):
        mnist.load(Folders(None, tmp_path), mirrors=(mirror.address,))
    assert not (tmp_path / "mnist" / f"{NAME}.gz").exists()
