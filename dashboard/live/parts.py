"""Parts of a page that are written again only when they have changed, and texts within them that change with every epoch.

To write a part is costly in a browser: Dash asks every component of the page whether it has changed. So the page says which
part it shows, by its key, and gets another only for another key. Texts that a `live_text` holds are no part of the key: the
page gets them with every look and writes them where they stand.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from dash import html
from dash.development.base_component import Component
from plotly.io.json import to_json_plotly

from dashboard.markup import folded

TEXT = "data-live"
"""The attribute that names a text which is written alone."""


def live_text(words: str, name: str) -> Component:
    """Words within a part that may change without it; `name` tells them apart on a page."""
    marked: dict[str, Any] = {TEXT: name}
    return html.Span(words, **marked)


@dataclass(frozen=True)
class Part:
    """What a part shows: `children` as plain JSON, its key, and its texts by name."""

    key: str
    children: Any
    texts: dict[str, str] = field(default_factory=dict)


def part_of(children: Any) -> Part:
    """The part that shows these components; its key follows from everything in it but the live texts."""
    plain = json.loads(str(to_json_plotly(children)))
    texts: dict[str, str] = {}
    bare = json.dumps(_without_texts(plain, texts))
    return Part(_digest(bare), json.loads(str(to_json_plotly(folded(children)))), texts)


def keyed(key: str, shown: str, make: Callable[[], Any]) -> Part:
    """A part whose key is known without drawing it: drawn only if the page shows another."""
    return Part(key, None if key == shown else part_of(make()).children)


def _without_texts(node: Any, texts: dict[str, str]) -> Any:
    if isinstance(node, list):
        return [_without_texts(entry, texts) for entry in node]
    if not isinstance(node, dict):
        return node
    name = node["props"].get(TEXT) if isinstance(node.get("props"), dict) else None
    if name is not None:
        texts[name] = str(node["props"].get("children") or "")
        return name
    return {key: _without_texts(value, texts) for key, value in node.items()}


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=8).hexdigest()
