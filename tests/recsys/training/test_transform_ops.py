from __future__ import annotations

from typing import Any

import pytest

from recsys.training import transform_ops as ops
from recsys.training.legacy_keras import tf


@pytest.mark.parametrize("form", ["one each", "column", "sparse"])
def test_a_history_of_one_item_comes_as_one_text_a_row_or_as_a_column(form: str) -> None:
    given: Any = tf.constant(["a", "", "b\nc"])
    if form == "column":
        given = given[:, None]
    elif form == "sparse":
        given = tf.SparseTensor([[0, 0], [2, 0]], ["a", "b\nc"], [3, 1])
    terms, mask = ops.latest_items(given, 1)
    assert terms.numpy().tolist() == [[b"a"], [b""], [b"b\\nc"]]
    assert mask.numpy().tolist() == [[1.0], [0.0], [1.0]]


def test_the_latest_items_are_kept_oldest_first_wherever_padding_stands() -> None:
    given = tf.constant([["", "a", "", "b", "c"], ["d", "", "", "", ""], [""] * 5])
    terms, mask = ops.latest_items(given, 2)
    assert terms.numpy().tolist() == [[b"b", b"c"], [b"d", b""], [b"", b""]]
    assert mask.numpy().tolist() == [[1.0, 1.0], [1.0, 0.0], [0.0, 0.0]]
