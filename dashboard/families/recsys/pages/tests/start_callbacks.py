"""What the start page does: offer what fits, judge what is chosen, do what a warning proposes, start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, no_update, set_props

from dashboard import shell
from dashboard.acting import needs
from dashboard.components import notify, read_action
from dashboard.context import actor, current
from dashboard.families.recsys.pages import addresses
from dashboard.families.recsys.pages.tests import start
from dashboard.families.recsys.pages.tests.asked import FORM, OVERRIDES, Asked, asked, setting_specs, shown_settings
from dashboard.families.recsys.pages.tests.checks import ACTION, START, Verdict, panel
from dashboard.forms import Look, by_field, connect, looks_to_json
from dashboard.later import Later
from dashboard.live import launch
from workbench.commands.base import CommandError

if TYPE_CHECKING:
    from dashboard.families.recsys.pages.tests import start_view
else:
    start_view = Later("dashboard.families.recsys.pages.tests.start_view")

FAMILY, WAY = "recsys", "quick-test"

_SETTINGS = {"form": FORM, "field": ALL}
_OVERRIDES = {"type": "recsys-start-override", "field": ALL}
_DEFAULTS = {"type": "recsys-start-default", "field": ALL}
_MESSAGES = {"type": "recsys-start-message", "field": ALL}
_RATING = {"type": start.RATING["type"], "of": ALL}
_CHOSEN = (Input(start.FEATURES, "value"), Input(start.MODEL, "value"))
_FORM = (
    Input(_RATING, "value"), Input(_SETTINGS, "value"), Input(_OVERRIDES, "value"), Input(start.NAME, "value"),
    State(_SETTINGS, "id"), State(_OVERRIDES, "id"),
)  # fmt: skip
_FORM_STATE = tuple(State(dependency.component_id, dependency.component_property) for dependency in _FORM)


def register(app: Dash) -> None:
    """Add the start page's callbacks."""
    connect(app, "recsys-start-view")

    @app.callback(
        Output(start.FEATURES, "options"), Output(start.MODEL, "options"), Output(_DEFAULTS, "children"),
        Output("recsys-start-link", "data"),
        *_CHOSEN, Input(f"{start.FEATURES}-search", "value"), Input(f"{start.MODEL}-search", "value"), State(_DEFAULTS, "id"),
        prevent_initial_call=True,
    )  # fmt: skip
    @needs("read")
    def offer(features: str | None, model: str | None, search: str | None, model_search: str | None, ids: list) -> Any:
        pair = start_view.pair_of(current(), features or "", model or "")
        found, models = start_view.choices(current(), pair, (search or "", model_search or ""))
        defaults = start_view.defaults_of(pair)
        words = [start.default_words(defaults.get(id["field"])) for id in ids]
        return start.options(found), start.options(models), words, addresses.new_test(features=features, model=model)

    @app.callback(Output("recsys-start-rating-place", "children"), *_CHOSEN, State(_RATING, "value"), prevent_initial_call=True)
    @needs("read")
    def offer_ratings(features: str | None, model: str | None, rating: list) -> Any:
        pair = start_view.pair_of(current(), features or "", model or "")
        return start.rating_section(start_view.rating_of(current(), pair, rating[0] if rating else None))

    @app.callback(
        Output("recsys-start-side", "children"), Output("recsys-start-why", "children"), Output("recsys-start-go", "disabled"),
        Output("recsys-start-go", "title"), Output("recsys-start-go", "data-confirm"), Output("recsys-start-view", "data"),
        Output(_MESSAGES, "children"), Output("recsys-start-parts", "children"),
        *_CHOSEN, *_FORM,
        prevent_initial_call=True,
    )  # fmt: skip
    @needs("read")
    def judge(
        features: str | None, model: str | None, rating: list, raw: list, overrides: list, name: str | None, ids: list, override_ids: list
    ) -> Any:
        fields = by_field(ids, raw)
        wanted = form_of(features, model, rating, fields, by_field(override_ids, overrides), name)
        verdict = start_view.judged(current(), wanted)
        messages = [verdict.by_path.get(f"{id['field']}_override", "") for id in override_ids]
        pair = start_view.pair_of(current(), wanted.features, wanted.model)
        parts = start_view.parts_words(current(), pair, wanted)
        reason = verdict.reason
        return panel(verdict), reason, bool(reason), reason or "Train and measure", verdict.confirm, looks(fields, verdict), messages, parts

    @app.callback(
        Output(ACTION, "data"), Input(ACTION, "data"), State(start.FEATURES, "value"), State(start.MODEL, "value"), *_FORM_STATE,
        prevent_initial_call=True,
    )  # fmt: skip
    @needs("read")
    def mend(
        data: Any,
        features: str | None,
        model: str | None,
        rating: list,
        raw: list,
        overrides: list,
        name: str | None,
        ids: list,
        override_ids: list,
    ) -> Any:
        action = read_action(data)
        if action is None or action.name != "fix":
            return no_update
        wanted = form_of(features, model, rating, by_field(ids, raw), by_field(override_ids, overrides), name)
        forecast = start_view.judged(current(), wanted).forecast
        warning = next((w for w in forecast.warnings if str(w.code) == action.id), None) if forecast else None
        if warning is not None:
            fill(start_view.mended(current(), actor(), wanted, warning))
            notify(f"{warning.action.words}: done.")
        return None

    @app.callback(
        Output(START, "data"), Input(START, "data"), State(start.RUN, "data"), State(start.FEATURES, "value"), State(start.MODEL, "value"), *_FORM_STATE,
        prevent_initial_call=True,
    )  # fmt: skip
    @needs("train")
    def begin(
        data: Any,
        run_id: str,
        features: str | None,
        model: str | None,
        rating: list,
        raw: list,
        overrides: list,
        name: str | None,
        ids: list,
        override_ids: list,
    ) -> Any:
        action = read_action(data)
        if action is None:
            return no_update
        wanted = form_of(features, model, rating, by_field(ids, raw), by_field(override_ids, overrides), name)
        if not wanted.complete:
            raise CommandError("Choose features and a model.")
        arguments = {**wanted.arguments(), "confirmed": action.confirmed}
        run = launch.begin(current().workbench, actor(), family=FAMILY, way=WAY, asked=arguments, run_id=run_id)
        shell.go(addresses.one_test(run.id))
        return None

    app.clientside_callback(
        ClientsideFunction("trellis", "address_told"), Output("recsys-start-link", "storage_type"), Input("recsys-start-link", "data"),
        prevent_initial_call=True,
    )  # fmt: skip


