"""From a table and what a trial is told to the rows of its parts, transformed. Imports polars.

Everything that is fitted sees train rows alone; histories, candidates and counts follow from the same split.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from recsys.data.history import Histories, histories
from recsys.data.interactions import Interactions
from recsys.data.splits import Parts, split_rows
from recsys.evaluation.user_items import UserItems
from recsys.features.apply import Tensors, apply, apply_tower, narrow
from recsys.features.columns import Columns
from recsys.features.config import FeatureConfig, HistoryFeature
from recsys.features.fit import fit
from recsys.features.fitted import Fitted
from recsys.features.histories import ItemHistories
from recsys.trial import TrialPayload, TrialSettings

if TYPE_CHECKING:
    from recsys.data.table import Table

PartName = Literal["train", "validation", "test"]


@dataclass(frozen=True)
class Division:
    """A table divided as a trial asks.

    Attributes:
        table: the rows. data: who took what and when. parts: row numbers. settings: of the trial.
        words: the split in words. seed: of the split.
    """

    table: Table
    data: Interactions
    parts: Parts
    settings: TrialSettings
    words: str
    seed: int

    @property
    def n_users(self) -> int:
        return len(self.data.user_ids)

    @property
    def n_items(self) -> int:
        return len(self.data.item_ids)

    @cached_property
    def item_ids(self) -> np.ndarray:
        """Ids as text (I,), ascending; an item's number is its place."""
        return np.array(self.data.item_ids, dtype=str)

    @cached_property
    def train_counts(self) -> np.ndarray:
        """Train rows of each item, int64 (I,)."""
        return np.bincount(self.data.item[self.parts.train], minlength=self.n_items)

    @cached_property
    def candidates(self) -> np.ndarray:
        """Numbers of the items that are ranked, ascending."""
        if self.settings.candidate_set == "train":
            return np.flatnonzero(self.train_counts)
        return np.arange(self.n_items)

    @cached_property
    def positions(self) -> np.ndarray:
        """An item's place among the candidates, int64 (I,); -1 for none."""
        places = np.full(self.n_items, -1, np.int64)
        places[self.candidates] = np.arange(len(self.candidates))
        return places

    @cached_property
    def latest_rows(self) -> np.ndarray:
        """The row that describes each item: its latest train row, else its latest row, int64 (I,)."""
        data, train = self.data, self.parts.train
        order = np.arange(len(data)) if data.second is None else np.argsort(data.second, kind="stable")
        in_train = np.zeros(len(data), bool)
        in_train[train] = True
        latest = np.full(self.n_items, -1, np.int64)
        for rows in (order[~in_train[order]], order[in_train[order]]):
            latest[data.item[rows]] = rows
        return latest

    def rows(self, part: PartName) -> np.ndarray:
        """Row numbers of a part."""
        return getattr(self.parts, part)

    def users(self, part: PartName) -> np.ndarray:
        """Users (n,) of a part's rows."""
        return self.data.user[self.rows(part)]

    def targets(self, part: PartName) -> np.ndarray:
        """Candidate places (n,) of a part's own items."""
        return self.positions[self.data.item[self.rows(part)]]

    def seen(self, *parts: PartName) -> UserItems:
        """What users had in some parts, among the candidates."""
        rows = np.concatenate([self.rows(part) for part in parts])
        return UserItems.of(
            self.data.user[rows],
            self.positions[self.data.item[rows]],
            n_users=self.n_users,
            n_items=len(self.candidates),
        )


def divide(table: Table, settings: TrialSettings) -> Division:
    """Divide a table.

    Raises:
        SplitError: for a part without rows, or times that are missing. ValueError: for fractions that make no split.
        DatasetError: without the columns of users and items.
    """
    data = table.interactions
    split = settings.split_settings(timed=data.second is not None)
    parts = split_rows(data, split, settings.sample())
    return Division(table, data, parts, settings, split.strategy.replace("_", " "), settings.split_seed)


@dataclass(frozen=True)
class Transformed:
    """A division's rows as a trainer reads them.

    Attributes:
        fitted: what the train part says. keys: of items, int64 (I,), by falling train count; items that the train part
            does not have share the last key. known: numbers of the items that it has, by key.
    """

    division: Division
    features: FeatureConfig
    fitted: Fitted
    keys: np.ndarray
    known: np.ndarray

    def columns(self, part: PartName) -> Columns:
        """The raw columns of a part's rows."""
        return Columns(self.division.table.frame, self.division.rows(part))

    def tensors(self, part: PartName) -> Tensors:
        """The transformed rows of a part, rows of tables as int32 where they fit."""
        rows = self.division.rows(part)
        return apply(self.fitted, self.division.table.frame, self.histories(rows), rows, narrow)

    def target(self, part: PartName) -> np.ndarray | None:
        """The target of a part's rows in its own units, float64 (n,), NaN where missing; None without one."""
        if self.fitted.target is None:
            return None
        return self.columns(part).numbers(self.fitted.target.column)

    def item_rows(self) -> np.ndarray:
        """The row that describes each candidate (see `Division.latest_rows`), int64 (C,)."""
        return self.division.latest_rows[self.division.candidates]

    def item_tensors(self) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """The candidates' rows, and the product tower's arrays of them."""
        rows = self.item_rows()
        arrays = apply_tower(self.fitted, "product", self.division.table.frame[rows])
        return rows, {name: np.asarray(array) for name, array in arrays.items()}

    def histories(self, rows: np.ndarray) -> ItemHistories | None:
        """What the buyers of some rows had in the train part before; None if no feature reads it."""
        longest = longest_history(self.features)
        if longest is None:
            return None
        found: Histories = histories(
            self.division.data, self.division.parts.train, max_length=longest, events=rows
        )
        return ItemHistories(found.items, found.start, found.length, self.division.data.item_ids)


def transform(division: Division, features: FeatureConfig, *, binary: bool) -> Transformed:
    """Fit the features on the train part.

    Args:
        binary: whether a model of probabilities learns the target.

    Raises:
        ValueError: for a logarithm or target that the values do not allow. TypeError: for a column of another type.
    """
    fitted = fit(features, division.table.frame, division.parts.train, binary_target=binary)
    counts = division.train_counts
    # as a vocabulary: of items with equally many rows the last id comes first
    order = np.argsort(counts, kind="stable")[::-1]
    known = order[counts[order] > 0]
    keys = np.full(division.n_items, len(known), np.int64)
    keys[known] = np.arange(len(known))
    return Transformed(division, features, fitted, keys, known)


def longest_history(features: FeatureConfig) -> int | None:
    """The most earlier items that a feature reads; None if there is no such feature."""
    lengths = [
        feature.transforms.history.max_length
        for feature in features.buyer_model_features
        if isinstance(feature, HistoryFeature) and feature.transforms.history is not None
    ]
    return max(lengths, default=None)


def settings_of(payload: TrialPayload) -> TrialSettings:
    """A trial's settings, typed."""
    return TrialSettings.model_validate(payload.settings)
