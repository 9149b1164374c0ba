"""What a run's report says of a forecasting model besides its metrics and figures."""

from __future__ import annotations

import math

from traffic.bundle import MODEL, TrafficBundle
from traffic.data.clock import clock_text
from traffic.figures.looks import error_text, signed_text
from traffic.intervals.levels import level_text
from traffic.metrics.bootstrap import Difference, no_interval, paired_difference
from traffic.metrics.scores import horizon_label, shown_steps
from traffic.metrics.sums import METRICS
from traffic.metrics_declared import BASELINES, ERRORS
from workbench.reporting import ReportTable

DIGITS = 3


def tables(bundle: TrafficBundle) -> tuple[ReportTable, ...]:
    """The windows, the model beside simple forecasts, and how well intervals cover."""
    return (_windows(bundle), _beside(bundle), *_intervals(bundle))


def _windows(bundle: TrafficBundle) -> ReportTable:
    facts = bundle.facts
    rows = [(each.name, f"{each.windows:,}", clock_text(each.first), clock_text(each.last)) for each in facts.sets]
    left_out = f" Left out of errors, as they measured nothing in training: {', '.join(facts.silent)}." if facts.silent else ""
    return ReportTable(
        f"Windows, protocol {facts.protocol}", f"First and last target of each set.{left_out}", ("Set", "Windows", "From", "To"), rows
    )


def _beside(bundle: TrafficBundle) -> ReportTable:
    """MAE, RMSE and MAPE at the shown horizons, targets averaged, and how far the model is ahead."""
    facts = bundle.facts
    steps = shown_steps(bundle.horizon)
    columns = [
        "Forecast",
        *(f"{ERRORS[name]} {horizon_label(step, facts.interval_s)}" for step in steps for name in METRICS),
        "MAE, mean",
        "Lead of the model",
    ]
    rows, found = [], None
    model = bundle.evaluation(MODEL)
    for name in facts.methods:
        one = bundle.evaluation(name)
        by_step = {metric: one.total.metric(metric).mean(1) for metric in METRICS}
        cells = [_text(by_step[metric][step - 1]) for step in steps for metric in METRICS]
        found = None if name == MODEL else paired_difference(one, model)
        lead = "" if found is None else _lead(found)
        rows.append(("This model" if name == MODEL else BASELINES.get(name, name), *cells, _text(by_step["mae"].mean()), lead))
    masked = "zeros and missing targets" if facts.null == "0" else "missing targets"
    seeds = "1 seed" if facts.seed is None else f"1 seed, {facts.seed}"
    note = (
        f"{' and '.join(sorted(set(facts.units)))}; MAPE in percent. Masked: {masked}; MAPE always leaves zeros out. Protocol {facts.protocol}, {seeds}. "
        f"The lead is in MAE, {_interval_words(found)}."
    )
    return ReportTable("Beside simple forecasts", note, columns, rows)


def _intervals(bundle: TrafficBundle) -> tuple[ReportTable, ...]:
    if not len(bundle.coverage):
        return ()
    rows = [
        (horizon_label(step, bundle.facts.interval_s), *(f"{100 * stage[step - 1]:.1f} %" for stage in bundle.coverage),
         *(_text(stage[step - 1]) for part in (bundle.width, bundle.interval_score) for stage in part))
        for step in shown_steps(bundle.horizon)
    ]  # fmt: skip
    stages = ("as forecast", "calibrated")[: len(bundle.coverage)]
    columns = ["Horizon", *(f"{name}, {when}" for name in ("Coverage", "Mean width", "Interval score") for when in stages)]
    nominal, why = bundle.facts.nominal, bundle.facts.uncalibrated
    how = f"not calibrated: {why}" if why else "calibrated on the validation windows."
    note = f"Nominal coverage {level_text(nominal)}; {how}" if nominal is not None else ""
    return (ReportTable("Intervals", note, columns, rows),)


def _lead(found: Difference) -> str:
    if not math.isfinite(found.value):
        return "–"
    interval = f" ({signed_text(found.low, DIGITS)} to {signed_text(found.high, DIGITS)})" if found.told else ""
    return f"{signed_text(found.value, DIGITS)}{interval}"


def _interval_words(found: Difference | None) -> str:
    if found is None or found.told:
        return "with an interval of 95 % from days drawn anew 1,000 times"
    return no_interval(found.days)


def _text(value: float) -> str:
    return error_text(value, DIGITS)
