"""How far a run is ahead of its best baseline, in words, and what to doubt about it. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from traffic.bundle import Errors
from traffic.figures.looks import error_text, signed_text, title_of
from traffic.metrics.bootstrap import no_interval, paired_difference
from traffic.warnings import LAGS_HINT, caveats, few_epochs


@dataclass(frozen=True)
class Lead:
    """The best baseline's masked MAE less the model's, with the ends of an interval of 95 %.

    Attributes:
        over: what the baseline is called. low, high: NaN where days are too few. days: whole ones that the errors are of.
    """

    over: str
    value: float
    low: float
    high: float
    days: int

    @property
    def behind(self) -> bool:
        """Whether the model is worse beyond doubt; without an interval, whether it is worse at all."""
        return self.high < 0 if self.told else self.value < 0

    @property
    def told(self) -> bool:
        """Whether there is an interval."""
        return math.isfinite(self.low)


def lead_of(errors: Errors) -> Lead | None:
    """The lead over the best baseline; None without one, or where nothing was measured."""
    own, others = errors.evaluations[0], errors.evaluations[1:]
    if not others or not own.by_day.count.any():
        return None
    best = min(others, key=lambda one: float(one.total.metric("mae").mean()))
    found = paired_difference(own, best)
    return Lead(title_of(best.name).lower(), 0.0 - found.value, 0.0 - found.high, 0.0 - found.low, found.days)


def lead_words(errors: Errors, unit: str) -> str:
    """The lead as a line, its bounds with the sign that its words have; "" where there is none."""
    lead = lead_of(errors)
    if lead is None:
        return ""
    if not any(value for value in (lead.value, lead.low, lead.high) if math.isfinite(value)):
        return f"the same errors as {lead.over}"
    side, sign = ("ahead of", 1) if lead.value > 0 else ("behind", -1)
    words = f"{error_text(abs(lead.value))} {unit} {side} {lead.over}"
    if not lead.told:
        return f"{words} ({no_interval(lead.days)})"
    if lead.low <= 0 <= lead.high:
        return f"not told apart from {lead.over}: lead {signed_text(lead.value)} {unit} (95 %: {signed_text(lead.low)} to {signed_text(lead.high)})"
    low, high = sorted((sign * lead.low, sign * lead.high))
    return f"{words} (95 %: {error_text(low)} to {error_text(high)})"


def doubts(errors: Errors) -> list[str]:
    """What keeps a run from being a good forecast, each with what to do."""
    lead, check = lead_of(errors), few_epochs(errors.facts.epochs)
    found = [f"{each.text}. {each.hint}" for each in (*([] if check is None else [check]), *caveats(errors.facts))]
    if lead is not None and lead.behind:
        found.append(f"The model forecasts worse than {lead.over}. {LAGS_HINT}")
    return found
