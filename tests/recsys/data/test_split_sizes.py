"""Sizes and coldness of splits from a few stored numbers, against the splits themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from recsys.data.facts import TableFacts
from recsys.data.occurrence import DAYS
from recsys.data.split_settings import (
    LeaveLastOut,
    RandomSplit,
    Sample,
    SplitSettings,
    Stratified,
    StrictTime,
    TimeHoldout,
)
from recsys.data.split_sizes import SplitSizes, expected_sizes
from recsys.data.splits import preview, split_rows
from recsys.data.table import Table, table_of

DAY = 86_400
ROLES: Any = {"user": "user_id", "item": "item_id", "at": "timestamp"}


def table(rows: int = 6_000, users: int = 900, items: int = 700, *, missing: int = 0, seed: int = 3) -> Table:
    """Rows over 200 days in which rare users and items go on turning up."""
    draw = np.random.default_rng(seed)
    seconds = np.sort(draw.integers(0, 200 * DAY, rows)) + 1_600_000_000
    # ids are drawn from those that are there by then
    there = 0.3 + 0.7 * (seconds - seconds.min()) / (200 * DAY)
    user = (draw.random(rows) ** 2 * there * users).astype(int)
    item = (draw.random(rows) ** 2 * there * items).astype(int)
    at = pl.Series("at", seconds * 1_000).cast(pl.Datetime("ms"))
    if missing:
        at = (
            at.to_frame()
            .with_row_index("row")
            .select(pl.when(pl.col("row") >= missing).then("at"))
            .to_series()
        )
    frame = pl.DataFrame({"user": [f"u{k}" for k in user], "item": item, "at": at})
    return table_of(frame, ROLES, source="made up")


def sizes(made: Table, settings: SplitSettings, sample: Sample | None = None) -> SplitSizes:
    """What is expected of a split."""
    found = expected_sizes(made.facts, settings, sample)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "settings",
    [
        RandomSplit(), RandomSplit(0.7, 0.3, 0.0), RandomSplit(0.655, 0.1, 0.245), TimeHoldout(), TimeHoldout(7, 0.0), TimeHoldout(90),
        StrictTime(), StrictTime(14, 0, 14), StrictTime(500, 0, 30), LeaveLastOut(),
    ],
)  # fmt: skip
def test_parts_that_are_counted_are_the_parts_of_the_split(settings: SplitSettings) -> None:
    made = table()
    parts, found = split_rows(made.interactions, settings), sizes(made, settings)
    assert found.exact
    assert (found.train, found.validation, found.test) == tuple(
        len(rows) for rows in (parts.train, parts.validation, parts.test)
    )


def test_windows_between_counted_days_are_estimates_close_to_the_split() -> None:
    made, settings = table(), TimeHoldout(holdout_days=52)
    assert settings.holdout_days not in DAYS
    found, real = sizes(made, settings), preview(made.interactions, settings)
    assert not found.exact
    assert found.test == pytest.approx(real.test, rel=0.05)
    assert found.train == pytest.approx(real.train, rel=0.05)


def test_rows_without_a_time_are_in_no_part_of_a_split_by_time() -> None:
    made = table(missing=400)
    real, found = split_rows(made.interactions, TimeHoldout()), sizes(made, TimeHoldout())
    assert (found.train, found.test, found.exact) == (len(real.train), len(real.test), True)
    last = sizes(made, LeaveLastOut())
    assert not last.exact
    assert last.train == pytest.approx(len(split_rows(made.interactions, LeaveLastOut()).train), rel=0.05)


@pytest.mark.parametrize(
    "settings", [RandomSplit(), RandomSplit(0.5, 0.1, 0.4), Stratified(), TimeHoldout(), TimeHoldout(60)]
)
def test_the_cold_share_is_close_to_that_of_the_split(settings: SplitSettings) -> None:
    made = table()
    parts, data = split_rows(made.interactions, settings), made.interactions
    known = np.isin(data.user[parts.test], data.user[parts.train]) & np.isin(
        data.item[parts.test], data.item[parts.train]
    )
    real = 1 - known.mean()
    found = sizes(made, settings).cold_share
    assert found is not None
    assert found == pytest.approx(real, abs=0.04)
    assert real > 0.01


def test_a_sample_of_rows_makes_a_test_part_colder() -> None:
    made, settings = table(), RandomSplit()
    for unit in ("users", "rows"):
        sample = Sample(percent=40, unit=unit, seed=1)
        parts, data = split_rows(made.interactions, settings, sample), made.interactions
        known = np.isin(data.user[parts.test], data.user[parts.train]) & np.isin(
            data.item[parts.test], data.item[parts.train]
        )
        found = sizes(made, settings, sample)
        assert not found.exact
        assert found.train == pytest.approx(len(parts.train), rel=0.15)
        assert found.cold_share == pytest.approx(1 - known.mean(), abs=0.06)


def test_tables_that_were_stored_without_these_numbers_tell_only_of_splits_by_chance() -> None:
    facts = TableFacts(columns=(), rows=1_000, users=10, items=10)
    found = expected_sizes(facts, RandomSplit())
    assert found == SplitSizes(800, 100, 100, exact=True, cold_share=None)
    assert expected_sizes(facts, TimeHoldout()) is None
    assert expected_sizes(facts, LeaveLastOut()) is None


def test_ids_that_are_the_same_text_are_one_and_the_numbers_stay_few() -> None:
    frame = pl.DataFrame({"user": [1.0, 1.0, 2.0, float("nan")], "item": ["a", "b", "a", "c"]})
    facts = table_of(frame, {"user": "user_id", "item": "item_id"}, source="made up").facts
    assert facts.occurrence is not None
    assert facts.occurrence.user_counts[:3] == (1, 1, 0)
    assert facts.occurrence.item_counts[:3] == (1, 1, 0)
    assert (facts.occurrence.timed, facts.occurrence.last_days) == (0, ())
    stored = table(40_000).facts.occurrence
    assert stored is not None
    assert len(stored.last_days) <= len(DAYS)
    assert len(stored.user_counts) == len(stored.item_counts) == 20


def test_the_numbers_survive_a_manifest() -> None:
    made = table()
    assert TableFacts.of(made.manifest).occurrence == made.facts.occurrence != None  # noqa: E711
