from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from recsys.data.shops import ROLES
from recsys.data.table import Table, table_of
from recsys.features.fit import columns_of
from recsys.training.bundle import vocabulary_statistics
from recsys.training.parts import Transformed, divide, longest_history, transform
from recsys.trial import TrialSettings
from tests.recsys.codegen.tiny import features_of, sales

PARTS = ("train", "validation", "test")


def done_of(table: Table, features: str = "rich", **settings: object) -> Transformed:
    division = divide(table, TrialSettings(**settings))  # type: ignore[arg-type]
    return transform(division, features_of(features), binary=False)


@pytest.mark.parametrize("split", ["random", "time_holdout", "leave_last_out"])
def test_histories_hold_what_the_buyer_had_in_the_train_part_before_and_never_the_row_s_own_item(
    split: str,
) -> None:
    done = done_of(sales(), split=split)
    data, train = done.division.data, set(done.division.parts.train.tolist())
    second = data.second
    assert second is not None
    longest = longest_history(done.features)
    assert longest is not None
    for part in PARTS:
        rows = done.division.rows(part)
        found = done.histories(rows)
        assert found is not None
        assert len(found) == len(rows)
        for place, row in enumerate(rows.tolist()):
            items = found.items[found.start[place] : found.start[place] + found.length[place]]
            earlier = [
                other
                for other in np.flatnonzero(data.user == data.user[row]).tolist()
                if other in train and second[other] < second[row]
            ]
            earlier = sorted(earlier, key=lambda other: (second[other], other))[-longest:]
            assert items.tolist() == data.item[earlier].tolist()
            assert row not in earlier


def test_features_without_histories_read_none() -> None:
    done = done_of(sales(), "retail", split="random")
    assert longest_history(done.features) is None
    assert done.histories(done.division.rows("test")) is None


def test_of_a_part_s_rows_one_column_is_taken_at_a_time_and_none_that_nothing_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A table may fill most of the memory there is."""
    taken: set[str] = set()
    of_frame, of_series = pl.DataFrame.__getitem__, pl.Series.__getitem__

    def frame_rows(frame: pl.DataFrame, key: object) -> object:
        assert not isinstance(key, np.ndarray), f"rows of {frame.width} columns at once"
        return of_frame(frame, key)  # type: ignore[index]

    def series_rows(series: pl.Series, key: object) -> object:
        if isinstance(key, np.ndarray):
            taken.add(series.name)
        return of_series(series, key)  # type: ignore[index]

    monkeypatch.setattr(pl.DataFrame, "__getitem__", frame_rows)
    monkeypatch.setattr(pl.Series, "__getitem__", series_rows)
    done = done_of(sales(), split="random")
    for part in PARTS:
        done.tensors(part)  # type: ignore[arg-type]
        done.target(part)  # type: ignore[arg-type]
    assert vocabulary_statistics(done)
    assert taken == set(columns_of(done.features))
    assert len(taken) < done.division.table.frame.width


def poisoned(table: Table, rows: np.ndarray) -> Table:
    """The table with other values in every column of some rows."""
    chosen = np.zeros(len(table.frame), bool)
    chosen[rows] = True
    mask = pl.Series(chosen)
    changed = []
    for name, dtype in table.frame.schema.items():
        column = pl.col(name)
        if dtype == pl.String:
            odd = pl.lit("poison")
        elif dtype.is_numeric():
            odd = (column * 0 + 99).cast(dtype)
        else:
            odd = column.dt.offset_by("-900d")
        changed.append(pl.when(mask).then(odd).otherwise(column).alias(name))
    return table_of(table.frame.with_columns(changed), ROLES, source="retail")


def test_what_is_fitted_and_trained_on_does_not_depend_on_any_row_that_is_not_train() -> None:
    clean = done_of(sales(), split="random")
    others = np.setdiff1d(np.arange(len(sales().frame)), clean.division.parts.train)
    spoilt = done_of(poisoned(sales(), others), split="random")
    assert not spoilt.division.table.frame[others].equals(sales().frame[others])
    np.testing.assert_array_equal(spoilt.division.parts.train, clean.division.parts.train)
    assert spoilt.fitted == clean.fitted
    known = [list(done.division.item_ids[done.known]) for done in (clean, spoilt)]
    counts = [done.division.train_counts[done.known].tolist() for done in (clean, spoilt)]
    assert dict(zip(known[0], counts[0], strict=True)) == dict(zip(known[1], counts[1], strict=True))
    ours, theirs = clean.tensors("train"), spoilt.tensors("train")
    for tower in ("buyer", "product"):
        for name, array in getattr(ours, tower).items():
            other = getattr(theirs, tower)[name]
            pairs = (
                zip(array.padded(), other.padded(), strict=True)
                if hasattr(array, "padded")
                else [(array, other)]
            )
            for one, two in pairs:
                np.testing.assert_array_equal(one, two, err_msg=name)
    np.testing.assert_array_equal(ours.target, theirs.target)


def test_keys_of_items_fall_with_their_train_count_and_unknown_items_share_the_last() -> None:
    done = done_of(sales(), split="random")
    train = done.division.data.item[done.division.parts.train]
    counts = np.array([(train == item).sum() for item in range(done.division.n_items)])
    by_key = counts[done.known]
    assert np.all(np.diff(by_key) <= 0)
    assert by_key.min() == 1
    assert set(done.keys[counts == 0]) == {len(done.known)}
    assert np.array_equal(done.known[done.keys[counts > 0]], np.flatnonzero(counts))


def test_a_candidate_is_described_by_its_latest_train_row_else_by_its_latest_row() -> None:
    done = done_of(sales(), split="random")
    data, train = done.division.data, np.zeros(len(sales().frame), bool)
    train[done.division.parts.train] = True
    assert data.second is not None
    rows = done.item_rows()
    assert len(rows) == len(done.division.candidates)
    for item, row in zip(done.division.candidates, rows, strict=True):
        own = np.flatnonzero(data.item == item)
        asked = own[train[own]] if train[own].any() else own
        assert row in asked
        assert data.second[row] == data.second[asked].max()


def test_candidates_are_the_catalogue_or_the_items_of_the_train_part() -> None:
    every, known = (
        done_of(sales(), split="random", candidate_set=one).division for one in ("catalog", "train")
    )
    assert len(every.candidates) == every.n_items > len(known.candidates)
    assert set(known.candidates) == set(known.data.item[known.parts.train])
    missing = ~np.isin(known.data.item[known.rows("test")], known.candidates)
    assert missing.any()
    np.testing.assert_array_equal(known.targets("test") == -1, missing)
    there = known.candidates[known.targets("test")[~missing]]
    np.testing.assert_array_equal(there, known.data.item[known.rows("test")][~missing])
