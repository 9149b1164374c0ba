"""What a training of a recommender is told besides its two configurations, and what a run keeps of them all.

A quick test, a model and a full run take the same settings and are trained by the same code. Importing this
module imports no array package.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from recsys.data.split_settings import (
    DEFAULT_SEED,
    LeaveLastOut,
    RandomSplit,
    Sample,
    SplitSettings,
    Stratified,
    StrictTime,
    TimeHoldout,
)
from workbench.families import Payload
from workbench.fields import ConfigModel, Structural, field, when

Shipped = Literal[
    "smart_defaults", "ids-32", "ids-64", "ids-32-normalised", "movielens-side", "retail-104-72"
]
Strategy = Literal["auto", "random", "time_holdout", "strict_time", "leave_last_out", "stratified"]

_SPLIT = "Split"
_ROWS = "Rows"
_FRACTIONS = when(split=("random",))
_PER_USER = when(split=("stratified",))
_HOLDOUT = when(split=("time_holdout",))
_WINDOWS = when(split=("strict_time",))


class TrialSettings(ConfigModel):
    """Which rows a recommender learns from and which it is measured on; fixed once it is made."""

    rating_column: Structural[str | None] = field(
        None,
        label="Rating column",
        section=_ROWS,
        help="What a ranking or multitask model predicts; none takes the target of the features.",
    )
    split: Structural[Strategy] = field(
        "auto",
        label="Split",
        section=_SPLIT,
        choices=(
            (
                "auto",
                "Auto",
                "The last 30 days are held out where rows have a time, else a tenth of all rows.",
            ),
            ("random", "Random", "Rows by chance."),
            ("time_holdout", "Last days", "The last days are held out."),
            (
                "strict_time",
                "Windows",
                "Train, validation and test are windows of time, one after the other.",
            ),
            ("leave_last_out", "Last row", "Each user's last row is held out."),
            (
                "stratified",
                "Per user",
                "A share of each user's rows is held out, as in published comparisons.",
            ),
        ),
        help="How rows become train, validation and test parts.",
    )
    train: Structural[float | None] = field(
        None, label="Train", section=_SPLIT, gt=0, lt=1, applies_when=when(split=("random", "stratified")),
        help="Share of rows to learn from; none is 0.8, of a split per user 0.75.",
    )  # fmt: skip
    val: Structural[float] = field(
        0.1, label="Validation", section=_SPLIT, ge=0, lt=1, applies_when=_FRACTIONS,
        help="Share of rows that is looked at while training.",
    )  # fmt: skip
    test: Structural[float] = field(
        0.1, label="Test", section=_SPLIT, ge=0, lt=1, applies_when=_FRACTIONS,
        help="Share of rows that the figures are of.",
    )  # fmt: skip
    holdout_days: Structural[int] = field(
        30, label="Days held out", section=_SPLIT, ge=1, le=100_000, unit="days", applies_when=_HOLDOUT,
        help="The last so many days are the test part.",
    )  # fmt: skip
    val_fraction: Structural[float] = field(
        0.1, label="Validation", section=_SPLIT, ge=0, lt=1, applies_when=_HOLDOUT,
        help="Share of the rows before them that is looked at while training.",
    )  # fmt: skip
    train_days: Structural[int] = field(
        60, label="Train window", section=_SPLIT, ge=1, le=100_000, unit="days", applies_when=_WINDOWS,
        help="Days to learn from.",
    )  # fmt: skip
    val_days: Structural[int] = field(
        7, label="Validation window", section=_SPLIT, ge=0, le=100_000, unit="days", applies_when=_WINDOWS,
        help="Days that are looked at while training.",
    )  # fmt: skip
    test_days: Structural[int] = field(
        7, label="Test window", section=_SPLIT, ge=1, le=100_000, unit="days", applies_when=_WINDOWS,
        help="Days that the figures are of.",
    )  # fmt: skip
    split_seed: Structural[int] = field(
        DEFAULT_SEED, label="Seed of the split", section=_SPLIT, ge=0, le=2**31 - 1, advanced=True,
        help="What chance decides about rows.",
    )  # fmt: skip
    sample_percent: Structural[float] = field(
        100.0,
        label="Sample",
        section=_ROWS,
        ge=1,
        le=100,
        unit="%",
        help="Share of users, or rows, that is used at all.",
    )
    sample_unit: Structural[Literal["users", "rows"]] = field(
        "users",
        label="Sample of",
        section=_ROWS,
        advanced=True,
        choices=(
            ("users", "Users", "Whole users stay, with all their rows."),
            ("rows", "Rows", "Rows by chance."),
        ),
        help="What the sample is of.",
    )
    exclude_seen: Structural[Literal["auto", "yes", "no"]] = field(
        "auto",
        label="Seen products",
        section=_ROWS,
        advanced=True,
        choices=(
            ("auto", "Auto", "Left out where hardly anybody takes a product twice."),
            ("yes", "Left out", "What a buyer had before is not recommended again."),
            ("no", "Kept", "Every product is recommended."),
        ),
        help="Which of both figures stands first; both are always measured.",
    )
    candidate_set: Structural[Literal["catalog", "train"]] = field(
        "catalog",
        label="Candidates",
        section=_ROWS,
        advanced=True,
        choices=(
            ("catalog", "Catalogue", "Every product of the dataset."),
            ("train", "Train part", "Products that the train part has."),
        ),
        help="What is ranked.",
    )
    seed: Structural[int] = field(
        42, label="Seed", section=_ROWS, ge=0, le=2**31 - 1, help="Of weights, order and dropout."
    )

    def split_settings(self, *, timed: bool) -> SplitSettings:
        """How rows are divided.

        Args:
            timed: whether rows have a time, which `auto` asks for.

        Raises:
            ValueError: for fractions that make no split.
        """
        match self.split:
            case "auto":
                return TimeHoldout(seed=self.split_seed) if timed else RandomSplit(seed=self.split_seed)
            case "random":
                train = 1.0 - self.val - self.test if self.train is None else self.train
                return RandomSplit(train=train, val=self.val, test=self.test, seed=self.split_seed)
            case "time_holdout":
                return TimeHoldout(self.holdout_days, self.val_fraction, self.split_seed)
            case "strict_time":
                return StrictTime(self.train_days, self.val_days, self.test_days)
            case "leave_last_out":
                return LeaveLastOut()
            case "stratified":
                return Stratified(0.75 if self.train is None else self.train, self.split_seed)

    def split_words(self, *, timed: bool) -> str:
        """How rows are divided, in words: `time holdout, 30 days, seed 42`."""
        split = self.split_settings(timed=timed)
        match split:
            case TimeHoldout():
                return f"last {split.holdout_days} days held out, seed {split.seed}"
            case StrictTime():
                return f"windows of {split.train_days}, {split.val_days} and {split.test_days} days"
            case RandomSplit():
                shares = "/".join(f"{100 * share:g}" for share in (split.train, split.val, split.test))
                return f"random {shares} %, seed {split.seed}"
            case LeaveLastOut():
                return "each user's last row held out"
            case Stratified():
                return f"{100 * split.train:g} % of each user's rows to learn from, seed {split.seed}"

    def sample(self) -> Sample | None:
        """Which rows are used at all; None for every one."""
        if self.sample_percent >= 100:
            return None
        return Sample(percent=self.sample_percent, unit=self.sample_unit, seed=self.split_seed)


class ModelSettings(TrialSettings):
    """What a model is made with: the features, too."""

    features: Structural[Shipped] = field(
        "smart_defaults",
        label="Features",
        section="Features",
        choices=(
            (
                "smart_defaults",
                "Smart defaults",
                "What the columns' roles, types and numbers of values suggest.",
            ),
            ("ids-32", "Ids, 32", "Both ids with 32 dimensions each, of MovieLens."),
            ("ids-64", "Ids, 64", "Both ids with 64 dimensions each, of MovieLens."),
            ("ids-32-normalised", "Ids, 32, and ratings", "The same with 32, ratings normalised."),
            (
                "movielens-side",
                "MovieLens with attributes",
                "Ids, age, gender, occupation, genres and year.",
            ),
            ("retail-104-72", "Retail", "Ids, revenue, time and categories of the simulated shop."),
        ),
        help="What columns become in both towers.",
    )


class Named(BaseModel):
    """A configuration by name, as it was when it was used."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    name: str
    id: str = ""
    version: int = 1
    hash: str = ""

    def words(self) -> str:
        """`Small towers (mc_1, version 2, 0123456789ab)`."""
        marks = [self.id, f"version {self.version}", self.hash[:12]]
        return f"{' '.join(self.name.split())} ({', '.join(mark for mark in marks if mark)})"


class Columns(BaseModel):
    """What a dataset's columns are, as they were when they were used.

    Attributes:
        user, item, timestamp: their names. types: every column's data type, by name.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    user: str
    item: str
    timestamp: str | None = None
    types: dict[str, str] = Field(default_factory=dict)


class Overrides(BaseModel):
    """What a test uses instead of the configuration's own; none leaves it, 0 epochs evaluate the untrained model."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    epochs: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None


class TestedIn(BaseModel):
    """The quick test that a model was made of."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    id: str
    number: int

    def words(self) -> str:
        """`quick test #62`."""
        return f"quick test #{self.number}"


class TrialPayload(Payload):
    """What a model, a quick test or a run keeps besides the model's configuration.

    Attributes:
        features: the feature configuration (`FeatureConfig`), copied. settings: `TrialSettings`, as given.
        features_of, model_of: which configurations these are copies of.
        columns: of the dataset. name: a test's own, "" for none.
        promoted_from: the test that a model and its runs go back to, if somebody promoted one.
    """

    features: dict[str, Any]
    settings: dict[str, Any]
    columns: Columns
    features_of: Named
    model_of: Named | None = None
    overrides: Overrides = Overrides()
    name: str = ""
    promoted_from: TestedIn | None = None
