"""Checkpoint bytes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rcmvae.training.codec import FORMAT, decode, encode, read
from rcmvae.training.errors import CheckpointError

ARRAYS = {
    "a.b": np.arange(6, dtype=np.float32).reshape(2, 3),
    "flag": np.array(True),
    "n": np.array(-3, np.int32),
    "empty": np.zeros((0, 4), np.float32),
}
HEADER = {"fingerprint": "f" * 16, "loss": 0.1 + 0.2, "nothing": None, "list": [1, "two"]}


def test_arrays_and_plain_values_come_back_exactly() -> None:
    content = decode(encode(HEADER, ARRAYS), "it")
    for name, array in ARRAYS.items():
        assert content.arrays[name].dtype == array.dtype
        assert content.arrays[name].shape == array.shape
        assert np.array_equal(content.arrays[name], array)
    assert dict(content.header) == {**HEADER, "schema": 1}


def test_the_payload_is_flax_s_msgpack() -> None:
    from flax.serialization import msgpack_restore

    restored = msgpack_restore(encode(HEADER, ARRAYS)[len(FORMAT.magic) + 32 :])
    assert np.array_equal(restored["arrays"]["a.b"], ARRAYS["a.b"])


@pytest.mark.parametrize("place", [30, 70, -1])
def test_a_flipped_byte_is_noticed(place: int) -> None:
    data = bytearray(encode(HEADER, ARRAYS))
    data[place] ^= 1
    with pytest.raises(CheckpointError, match="damaged"):
        decode(bytes(data), "it")


def test_a_torn_file_a_foreign_file_and_a_missing_file_are_refused_in_words(tmp_path: Path) -> None:
    whole = encode(HEADER, ARRAYS)
    torn, foreign = tmp_path / "torn", tmp_path / "foreign"
    torn.write_bytes(whole[: len(whole) // 2])
    foreign.write_bytes(b"PK\x03\x04 something else")
    with pytest.raises(CheckpointError, match=r"torn.*damaged"):
        read(torn)
    with pytest.raises(CheckpointError, match="not a checkpoint"):
        read(foreign)
    with pytest.raises(CheckpointError, match="missing"):
        read(tmp_path / "absent")


def test_objects_are_never_stored() -> None:
    with pytest.raises(TypeError, match="not stored"):
        encode({}, {"a": np.array([object()])})
    with pytest.raises(TypeError, match="not stored"):
        encode({"x": object()}, {})


def test_another_format_version_is_refused() -> None:
    with pytest.raises(CheckpointError, match="format 99"):
        decode(encode({"schema": 99}, {}), "it")


def test_reading_needs_no_framework() -> None:
    code = "import sys, rcmvae.training.checkpoint_audit; assert not {'jax', 'flax', 'tensorflow'} & set(sys.modules), 'a framework was imported'"
    subprocess.run([sys.executable, "-c", code], check=True)
