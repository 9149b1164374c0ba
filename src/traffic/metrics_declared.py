"""The metrics of forecasting for people: each key's name, direction and the panel that shows it.

Errors are in the unit of what is forecast, which the data decides. Results of other protocols stand in groups of their own, and those with
other masks under other names, so that nothing ever ranks them together.
"""

from __future__ import annotations

from traffic.metrics.horizons import REPORTED
from traffic.metrics.references import PROTOCOL as OF_THE_LITERATURE
from workbench.families import Metric, Panel

BASELINES = {"last_value": "Last value", "historical_average": "Historical average", "ridge": "Ridge"}
"""Simple forecasts beside every model, and what they are called."""

SETS = {"test": "Test windows"}
ERRORS = {"mae": "MAE", "rmse": "RMSE", "mape": "MAPE"}
RULES = {"nan": "", "0": ", zeros left out"}
TARGETS = ("speed", "flow", "occupancy")
STANDARD_GROUP = f"_{OF_THE_LITERATURE}"

PANELS: tuple[Panel, ...] = (
    Panel("loss", "Loss", "Loss over the epochs, training and validation", half=True),
    Panel("errors", "Error of the validation windows", "Mean absolute error over the epochs", half=True),
    Panel("horizons", "Errors by kind and horizon", "Errors of the validation windows over the epochs", each=True, height=170, hideable=True, rest=("measured",)),
    Panel(
        "optimiser", "Optimiser", "Learning rate and gradient norm over the epochs", each=True, height=180, log=False, overlays=False,
    ),
)  # fmt: skip

WATCHED = ("validation/masked_mae", "validation/loss", "train/loss", "validation/masked_rmse", "train/learning_rate", "train/grad_norm")
"""What is shown of a run while it trains, most telling first."""


def group_of(name: str, protocol: str) -> str:
    """The group of a summary that holds a set's or a baseline's errors: of other protocols another one."""
    return f"{name}{STANDARD_GROUP}" if protocol == OF_THE_LITERATURE else name


def headline_key(name: str, protocol: str) -> str:
    """A headline's key of a metric's name without its set, `masked_mae@null=0/avg`."""
    return f"{group_of('test', protocol)}/{name}"


def metric_name(error: str, null: str, horizon: str) -> str:
    """The name of an error without its set, as `traffic.metrics.scores` has it; MAPE always leaves zeros out."""
    return f"masked_{error}@null={'0' if error == 'mape' else null}/{horizon}"


GROUPS = {
    **{group_of(name, protocol): f"{title}{words}" for protocol, words in (("strict", ""), ("standard", ", standard protocol"))
       for name, title in {**SETS, **BASELINES}.items()},
    "intervals": "Intervals on the test windows", "beside": "Beside simple forecasts", "training": "Training",
}  # fmt: skip
"""Titles of a summary's groups."""


def _errors() -> tuple[Metric, ...]:
    """Every error of every group: of all targets together and of each that has a common name."""
    groups = [group_of(name, protocol) for protocol in ("strict", "standard") for name in (*SETS, *BASELINES)]
    found = {}
    for group in groups:
        for target in ("", *TARGETS):
            for error, title in ERRORS.items():
                for null, left_out in RULES.items():
                    for horizon in (*(f"h{step}" for step in REPORTED), "avg"):
                        name = f"{group}/{f'{target}/' if target else ''}{metric_name(error, null, horizon)}"
                        when = "mean of all steps" if horizon == "avg" else f"step {horizon[1:]}"
                        of = f"{title} of {target}" if target else title
                        words = "" if error == "mape" else left_out
                        unit = "%" if error == "mape" else ""
                        found[name] = Metric(name, f"{of}, {when}{words}", unit, "lower", of="test", references=_references(group, name))
    return tuple(found.values())


def _references(group: str, name: str) -> tuple[tuple[str, str], ...]:
    """What simple forecasts have under the same name, for a metric of the model's own groups."""
    own = next((each for each in SETS if group.removesuffix(STANDARD_GROUP) == each), None)
    rest = name.removeprefix(group)
    return () if own is None else tuple((title, f"{each}{group.removeprefix(own)}{rest}") for each, title in BASELINES.items())


METRICS: tuple[Metric, ...] = (
    Metric("loss", "Loss", "", "lower", panel="loss", splits=("train", "validation"), made_of=("loss", "huber_delta")),
    Metric("masked_mae", "MAE", "", "lower", panel="errors", splits=("validation",)),
    Metric("masked_rmse", "RMSE", "", "lower", panel="horizons", splits=("validation",)),
    Metric("masked_mape", "MAPE", "%", "lower", panel="horizons", splits=("validation",)),
    *(
        Metric(f"masked_{error}_h{step}", f"{title}, step {step}", "%" if error == "mape" else "", "lower", panel="horizons", splits=("validation",))
        for error, title in ERRORS.items() for step in REPORTED
    ),
    Metric("learning_rate", "Learning rate", panel="optimiser", splits=("train",), from_zero=True),
    Metric("grad_norm", "Gradient norm", panel="optimiser", splits=("train",)),
    Metric("windows_per_second", "Windows a second", splits=("train",)),
    Metric("epoch_seconds", "Seconds an epoch", "s"),
    Metric("epochs", "Epochs"),
    Metric("best_epoch", "Best epoch"),
    Metric("seconds", "Training time", "s"),
    Metric("windows", "Windows"),
    Metric("trained_windows", "Windows of an epoch"),
    Metric("silent", "Detectors without a measurement in training"),
    *(Metric(f"beside/{name}", f"Lead over {title.lower()}", direction="higher") for name, title in BASELINES.items()),
    *(Metric(f"beside/{name}_{end}", f"Lead over {title.lower()}, {words} of 95 %") for name, title in BASELINES.items()
      for end, words in (("low", "lower end"), ("high", "upper end"))),
    Metric("intervals/nominal", "Nominal coverage", format="share"),
    Metric("intervals/coverage", "Coverage", format="share"),
    Metric("intervals/coverage_before", "Coverage before calibration", format="share"),
    Metric("intervals/width", "Mean width", direction="lower"),
    Metric("intervals/width_before", "Mean width before calibration"),
    Metric("intervals/score", "Interval score", direction="lower"),
    Metric("intervals/score_before", "Interval score before calibration"),
    *_errors(),
)  # fmt: skip
