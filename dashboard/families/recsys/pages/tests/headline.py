"""A test's headline: the model beside what it must beat, how sure the difference is, and how near the best possible it comes. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import act, badge, button, icon
from dashboard.components.attributes import attrs
from dashboard.families.recsys.pages import addresses
from dashboard.families.recsys.pages.tests.mends import fixable, open_title, open_words, warning_of
from recsys.findings import gravest_first
from recsys.metrics import GROUPS, METRICS
from recsys.model.recipes import RECIPES
from workbench.families import Metrics

MEASURES = Metrics(METRICS)
POPULARITY, MEAN, ORACLE, MODEL = "popularity", "mean", "oracle", "model"
UNSEEN = "_unseen"
"""How the names of figures end that leave out what a customer had."""
UNSEEN_MEANING = (
    "Products that a customer had before the test are not ranked for them, but for the measured row's own. "
    "Fewer products compete, so these figures are mostly higher."
)
WEAKEST = (POPULARITY, MEAN)
"""The baselines that every model must beat."""


@dataclass(frozen=True)
class Against:
    """The model against one baseline.

    Attributes:
        value: the baseline's figure. low, middle, high: the difference with its 95 % interval, in the figure's unit.
        better, worse: whether the interval lies wholly on one side; neither where there may be no difference.
    """

    who: str
    value: float
    low: float
    middle: float
    high: float
    better: bool
    worse: bool

    @property
    def verdict(self) -> str:
        """In a word."""
        return "better" if self.better else "worse" if self.worse else "may be none"


@dataclass(frozen=True)
class Headline:
    """One figure of a test.

    Attributes:
        value: the model's. best: the strongest baseline. against: every baseline, the one that must be beaten first.
        oracle: the best that anybody can reach on simulated data. of_oracle: how near it comes, in words.
    """

    name: str
    value: float
    against: tuple[Against, ...]
    best: Against | None = None
    oracle: float | None = None
    of_oracle: str = ""

    @property
    def below(self) -> bool:
        """Whether the weakest baseline may be as good."""
        return any(one.who in WEAKEST and not one.better for one in self.against)


def headlines(told: Mapping[str, Any]) -> tuple[Headline, ...]:
    """The figures that a test is judged by: those that were compared with the baselines.

    Args:
        told: what the test kept (see `recsys.training.bundle.Bundle.told`).
    """
    return tuple(_headline(name, found, told) for name, found in told["lift"].items() if found)


def _headline(name: str, found: Mapping[str, Any], told: Mapping[str, Any]) -> Headline:
    lower = MEASURES.of(name).direction == "lower"
    against = tuple(_against(who, lift, lower) for who, lift in found.items())
    ordered = tuple(sorted(against, key=lambda one: one.who not in WEAKEST))
    best = (min if lower else max)(ordered, key=lambda one: one.value, default=None)
    value = float(next(iter(found.values()))["model"])
    oracle = _figure(told, ORACLE, name) if name != "rmse" else told.get("oracle_rmse")
    words = ""
    if oracle:
        words = f"{value / oracle:.3f} × the oracle's" if lower else f"{100 * value / oracle:.0f} % of the oracle"
    return Headline(name, value, ordered, best, oracle, words)


def _against(who: str, lift: Mapping[str, Any], lower: bool) -> Against:
    interval = lift["absolute_interval"]
    sure = not interval["low"] <= 0 <= interval["high"]
    gained = (interval["high"] < 0) if lower else (interval["low"] > 0)
    return Against(who, lift["baseline"], interval["low"], lift["absolute"], interval["high"], sure and gained, sure and not gained)


def _figure(told: Mapping[str, Any], who: str, name: str) -> float | None:
    return next((figure["value"] for figure in told["metrics"].get(who, ()) if figure["name"] == name), None)


def cards(told: Mapping[str, Any]) -> Component:
    """Every headline as a card."""
    return html.Div([card(one) for one in headlines(told)], className="headlines")


def card(one: Headline) -> Component:
    """One headline: its value, bars beside the baselines', and the intervals of the differences."""
    label, text = MEASURES.label(one.name), MEASURES.text(one.name, one.value)
    said = [badge(one.of_oracle, "info", icon_name="bullseye")] if one.of_oracle else []
    if one.below:
        weakest = next(GROUPS[a.who] for a in one.against if a.who in WEAKEST and not a.better)
        said.insert(0, badge(f"Not surely better than {weakest.lower()}", "danger", icon_name="exclamation-octagon"))
    head = html.Div(
        [html.H3(label, className="headline-name"), html.Span(text, className=f"headline-value{' is-below' if one.below else ''}"), *said],
        className="headline-head",
    )
    meaning = [html.P(UNSEEN_MEANING, className="field-help")] if one.name.endswith(UNSEEN) else []
    return html.Div([head, *meaning, bars(one), intervals(one)], className="panel headline")


