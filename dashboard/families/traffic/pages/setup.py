"""The first chapter: choose files, see what they make together, run it."""

from __future__ import annotations

from collections.abc import Mapping

from dash.development.base_component import Component

from dashboard.context import AppContext
from dashboard.families.traffic.pages.addresses import FAMILY, HOME
from dashboard.families.traffic.pages.frame import chapter
from dashboard.layered import view

LEAD = "Choose a model, data and training, see what they make together, and run it."


def render(context: AppContext, query: Mapping[str, str]) -> Component:
    """`/forecasting`."""
    return chapter("", LEAD, [view.render(context, query, first=FAMILY, path=HOME)])


def asks(context: AppContext, query: Mapping[str, str]) -> dict[str, list[str] | None]:
    """What the address may say."""
    return view.asks(context, query, first=FAMILY)
