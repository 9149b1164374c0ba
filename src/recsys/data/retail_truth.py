"""What only the simulator knows: the true chances behind the sales. Only the evaluator may read it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from recsys.data.retail_calendar import months_of
from recsys.data.retail_ratings import RatingModel

if TYPE_CHECKING:
    import polars as pl


RATING = "user_rating"
"""The simulated column whose true expectation is known."""


@dataclass(frozen=True)
class RetailTruth:
    """The sidecar of a simulated table.

    Attributes:
        choice: float64 (G, 12, I), P(product | taste group, month).
        rating: the rating model; its `tastes` (U, G) are P(taste group | customer).
    """

    choice: np.ndarray
    rating: RatingModel

    @property
    def tastes(self) -> np.ndarray:
        """Float64 (U, G): P(taste group | customer)."""
        return self.rating.tastes

    def probabilities(self, customer: np.ndarray, month: int) -> np.ndarray:
        """Float64 (B, I): P(product | customer, month) for one month, 0 to 11, and B customers."""
        return self.tastes[customer] @ self.choice[:, month, :]

    def save(self, path: Path) -> None:
        """Write everything to an .npz file."""
        rating = {field.name: getattr(self.rating, field.name) for field in fields(RatingModel)}
        with path.open("wb") as file:
            np.savez(file, choice=self.choice, **rating)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what `save` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            rating = {field.name: stored[field.name] for field in fields(RatingModel)}
            for name in ("affinity_mean", "affinity_std"):
                rating[name] = float(rating[name])
            return cls(stored["choice"], RatingModel(**rating))


@dataclass(frozen=True)
class TruthRows:
    """Rows of a simulated table in the sidecar's numbers: int64 (R,) each; `month` is 0 to 11."""

    customer: np.ndarray
    product: np.ndarray
    month: np.ndarray


def truth_rows(frame: pl.DataFrame, rows: np.ndarray | None = None) -> TruthRows:
    """The rows of a simulated table, or of any part of it, in the sidecar's numbers; `rows` are those that are meant, None all."""
    import polars as pl

    told = frame.select("customer_id", "product_id", "trans_date")
    numbers = (told if rows is None else told[rows]).select(
        pl.col("customer_id").str.slice(1).cast(pl.Int64) - 1,
        pl.col("product_id").str.slice(1).cast(pl.Int64) - 1,
        pl.col("trans_date").dt.epoch("s"),
    )
    seconds = numbers["trans_date"].to_numpy()
    return TruthRows(numbers["customer_id"].to_numpy(), numbers["product_id"].to_numpy(), months_of(seconds))
