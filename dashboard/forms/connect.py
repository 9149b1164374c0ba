"""Joining a form to the browser: looks are applied there, and a switch with "how" beside it stays in step."""

from __future__ import annotations

from dash import MATCH, ClientsideFunction, Dash, Input, Output, State


def connect(app: Dash, store: str) -> None:
    """Let the browser apply what arrives in `store` (`looks_to_json(...)`) to the rows of the forms it names."""
    app.clientside_callback(
        ClientsideFunction("trellis", "apply_looks"),
        Output(store, "storage_type"),
        Input(store, "data"),
        State(store, "id"),
        prevent_initial_call=True,
    )


def register_forms(app: Dash) -> None:
    """Once an app: the browser-side part of switches with "how" beside them."""
    how = {"form": MATCH, "field": MATCH}
    switch = {"form": MATCH, "field": MATCH, "part": "switch"}
    app.clientside_callback(
        ClientsideFunction("trellis", "switch_how"),
        Output(how, "value"), Output(switch, "value"),
        Input(how, "value"), Input(switch, "value"),
        prevent_initial_call=True,
    )  # fmt: skip
