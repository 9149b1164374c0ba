"""Joining a form to the browser, which applies looks to rows without drawing a component again."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output, State


def connect(app: Dash, store: str) -> None:
    """Let the browser apply what arrives in `store` (`looks_to_json(...)`) to the rows of the forms it names."""
    app.clientside_callback(
        ClientsideFunction("trellis", "apply_looks"),
        Output(store, "storage_type"),
        Input(store, "data"),
        State(store, "id"),
        prevent_initial_call=True,
    )
