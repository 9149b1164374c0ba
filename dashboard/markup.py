"""Fewer components for Dash to ask: what nothing talks to is one component, however many elements it has.

With every change of a page Dash asks each of its components whether it has changed, so a page of a thousand elements takes
ten times as long to draw as one of a hundred, and so does everything that happens on it. Most elements have no id: no callback
reads or writes them. `folded()` turns each tree of such elements into one `Markup`; the components in it that have an id, or
are more than an element, become its children and work as before. The document in the browser stays the same, element by element.

What is folded leaves for a browser, so here links and pictures get the addresses that it knows them under (`dashboard.below`).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, ClassVar

from dash import Dash, Input, ctx
from dash.development.base_component import Component

from dashboard.acting import guarded
from dashboard.below import at
from dashboard.components.action import read_action

ELEMENTS = "dash_html_components"
FRAGMENT = ""
_TAGS = {"ObjectEl": "object", "MapEl": "map"}
_UNKNOWN_TO_DASH = {"data-loading": "loading"}
"""Attributes of elements that Dash's components refuse, under the names by which a page gives them."""
ADDRESSES = ("href", "src")
"""Properties of components, and attributes of elements, that are addresses."""
_DASH_ONLY = ("children", "n_clicks", "n_clicks_timestamp", "disable_n_clicks")


class Markup(Component):
    """Elements drawn as one component (`assets/markup.js`).

    Args:
        children: the components within, in the order of their numbers in `tree`.
        tree: `[tag, attributes, entry, ...]`; an entry is another such list, a text, or the number of a child. The tag "" is
            none: its entries stand where it stands.
    """

    _namespace = "trellis_parts"
    _type = "Markup"
    _children_props: ClassVar[list[str]] = []
    _base_nodes: ClassVar[list[str]] = ["children"]

    def __init__(self, children: list[Any] | None = None, tree: list[Any] | None = None) -> None:
        self._prop_names = ["children", "tree"]
        self._valid_wildcard_attributes = []
        self.available_properties = ["children", "tree"]
        self.available_wildcard_properties = []
        # Given as arguments, Dash would try to import a package of this namespace for each, to name it in a message.
        super().__init__()
        self.children, self.tree = children, tree


class FoldingDash(Dash):
    """A Dash app whose callbacks answer with folded components, to those who may ask them.

    Attributes:
        asked_by: every callback's inputs, with its function, which declares what its caller must be (`dashboard.acting.needs`).
    """

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.asked_by: list[tuple[tuple[Input, ...], Callable[..., Any]]] = []

    def callback(self, *args: Any, **given: Any) -> Callable[..., Any]:
        """As Dash's own."""
        register, inputs = super().callback(*args, **given), tuple(_inputs(args))

        def add(function: Callable[..., Any]) -> Any:
            self.asked_by.append((inputs, function))
            allowed = guarded(function, _actions)
            # A background callback's function is called by name in a thread of its own; its answers are data and words.
            return register(allowed if given.get("background") else _answering(allowed))

        return add


def _inputs(given: Any) -> Iterator[Input]:
    for each in given:
        if isinstance(each, Input):
            yield each
        elif isinstance(each, list | tuple):
            yield from _inputs(each)


def _actions() -> tuple[str, ...]:
    """The names of the delegated actions that a callback is called for."""
    found = (read_action(triggered["value"]) for triggered in ctx.triggered)
    return tuple(action.name for action in found if action is not None)


def _answering(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def answer(*args: Any, **given: Any) -> Any:
        return folded(function(*args, **given))

    return answer


def folded(shown: Any) -> Any:
    """The same components with their plain elements folded; anything that is no component is returned as it is.

    What is given is not changed: whoever keeps components, such as a part of every page, may fold them each time.
    """
    if isinstance(shown, Component):
        if _plain(shown):
            fold = _Fold()
            tree = fold.element(shown)
            return fold.markup(tree) if fold.elements > 1 else _within(shown)
        return _within(shown)
    if isinstance(shown, (list, tuple)):
        return type(shown)(folded(entry) for entry in shown) if not hasattr(shown, "_fields") else shown
    return shown


def _within(component: Component) -> Component:
    """A component with its address as browsers know it and its children folded, neighbours into one."""
    component = _addressed(component)
    children = getattr(component, "children", None)
    if isinstance(children, (list, tuple)):
        fold = _Fold()
        tree = [FRAGMENT, {}, *fold.entries(children)]
        inner: Any = fold.markup(tree) if fold.elements > 1 else [folded(child) for child in children]
    elif isinstance(children, Component):
        inner = folded(children)
    else:
        return component
    changed = copy.copy(component)
    changed.children = inner  # pyright: ignore[reportAttributeAccessIssue]
    return changed


def _addressed(component: Component) -> Component:
    found = {name: at(value) for name in ADDRESSES if isinstance(value := getattr(component, name, None), str)}
    if not found:
        return component
    changed = copy.copy(component)
    for name, value in found.items():
        setattr(changed, name, value)
    return changed


def _plain(shown: Any) -> bool:
    """Whether something is an element that no callback can mean."""
    return isinstance(shown, Component) and shown._namespace == ELEMENTS and not hasattr(shown, "id")


class _Fold:
    """One fold under way: its children, and how many elements are in it."""

    def __init__(self) -> None:
        self.children: list[Any] = []
        self.elements = 0

    def element(self, shown: Component) -> list[Any]:
        self.elements += 1
        given = shown.to_plotly_json()
        attributes = {
            _UNKNOWN_TO_DASH.get(name, name): at(value) if name in ADDRESSES and isinstance(value, str) else value
            for name, value in given["props"].items()
            if name not in _DASH_ONLY
        }
        return [_TAGS.get(given["type"], given["type"].lower()), attributes, *self.entries(getattr(shown, "children", None))]

    def entries(self, shown: Any) -> list[Any]:
        if shown is None or isinstance(shown, bool):
            return []
        if isinstance(shown, (list, tuple)):
            return [entry for one in shown for entry in self.entries(one)]
        if _plain(shown):
            return [self.element(shown)]
        if isinstance(shown, Component):
            self.children.append(_within(shown))
            return [len(self.children) - 1]
        return [str(shown)]

    def markup(self, tree: list[Any]) -> Markup:
        return Markup(self.children or None, tree)
