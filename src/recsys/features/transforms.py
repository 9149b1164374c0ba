"""What a column, or the target, can be turned into, and each transform's settings."""

from __future__ import annotations

from typing import Literal, get_args

from workbench.fields import ConfigModel, Modifiable, field

Range = Literal["[-1,1]", "[0,1]", "z_score"]
"""What a normalised value lies in; a z-score is in units of the train part's standard deviation."""

RANGES: tuple[Range, ...] = get_args(Range)

CYCLES = ("yearly", "quarterly", "monthly", "weekly", "daily")
"""The calendar's cycles, as a temporal feature's settings name them."""


class Embedding(ConfigModel):
    """A table with a row for each term of the train part."""

    embedding_dim: Modifiable[int] = field(32, label="Dimension", ge=4, le=1024, help="Width of the table.")
    max_vocab: Modifiable[int | None] = field(
        None,
        label="Largest vocabulary",
        ge=1,
        le=5_000_000,
        unit="terms",
        help="The most frequent terms get a row; none keeps all.",
    )
    min_frequency: Modifiable[int] = field(
        1,
        label="Least frequency",
        ge=1,
        le=1000,
        unit="rows",
        help="Terms seen in fewer train rows get no row of their own.",
    )
    oov_buckets: Modifiable[int] = field(
        1,
        label="Rows for unknown terms",
        ge=1,
        le=1000,
        help="Terms without a row of their own share these, by their hash.",
    )


class Normalize(ConfigModel):
    """One number in a fixed range."""

    range: Modifiable[Range] = field(
        "[-1,1]", label="Range", help="Where the train part's values come to lie."
    )


class Bucketize(ConfigModel):
    """A table with a row for each quantile of the train part."""

    buckets: Modifiable[int] = field(
        100, label="Buckets", ge=2, le=1000, help="Quantiles; equal edges are merged."
    )
    embedding_dim: Modifiable[int] = field(32, label="Dimension", ge=4, le=256, help="Width of the table.")


class Cyclical(ConfigModel):
    """Sine and cosine of the time elapsed in each chosen cycle of the calendar, in UTC."""

    yearly: Modifiable[bool] = field(False, label="Yearly", help="Of 365 or 366 days.")
    quarterly: Modifiable[bool] = field(False, label="Quarterly", help="Of 90 to 92 days.")
    monthly: Modifiable[bool] = field(False, label="Monthly", help="Of 28 to 31 days.")
    weekly: Modifiable[bool] = field(False, label="Weekly", help="From Monday 00:00.")
    daily: Modifiable[bool] = field(False, label="Daily", help="From midnight.")

    def chosen(self) -> tuple[str, ...]:
        """The cycles that are on, longest first."""
        return tuple(cycle for cycle in CYCLES if getattr(self, cycle))


class History(ConfigModel):
    """The mean of the item embeddings of what the buyer took before."""

    shared_with: Modifiable[str] = field(
        label="Shares the table of", help="The product tower's item id column."
    )
    max_length: Modifiable[int] = field(
        50, label="Longest", ge=1, le=500, unit="items", help="The latest so many count."
    )


class TextTransforms(ConfigModel):
    """What a text column can become."""

    embedding: Modifiable[Embedding | None] = field(
        None, label="Embedding", help="A trained vector for each term."
    )


class NumericTransforms(ConfigModel):
    """What a numeric column can become."""

    normalize: Modifiable[Normalize | None] = field(
        None, label="Normalise", help="One number in a fixed range."
    )
    bucketize: Modifiable[Bucketize | None] = field(
        None, label="Bucketise", help="A trained vector for each quantile."
    )
    log_transform: Modifiable[bool] = field(False, label="Logarithm", help="ln(1 + x) before the two above.")
    null_flag: Modifiable[bool] = field(False, label="Null flag", help="1 where the value is missing.")


class TemporalTransforms(ConfigModel):
    """What a column of times can become."""

    normalize: Modifiable[Normalize | None] = field(
        None, label="Normalise", help="One number in a fixed range."
    )
    bucketize: Modifiable[Bucketize | None] = field(
        None, label="Bucketise", help="A trained vector for each quantile."
    )
    cyclical: Modifiable[Cyclical | None] = field(
        None, label="Cyclical", help="Where in the year, month, week or day."
    )
    null_flag: Modifiable[bool] = field(False, label="Null flag", help="1 where the time is missing.")


class HistoryTransforms(ConfigModel):
    """What a buyer's earlier items can become."""

    history: Modifiable[History | None] = field(
        None, label="History", help="The mean of the earlier items' vectors."
    )


class ClipOutliers(ConfigModel):
    """Percentiles of the train part beyond which a target is cut."""

    lower: Modifiable[float | None] = field(
        1.0, label="Lower percentile", ge=0, le=100, help="None leaves small values."
    )
    upper: Modifiable[float | None] = field(
        99.0, label="Upper percentile", ge=0, le=100, help="None leaves large values."
    )


class TargetNormalize(ConfigModel):
    """The scale that the ranking task learns on."""

    range: Modifiable[Range] = field(
        "z_score", label="Range", help="Where the train part's targets come to lie."
    )


class TargetTransforms(ConfigModel):
    """What happens to the target, in this order; predictions are taken back through the inverse."""

    clip_outliers: Modifiable[ClipOutliers | None] = field(
        None, label="Clip outliers", help="Cut at train percentiles."
    )
    log_transform: Modifiable[bool] = field(False, label="Logarithm", help="ln(1 + x) after clipping.")
    normalize: Modifiable[TargetNormalize | None] = field(
        TargetNormalize(), label="Normalise", help="On what scale it is learnt; none keeps its own."
    )
