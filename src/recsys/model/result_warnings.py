"""What is doubtful about a test's results."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from recsys.model.config import ModelConfig
from recsys.model.facts import ResultFacts
from recsys.model.presets import SCHEDULE
from recsys.model.warning import Action, Code, ConfigWarning

LEAST_STD = 1e-6
TIED_SHARE = 0.5
LEAST_CHANGE = 1e-4
CHANCE_TOLERANCE = 0.05
FIRST_SHARE = 0.5


def after_training(model: ModelConfig, results: ResultFacts) -> tuple[ConfigWarning, ...]:
    """Every warning that results give, in the order of their codes."""
    lifts = (*_no_lift(model, results), *_no_rating_lift(results))
    return (*_collapse(results), *lifts, *_one_item(model, results))


def _collapse(results: ResultFacts) -> Iterator[ConfigWarning]:
    if results.scores_std is not None and results.scores_std < LEAST_STD:
        message = "The model gives every product the same score"
    elif results.tied is not None and results.tied.size and results.tied.mean() > TIED_SHARE:
        message = f"For {results.tied.mean():.0%} of the test rows another product ties with the right one"
    elif _stays_at_chance(results.losses, results.batch_candidates):
        message = (
            f"The loss stays at {results.losses[-1]:.3f}, as if every product of a batch were equally likely"
        )
    elif results.ratings_std is not None and results.ratings_std < LEAST_STD:
        message = "The model predicts the same rating for every row"
    else:
        return
    action = Action("Use adam with a learning rate of 0.005 and batches of 1,024", dict(SCHEDULE))
    yield ConfigWarning(Code.COLLAPSE, "high", f"{message}: it has collapsed", action)


def _stays_at_chance(losses: tuple[float, ...], candidates: int | None) -> bool:
    """Whether the loss never moves from that of a uniform guess, ln(candidates)."""
    if len(losses) < 2 or candidates is None or candidates < 2:
        return False
    chance = math.log(candidates)
    level = abs(losses[-1] - chance) <= CHANCE_TOLERANCE * chance
    return level and max(losses) - min(losses) < LEAST_CHANGE


def _no_lift(model: ModelConfig, results: ResultFacts) -> Iterator[ConfigWarning]:
    lift = results.lift
    if lift is None or lift.absolute_interval.low > 0:
        return
    relation = "is below" if lift.absolute_interval.high < 0 else "is not surely above"
    message = f"The headline figure, {lift.model:.3f}, {relation} popularity, {lift.baseline:.3f}"
    yield ConfigWarning(
        Code.NO_LIFT,
        "high",
        message,
        _correct(model, "Train longer, or start from the recipe best_retrieval"),
    )


def _no_rating_lift(results: ResultFacts) -> Iterator[ConfigWarning]:
    lift = results.rating_lift
    if lift is None or lift.absolute_interval.high < 0:
        return
    relation = "is above" if lift.absolute_interval.low > 0 else "is not surely below"
    message = f"The error of ratings, RMSE {lift.model:.3f}, {relation} that of the mean rating, {lift.baseline:.3f}"
    yield ConfigWarning(
        Code.NO_LIFT, "high", message, Action("Train longer, or start from the recipe best_ranking")
    )


def _one_item(model: ModelConfig, results: ResultFacts) -> Iterator[ConfigWarning]:
    if results.first is None or not results.first.size:
        return
    _, counts = np.unique(results.first, return_counts=True)
    share = counts.max() / results.first.size
    if share > FIRST_SHARE:
        message = f"One product comes first in {share:.0%} of the lists"
        action = _correct(model, "Train longer, or drop accidental hits and check the features")
        yield ConfigWarning(Code.ONE_ITEM, "medium", message, action)


def _correct(model: ModelConfig, else_words: str) -> Action:
    """The sampling correction, where the model has none; other advice where it has."""
    if model.retrieves and model.training.sampling_correction == "none":
        return Action("Correct for how often products are negatives", {"sampling_correction": "logq"})
    return Action(else_words)
