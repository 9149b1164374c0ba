"""What warnings look at besides the configurations: facts of the data, a test's schedule, and its results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from recsys.model.config import ModelConfig
from recsys.model.course import Course

if TYPE_CHECKING:
    import numpy as np

    from recsys.evaluation.bootstrap import Lift


@dataclass(frozen=True)
class DataFacts:
    """What is known of a test's data, as far as warnings need it; None where nobody looked.

    Attributes:
        train_rows: rows to train on. id_rows: column of an id feature -> rows of its table.
        cold_share: share of test rows whose item or user is not in the train part.
        leaks: column of a feature -> why it says too much, as in "determines the product".
        varying: column of a product feature -> items that have more than one value of it.
        memory, memory_limit: bytes that the test is estimated to need, and that its worker may have.
        estimated: names of those of the above that are estimates of what a worker will count.
    """

    train_rows: int | None = None
    id_rows: Mapping[str, int] = field(default_factory=dict)
    cold_share: float | None = None
    leaks: Mapping[str, str] = field(default_factory=dict)
    varying: Mapping[str, int] = field(default_factory=dict)
    memory: int | None = None
    memory_limit: int | None = None
    estimated: frozenset[str] = frozenset()

    def about(self, name: str) -> str:
        """The word before a figure that is an estimate; "" before one that was counted."""
        return "about " if name in self.estimated else ""


@dataclass(frozen=True)
class Schedule:
    """How a test trains, its overrides applied; 0 epochs look at the untrained model."""

    learning_rate: float
    batch_size: int
    epochs: int


def schedule_of(
    model: ModelConfig,
    *,
    learning_rate: float | None = None,
    batch_size: int | None = None,
    epochs: int | None = None,
) -> Schedule:
    """The model's schedule with what a test overrides; 0 is an override, None is not."""
    own = model.training
    return Schedule(
        own.learning_rate if learning_rate is None else learning_rate,
        own.batch_size if batch_size is None else batch_size,
        own.epochs if epochs is None else epochs,
    )


@dataclass(frozen=True, eq=False)
class ResultFacts:
    """What is known of a finished test; None where it does not apply.

    Attributes:
        losses: mean in-batch retrieval loss of a row, by epoch, in nats.
        batch_candidates: rows of a batch, which are each other's candidates.
        scores_std: standard deviation of the test rows' scores over all candidates.
        tied: bool of shape (Q,), whether another candidate's score equals that of a test row's own item.
        first: int64 of shape (Q,), each test row's best candidate.
        recall: the name of the headline figure, with the rule for seen items. lifts: it against each baseline.
        course: how Recall@10 of the validation part went.
        ratings_std: standard deviation of the ratings that are predicted for the test rows.
        rating_lifts: their RMSE against that of each baseline. rating_course: how that of the validation part went.
    """

    losses: tuple[float, ...] = ()
    batch_candidates: int | None = None
    scores_std: float | None = None
    tied: np.ndarray | None = None
    first: np.ndarray | None = None
    recall: str = "recall_at_10"
    lifts: Mapping[str, Lift] = field(default_factory=dict)
    course: Course | None = None
    ratings_std: float | None = None
    rating_lifts: Mapping[str, Lift] = field(default_factory=dict)
    rating_course: Course | None = None
