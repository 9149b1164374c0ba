"""The chapter Datasets of one request."""

from __future__ import annotations

from collections.abc import Mapping

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import icon, link_button, page_header, section
from dashboard.context import AppContext
from dashboard.families.recsys.pages import addresses, frame
from dashboard.families.recsys.pages.datasets import one
from dashboard.families.recsys.pages.datasets.cards import DatasetCard, listing
from dashboard.families.recsys.pages.services import recommenders
from dashboard.pages.datasets import layout as adding
from dashboard.pages.datasets.rows import row_of, rows
from recsys.data.facts import TableFacts
from recsys.data.shop_params import SIMULATOR
from recsys.family import FAMILY
from workbench.commands.base import CommandError
from workbench.commands.datasets import require_dataset_amendable
from workbench.commands.rules import find_dataset
from workbench.datasets import DatasetError
from workbench.families import is_imported

LEAD = "Tables of interactions: who took what, when, and what is known of both."


def render(context: AppContext) -> Component:
    """`/recommenders/datasets`."""
    actions = [link_button([icon("plus-lg"), " New dataset"], f"{addresses.DATASETS}/new", kind="primary")]
    listed = html.Div(listing(cards_of(context)), className="config-list")
    return frame.chapter("datasets", LEAD, actions, [listed], id="recsys-datasets")


def cards_of(context: AppContext) -> list[DatasetCard]:
    """Every table of interactions, built-in ones first."""
    workbench = context.workbench
    features: dict[str, list[tuple[str, str]]] = {}
    for record in recommenders(workbench).features.list():
        features.setdefault(record.dataset_id, []).append((record.id, record.name))
    sources = {source.id: source for source in FAMILY.data.sources}
    found = []
    for row in rows(workbench):
        if row.record.family != FAMILY.name:
            continue
        facts = workbench.datasets.facts(row.record.id) if not row.problem else None
        source = sources.get(row.record.source)
        words = source.name if source is not None else f"Imported from {getattr(facts, 'original', None) or row.record.source}"
        note = row.problem or (source.description if source is not None and row.built_in else "")
        if row.needs_download and row.record.status != "ready":
            note = f"{note} {source.download if source else ''} are fetched at the first use unless the files are found on this machine."
        found.append(
            DatasetCard(
                row.record.id,
                row.record.name,
                words,
                row.state,
                facts if isinstance(facts, TableFacts) else None,
                note,
                tuple(features.get(row.record.id, ())),
            )
        )
    return found


def render_new(context: AppContext, query: Mapping[str, str] | None = None) -> Component:
    """`/recommenders/datasets/new`: simulate, import, or choose what came with Trellis."""
    del query
    simulator = next(source for source in FAMILY.data.sources if source.id == SIMULATOR)
    folder = context.settings.data
    crumbs = [("Recommenders", addresses.HOME), ("Datasets", addresses.DATASETS)]
    built_in = [card for card in cards_of(context) if any(card.id == source.id for source in FAMILY.data.sources)]
    return html.Div(
        [
            dcc.Store(id=adding.ACTION), dcc.Store(id="datasets-family", data=FAMILY.name), dcc.Store(id=adding.THEN, data=addresses.DATASETS),
            page_header("New dataset", lead="A table with one interaction a row.", crumbs=crumbs),
            section("Your own table", adding.importing(FAMILY, str(folder) if folder is not None else None), id="own"),
            section("A simulated shop", adding.making(FAMILY, simulator), note="Its true chances are known, so results are told as a share of what can be reached.", id="simulated"),
            section("What comes with Trellis", listing(built_in), id="built-in"),
        ],
        id="recsys-datasets-new",
    )  # fmt: skip


def render_one(context: AppContext, dataset_id: str) -> Component:
    """`/recommenders/datasets/<id>`. Raises CommandError not_found, also for the data of other families."""
    record = find_dataset(context.workbench.state(), dataset_id)
    if record.family != FAMILY.name:
        raise CommandError(f"{record.name} is no table of interactions.", "dataset_id", code="not_found")
    card = next(card for card in cards_of(context) if card.id == dataset_id)
    return one.page(row_of(context.workbench, record), card, why_fixed(context, dataset_id))


def why_fixed(context: AppContext, dataset_id: str) -> str | None:
    """Why the roles of a table's columns cannot be changed; None where they can."""
    record = find_dataset(context.workbench.state(), dataset_id)
    if not is_imported(record):
        return "What came with Trellis, or was simulated, has the roles that it was made with."
    try:
        require_dataset_amendable(context.workbench.state(), record)
    except (CommandError, DatasetError) as error:
        return str(error)
    return None
