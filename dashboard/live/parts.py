"""Parts of a page that are written again only when they have changed, and texts within them that change with every epoch.

To write a part is costly in a browser: Dash asks every component of the page whether it has changed. So the page says which
part it shows, by its key, and gets another only for another key. Texts that a `live_text` holds are no part of the key: the
page gets them with every look and writes them where they stand. What the page was drawn with has its key beside it (`part_place`), so
that the first look draws nothing a second time: a click in between would be lost with the element that it was meant for.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import blake2b
from typing import Any

from dash import html
from dash.development.base_component import Component
from plotly.io.json import to_json_plotly

from dashboard.components.attributes import attrs
from dashboard.markup import folded

TEXT, KEY = "data-live", "data-part"
"""The attributes that name a text which is written alone, and that hold the key of what a part shows at first."""


def live_text(words: str, name: str) -> Component:
    """Words within a part that may change without it; `name` tells them apart on a page."""
    marked: dict[str, Any] = {TEXT: name}
    return html.Span(words, **marked)


def part_place(name: str, children: Any, *, key: str | None = None, **more: Any) -> Component:
    """The element `live-<name>` of a part with what it shows at first, and its key.

    Args:
        key: of a part that is known without what it shows (see `keyed`). more: attributes of the element.
    """
    return html.Div(children, id=f"live-{name}", **attrs({KEY: _key_of(children, {}) if key is None else key}), **more)


class Written:
    """Components as JSON, folded; made when a page first lacks them."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    @cached_property
    def text(self) -> str:
        """The JSON."""
        return str(to_json_plotly(folded(self._make())))


@dataclass(frozen=True)
class Part:
    """What a part shows: its key, its components, and its texts by name."""

    key: str
    children: Written
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def written(self) -> str:
        """The key and the components as JSON."""
        return f'{{"key":{json.dumps(self.key)},"children":{self.children.text}}}'

    def saying(self, texts: dict[str, str]) -> Part:
        """The part with other texts, which a page writes over those among its components."""
        return replace(self, texts=texts)


def part_of(children: Any) -> Part:
    """The part that shows these components; its key follows from everything in it but the live texts."""
    texts: dict[str, str] = {}
    return Part(_key_of(children, texts), Written(lambda: children), texts)


def _key_of(children: Any, texts: dict[str, str]) -> str:
    """The key of components; the words of live texts among them go into `texts`."""
    return _digest(json.dumps(_without_texts(children, texts)))


def _without_texts(node: Any, texts: dict[str, str]) -> Any:
    """Components as plain values with the name of each live text in its place; its words go into `texts`."""
    if isinstance(node, Component):
        props = node.to_plotly_json()["props"]
        if TEXT in props:
            texts[props[TEXT]] = str(props.get("children") or "")
            return props[TEXT]
        return [node._type, {name: _without_texts(value, texts) for name, value in props.items()}]
    if isinstance(node, dict):
        return {name: _without_texts(value, texts) for name, value in node.items()}
    if isinstance(node, list | tuple):
        return [_without_texts(entry, texts) for entry in node]
    return node


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=8).hexdigest()
