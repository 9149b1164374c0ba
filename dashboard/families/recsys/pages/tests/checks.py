"""What starting a test would mean: the checklist, time, cost, memory and doubts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dash import html
from dash.development.base_component import Component

from dashboard.components import act, button, icon, stat
from dashboard.components.attributes import attrs
from dashboard.families.recsys.pages.tests.asked import OVERRIDES, override_label, setting_specs
from dashboard.families.recsys.pages.tests.mends import fix_words, fixable
from dashboard.live.words import duration, size
from recsys.model.warning import Code, ConfigWarning
from workbench.fields import FieldProblem
from workbench.fields.words import capitalised

if TYPE_CHECKING:
    from recsys.services.estimates import Forecast

ACTION = "recsys-start-action"
START = "recsys-start"

CHECKS = ("Transforms are valid", "Model is valid", "Features and model go together", "Data is available", "Settings are valid")
_TRANSFORMS, _MODEL, _FIT, _DATA, _SETTINGS = CHECKS


@dataclass(frozen=True)
class Verdict:
    """What a form amounts to.

    Attributes:
        chosen: whether both configurations are. problems: of each check, in sentences. by_path: path of a setting -> its problem.
        forecast: what it may take and what is doubtful; None for a test that cannot start.
        notes: what is only worth knowing.
    """

    chosen: bool
    problems: dict[str, tuple[str, ...]] = field(default_factory=dict)
    by_path: dict[str, str] = field(default_factory=dict)
    forecast: Forecast | None = None
    notes: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """Why the test cannot start; "" if it can."""
        if not self.chosen:
            return "Choose features and a model."
        return next((sentence for check in CHECKS for sentence in self.problems.get(check, ())), "")

    @property
    def confirm(self) -> str:
        """What is asked before it starts; "" for nothing."""
        memory = [w for w in self.forecast.warnings if w.code == Code.MEMORY] if self.forecast else []
        return f"{memory[0].message}. Start it all the same?" if memory else ""


def verdict_of(
    problems: Iterable[FieldProblem],
    *,
    transforms: Sequence[str],
    model: Sequence[str],
    forecast: Forecast | None,
    notes: Sequence[str] = (),
) -> Verdict:
    """Sort what keeps a test from starting by what it is about.

    Args:
        problems: of `QuickTests.problems`. transforms, model: what is wrong with the configurations themselves, by sentence.
    """
    own = {spec.name for spec in setting_specs()} | {f"{name}_override" for name in OVERRIDES} | {"name"}
    found: dict[str, list[str]] = {_TRANSFORMS: list(transforms), _MODEL: list(model)}
    by_path: dict[str, str] = {}
    for problem in problems:
        sentence = _sentence(problem)
        if problem.path in own:
            found.setdefault(_SETTINGS, []).append(sentence)
            by_path.setdefault(problem.path, sentence)
        elif problem.path == "dataset_id":
            found.setdefault(_DATA, []).append(sentence)
        elif not any(problem.message in said for said in (*transforms, *model)):
            found.setdefault(_FIT, []).append(sentence)
    return Verdict(True, {check: tuple(dict.fromkeys(said)) for check, said in found.items() if said}, by_path, forecast, tuple(notes))


def _sentence(problem: FieldProblem) -> str:
    text = problem.message if not problem.hint else f"{problem.message.rstrip('.')}. {problem.hint}"
    for name in OVERRIDES:
        text = text.replace(f"{name}_override", override_label(name))
    return capitalised(text)


def panel(verdict: Verdict) -> Component:
    """The side's content."""
    if not verdict.chosen:
        words = "Features say what goes into both towers, a model how they are built and trained. Choose one of each."
        return html.P(words, className="muted")
    return html.Div([*estimates(verdict.forecast), checklist(verdict), *doubts(verdict)])


def checklist(verdict: Verdict) -> Component:
    """Each check with a tick or what is wrong."""
    items: list[Any] = []
    for check in CHECKS:
        wrong = verdict.problems.get(check, ())
        said = [html.Span(check), *(html.Span(sentence, className="check-words") for sentence in wrong)]
        mark = icon("x-octagon", label="Not yet") if wrong else icon("check2", label="Yes")
        items.append(html.Li([mark, html.Div(said)], className="check-error" if wrong else "check-good"))
    items += [html.Li([icon("info-circle"), html.Span(note)], className="check-note") for note in verdict.notes]
    return html.Div(
        [html.H3("Before it starts", className="mini-title"), html.Ul(items, className="checks", **attrs({"aria-live": "polite"}))]
    )


def estimates(forecast: Forecast | None) -> list[Component]:
    """Time, cost and memory; nothing for a test that cannot start."""
    if forecast is None:
        return []
    time = forecast.duration
    likely = "–" if time.seconds is None else f"≈ {duration(time.seconds)}"
    interval = (
        f"{duration(time.low)} to {duration(time.high)}"
        if time.low is not None and time.high is not None and time.low < time.high
        else None
    )
    first = "Known after the first test on this machine." if time.seconds is None else interval
    memory = "–" if forecast.memory is None else size(forecast.memory)
    limit = None if forecast.memory_limit is None else f"of {size(forecast.memory_limit)}"
    figures = [stat("Training", likely, note=first), stat("Cost", forecast.cost.text), stat("Memory", memory, note=limit)]
    return [html.Div(figures, className="stats")]


def doubts(verdict: Verdict) -> list[Component]:
    """What is doubtful, each with its mend where one click does it."""
    warnings = verdict.forecast.warnings if verdict.forecast else ()
    if not warnings:
        return []
    return [html.H3("Worth a thought", className="mini-title"), html.Ul([_doubt(warning) for warning in warnings], className="checks")]


def _doubt(warning: ConfigWarning) -> Component:
    action = warning.action
    words: list[Any] = [html.Span(f"{warning.message}.")]
    if fixable(warning):
        words.append(button(action.words, small=True, title=fix_words(warning), **act(ACTION, "fix", str(warning.code))))
    else:
        words.append(html.Span(f" {action.words}.", className="muted"))
    tone = "check-error" if warning.severity == "high" else "check-warning" if warning.severity == "medium" else "check-note"
    mark = "info-circle" if warning.severity == "info" else "exclamation-triangle"
    return html.Li([icon(mark), html.Div(words)], className=tone)
