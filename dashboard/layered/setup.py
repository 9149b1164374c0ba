"""The page part on which files are chosen, seen together, changed, saved and run. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import act, button, icon, section, stat
from dashboard.components.attributes import attrs
from dashboard.components.code import with_code
from dashboard.components.link_choice import link_choice
from dashboard.layered.choice import EXPERIMENT, LAYERS, PARTS, Choice, first, offered, query_of
from dashboard.layered.judged import Judged
from dashboard.layered.merged import excerpt, merged, problem_words
from dashboard.live.words import plural
from dashboard.warming import warm_up
from workbench.families import Family, family
from workbench.layered.provenance import Layer
from workbench.layered.resolved import ResolvedConfig
from workbench.services.config_files import ConfigFile

ACTION, LINK, FAMILY = "layered-action", "layered-link", "layered-family"
SET, VARIANT, OVERRIDDEN, STRUCTURAL = "layered-set", "layered-variant", "layered-overridden", "layered-structural"
SHOWN, SUMMARY, MESSAGES, RUN, SAVE, WHY = (
    "layered-shown", "layered-summary", "layered-messages", "layered-run", "layered-save", "layered-why",
)  # fmt: skip
VARIANT_PLACE = "layered-variant-place"
WORDS: Mapping[str, str] = {"model": "Model", "data": "Data", "training": "Training", EXPERIMENT: "Experiment"}


def file_id(name: str) -> dict[str, str]:
    """The id of a selector of files."""
    return {"type": "layered-file", "layer": name}


def about_id(name: str) -> dict[str, str]:
    """The id of what the chosen file says of itself."""
    return {"type": "layered-about", "layer": name}


def setup(choice: Choice, judged: Judged, known: Sequence[ConfigFile], families: Sequence[Family], path: str) -> Component:
    """Everything below the page's header.

    Args:
        families: with files, in the order in which they are offered. path: of the page.
    """
    kinds = link_choice("Kind of models", [(f"{path}?family={one.name}", one.title, one.name == choice.family) for one in families])
    body = html.Div([_files(choice, known, kinds, path), _configuration(choice, judged)], className="layered-body")
    stores = [dcc.Store(id=ACTION), dcc.Store(id=LINK), dcc.Store(id=FAMILY, data=choice.family)]
    return html.Div([*stores, warm_up(family(choice.family).framework), body, _side(choice, judged)], className="with-side layered")


def _files(choice: Choice, known: Sequence[ConfigFile], kinds: Sequence[Component], path: str) -> Component:
    experiment = first(offered(known, choice.family, Layer.EXPERIMENT))
    ways = [
        (f"{path}?family={choice.family}", "Model, data and training", choice.parts),
        (address(path, Choice(choice.family, {EXPERIMENT: experiment})), "An experiment", not choice.parts),
    ]
    names = tuple(PARTS) if choice.parts else (EXPERIMENT,)
    fields = [_selector(name, choice, offered(known, choice.family, LAYERS[name])) for name in names]
    chooser = html.Div([*kinds, *link_choice("What to choose", ways)], className="layered-ways")
    return section("Files", [chooser, html.Div(fields, className="layered-files")])


def _selector(name: str, choice: Choice, files: Sequence[ConfigFile]) -> Component:
    options: list[Any] = [
        {"value": file.stem, "label": f"{file.stem} (yours)" if file.own else file.stem, "disabled": bool(file.problem)} for file in files
    ]
    id, chosen = file_id(name), choice.files.get(name, "")
    dom_id = '{"layer":"%s","type":"layered-file"}' % name  # noqa: UP031 (braces)
    select = dbc.Select(id=id, options=options, value=chosen or None, className="form-select")
    about = html.P(with_code(about_words(files, chosen)), id=about_id(name), className="field-help")
    return html.Div([html.Label(WORDS[name], htmlFor=dom_id, className="field-label"), select, about], className="field")


def about_words(files: Sequence[ConfigFile], stem: str) -> str:
    """What the chosen file says of itself, and which other files cannot be read."""
    about = next((file.about for file in files if file.stem == stem), "")
    broken = [f"{file.name} cannot be read: {file.problem}." for file in files if file.problem]
    return " ".join(filter(None, (about, *broken)))


def _configuration(choice: Choice, judged: Judged) -> Component:
    switch = dbc.Switch(id=OVERRIDDEN, label="Overridden values", value=choice.overridden, className="layered-switch")
    return section(
        "Configuration",
        [html.Div(variant_control(judged), id=VARIANT_PLACE, className=place_class(bool(judged.variants))), html.Div(shown(judged), id=SHOWN)],
        note="What the files make together, and where each value comes from.", aside=switch,
    )  # fmt: skip


def place_class(there: bool) -> str:
    """The class of a control's place."""
    return "layered-place" if there else "layered-place d-none"


def variant_control(judged: Judged) -> list[Component]:
    """The selector of the variant that is shown."""
    options: list[Any] = [{"value": name, "label": name} for name in judged.variants]
    select = dbc.Select(id=VARIANT, options=options, value=variant_of(judged) or None, size="sm")
    return [html.Label("Variant", htmlFor=VARIANT, className="field-label"), select]


