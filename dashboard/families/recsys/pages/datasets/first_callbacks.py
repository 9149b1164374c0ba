"""What the page of a table that is not imported yet does: look again when something is chosen, import it, throw it away."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dash import ALL, Dash, Input, Output, State, html, no_update

from dashboard import shell
from dashboard.acting import needs
from dashboard.context import actor, current
from dashboard.families.recsys.pages import addresses
from dashboard.families.recsys.pages.datasets import first
from dashboard.families.recsys.pages.services import recommenders
from dashboard.pages.datasets.callbacks import announce
from workbench.commands.base import CommandError
from workbench.datasets import DatasetError

_TYPES, _ROLES = {"type": first.TYPE, "column": ALL}, {"type": first.ROLE, "column": ALL}
_READING = {"type": first.READING, "option": ALL}
_CHOSEN = (
    State(_TYPES, "value"), State(_TYPES, "id"), State(_ROLES, "value"), State(_ROLES, "id"), State(_READING, "value"), State(_READING, "id"),
)  # fmt: skip


def register(app: Dash) -> None:
    """Add the page's callbacks."""

    @app.callback(
        Output(first.LOOK, "children"), Output(first.ROWS, "children"), Output(first.GO, "disabled"), Output(first.ASKED, "data"),
        Input(first.PLACE, "data"), Input(_TYPES, "value"), Input(_ROLES, "value"), Input(_READING, "value"), State(first.ASKED, "data"), *_CHOSEN,
    )  # fmt: skip
    @needs("read")
    def look(place: Mapping[str, str] | None, _types: Any, _roles: Any, _reading: Any, asked: Any, *chosen: Any) -> Any:
        options = options_of(*chosen)
        # the table that is drawn brings its own selectors, which say what was asked already
        if not place or asked == options:
            return (no_update,) * 4
        try:
            found = recommenders(current().workbench).tables.first_look(_file(place), options)
        except (CommandError, DatasetError) as error:
            return html.P(str(error), className="field-message", role="alert"), no_update, True, options
        drawn = first.columns(found, options.get("types", {}), options.get("roles", {}))
        return drawn, first.rows(found), bool(found.problems), options

    @app.callback(
        Output(first.GO, "title"),
        Input(first.GO, "n_clicks"), State(first.PLACE, "data"), State(first.NAME, "value"), *_CHOSEN,
        running=[(Output(first.GO, "disabled"), True, False)], prevent_initial_call=True,
    )  # fmt: skip
    @needs("train")
    def take(clicks: int | None, place: Mapping[str, str], name: str | None, *chosen: Any) -> Any:
        if not clicks:
            return no_update
        datasets = current().workbench.datasets
        given: dict[str, Any] = {"actor": actor(), "name": name or "", "family": "recsys", "options": options_of(*chosen)}
        made = (
            datasets.import_uploaded(upload=place["upload"], **given)
            if "upload" in place
            else datasets.import_named(path=place.get("path", ""), **given)
        )
        announce(made, addresses.DATASETS)
        return "Imported"

    @app.callback(Output(first.THROW, "disabled"), Input(first.THROW, "n_clicks"), State(first.PLACE, "data"), prevent_initial_call=True)
    @needs("train")
    def throw(clicks: int | None, place: Mapping[str, str]) -> Any:
        if not clicks:
            return no_update
        if "upload" in place:
            current().workbench.datasets.uploads.remove(place["upload"])
        shell.go(f"{addresses.DATASETS}/new")
        return True


def _file(place: Mapping[str, str]) -> Path:
    """Where the table lies. Raises CommandError for a place that is none."""
    datasets = current().workbench.datasets
    return datasets.uploads.get(place["upload"]).path if "upload" in place else datasets.place_of(place.get("path", ""))


def options_of(types: list, type_ids: list, roles: list, role_ids: list, reading: list, reading_ids: list) -> dict[str, Any]:
    """What selectors say, as options of an import; what is as it looks, or as suggested, is left out."""

    def by_column(values: list, ids: list) -> Mapping[str, str]:
        return {id["column"]: value for id, value in zip(ids, values, strict=True) if value not in (None, "", first.AS_IT_IS)}

    chosen = {"types": by_column(types, type_ids), "roles": by_column(roles, role_ids)}
    return {id["option"]: value for id, value in zip(reading_ids, reading, strict=True)} | {k: v for k, v in chosen.items() if v}
