"""Fingerprints against values that TensorFlow 2.21 gave.

The values come from `fingerprints.py`: `tf.fingerprint(strings, "farmhash64")`, which agreed with
`tf.strings.to_hash_bucket_fast` for 2^61 + 1 buckets. They are kept, because importing
TensorFlow takes longer than all these tests.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from recsys.features.hashing import fingerprint64, hash_buckets

KNOWN = [
    (text, int(value))
    for text, value in json.loads(Path(__file__).with_name("fingerprints.json").read_text())
]


def test_fingerprints_are_those_of_tensorflow_for_every_length() -> None:
    got = fingerprint64([text for text, _ in KNOWN])
    wrong = [(len(t.encode()), t) for (t, value), g in zip(KNOWN, got, strict=True) if int(g) != value]
    assert wrong == []
    lengths = {len(text.encode()) for text, _ in KNOWN}
    assert set(range(70)) | {127, 128, 129, 191, 192, 193, 256, 257, 1000} <= lengths


def test_a_string_has_the_same_fingerprint_alone_as_among_others() -> None:
    texts = [text for text, _ in KNOWN]
    together = fingerprint64(texts[::-1])[::-1]
    assert [int(fingerprint64([text])[0]) for text in texts] == together.tolist()


def test_more_strings_than_one_block_are_each_their_own() -> None:
    many = [f"term {n}" for n in range(140_000)]
    got = fingerprint64(many)
    assert got.shape == (140_000,)
    assert int(got[139_999]) == int(fingerprint64(["term 139999"])[0])
    assert len(np.unique(got)) == 140_000


@pytest.mark.parametrize("buckets", [1, 2, 1000, 5000, 1_000_000, 2**61 + 1])
def test_a_bucket_is_the_fingerprint_modulo_their_number(buckets: int) -> None:
    got = hash_buckets([text for text, _ in KNOWN], buckets)
    assert got.dtype == np.int64
    assert got.tolist() == [value % buckets for _, value in KNOWN]


def test_no_strings_have_no_fingerprints() -> None:
    assert fingerprint64([]).shape == (0,)
