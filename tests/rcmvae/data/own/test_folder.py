"""Folders of pictures: layouts, sizes, colours, and files that cannot be read."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from rcmvae.data.own.options import ImportOptions
from rcmvae.data.own.read import read
from workbench.datasets import DatasetError

RANDOM = np.random.default_rng(6)


def picture(path: Path, size: tuple[int, int] = (8, 6), *, value: Any = None, mode: str = "L", **more: Any) -> Path:
    """Save a picture of (height, width); random grey unless `value` is given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = RANDOM.integers(0, 256, size, dtype=np.uint8) if value is None else np.full(size, value, np.uint8)
    Image.fromarray(pixels).convert(mode).save(path, **more)
    return path


@pytest.fixture
def bugs(tmp_path: Path) -> Path:
    """Three classes of ten grey pictures of 8x6 pixels."""
    for number, name in enumerate(("cat", "ant", "bee")):
        for i in range(10):
            picture(tmp_path / "bugs" / name / f"{i}.png", value=100 * number + i)
    return tmp_path / "bugs"


def test_a_folder_for_each_class_gives_labels_in_the_order_of_their_names(bugs: Path) -> None:
    (bugs / ".DS_Store").write_text("hidden")
    (bugs / "ant" / "notes.txt").write_text("not a picture")
    data = read(bugs).dataset
    assert data.class_names == ("ant", "bee", "cat")
    assert data.images.shape == (30, 8, 6, 1)
    assert data.images.dtype == np.uint8
    assert data.images[:, 0, 0, 0].tolist() == [*range(100, 110), *range(200, 210), *range(10)]
    assert data.true_labels.tolist() == [0] * 10 + [1] * 10 + [2] * 10
    assert np.bincount(data.true_labels[data.test]).tolist() == [2, 2, 2]


def test_pictures_directly_in_a_folder_are_unlabelled(bugs: Path) -> None:
    data = read(bugs / "ant").dataset
    assert (data.class_names, set(data.true_labels.tolist()), len(data.test)) == ((), {-1}, 2)


def test_folders_train_and_test_are_the_sources_own_split(tmp_path: Path) -> None:
    for part, count in (("train", 5), ("test", 2)):
        for name in ("a", "b"):
            for i in range(count):
                picture(tmp_path / "set" / part / name / f"{i}.png", value=i)
    data = read(tmp_path / "set").dataset
    assert data.test.tolist() == [0, 1, 2, 3]
    assert data.true_labels.tolist() == [0, 0, 1, 1] + [0] * 5 + [1] * 5


def test_pictures_are_fitted_with_their_aspect_kept_on_black(tmp_path: Path) -> None:
    for i in range(5):
        picture(tmp_path / "wide" / f"{i}.png", (10, 40), value=200)
        picture(tmp_path / "wide" / f"{i}.jpg", (30, 10), value=200, quality=95)
    images = read(tmp_path / "wide", ImportOptions(size=(12, 12))).dataset.images[..., 0]
    tall, wide = images[0], images[1]
    assert np.abs(tall[:, 4:8].astype(int) - 200).max() < 4
    assert tall[:, :4].max() == tall[:, 8:].max() == 0
    assert (wide[4:7] == 200).all() or (wide[5:8] == 200).all()
    assert wide[:4].max() == wide[-4:].max() == 0


def test_colours_are_kept_and_grey_pictures_saved_in_colour_become_grey(tmp_path: Path) -> None:
    for i in range(6):
        picture(tmp_path / "grey" / f"{i}.png", value=i, mode="RGB")
        picture(tmp_path / "both" / f"{i}.png", value=i)
    assert read(tmp_path / "grey").dataset.images.shape == (6, 8, 6, 1)
    Image.new("RGB", (6, 8), (255, 0, 9)).save(tmp_path / "both" / "0.png")
    data = read(tmp_path / "both").dataset
    assert data.images.shape == (6, 8, 6, 3)
    assert data.images[0, 0, 0].tolist() == [255, 0, 9]


