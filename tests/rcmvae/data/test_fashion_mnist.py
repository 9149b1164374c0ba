"""Fashion-MNIST: the same code as MNIST's, with checksums of the packed files."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rcmvae.data import fashion_mnist, published
from rcmvae.data.catalogue import DATASETS, FASHION_NAMES
from tests.rcmvae.data.idx_files import Folders, idx_bytes, put, small_arrays
from tests.support.mirror import Mirror, serving
from workbench.datasets import DatasetError


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, bytes]]:
    """Four small packed files in Fashion-MNIST's place, by the name of the packed file."""
    arrays = small_arrays(2)
    packed = {f"{name}.gz": gzip.compress(idx_bytes(array), mtime=0) for name, array in arrays.items()}
    files = tuple(
        published.SourceFile(name, hashlib.sha256(packed[f"{name}.gz"]).hexdigest(), array.shape, "packed")
        for name, array in arrays.items()
    )
    monkeypatch.setattr(fashion_mnist, "FASHION_MNIST", replace(fashion_mnist.FASHION_MNIST, files=files))
    published._read.cache_clear()
    yield packed
    published._read.cache_clear()


def folder_of(tmp_path: Path, packed: dict[str, bytes]) -> Path:
    (tmp_path / "data" / "fashion_mnist").mkdir(parents=True)
    for name, data in packed.items():
        (tmp_path / "data" / "fashion_mnist" / name).write_bytes(data)
    return tmp_path / "data"


def test_the_declaration_is_the_published_one() -> None:
    declared = fashion_mnist.FASHION_MNIST
    assert [file.shape for file in declared.files] == [(60_000, 28, 28), (60_000,), (10_000, 28, 28), (10_000,)]
    assert {file.checked for file in declared.files} == {"packed"}
    assert len({file.sha256 for file in declared.files}) == 4
    assert all(len(bytes.fromhex(file.sha256)) == 32 for file in declared.files)
    assert (FASHION_NAMES[0], FASHION_NAMES[9], len(FASHION_NAMES)) == ("T-shirt/top", "Ankle boot", 10)
    facts = {source.id: source.facts for source in DATASETS}["fashion_mnist"]
    assert (facts.shape, facts.n_train, facts.n_test, facts.class_names) == ((28, 28, 1), 60_000, 10_000, FASHION_NAMES)


def test_files_of_the_folder_and_a_download_that_broke_off_give_the_same_dataset(small: dict[str, bytes], tmp_path: Path) -> None:
    given = fashion_mnist.load(Folders(folder_of(tmp_path, small), tmp_path / "unused"))
    told: list[str] = []
    with serving(Mirror({f"/{name}": data for name, data in small.items()}, break_after=400)) as mirror:
        fetched = fashion_mnist.load(
            Folders(None, tmp_path / "downloads"), progress=lambda name, *_: told.append(name), mirrors=(mirror.address,)
        )
    assert fetched.manifest == given.manifest
    assert (fetched.images.shape, fetched.test.tolist()) == ((10, 28, 28, 1), [6, 7, 8, 9])
    assert fetched.class_names == FASHION_NAMES
    assert [file.path for file in fetched.manifest.files] == [f"fashion_mnist/{name}" for name in small]
    assert set(told) == set(small)
    assert any(asked == "bytes=400-" for _, asked in mirror.requests)


def test_the_same_content_packed_otherwise_is_refused(small: dict[str, bytes], tmp_path: Path) -> None:
    folder = folder_of(tmp_path, small)
    path = folder / "fashion_mnist" / "t10k-images-idx3-ubyte.gz"
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()), 1, mtime=7))
    with pytest.raises(DatasetError, match="not the published one: its checksum is") as caught:
        fashion_mnist.load(Folders(folder, tmp_path))
    assert str(path) in str(caught.value)


def test_unpacked_files_are_refused_because_they_cannot_be_checked(small: dict[str, bytes], tmp_path: Path) -> None:
    plain = {name.removesuffix(".gz"): gzip.decompress(data) for name, data in small.items()}
    folder = put(tmp_path / "data", plain, name="fashion_mnist", packed=False)
    with pytest.raises(DatasetError, match=r"gz is missing, and .* cannot stand in for it: only the packed file"):
        fashion_mnist.load(Folders(folder, tmp_path))


def test_a_missing_file_beside_others_is_named(small: dict[str, bytes], tmp_path: Path) -> None:
    folder = folder_of(tmp_path, small)
    (folder / "fashion_mnist" / "train-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DatasetError, match=r"train-labels-idx1-ubyte.gz is missing.*or remove that folder to download Fashion-MNIST"):
        fashion_mnist.load(Folders(folder, tmp_path))
