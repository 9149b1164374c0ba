"""`.npz` files: what they become, and every way in which one can be wrong, told in words."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rcmvae.data.own.options import ImportOptions
from rcmvae.data.own.read import read
from rcmvae.data.sampling import facts_of
from workbench.datasets import DatasetError

RANDOM = np.random.default_rng(5)
IMAGES = RANDOM.integers(0, 256, (50, 8, 6), dtype=np.uint8)
LABELS = np.arange(50) % 5
NAMES = np.array(["ant", "bee", "cat", "dog", "eel"])


def saved(folder: Path, **arrays: Any) -> Path:
    path = folder / "mine.npz"
    np.savez_compressed(path, **arrays)
    return path


def test_images_with_labels_become_a_dataset_with_a_stratified_fifth_for_testing(tmp_path: Path) -> None:
    data = read(saved(tmp_path, images=IMAGES, labels=LABELS.astype(np.uint8), names=NAMES)).dataset
    assert np.array_equal(data.images, IMAGES[..., None])
    assert data.images.dtype == np.uint8
    assert np.array_equal(data.true_labels, LABELS)
    assert data.class_names == ("ant", "bee", "cat", "dog", "eel")
    assert np.bincount(LABELS[data.test]).tolist() == [2, 2, 2, 2, 2]
    facts = facts_of(data)
    assert (facts.n, facts.n_train, facts.n_test, facts.has_labels) == (50, 40, 10, True)


def test_the_test_set_is_the_same_in_every_installation(tmp_path: Path) -> None:
    data = read(saved(tmp_path, images=IMAGES, labels=LABELS)).dataset
    assert data.test.tolist() == [0, 1, 15, 22, 23, 29, 34, 38, 41, 42]
    assert data.class_names == ("0", "1", "2", "3", "4")


def test_equal_content_has_an_equal_hash_and_another_split_another(tmp_path: Path) -> None:
    first = read(saved(tmp_path, images=IMAGES, labels=LABELS)).dataset.manifest
    np.savez(tmp_path / "loose.npz", labels=LABELS.astype(np.int8), images=IMAGES)
    assert read(tmp_path / "loose.npz").dataset.manifest == first
    other = read(saved(tmp_path, images=IMAGES, labels=LABELS, test=np.arange(40, 50))).dataset.manifest
    assert other.content_sha256 != first.content_sha256


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_floats_are_kept_as_float32(tmp_path: Path, dtype: str) -> None:
    data = read(saved(tmp_path, images=(IMAGES[..., None].repeat(3, -1) / 255).astype(dtype))).dataset
    assert (data.images.dtype, data.images.shape) == (np.dtype("float32"), (50, 8, 6, 3))
    assert np.allclose(data.images[..., 0] * 255, IMAGES, atol=0.2)


def test_without_labels_all_are_unknown_and_there_are_no_classes(tmp_path: Path) -> None:
    for arrays in ({}, {"labels": np.full(50, -1)}):
        data = read(saved(tmp_path, images=IMAGES, **arrays)).dataset
        assert (set(data.true_labels.tolist()), data.class_names, len(data.test)) == ({-1}, (), 10)
        assert not facts_of(data).has_labels


def test_unknown_labels_are_a_stratum_of_their_own(tmp_path: Path) -> None:
    labels = np.where(np.arange(50) < 25, -1, LABELS)
    data = read(saved(tmp_path, images=IMAGES, labels=labels)).dataset
    assert (data.true_labels[data.test] == -1).sum() == 5


def test_a_class_with_one_image_keeps_it_to_train_on(tmp_path: Path) -> None:
    labels = np.where(np.arange(50) == 7, 1, 0)
    assert 7 not in read(saved(tmp_path, images=IMAGES, labels=labels)).dataset.test


@pytest.mark.parametrize("test", [np.arange(40, 50), np.arange(50) >= 40, np.arange(40, 50, dtype=np.uint8)[::-1]])
def test_the_files_own_test_set_is_taken(tmp_path: Path, test: np.ndarray) -> None:
    assert read(saved(tmp_path, images=IMAGES, labels=LABELS, test=test)).dataset.test.tolist() == list(range(40, 50))


def test_rows_that_a_test_set_names_twice_are_told(tmp_path: Path) -> None:
    found = read(saved(tmp_path, images=IMAGES, labels=LABELS, test=np.array([40, 40, 41])))
    assert found.dataset.test.tolist() == [40, 41]
    assert "names some rows more than once: it has 3 numbers for 2 images" in found.notices[0]


def with_value(value: float) -> np.ndarray:
    images = IMAGES / 255
    images[17, 3, 2] = value
    return images


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no images": ({"images": IMAGES[:0]}, "mine.npz holds no images"),
    "no array images": ({"image": IMAGES}, r"no array named images \(it has image\)"),
    "unknown array": ({"images": IMAGES, "lables": LABELS}, "'lables', which is not known. Did you mean labels"),
    "flat images": ({"images": IMAGES.reshape(50, -1)}, r"images of mine.npz has shape \(50, 48\); expected \(N, H, W\)"),
    "too small": ({"images": IMAGES[:, :3]}, "have 3x6 pixels; 4 to 256 a side"),
    "two channels": ({"images": IMAGES[..., None].repeat(2, -1)}, "have 2 channels; 1 .grey. or 3"),
    "int images": ({"images": IMAGES.astype(np.int64)}, r"values of type int64; expected uint8.*astype\('uint8'\)"),
    "bool images": ({"images": IMAGES > 9}, r"values of type bool.*astype\('uint8'\) \* 255"),
    "16 bits": ({"images": IMAGES.astype(np.uint16) * 257}, r"values go up to \d{5}, so scale them with \(images / 65535\)"),
    "12 bits": ({"images": IMAGES.astype(np.uint16) * 16}, r"\(images / 4095\)"),
    "0 and 1 as int": ({"images": (IMAGES > 9).astype(np.int32)}, r"\(images \* 255\).astype\('uint8'\)"),
    "signed": ({"images": IMAGES.astype(np.int16) - 100}, r"go from -100 to \d+; scale them with"),
    "channels first": ({"images": IMAGES[:, None].repeat(3, 1)}, r"channels first.*transpose\(0, 2, 3, 1\)"),
    "transparency": ({"images": IMAGES[..., None].repeat(4, -1)}, r"how opaque they are.*images\[..., :3\]"),
    "nearly 1": ({"images": with_value(1.0001)}, r"values from 0 to 1.0001; .*numpy.clip\(images, 0, 1\)"),
    "255 is no label": ({"images": IMAGES, "labels": np.where(LABELS == 4, 255, LABELS)}, r"label 255 at 10 images.*== 255, -1"),
    "255 and names": ({"images": IMAGES, "labels": np.where(LABELS == 4, 255, LABELS).astype(np.uint8), "names": NAMES}, "write -1 there"),
    "from 1": ({"images": IMAGES, "labels": LABELS + 1}, "count from 1 to 5; here they count from 0. Save labels - 1"),
    "from 1 with names": ({"images": IMAGES, "labels": LABELS + 1, "names": NAMES}, "Save labels - 1"),
    "complex images": ({"images": IMAGES.astype(complex)}, "values of type complex128"),
    "NaN": ({"images": with_value(np.nan)}, "1 images of mine.npz hold NaN or infinite values, the first is image 17"),
    "infinite": ({"images": with_value(np.inf)}, "NaN or infinite"),
    "0 to 255 as float": ({"images": IMAGES.astype(np.float32)}, "values from 0 to 255; floats must be in .0, 1.. Divide them by 255"),
    "negative": ({"images": with_value(-0.5)}, "values from -0.5 to 1; .* Scale them"),
    "labels length": ({"images": IMAGES, "labels": LABELS[:-3]}, "has 47 labels for 50 images"),
    "labels shape": ({"images": IMAGES, "labels": LABELS[:, None]}, r"labels of mine.npz has shape \(50, 1\)"),
    "float labels": ({"images": IMAGES, "labels": LABELS / 1.0}, "type float64; expected whole numbers"),
    "label below -1": ({"images": IMAGES, "labels": LABELS - 2}, "has the label -2 at image 0"),
    "label past names": ({"images": IMAGES, "labels": LABELS, "names": NAMES[:4]}, "label 4 at image 4; with 4 names labels go from 0 to 3"),
    "huge label": ({"images": IMAGES, "labels": np.full(50, 2**63, np.uint64)}, "has the label 9223372036854775808 at image 0"),
    "class with no sample": ({"images": IMAGES, "labels": LABELS % 4, "names": NAMES}, "no image of the class eel"),
    "gap in labels": ({"images": IMAGES, "labels": np.where(LABELS == 2, 1, LABELS)}, "no image of the class 2"),
    "fewer than classes": ({"images": IMAGES[:3], "labels": LABELS[:3], "names": NAMES}, "The 3 images of mine.npz are fewer than its 5 classes"),
    "no image to test": ({"images": IMAGES[:5], "labels": LABELS[:5], "names": NAMES}, "too few images to keep any for testing: 5 of 5"),
    "names only": ({"images": IMAGES, "names": NAMES}, "names of classes but no labels"),
    "names as numbers": ({"images": IMAGES, "labels": LABELS, "names": np.arange(5)}, "names of mine.npz has shape .5,. and type int64"),
    "same name": ({"images": IMAGES, "labels": LABELS, "names": np.array(["a", "b", "c", "d", "A"])}, "two classes named A"),
    "empty name": ({"images": IMAGES, "labels": LABELS, "names": np.array(["a", "b", "c", "d", " "])}, "a class named ''"),
    "test past the end": ({"images": IMAGES, "test": np.array([50])}, "or row numbers from 0 to 49"),
    "test is empty": ({"images": IMAGES, "test": np.zeros(50, bool)}, "test set of mine.npz is empty"),
    "all test": ({"images": IMAGES, "test": np.ones(50, bool)}, "leaves no image to train on"),
    "class in test only": ({"images": IMAGES, "labels": LABELS, "test": LABELS == 3}, "has images of the class 3 in its test set only"),
    "pickled labels": ({"images": IMAGES, "labels": np.array([None] * 50, object)}, "labels of mine.npz holds pickled Python objects.*dtype='int64'"),
    "pickled names": ({"images": IMAGES, "labels": LABELS, "names": NAMES.astype(object)}, "names of mine.npz holds pickled.*dtype='str'"),
    "structured": ({"images": np.zeros(50, [("日", "u1")])}, "holds structured values"),
}  # fmt: skip


@pytest.mark.parametrize(("arrays", "words"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_where_and_what_to_do(tmp_path: Path, arrays: dict[str, Any], words: str) -> None:
    with pytest.raises(DatasetError, match=words):
        read(saved(tmp_path, **arrays))


def test_nothing_is_ever_unpickled(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> Any:
            return (open, (str(tmp_path / "ran"), "w"))

    with pytest.raises(DatasetError, match="can run code"):
        read(saved(tmp_path, images=np.array([Bomb()], object)))
    assert not (tmp_path / "ran").exists()


def test_an_array_that_claims_more_than_it_holds_is_refused_without_reserving_it(tmp_path: Path) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": (100, 100, 100)})
    for shape, words in (((100, 100, 100), "truncated: 5 bytes of values, expected 1,000,000"), ((10**6, 2**20, 9), "at most 1,000,000")):
        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": shape})
        with zipfile.ZipFile(tmp_path / "mine.npz", "w") as archive:
            archive.writestr("images.npy", header.getvalue() + b"12345")
        with pytest.raises(DatasetError, match=words):
            read(tmp_path / "mine.npz")


@pytest.mark.parametrize("keep", [0, 3, 40, 500, -30])
def test_a_truncated_file_is_refused(tmp_path: Path, keep: int) -> None:
    path = saved(tmp_path, images=IMAGES, labels=LABELS)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(DatasetError, match=r"mine.npz is not an .npz file, or it is truncated"):
        read(path)


def test_a_flipped_bit_is_noticed(tmp_path: Path) -> None:
    path = saved(tmp_path, images=IMAGES)
    data = bytearray(path.read_bytes())
    data[900] ^= 4
    path.write_bytes(data)
    with pytest.raises(DatasetError, match=r"mine.npz is (damaged|not an .npz)"):
        read(path)


def test_an_array_saved_twice_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, images=IMAGES)
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("images.npy", b"")
    with pytest.raises(DatasetError, match="of the same name twice"):
        read(path)


def test_a_size_cannot_be_chosen_and_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="taken as they are, so no size can be chosen"):
        read(saved(tmp_path, images=IMAGES), ImportOptions(size=(8, 8)))
    with pytest.raises(DatasetError, match=r"There is nothing at .*gone.npz"):
        read(tmp_path / "gone.npz")


def test_a_header_with_a_truth_value_in_its_shape_is_refused_in_words(tmp_path: Path) -> None:
    header = b"{'descr': '|u1', 'fortran_order': False, 'shape': (True, 8, 8), }"
    padded = header + b" " * (118 - len(header) - 1) + b"\n"
    array = b"\x93NUMPY\x01\x00" + len(padded).to_bytes(2, "little") + padded + bytes(64)
    with zipfile.ZipFile(tmp_path / "mine.npz", "w") as archive:
        archive.writestr("images.npy", array)
    with pytest.raises(DatasetError, match=r"header of the array images in mine\.npz is damaged"):
        read(tmp_path / "mine.npz")


def test_a_value_that_is_1_but_for_rounding_is_taken(tmp_path: Path) -> None:
    assert read(saved(tmp_path, images=with_value(1.0000001))).dataset.images.max() == 1.0


def test_a_pipe_is_refused_instead_of_being_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "mine.npz")
    with pytest.raises(DatasetError, match="neither a file nor a folder"):
        read(tmp_path / "mine.npz")


def test_labels_that_count_something_else_from_1_are_not_called_so(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no image of the classes 0, 1"):
        read(saved(tmp_path, images=IMAGES, labels=np.where(LABELS == 0, 2, LABELS + 2)))
