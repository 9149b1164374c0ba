"""What the page part shows for one request: reads the files and the state."""

from __future__ import annotations

from collections.abc import Mapping

from dash.development.base_component import Component

from dashboard.context import AppContext
from dashboard.layered import setup
from dashboard.layered.choice import ASKS, LAYERS, Choice, offered, read
from dashboard.layered.judged import Judged, families_with_files, judge
from workbench.families import family
from workbench.services.config_files import ConfigFile, config_files


def render(context: AppContext, query: Mapping[str, str], *, first: str, path: str) -> Component:
    """The part.

    Args:
        first: the family that is offered before the others. path: of the page.
    """
    known = config_files(context.settings.home)
    families = families_with_files(known, first)
    choice = read(query, families, known)
    return setup.setup(choice, judge(context.workbench, choice, known), known, [family(name) for name in families], path)


def asks(context: AppContext, query: Mapping[str, str], *, first: str) -> dict[str, list[str] | None]:
    """What the page's address may say: families and files that there are."""
    known = config_files(context.settings.home)
    families = families_with_files(known, first)
    name = query.get("family") or families[0]
    stems = {key: [file.stem for file in offered(known, name, layer)] for key, layer in LAYERS.items()}
    return {**dict.fromkeys(ASKS), "family": list(families), **stems}


def judged(context: AppContext, choice: Choice) -> tuple[Judged, tuple[ConfigFile, ...]]:
    """What a choice makes, and every file there is."""
    known = config_files(context.settings.home)
    return judge(context.workbench, choice, known), known
