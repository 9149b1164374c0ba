"""The idx format: what is read, and everything that can be wrong with a file."""

from __future__ import annotations

import gzip
import math
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rcmvae.data.idx import parse, unpacked
from workbench.datasets import DatasetError

CODES = {"uint8": 8, "int8": 9, "int16": 11, "int32": 12, "float32": 13, "float64": 14}


def packed(array: np.ndarray) -> bytes:
    head = bytes([0, 0, CODES[array.dtype.name], array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return head + array.astype(array.dtype.newbyteorder(">")).tobytes()


@pytest.mark.parametrize("dtype", list(CODES))
def test_an_array_of_any_type_is_read_back_in_native_order(dtype: str) -> None:
    array = (np.arange(24).reshape(2, 3, 4) - 5).astype(dtype)
    found = parse(packed(array), "a", dtype=dtype, shape=(None, 3, 4))
    assert np.array_equal(found, array)
    assert found.dtype.isnative


GOOD = packed(np.arange(12, dtype=np.uint8).reshape(3, 4))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "too few for an idx header"),
        (b"\0\0\x08", "too few for an idx header"),
        (b"PNG!" + GOOD[4:], "not an idx file: it starts with 0x504e4721"),
        (b"\0\0\x07\x02" + GOOD[4:], "not an idx file"),
        (b"\0\0\x0d\x02" + GOOD[4:], "values of type float32, expected uint8"),
        (GOOD[:9], "its header of 12 bytes is cut at 9"),
        (GOOD[:-1], "truncated: 11 bytes of values, expected 12"),
        (GOOD + b"\0", "too long: 13 bytes of values, expected 12"),
        (packed(np.zeros((4, 4), np.uint8)), "has shape 4x4, expected 3xany"),
        (packed(np.zeros((3, 4, 1), np.uint8)), "has shape 3x4x1, expected 3xany"),
    ],
)
def test_a_wrong_file_is_named_with_what_is_wrong(data: bytes, words: str) -> None:
    with pytest.raises(DatasetError, match=words) as caught:
        parse(data, "the/file", shape=(3, None))
    assert "the/file" in str(caught.value)


@settings(deadline=None)
@given(st.binary(max_size=64))
def test_any_bytes_are_an_array_or_an_error_in_words(data: bytes) -> None:
    header = data[:3] == b"\0\0\x08" and len(data) >= 4 + 4 * data[3]
    sizes = struct.unpack(f">{data[3]}I", data[4 : 4 + 4 * data[3]]) if header else ()
    if header and len(data) == 4 + 4 * data[3] + math.prod(sizes):
        assert parse(data, "f").shape == sizes
    else:
        with pytest.raises(DatasetError, match=r"^f "):
            parse(data, "f")


def test_a_file_is_unpacked_whether_packed_or_not(tmp_path: Path) -> None:
    plain, zipped = tmp_path / "a", tmp_path / "a.gz"
    plain.write_bytes(GOOD)
    zipped.write_bytes(gzip.compress(GOOD))
    assert unpacked(plain) == unpacked(zipped) == GOOD


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "is missing"),
        (gzip.compress(GOOD * 40)[:-10], "truncated: its gzip stream ends too early"),
        (b"\x1f\x8bnot really gzip at all", "not valid gzip"),
        (gzip.compress(bytes(3000)), "holds more than 2,000 bytes"),
        (bytes(3000), "holds more than 2,000 bytes"),
    ],
    ids=["missing", "torn", "damaged", "a bomb", "large"],
)
def test_a_file_that_cannot_be_unpacked_is_named(tmp_path: Path, content: bytes | None, words: str) -> None:
    path = tmp_path / "images.gz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DatasetError, match=words) as caught:
        unpacked(path, limit=2000)
    assert str(path) in str(caught.value)


def test_a_folder_in_a_files_place_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="cannot be read"):
        unpacked(tmp_path)


def test_a_flipped_bit_in_the_packed_stream_is_found(tmp_path: Path) -> None:
    data = bytearray(gzip.compress(GOOD * 40))
    data[-6] ^= 1  # in the stream's own checksum
    path = tmp_path / "a.gz"
    path.write_bytes(bytes(data))
    with pytest.raises(DatasetError, match="not valid gzip"):
        unpacked(path)