def verdict(one: Headline) -> list[Any]:
    """A headline in a sentence: what the model is surely better or worse than, and what it may be as good as."""
    said = {"better": "better than", "worse": "worse than", "may be none": "not surely different from"}
    named = {key: [GROUPS.get(a.who, a.who) for a in one.against if a.verdict == key] for key in said}
    clauses = [f"{words} {listed(named[key])}" for key, words in said.items() if named[key]]
    return [html.Strong(f"{MEASURES.label(one.name)} of {MEASURES.text(one.name, one.value)}"), f": {'; '.join(clauses)}."]


def listed(words: Sequence[str]) -> str:
    """Words in a row, with “and” before the last."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def bars(one: Headline) -> Component:
    """The model's figure and the others' as bars of one scale."""
    rows = [(MODEL, one.value), *((a.who, a.value) for a in one.against), *([(ORACLE, one.oracle)] if one.oracle is not None else [])]
    top = max((abs(value) for _, value in rows), default=0.0) or 1.0
    lines = [
        html.Tr(
            [
                html.Th(GROUPS.get(who, who), scope="row"),
                html.Td(html.Div(html.Span(style={"width": f"{100 * abs(value) / top:.1f}%"}, className=_bar_look(who, one)), className="headline-bar")),
                html.Td(MEASURES.text(one.name, value), className="num"),
            ]
        )
        for who, value in rows
    ]  # fmt: skip
    lower = MEASURES.of(one.name).direction == "lower"
    return html.Table(
        [html.Caption(f"{'Lower' if lower else 'Higher'} is better"), html.Tbody(lines)],
        className="headline-bars",
    )


def _bar_look(who: str, one: Headline) -> str:
    return (
        f"headline-fill{' is-below' if one.below else ' is-model'}"
        if who == MODEL
        else f"headline-fill is-{'oracle' if who == ORACLE else 'other'}"
    )


def intervals(one: Headline) -> Component | None:
    """How far the model is from each baseline, with 95 % intervals on one axis with zero marked."""
    if not one.against:
        return None
    ends = [0.0, *(edge for a in one.against for edge in (a.low, a.high))]
    low, high = min(ends), max(ends)
    width = (high - low) or 1.0

    def place(value: float) -> float:
        return 100 * (value - low) / width

    rows = []
    for a in one.against:
        tone = "good" if a.better else "bad" if a.worse else "open"
        drawn = [
            html.Span(className="interval-zero", style={"left": f"{place(0.0):.2f}%"}),
            html.Span(className="interval-line", style={"left": f"{place(a.low):.2f}%", "width": f"{place(a.high) - place(a.low):.2f}%"}),
            html.Span(className="interval-dot", style={"left": f"{place(a.middle):.2f}%"}),
        ]
        said = f"{difference(one.name, a.middle)} ({between(one.name, a.low, a.high)})"
        words = html.Span([html.Span(said), html.Span(f" {a.verdict}", className=f"interval-{tone}-word")], className="interval-words")
        picture = html.Span(drawn, className=f"interval interval-{tone}", **attrs({"aria-hidden": "true"}))
        rows.append(html.Li([html.Span(f"against {GROUPS.get(a.who, a.who)}"), picture, words]))
    note = html.P("Difference, with 95 % intervals of paired resamples of customers", className="headline-note")
    return html.Div([note, html.Ul(rows, className="intervals")])


def difference(name: str, value: float) -> str:
    """A difference of a figure, with its sign."""
    return f"{100 * value:+.1f} points" if MEASURES.of(name).format == "share" else f"{value:+.3f}"


def between(name: str, low: float, high: float) -> str:
    """An interval of differences of a figure, in its unit."""
    share = MEASURES.of(name).format == "share"
    return " to ".join(f"{100 * value:+.1f}" if share else f"{value:+.3f}" for value in (low, high))


def warning_list(warnings: Sequence[Mapping[str, Any]], store: str | None = None) -> list[Component]:
    """What is doubtful about a test that has ended, the gravest first, each with its mend where one click does it.

    Args:
        store: what learns of a click on a mend: `fix`, with the warning's place among them as its id. None offers none.
    """
    looks = {"high": "danger", "medium": "warning", "info": "info"}
    found = []
    for told in gravest_first(warnings):
        place = warnings.index(told)
        words: list[Any] = [html.Strong(f"{told['message']}. "), html.Span(f"{told['action']['words']}.")]
        words += [
            html.Div(dcc.Link(f"New model from {recipe.name}", href=addresses.model_of_recipe(recipe.key)), className="mt-1")
            for recipe in RECIPES.values()
            if f'recipe "{recipe.name}"' in told["action"]["words"]
        ]
        warning = warning_of(told)
        if store is not None and fixable(warning):
            act_on = act(store, "fix", str(place))
            words.append(
                html.Div(
                    button(open_words(warning), small=True, icon_name="arrow-repeat", title=open_title(warning), **act_on), className="mt-2"
                )
            )
        mark = icon("info-circle" if told["severity"] == "info" else "exclamation-triangle")
        found.append(html.Div([mark, html.Div(words)], className=f"note note-{looks[told['severity']]}"))
    return found
