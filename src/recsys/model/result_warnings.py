"""What is doubtful about a test's results."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np

from recsys.evaluation.bootstrap import Lift
from recsys.metrics import GROUPS, METRICS
from recsys.model.config import ModelConfig
from recsys.model.course import Course
from recsys.model.facts import ResultFacts
from recsys.model.presets import SCHEDULE
from recsys.model.recipes import RECIPES
from recsys.model.warning import Action, Code, ConfigWarning, ranked
from workbench.families import Metrics

MEASURES = Metrics(METRICS)
POPULARITY, MEAN = "popularity", "mean"
"""The simplest baselines: a model that may not beat them is of no use."""

BEST_RETRIEVAL = f'start from the recipe "{RECIPES["best_retrieval"].name}"'
BEST_RANKING = f'start from the recipe "{RECIPES["best_ranking"].name}"'

LEAST_STD = 1e-6
TIED_SHARE = 0.5
LEAST_CHANGE = 1e-4
CHANCE_TOLERANCE = 0.05
FIRST_SHARE = 0.5


def after_training(model: ModelConfig, results: ResultFacts) -> tuple[ConfigWarning, ...]:
    """Every warning that results give, the gravest first."""
    lifts = (*_no_lift(model, results), *_no_rating_lift(results))
    return ranked((*_collapse(results), *lifts, *_one_item(model, results), *_beaten(model, results)))


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
    lift = results.lifts.get(POPULARITY)
    if lift is None or lift.absolute_interval.low > 0:
        return
    own, other = (MEASURES.text(results.recall, value) for value in (lift.model, lift.baseline))
    relation = (
        "is below that of popularity"
        if lift.absolute_interval.high < 0
        else "may be no better than that of popularity"
    )
    message = f"{MEASURES.label(results.recall)}, of {own} {relation}, {other}"
    yield ConfigWarning(Code.NO_LIFT, "high", message, _correct(model, results.course, BEST_RETRIEVAL))


def _no_rating_lift(results: ResultFacts) -> Iterator[ConfigWarning]:
    lift = results.rating_lifts.get(MEAN)
    if lift is None or lift.absolute_interval.high < 0:
        return
    own, other = (MEASURES.text("rmse", value) for value in (lift.model, lift.baseline))
    relation = (
        "is above that of the mean rating"
        if lift.absolute_interval.low > 0
        else "may be no lower than that of the mean rating"
    )
    message = f"The error of ratings, RMSE, of {own} {relation}, {other}"
    yield ConfigWarning(Code.NO_LIFT, "high", message, _advice(results.rating_course, BEST_RANKING))


def _beaten(model: ModelConfig, results: ResultFacts) -> Iterator[ConfigWarning]:
    """Baselines besides the simplest that are better than the model by a whole 95 % interval."""
    ranked = {
        who: lift
        for who, lift in results.lifts.items()
        if who != POPULARITY and lift.absolute_interval.high < 0
    }
    if ranked:
        action = _correct(model, results.course, BEST_RETRIEVAL)
        yield ConfigWarning(Code.BEATEN, "medium", _better(results.recall, ranked), action)
    rated = {
        who: lift
        for who, lift in results.rating_lifts.items()
        if who != MEAN and lift.absolute_interval.low > 0
    }
    if rated:
        action = _advice(results.rating_course, BEST_RANKING)
        yield ConfigWarning(Code.BEATEN, "medium", _better("rmse", rated), action)


def _better(figure: str, lifts: Mapping[str, Lift]) -> str:
    """`ItemKNN (8.1 %) and EASE (9.0 %) are better than the model (4.0 %) by Recall@10, all items; the 95 % interval of each difference excludes 0`."""
    named = [
        f"{GROUPS.get(who, who)} ({MEASURES.text(figure, lift.baseline)})" for who, lift in lifts.items()
    ]
    own = MEASURES.text(figure, next(iter(lifts.values())).model)
    verb = "is" if len(named) == 1 else "are"
    sure = f"the 95 % interval of {'the' if len(named) == 1 else 'each'} difference excludes 0"
    return f"{' and '.join(named)} {verb} better than the model ({own}) by {MEASURES.label(figure)}; {sure}"


def _one_item(model: ModelConfig, results: ResultFacts) -> Iterator[ConfigWarning]:
    if results.first is None or not results.first.size:
        return
    _, counts = np.unique(results.first, return_counts=True)
    share = counts.max() / results.first.size
    if share > FIRST_SHARE:
        message = f"One product comes first in {share:.0%} of the lists"
        yield ConfigWarning(Code.ONE_ITEM, "medium", message, _spread(model, results.course))


def _spread(model: ModelConfig, course: Course | None) -> Action:
    """What makes lists differ: the sampling correction, then dropping accidental hits, then what the epochs advise."""
    if model.training.sampling_correction == "none" or model.training.remove_accidental_hits:
        return _correct(model, course, "check the features")
    words = 'Switch on "Drop accidental hits" (remove_accidental_hits), and check the features'
    return Action(words, {"remove_accidental_hits": True})


def _correct(model: ModelConfig, course: Course | None, otherwise: str) -> Action:
    """The sampling correction, where the model has none; what the epochs advise where it has."""
    if model.retrieves and model.training.sampling_correction == "none":
        return Action("Correct for how often products are negatives", {"sampling_correction": "logq"})
    return _advice(course, otherwise)


def _advice(course: Course | None, otherwise: str) -> Action:
    """What the validation figure advises; without one it is not known whether more epochs would help."""
    if course is None:
        words = f"{otherwise[:1].upper()}{otherwise[1:]}, or train longer with a validation part that shows whether it helps"
        return Action(words)
    return Action(*course.advice(otherwise))
