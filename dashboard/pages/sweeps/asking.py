"""The form of a new sweep: which settings of a model are searched, over which values, and how. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import act, button, icon, icon_button, link_button, page_header, section
from dashboard.components.attributes import attrs
from dashboard.forms import advanced_group, control_id, field_rows, raw_of
from dashboard.forms.controls import dom_id
from dashboard.pages.sweeps.ids import ACTION, ADD, CHOSEN, FORM, MODEL, NAME, NOTHING, PROBLEMS, ROWS
from workbench.commands.rules import find_model
from workbench.families import Family, ModelType, family
from workbench.fields import FieldProblem, FieldSpec, field_specs, value_words, with_name
from workbench.state import ModelRecord
from workbench.sweeps.checks import objective_of, objectives
from workbench.sweeps.proposing import proposed, searchable
from workbench.sweeps.settings import SweepSettings
from workbench.sweeps.space import Parameter, number_text

if TYPE_CHECKING:
    from workbench.workbench import Workbench

OWN = ("space", "objective", "architectures")
"""Settings with a control of their own here."""


@dataclass(frozen=True)
class Asking:
    """What the form is about.

    Attributes:
        resolved: the model's values, autos replaced. fits: whether a run of the model could have a value at a path.
    """

    model: ModelRecord
    family: Family
    kind: ModelType
    resolved: Mapping[str, Any]
    fits: Callable[[str, Any], bool] = lambda path, value: True


def asking_of(workbench: Workbench, model_id: str) -> Asking:
    """What the form of a new sweep is about. Raises CommandError not_found."""
    model = find_model(workbench.state(), model_id)
    declared = family(model.family)
    return Asking(
        model, declared, declared.model(model.model_type), workbench.models.resolved(model), partial(workbench.sweeps.fits, model.id)
    )


Row = Mapping[str, Any]
"""What the controls of a searched setting hold: `path`, and `low`, `high`, `count`, `log` or `choices`."""


def page(asking: Asking) -> Component:
    """The whole page."""
    model = asking.model
    head = page_header(
        "Search settings",
        lead=[
            "Each trial is a run of its own with other settings. ",
            html.Span(model.name),
            " stays as it is until you use the best ones.",
        ],
        crumbs=[("Models", "/"), (model.name, f"/model/{model.id}/train"), ("Sweeps", "/sweeps")],
    )
    foot = html.Div(
        [
            link_button("Cancel", f"/model/{model.id}/train", kind="quiet"),
            button("Start the sweep", id="sweep-start", kind="primary", icon_name="play-fill", **act(ACTION, "start")),
        ],
        className="form-foot",
    )
    stores = [dcc.Store(id=ACTION), dcc.Store(id=CHOSEN, data=[]), dcc.Store(id=MODEL, data=model.id)]
    return html.Div(
        [head, _space(asking), _how(asking), html.Div(id=PROBLEMS, **attrs({"aria-live": "polite"})), foot, *stores],
        className="sweep-page sweep-new",
    )


def options_of(asking: Asking, *, architectures: bool, chosen: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The settings that can be added to the search."""
    specs = [spec for spec in searchable(asking.kind, asking.resolved, architectures=architectures) if spec.name not in chosen]
    named = [{"label": f"{spec.section}: {spec.label}" if spec.section else spec.label, "value": spec.name} for spec in specs]
    return [{"label": "Choose a setting…", "value": NOTHING}, *named]


def rows_part(asking: Asking, rows: Sequence[Row]) -> list[Component]:
    """The settings that are searched, or what to do while there is none."""
    if not rows:
        return [html.P("Nothing is searched yet: choose a setting below. Its range is proposed and can be changed.", className="muted")]
    return [_row(asking, asking.kind.fields.specs[row["path"]], row) for row in rows]


def new_row(asking: Asking, path: str) -> dict[str, Any]:
    """The proposal for a setting, as its controls hold it."""
    spec = asking.kind.fields.specs[path]
    return held(proposed(spec, asking.resolved.get(path), partial(asking.fits, path)))


def held(parameter: Parameter) -> dict[str, Any]:
    """A setting that is searched, as its controls hold it."""
    if parameter.kind == "choice":
        return {"path": parameter.path, "choices": parameter.words}
    return {
        "path": parameter.path,
        "low": number_text(parameter.low),
        "high": number_text(parameter.high),
        "count": "",
        "log": parameter.log,
    }


def text_of(row: Row) -> str:
    """What the controls of a setting hold as the text of a search's space."""
    if "choices" in row:
        return f"{row['path']}={row['choices'] or ''}"
    count = str(row.get("count") or "").strip()
    return f"{row['path']}={row['low'] or ''}..{row['high'] or ''}{f'/{count}' if count else ''}{':log' if row.get('log') else ''}"


