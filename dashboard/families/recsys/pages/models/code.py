"""The generated trainer on the page of a stored model."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, html
from dash.development.base_component import Component

from dashboard.acting import needs
from dashboard.components.code import code
from dashboard.context import current
from dashboard.families.recsys.pages import one
from dashboard.families.recsys.pages.models.ids import ASSUMED
from dashboard.families.recsys.pages.services import recommenders
from workbench.commands.base import CommandError

CODE, CODE_OF, MODEL = "recsys-one-model-code", "recsys-one-model-code-of", "recsys-one-model-id"


def not_chosen() -> Component:
    """What stands there until features are chosen."""
    return html.P("The trainer is written for chosen features.", className="field-help")


def register(app: Dash) -> None:
    """Add the callback that writes it."""

    @app.callback(Output(CODE, "children"), Input(CODE_OF, "value"), State(MODEL, "data"), prevent_initial_call=True)
    @needs("read")
    def show_code(features: str | None, model: str) -> Any:
        if features in (None, ASSUMED):
            return not_chosen()
        try:
            made = recommenders(current().workbench).code.trainer(feature_config=features or "", model_config=model)
        except CommandError as error:
            return one.refused(error, "It cannot be written for these features:")
        return code(made.trainer.source, name="trainer.py")
