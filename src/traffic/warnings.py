"""What to notice in a run of a forecasting model, in words and with what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from traffic.intervals.levels import level_text
from traffic.metrics.bootstrap import no_interval
from traffic.metrics_declared import BASELINES
from workbench.families.noticing import Course, Notice, Rule, epochs_in_words, found, overfitting, rising_loss, steep_gradients

if TYPE_CHECKING:
    from traffic.bundle import BundleFacts

COVERAGE_OFF = 0.05
"""How far a coverage may be from the nominal one."""
NAMED = 3

FEW_EPOCHS = 5
"""Fewer are a check that everything works."""

LAGS_HINT = "Train longer, with a higher learning rate or a wider network, or use the simple forecast."


def few_epochs(epochs: int) -> Notice | None:
    """What a run of so few epochs is for; None from enough on."""
    if not 0 < epochs < FEW_EPOCHS:
        return None
    return Notice(
        f"{epochs_in_words(epochs)} of training {'is' if epochs == 1 else 'are'} only a check that everything works, not of how well the model forecasts",
        "Train with the usual number of epochs before judging the model.",
    )


def caveats(facts: BundleFacts) -> tuple[Notice, ...]:
    """What limits what a run's results say, whatever its errors are."""
    found = []
    if 0 < facts.trained_windows < facts.training_windows:
        text = f"Trained on {facts.trained_windows:,} of {facts.training_windows:,} windows"
        found.append(Notice(text, "The setting max_train_windows limits them; empty it to train on all before judging the model."))
    if facts.unseen_days:
        seen = "weekdays" if facts.unseen_days == "weekends" else "weekends"
        text = f"The training rows hold no {facts.unseen_days}: what is usual on {seen} stands for them in the historical average and the ridge"
        found.append(Notice(text, "Compare with more days of training data."))
    if facts.unvalidated:
        text = "Nothing was measured in the validation rows: the weights are those of the last epoch"
        found.append(Notice(text, "Choose other dates, or other shares of the split."))
    if facts.uncalibrated:
        found.append(Notice("Intervals are not calibrated, and may cover more or less often than they say", facts.uncalibrated))
    return tuple(found)


def only_a_check(course: Course) -> Notice | None:
    """A run that ended after very few epochs."""
    return few_epochs(course.epoch) if _beside(course) else None


def beaten_by_a_baseline(course: Course) -> Notice | None:
    """A model that a simple forecast equals or outdoes on the test windows."""
    values = _beside(course)
    lead, best, errors = values.get("lead"), values.get("best"), values.get("errors", {})
    if lead is None or best not in BASELINES or errors.get("model") is None or (values.get("low") or 0.0) > 0:
        return None
    name, ours, theirs = BASELINES[best].lower(), errors["model"], errors[best]
    if lead <= 0:
        return Notice(
            f"The model does not beat the {name}: MAE {ours:.3g} against {theirs:.3g} on the test windows",
            LAGS_HINT,
        )
    if values.get("low") is None:
        return Notice(
            f"The model's lead over the {name} may be luck: MAE {ours:.3g} against {theirs:.3g}, and there is no interval to judge it by",
            f"{no_interval(values.get('days') or 0).capitalize()}. Look at more days of test data.",
        )
    return Notice(
        f"The model's lead over the {name} may be luck: MAE {ours:.3g} against {theirs:.3g}, and the interval of the difference holds 0",
        "Train longer, or look at more days of test data.",
    )


def coverage_off(course: Course) -> Notice | None:
    """Calibrated intervals that cover more or less often than they say."""
    values = _beside(course)
    nominal, coverage = values.get("nominal"), values.get("coverage")
    if nominal is None or coverage is None or abs(coverage - nominal) <= COVERAGE_OFF:
        return None
    than = "less" if coverage < nominal else "more"
    return Notice(
        f"Intervals of {level_text(nominal)} cover {coverage:.0%} of the test targets, {than} than they say",
        "The test days differ from the validation days: choose other shares of the split, or adapt levels as forecasts are made.",
    )


def silent_detectors(course: Course) -> Notice | None:
    """Detectors that measured nothing where training could see."""
    names = _beside(course).get("silent") or []
    if not names:
        return None
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    which = ", ".join(map(str, names[:NAMED])) + more
    many = len(names) > 1
    return Notice(
        f"{'Detectors' if many else 'Detector'} {which} measured nothing in the training rows and {'are' if many else 'is'} left out of errors",
        "Leave them out of the model, or choose dates in which they measured.",
    )


RULES: tuple[Rule, ...] = (
    only_a_check, beaten_by_a_baseline, coverage_off, silent_detectors, rising_loss(), overfitting(), steep_gradients(),
)  # fmt: skip


def notices(course: Course) -> tuple[Notice, ...]:
    """Everything to notice now, most serious first."""
    told = tuple(Notice(text, hint) for text, hint in _beside(course).get("caveats") or ())
    first, *rest = RULES
    return (*found([first], course), *told, *found(rest, course))


def _beside(course: Course) -> Mapping[str, Any]:
    kept = course.diagnostics.get("baselines", ())
    return kept[-1].values if kept else {}