def problems_part(asking: Asking, problems: Sequence[FieldProblem]) -> Component:
    """Everything that keeps the sweep from starting."""
    specs = {**asking.kind.fields.specs, **{spec.name: spec for spec in field_specs(SweepSettings)}}
    told = [
        html.Li([_sentence(problem, specs), *([html.Span(f" {problem.hint}", className="muted")] if problem.hint else [])])
        for problem in problems
    ]
    words = html.Div([html.Strong("The sweep was not started."), html.Ul(told)])
    return html.Div([icon("exclamation-octagon"), words], className="panel note note-danger", role="alert")


def _sentence(problem: FieldProblem, specs: Mapping[str, FieldSpec]) -> str:
    spec = specs.get(problem.path)
    words = with_name(problem.path, problem.message, spec.label if spec is not None else None)
    return f"{words[:1].upper()}{words[1:].removesuffix('.')}."


def _space(asking: Asking) -> Component:
    chooser = html.Div(
        [
            html.Label("Add a setting", htmlFor=ADD, className="field-label"),
            dbc.Select(id=ADD, options=options_of(asking, architectures=False), value=NOTHING, className="field-input"),  # type: ignore[arg-type]
        ],
        className="sweep-add",
    )
    architectures = html.Div(
        [
            dbc.Switch(id=control_id(FORM, "architectures"), value=False, label="Search the architecture too", className="field-switch"),
            html.P("Each trial is then a model of its own: a clone with the sweep's tag.", className="field-help"),
        ],
        className="sweep-architectures",
    )
    return section(
        "What is searched", [html.Div(rows_part(asking, []), id=ROWS), html.Div([chooser, architectures], className="fields")], id="space"
    )


def _how(asking: Asking) -> Component:
    specs = [spec for spec in field_specs(SweepSettings) if spec.name not in OWN]
    defaults = {spec.name: raw_of(spec, spec.default) for spec in specs}
    plain = field_rows(FORM, [spec for spec in specs if not spec.meta.advanced], defaults, {})
    more = field_rows(FORM, [spec for spec in specs if spec.meta.advanced], defaults, {})
    known = objectives(asking.family)
    options: Any = [
        {"label": "The family's choice", "value": "auto"},
        *({"label": asking.family.measures.title(key), "value": key} for key in known),
    ]
    id = control_id(FORM, "objective")
    objective = html.Div(
        [
            html.Div(html.Label("Objective", htmlFor=dom_id(id), className="field-label"), className="field-head"),
            dbc.Select(id=id, options=options, value=objective_of(asking.family, "auto"), className="field-input"),
            html.P("The metric whose best value over the epochs is compared.", className="field-help"),
        ],
        className="field field-half",
    )
    name = html.Div(
        [
            html.Div(html.Label("Name", htmlFor=NAME, className="field-label"), className="field-head"),
            dbc.Input(
                id=NAME,
                type="text",
                value="",
                placeholder="made up without one",
                autocomplete="off",
                className="field-input",
                maxlength=100,
            ),
        ],
        className="field field-half",
    )
    return section(
        "How",
        [html.Div([objective, *plain], className="fields"), advanced_group("More", [html.Div([name, *more], className="fields")])],
        id="how",
    )


def _row(asking: Asking, spec: FieldSpec, row: Row) -> Component:
    now = value_words(spec, asking.resolved[spec.name]) if spec.name in asking.resolved else "unknown"
    head = html.Div(
        [
            html.Div([html.Strong(spec.label), html.Span(f"now {now}", className="muted")], className="sweep-row-name"),
            icon_button("x-lg", f"Search without {spec.label}", **act(ACTION, "remove", spec.name)),
        ],
        className="sweep-row-head",
    )
    if "choices" in row:
        control = _text(spec, "choices", "Values, separated by commas", row["choices"], wide=True)
        return html.Div([head, html.Div([control], className="sweep-range")], className="sweep-row")
    log = dbc.Switch(id={"sweep": "log", "path": spec.name}, value=bool(row.get("log")), label="Logarithmic", className="field-switch")
    parts = [
        _text(spec, "low", "From", row["low"]),
        _text(spec, "high", "To", row["high"]),
        _text(spec, "count", "Values", row["count"], "all"),
        log,
    ]
    return html.Div([head, html.Div(parts, className="sweep-range")], className="sweep-row")


def _text(spec: FieldSpec, part: str, label: str, value: Any, placeholder: str = "", *, wide: bool = False) -> Component:
    id = {"sweep": part, "path": spec.name}
    named: Any = attrs({"aria-label": f"{spec.label}: {label.lower()}"})
    box = dbc.Input(id=id, type="text", value=value, placeholder=placeholder, autocomplete="off", className="field-input", debounce=250)
    return html.Label([html.Span(label, className="muted"), box], className=f"sweep-part{' sweep-part-wide' if wide else ''}", **named)