def variant_of(judged: Judged) -> str:
    """The variant that is shown; "" without."""
    if not judged.variants:
        return ""
    return judged.choice.variant if judged.choice.variant in judged.variants else judged.variants[0]


def shown(judged: Judged) -> list[Any]:
    """The merged lines, or the places in files that keep them from being merged."""
    parts: list[Any] = []
    if judged.shown is None and judged.problems and not judged.excerpts:
        parts.append(html.Ul([html.Li(problem_words(problem)) for problem in judged.problems], className="layered-problems"))
    parts += [excerpt(found) for found in judged.excerpts]
    if judged.shown is not None:
        if judged.problems:
            parts.append(html.P("Without the overrides, the files make this:", className="field-help"))
        parts.append(merged(judged))
    return parts


def _side(choice: Choice, judged: Judged) -> Component:
    overrides = html.Div(
        [
            html.Label("Overrides", htmlFor=SET, className="field-label"),
            dbc.Textarea(
                id=SET, value="\n".join(choice.overrides), debounce=400, placeholder=_example(judged), spellCheck=False, rows=3, className="mono",
            ),
            html.Div(messages(judged), id=MESSAGES, **attrs({"aria-live": "polite"})),
            dbc.Switch(id=STRUCTURAL, label="Allow changes of the architecture", value=choice.structural, className="layered-switch"),
            html.P("One KEY=VALUE a line, over everything in the files. experiment.seeds=3 trains each model with three seeds.", className="field-help"),
        ],
        className="field",
    )  # fmt: skip
    panel = html.Div(
        [overrides, html.Div(summary(judged), id=SUMMARY, className="layered-summary")], className="panel side-panel", tabIndex=0
    )
    return html.Aside([panel, _foot(judged)], className="side", **attrs({"aria-label": "What is set over the files, and what would run"}))


def _example(judged: Judged) -> str:
    """An override that means something for the model."""
    if judged.shown is None:
        return ""
    schema = judged.shown.schema
    return f"{schema.by_field[schema.entry.model_type.length].name}=5"


def messages(judged: Judged) -> list[Component]:
    """What is wrong with overrides, each named by its own text."""
    found = []
    for number, text in enumerate(judged.choice.overrides, 1):
        found += [
            html.P([html.Code(text), " ", *problem_words(problem)], className="field-message") for problem in judged.of_override(number)
        ]
    return found


def summary(judged: Judged) -> list[Any]:
    """What running it would make."""
    config = judged.shown
    if config is None:
        return []
    stats = [stat("Model", config.entry.name), stat("Data", str(config["data.dataset"])), stat("Parameters", f"{_parameters(config):,}")]
    parts: list[Any] = [html.Div(stats, className="stats")]
    notes = [*dict.fromkeys(warning for one in judged.configs for warning in one.warnings), *judged.absent]
    items = [html.Li([icon("exclamation-triangle"), html.Span(text)], className="check-warning") for text in notes]
    items += [
        html.Li([icon("moon"), html.Span(f"{dormant.key} ({dormant.source.short}) is for another model and rests.")])
        for dormant in config.dormant
    ]
    if not judged.problems and not judged.absent:
        many = len(judged.configs)
        words = "Everything fits together." if many == 1 else f"Makes {plural(many, 'model')} and trains one after the other."
        items.append(html.Li([icon("check2"), html.Span(words)], className="check-good"))
    return [*parts, html.Ul(items, className="checks")]


def _parameters(config: ResolvedConfig) -> int:
    model = config.entry.model_type
    return model.parameter_count(model.resolve(config.flat_values()))


def _foot(judged: Judged) -> Component:
    save = button("Save as experiment", id=SAVE, disabled=bool(why_not(judged)), icon_name="save", **save_action(judged))
    run = button(run_label(judged), id=RUN, kind="primary", disabled=bool(why_not_run(judged)), **act(ACTION, "run"))
    why = html.P(why_not_run(judged), id=WHY, className="side-why", role="status")
    return html.Div([why, html.Div([save, run], className="side-buttons")])


def save_action(judged: Judged) -> dict[str, Any]:
    """What a click on Save does: it asks for the name."""
    name = str(judged.shown["experiment.name"] or "") if judged.shown is not None else ""
    return act(ACTION, "save", prompt="Name of the experiment", prompt_value=name, prompt_label="Save")


def run_label(judged: Judged) -> list[Any]:
    """What the main button says."""
    return [icon("play-fill", className="me-1"), "Run" if len(judged.configs) < 2 else f"Run all {len(judged.configs)}"]


def why_not_run(judged: Judged) -> str:
    """Why it cannot be run; "" if it can."""
    return why_not(judged) or ("It can be saved, and run once its data is there." if judged.absent else "")


def why_not(judged: Judged) -> str:
    """Why it can be neither run nor saved; "" if it can be saved."""
    if not judged.problems:
        return ""
    return f"{plural(len(judged.problems), 'thing is', 'things are')} wrong with this configuration."


def address(path: str, choice: Choice) -> str:
    """Where the same choice is seen."""
    return f"{path}?{query_of(choice)}"
