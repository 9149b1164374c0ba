"""One text for an id, whoever reads it."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from recsys.data.id_text import ids_of, text_of
from recsys.data.interactions import interactions_of
from recsys.features.columns import terms_of


@pytest.mark.parametrize(
    ("values", "dtype", "ids"),
    [
        ([1.0, 123.0, -0.0], pl.Float64, ["0", "1", "123"]),
        ([2.5, 3.0, 2.5], pl.Float32, ["2.5", "3"]),
        ([9, 10, 100], pl.Int16, ["10", "100", "9"]),
        ([True, False, True], pl.Boolean, ["false", "true"]),
        (["a\nb", "a\\nb", "c"], pl.String, ["a\\nb", "c"]),
        (["00123", "123.0", " x"], pl.String, [" x", "00123", "123.0"]),
        (["b", "a", "b"], pl.Categorical, ["a", "b"]),
    ],
)
def test_splits_and_vocabularies_see_the_same_ids(values: list, dtype, ids: list[str]) -> None:
    frame = pl.DataFrame({"who": pl.Series(values).cast(dtype), "what": ["x"] * len(values)})
    data = interactions_of(frame, "who", "what")
    terms = terms_of(frame["who"])
    read = [terms.distinct[code] for code in terms.codes]
    assert [data.user_ids[number] for number in data.user] == read
    assert sorted(set(read)) == sorted(data.user_ids)
    assert data.user_ids == ids


def test_what_is_missing_or_empty_is_no_id() -> None:
    assert ids_of(pl.Series(["a", "", None])).to_list() == ["a", None, None]
    assert ids_of(pl.Series([1.0, float("nan"), None])).to_list() == ["1", None, None]
    assert text_of(pl.Series(["", None])).to_list() == ["", None]
    frame = pl.DataFrame({"who": ["a", "", None], "what": [1, 2, 3]})
    with pytest.raises(ValueError, match='"who" has 2 empty ids'):
        interactions_of(frame, "who", "what")


def test_times_are_no_ids() -> None:
    frame = pl.DataFrame({"who": [dt.date(2024, 1, 1)], "what": [1]})
    with pytest.raises(TypeError, match='column "who" holds Date'):
        interactions_of(frame, "who", "what")
