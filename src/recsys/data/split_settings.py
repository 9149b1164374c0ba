"""How a table's rows may be divided into train, validation and test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

DEFAULT_SEED = 42


@dataclass(frozen=True)
class RandomSplit:
    """A seeded permutation of rows, cut by fractions that sum to 1.

    One of `val` and `test` may be 0, for a table that has no such part.

    Raises:
        ValueError: if the fractions do not make a split.
    """

    strategy: ClassVar[str] = "random"
    train: float = 0.8
    val: float = 0.1
    test: float = 0.1
    seed: int = DEFAULT_SEED

    def __post_init__(self) -> None:
        fractions = (self.train, self.val, self.test)
        if any(not 0 <= fraction <= 1 for fraction in fractions) or abs(sum(fractions) - 1) > 1e-9:
            raise ValueError(
                f"train, val and test are {fractions}. Give fractions from 0 to 1 that sum to 1."
            )
        if self.train == 0:
            raise ValueError("train is 0, so nothing could be learned. Give a fraction above 0.")
        if self.val == 0 and self.test == 0:
            raise ValueError(
                "val and test are both 0, so nothing could be measured. Give one of them a fraction."
            )
        _check_seed(self.seed)


@dataclass(frozen=True)
class TimeHoldout:
    """The last days are the test part; of the rows before them a seeded fraction is the validation part.

    Raises:
        ValueError: if `holdout_days` is not positive, or `val_fraction` not in [0, 1).
    """

    strategy: ClassVar[str] = "time_holdout"
    holdout_days: int = 30
    val_fraction: float = 0.1
    seed: int = DEFAULT_SEED

    def __post_init__(self) -> None:
        _check_days("holdout_days", self.holdout_days, least=1)
        if not 0 <= self.val_fraction < 1:
            raise ValueError(f"val_fraction is {self.val_fraction}. Give a fraction from 0 to below 1.")
        _check_seed(self.seed)


@dataclass(frozen=True)
class StrictTime:
    """Three windows that end with the last row: train, validation, test; older rows are unused.

    Raises:
        ValueError: if the train or test window has no day, or the validation window less than none.
    """

    strategy: ClassVar[str] = "strict_time"
    train_days: int = 60
    val_days: int = 7
    test_days: int = 7

    def __post_init__(self) -> None:
        _check_days("train_days", self.train_days, least=1)
        _check_days("val_days", self.val_days, least=0)
        _check_days("test_days", self.test_days, least=1)


@dataclass(frozen=True)
class LeaveLastOut:
    """Of every user with three rows or more the last row is test and the one before it validation."""

    strategy: ClassVar[str] = "leave_last_out"


@dataclass(frozen=True)
class Stratified:
    """Of every user's rows a seeded fraction is train and the rest test, as in published comparisons.

    Raises:
        ValueError: if `train` is not between 0 and 1.
    """

    strategy: ClassVar[str] = "stratified"
    train: float = 0.75
    seed: int = DEFAULT_SEED

    def __post_init__(self) -> None:
        if not 0 < self.train < 1:
            raise ValueError(f"train is {self.train}. Give a fraction between 0 and 1.")
        _check_seed(self.seed)


SplitSettings = RandomSplit | TimeHoldout | StrictTime | LeaveLastOut | Stratified
STRATEGIES: Mapping[str, type[SplitSettings]] = {
    kind.strategy: kind for kind in (RandomSplit, TimeHoldout, StrictTime, LeaveLastOut, Stratified)
}
"""Settings by the name of their strategy."""


@dataclass(frozen=True)
class Sample:
    """Which part of a table is used at all.

    Attributes:
        percent: from 1 to 100. seed: of the choice; a larger percent takes all that a smaller one takes.
        unit: `users` keeps or drops whole users, so that those who stay keep all their rows.

    Raises:
        ValueError: if `percent` or `unit` is none of these.
    """

    percent: float = 100
    unit: Literal["users", "rows"] = "users"
    seed: int = DEFAULT_SEED

    def __post_init__(self) -> None:
        if not 1 <= self.percent <= 100:
            raise ValueError(f"percent is {self.percent}. Give a number from 1 to 100.")
        if self.unit not in ("users", "rows"):
            raise ValueError(f"unit is {self.unit!r}. Choose users or rows.")
        _check_seed(self.seed)


def _check_days(name: str, days: int, *, least: int) -> None:
    if isinstance(days, bool) or not isinstance(days, int) or days < least:
        raise ValueError(f"{name} is {days!r}. Give a whole number of days, at least {least}.")


def _check_seed(seed: int) -> None:
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise ValueError(f"seed is {seed!r}. Give a whole number, at least 0.")
