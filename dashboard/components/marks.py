"""Marks on what a list shows: the browser keeps them, so that of two quick clicks neither takes back the other's.

A mark whose answer came from the server would be counted from the marks that a page had when it was pressed. So the listener
(`assets/marking.js`) adds to what is marked now, and the server only draws it. A click takes a mark back if it is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State

from dashboard.components.attributes import attrs


def marks(store: str, ids: Sequence[str], *, most: int | None = None, oldest_leaves: bool = False) -> dict[str, Any]:
    """The attributes that make an element's click mark records; spread them into any `html` component.

    Args:
        store: id of the `dcc.Store` whose list of ids they join; or `?name`, for a list in the page's address.
        ids: what is marked, all together; none clears all marks. most: how many may be marked; a further one is not,
            or with `oldest_leaves` takes the place of the first.
    """
    limit = {} if most is None else {"data-most": str(most)}
    return attrs({"data-marks": store, "data-ids": ",".join(ids), **limit, **({"data-oldest-leaves": "1"} if oldest_leaves else {})})


def leave_with(app: Dash, action: str, store: str) -> None:
    """What `act(action, "delete", id)` deletes is no longer marked in `store`."""
    app.clientside_callback(
        ClientsideFunction("trellis", "unmarked"), Output(store, "data"), Input(action, "data"), State(store, "data"), prevent_initial_call=True
    )  # fmt: skip