def form_of(
    features: str | None, model: str | None, rating: list, raw: dict[str, Any], overrides: dict[str, Any], name: str | None
) -> Asked:
    """What the page's controls hold; a rating that is the features' own target is not said, nor one to a model that predicts none."""
    pair = start_view.pair_of(current(), features or "", model or "")
    picked = start_view.rating_of(current(), pair, rating[0] if rating else None)
    return asked(
        features=pair.features.id if pair.features else "", model=pair.model.id if pair.model else "", name=name or "", raw=raw,
        overrides=overrides, rating=start_view.told_rating(picked),
    )  # fmt: skip


def looks(raw: dict[str, Any], verdict: Verdict) -> dict[str, Any]:
    """How each setting looks: whether it counts, and what is wrong with it."""
    shown = shown_settings(raw)
    return looks_to_json(FORM, {spec.name: Look(shown=shown[spec.name], error=verdict.by_path.get(spec.name)) for spec in setting_specs()})


def fill(changed: dict[str, Any]) -> None:
    """Tell the controls what a mend changed."""
    for id, key in ((start.FEATURES, "features"), (start.MODEL, "model")):
        if key in changed:
            set_props(id, {"value": changed[key]})
    for name in OVERRIDES:
        if name in changed.get("overrides", {}):
            set_props({"type": "recsys-start-override", "field": name}, {"value": changed["overrides"][name]})
