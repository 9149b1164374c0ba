from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import polars as pl

from recsys.features.columns import terms_of
from recsys.features.hashing import fingerprint64
from recsys.features.transforms import Embedding
from recsys.features.vocabulary import Vocabulary, fit_vocabulary


def vocabulary(values: Sequence[str | None], **settings: int) -> Vocabulary:
    return fit_vocabulary(terms_of(pl.Series("x", values, dtype=pl.String)), Embedding(**settings))


def test_terms_are_ordered_by_count_then_bytewise_both_falling() -> None:
    found = vocabulary(["b", "a", "c", "c", "Z", "é", "中", "😀", "\uffff"])
    assert found.terms == ("c", "😀", "\uffff", "中", "é", "b", "a", "Z")
    assert found.counts == (2, 1, 1, 1, 1, 1, 1, 1)
    assert sorted((t.encode() for t in found.terms[1:]), reverse=True) == [
        t.encode() for t in found.terms[1:]
    ]


def test_rare_terms_and_those_past_the_cap_are_cut_and_counted() -> None:
    values = ["a"] * 5 + ["b"] * 4 + ["c"] * 3 + ["d"] * 2 + ["e"]
    found = vocabulary(values, min_frequency=2, max_vocab=2, oov_buckets=3)
    assert (found.terms, found.counts) == (("a", "b"), (5, 4))
    assert (found.cut_by_frequency, found.cut_by_size, found.other_rows) == (1, 2, 6)
    assert found.rows == 5


def test_null_and_the_empty_string_are_one_term_and_so_are_equal_escapes() -> None:
    found = vocabulary([None, "", None, "a\nb", "a\\nb", "x"])
    assert found.terms == ("__missing__", "a\\nb", "x")
    assert found.counts == (3, 2, 1)


def test_an_unknown_terms_row_is_its_fingerprint_modulo_the_rows_for_unknown_terms() -> None:
    found = vocabulary(["a", "b"], oov_buckets=7)
    unknown = ["c", "__missing__", "ü", ""]
    expected = [2 + int(value) % 7 for value in fingerprint64(unknown)]
    assert found.lookup(["b", *unknown, "a"]).tolist() == [0, *expected, 1]


def test_one_row_holds_all_unknown_terms_by_default() -> None:
    found = vocabulary(["a"])
    assert found.lookup(["x", "y", "a"]).tolist() == [1, 1, 0]
    assert found.lookup([]).shape == (0,)


def test_counts_are_those_of_counting_by_hand() -> None:
    rng = np.random.default_rng(1)
    values = [f"t{n}" for n in rng.zipf(1.5, 3000) % 50]
    expected = sorted(Counter(values).items(), key=lambda pair: (pair[1], pair[0].encode()), reverse=True)
    found = vocabulary(values)
    assert list(zip(found.terms, found.counts, strict=True)) == expected


def test_no_term_frequent_enough_leaves_the_rows_for_unknown_terms() -> None:
    found = vocabulary(["a", "b"], min_frequency=2)
    assert (found.terms, found.rows) == ((), 1)
    assert found.lookup(["a"]).tolist() == [0]


def test_a_vocabulary_is_the_same_from_its_json_after_it_was_used() -> None:
    found = vocabulary(["a", "\x1f", '"', "\u2028", "😀", None])
    found.lookup(["a"])
    again = Vocabulary.model_validate_json(found.model_dump_json())
    assert again == found
    assert again.model_dump_json() == found.model_dump_json()