def test_every_kind_of_picture_keeps_its_look(tmp_path: Path) -> None:
    folder = tmp_path / "kinds"
    picture(folder / "0.png", value=128)
    Image.new("RGBA", (6, 8), (0, 0, 0, 0)).save(folder / "1.png")
    Image.fromarray(np.full((8, 6), 0x8000, np.uint16)).save(folder / "2.png")
    Image.new("1", (6, 8), 1).save(folder / "3.png")
    Image.new("CMYK", (6, 8), (0, 0, 0, 255)).save(folder / "4.jpg")
    Image.new("P", (6, 8), 0).save(folder / "5.png", transparency=0)
    Image.new("LA", (6, 8), (40, 255)).save(folder / "6.PNG")
    assert read(folder).dataset.images[:, 3, 3, 0].tolist() == [128, 255, 128, 255, 0, 255, 40]


def test_pictures_are_turned_as_their_camera_says(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    for i in range(5):
        picture(tmp_path / "set" / f"{i}.png", (8, 6), value=i)
    picture(tmp_path / "set" / "turned.jpg", (6, 8), value=9, exif=exif)
    assert read(tmp_path / "set").dataset.images.shape == (6, 8, 6, 1)


def test_progress_counts_every_file(bugs: Path) -> None:
    told: list[tuple[int, int]] = []
    read(bugs, progress=lambda done, total: told.append((done, total)))
    assert told == [(n, 30) for n in range(1, 31)]


@pytest.fixture
def broken(bugs: Path) -> Path:
    whole = (bugs / "ant" / "1.png").read_bytes()
    (bugs / "ant" / "1.png").write_bytes(whole[:-14])
    (bugs / "bee" / "2.png").write_bytes(b"")
    (bugs / "bee" / "3.png").write_text("<html>")
    (bugs / "cat" / "4.png").unlink()
    (bugs / "cat" / "4.png").symlink_to(bugs / "cat" / "5.png")
    return bugs


@pytest.mark.parametrize("size", [None, (8, 6), (16, 16)])
def test_broken_files_are_listed_by_name_and_the_import_is_refused(broken: Path, size: Any) -> None:
    with pytest.raises(DatasetError, match=r"4 of the 30 pictures in .* cannot be read\..*--skip-broken") as caught:
        read(broken, ImportOptions(size=size))
    for words in ("ant/1.png cannot be decoded", "bee/2.png is not a picture", "bee/3.png is not a picture", "cat/4.png is a link"):
        assert words in str(caught.value)


def test_broken_files_are_left_out_if_one_says_so(broken: Path) -> None:
    found = read(broken, ImportOptions(skip_broken=True))
    assert len(found.dataset.images) == 26
    assert sorted(line.split(":")[0] for line in found.skipped) == ["ant/1.png", "bee/2.png", "bee/3.png", "cat/4.png"]
    assert np.bincount(found.dataset.true_labels).tolist() == [9, 8, 9]


def test_a_picture_that_claims_to_be_huge_is_broken(bugs: Path) -> None:
    data = bytearray((bugs / "ant" / "1.png").read_bytes())
    data[16:24] = struct.pack(">II", 60_000, 60_000)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    (bugs / "ant" / "1.png").write_bytes(data)
    with pytest.raises(DatasetError, match="1 of the 30 pictures"):
        read(bugs, ImportOptions(size=(8, 8)))


def test_a_file_name_that_cannot_be_printed_is_shown_escaped(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path / "set")
    os.mkdir(folder)
    with open(folder + b"/\xff\n.png", "wb") as file:
        file.write(b"x")
    with pytest.raises(DatasetError, match=r"\\udcff\\n\.png is not a picture") as caught:
        read(tmp_path / "set")
    str(caught.value).encode()


def layout(root: Path, *names: str) -> Path:
    for name in names:
        picture(root / name) if name.endswith("g") else (root / name).mkdir(parents=True)
    return root


MIXED = {
    "empty": (("a",), "holds no pictures"),
    "pictures and folders": (("1.png", "a/1.png"), "holds both pictures .1.png, .... and folders .a, ..."),
    "nested": (("a/1.png", "b/c/1.png"), "of a class holds the folder c"),
    "class without pictures": (("a/1.png", "a/2.png", "a/3.png", "b"), "has no image of the class b"),
    "fewer than classes": (("a/1.png", "b/1.png", "c", "d"), "The 2 images of set are fewer than its 4 classes"),
    "too few to test": (("a/1.png", "b/1.png"), "too few images to keep any for testing"),
    "half a split": (("train/a/1.png", "test/1.png"), "only one has folders for classes"),
    "class in test only": (("train/a/1.png", "test/a/1.png", "test/b/1.png"), "has images of the class b in its test set only"),
    "names alike": (("a/1.png", "A/1.png"), "two classes named"),
}


@pytest.mark.parametrize(("names", "words"), MIXED.values(), ids=MIXED)
def test_a_layout_that_says_nothing_clear_is_refused(tmp_path: Path, names: tuple[str, ...], words: str) -> None:
    with pytest.raises(DatasetError, match=words):
        read(layout(tmp_path / "set", *names))


def test_different_sizes_need_a_chosen_one(bugs: Path) -> None:
    picture(bugs / "bee" / "big.png", (20, 30))
    with pytest.raises(DatasetError, match=r"different sizes \(.*8x6, bee/big.png 20x30\). Choose one"):
        read(bugs)
    assert read(bugs, ImportOptions(size=(20, 20))).dataset.images.shape == (31, 20, 20, 1)


@pytest.mark.parametrize("size", [(3, 8), (8, 257)])
def test_a_size_out_of_range_is_refused(bugs: Path, size: tuple[int, int]) -> None:
    with pytest.raises(DatasetError, match="4 to 256 a side are possible"):
        read(bugs, ImportOptions(size=size))
    picture(bugs.parent / "one" / "1.png", size)
    with pytest.raises(DatasetError, match="4 to 256 a side are possible"):
        read(bugs.parent / "one")


def test_a_folder_that_is_a_link_is_refused(bugs: Path) -> None:
    (bugs / "dog").symlink_to(bugs / "ant")
    with pytest.raises(DatasetError, match="dog is a link to a folder"):
        read(bugs)


@pytest.mark.parametrize("suffix", ["bmp", "gif", "tif", "tiff", "webp", "JPG"])
def test_every_common_kind_of_picture_is_read(tmp_path: Path, suffix: str) -> None:
    for number in range(6):
        path = tmp_path / "set" / f"{number}.{suffix}"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(np.full((8, 8), 40 * number, np.uint8)).save(path)
    found = read(tmp_path / "set")
    assert (len(found.dataset.images), found.skipped) == (6, ())
    assert abs(int(found.dataset.images[2].mean()) - 80) < 4


def test_files_that_are_no_pictures_are_listed(bugs: Path) -> None:
    (bugs / "ant" / "notes.txt").write_text("seen at noon")
    (bugs / "Thumbs.db").write_bytes(b"x")
    (bugs / ".DS_Store").write_bytes(b"x")
    skipped = read(bugs).skipped
    assert [line.split(":")[0] for line in skipped] == ["Thumbs.db", "ant/notes.txt"]
    assert "is not a picture of a known kind" in skipped[0]


@pytest.mark.parametrize(("top", "bits"), [(4095, 12), (1000, 10), (65_535, 16)])
def test_pictures_of_16_bits_are_as_bright_as_the_bits_that_they_use(tmp_path: Path, top: int, bits: int) -> None:
    (tmp_path / "set").mkdir()
    for number in range(6):
        Image.fromarray(np.full((8, 8), top * number // 5, np.uint16)).save(tmp_path / "set" / f"{number}.png")
    found = read(tmp_path / "set")
    assert found.dataset.images.max() == (top >> (bits - 8))
    assert found.dataset.images.max() > 240
    assert any(f"use {bits} of them" in line for line in found.notices) == (bits != 16)


def test_a_pipe_among_the_pictures_is_broken_not_waited_for(bugs: Path) -> None:
    os.mkfifo(bugs / "ant" / "pipe.png")
    with pytest.raises(DatasetError, match=r"ant/pipe\.png is not a file"):
        read(bugs)


def test_an_import_says_what_repeats(tmp_path: Path) -> None:
    for label, shade in (("a", 10), ("a", 60), ("a", 90), ("b", 10), ("b", 200), ("b", 250)):
        path = tmp_path / "set" / label / f"{shade}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((8, 8), shade, np.uint8)).save(path)
    notices = read(tmp_path / "set").notices
    assert any(line.startswith("2 images are identical to others with another label") for line in notices)
