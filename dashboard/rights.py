"""What a user may not do, told to the browser with the frame: `assets/rights.js` shows it as disabled, with a sentence why.

It is read off what callbacks declare (`dashboard.acting.needs`): the components that ask a callback which a user may not ask are
out of use for them. Nothing is protected by this; callbacks, routes and the store refuse for themselves.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterable
from typing import Any

from dash import Input

from dashboard.acting import declared
from workbench.people.records import Person
from workbench.roles import ROLES, Role

NAME = "trellis-person"

_PRESSED = ("n_clicks", "n_submit", "contents")
"""Properties of components that change when somebody presses them, or gives them something."""


def meta(person: Person, asked_by: Iterable[tuple[tuple[Input, ...], Callable[..., Any]]]) -> str:
    """The element of the frame's head that says who is logged in, and what is out of use for them."""
    told = {
        "name": person.name,
        "display_name": person.display_name,
        "role": person.role,
        "roles": [role for role in ROLES if person.may(role)],
        **out_of_use(person, asked_by),
    }
    return f'<meta name="{NAME}" content="{html.escape(json.dumps(told))}">'


def out_of_use(person: Person, asked_by: Iterable[tuple[tuple[Input, ...], Callable[..., Any]]]) -> dict[str, dict[str, Role]]:
    """What a user may not use, each with the role that it needs.

    Returns: `ids`, of components; `types`, of components whose id is a pattern; `acts`, delegated actions as `store name`, or `store *` for all of a store.
    """
    ids: dict[str, Role] = {}
    types: dict[str, Role] = {}
    acts: dict[str, Role] = {}
    for inputs, function in asked_by:
        found = declared(function)
        if found is None:
            continue
        for each in inputs:
            id, name = each.component_id, each.component_property
            if name == "data" and isinstance(id, str):
                if not person.may(found.role):
                    acts[f"{id} *"] = found.role
                acts |= {f"{id} {action}": need for action, need in found.actions.items() if not person.may(need)}
            elif name in _PRESSED and not person.may(found.role):
                if isinstance(id, str):
                    ids[id] = found.role
                elif isinstance(id, dict):
                    types[str(id.get("type"))] = found.role
    return {"ids": ids, "types": types, "acts": acts}
