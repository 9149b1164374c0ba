"""Columns of numbers on their way to a script, read back as a browser reads them: by offset, without a copy."""

from __future__ import annotations

import json

import numpy as np
import pytest

from dashboard.columns import packed


def unpacked(body: bytes) -> tuple[dict, dict[str, np.ndarray]]:
    """What the body says, read by its description alone."""
    assert body[:4] == b"TRLC"
    length = int.from_bytes(body[4:8], "little")
    header = json.loads(body[8 : 8 + length])
    start = -(-(8 + length) // 8) * 8
    columns = {}
    for entry in header["columns"]:
        dtype = np.dtype(entry["dtype"]).newbyteorder("<")
        at = start + entry["offset"]
        assert at % 8 == 0, "a typed array cannot begin here"
        count = int(np.prod(entry["shape"]))
        columns[entry["name"]] = np.frombuffer(body, dtype, count, at).reshape(entry["shape"])
    return header["meta"], columns


@pytest.mark.parametrize("words", ["", "é", "mitä", "日本語", "12345678"])
def test_columns_of_any_length_come_back_as_they_were(words: str) -> None:
    rng = np.random.default_rng(0)
    sent = {
        "bytes": rng.integers(0, 255, (3, 5, 1)).astype(np.uint8),
        "classes": rng.integers(-1, 9, 7).astype(np.int16),
        "rows": np.arange(11, dtype=np.int32),
        "nothing": np.empty(0, np.float32),
        "x": np.array([1.5, np.nan, np.inf], np.float32),
        "turned": np.arange(6, dtype=np.float32).reshape(2, 3).T,
        "other_end": np.arange(4, dtype=">i4"),
    }
    meta, found = unpacked(packed({"words": words}, sent))
    assert meta == {"words": words}
    assert list(found) == list(sent)
    for name, column in sent.items():
        np.testing.assert_array_equal(found[name], column)


def test_what_no_script_reads_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="the column far is float64"):
        packed({}, {"far": np.zeros(2)})
    with pytest.raises(ValueError, match="not JSON compliant"):
        packed({"far": float("nan")}, {})
