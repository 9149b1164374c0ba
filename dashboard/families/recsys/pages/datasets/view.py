"""The chapter Datasets of one request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import button, icon, link_button, page_header, section
from dashboard.components.attributes import attrs
from dashboard.components.sending import sending_control
from dashboard.context import AppContext
from dashboard.families.recsys.pages import addresses, frame
from dashboard.families.recsys.pages.datasets import first, one
from dashboard.families.recsys.pages.datasets.cards import FOUND, TO_FETCH, DatasetCard, listing
from dashboard.families.recsys.pages.services import recommenders
from dashboard.pages.datasets import layout as adding
from dashboard.pages.datasets.rows import row_of, rows
from recsys.data.facts import TableFacts
from recsys.data.shop_params import BUILT_IN, SIMULATOR, RetailParams, expected_seconds
from recsys.family import FAMILY
from recsys.trial import TrialSettings
from workbench.commands.base import CommandError
from workbench.commands.datasets import require_dataset_amendable
from workbench.commands.rules import find_dataset
from workbench.datasets import DatasetError
from workbench.families import is_imported
from workbench.fields import field_specs
from workbench.services.typed import typed

if TYPE_CHECKING:
    from recsys.services.table_calls import Spread

SHOP = "recsys-shop-size"
LEAD = "Tables of interactions: who took what, when, and what is known of both."


def render(context: AppContext) -> Component:
    """`/recommenders/datasets`."""
    context.workbench.warm()
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
        state, fetch = row.state, ""
        if source is not None and source.needs_download and row.record.status == "preparing":
            fetch = f"{source.download[:1].lower()}{source.download[1:]}" if row.needs_download else ""
            state = TO_FETCH if row.needs_download else FOUND
        found.append(
            DatasetCard(
                row.record.id,
                row.record.name,
                words,
                state,
                facts if isinstance(facts, TableFacts) else None,
                note,
                fetch,
                tuple(features.get(row.record.id, ())),
            )
        )
    return found


def render_new(context: AppContext, query: Mapping[str, str] | None = None) -> Component:
    """`/recommenders/datasets/new`: simulate, import, or choose what came with Trellis.

    `?upload=<id>` looks at a file that was sent, `?path=<path>` at one below the folder of datasets.
    """
    found = asked_for(context, query or {})
    if found is not None:
        return first.page(*found)
    context.workbench.warm()
    simulator = next(source for source in FAMILY.data.sources if source.id == SIMULATOR)
    folder = context.settings.data
    crumbs = [("Recommenders", addresses.HOME), ("Datasets", addresses.DATASETS)]
    built_in = [card for card in cards_of(context) if any(card.id == source.id for source in FAMILY.data.sources)]
    return html.Div(
        [
            dcc.Store(id=adding.ACTION), dcc.Store(id="datasets-family", data=FAMILY.name), dcc.Store(id=adding.THEN, data=addresses.DATASETS),
            page_header("New dataset", lead="A table with one interaction a row.", crumbs=crumbs),
            section("Your own table", _own(str(folder) if folder is not None else None, context.settings.max_upload_mib * 2**20), id="own"),
            section("A simulated shop", [html.P(id=SHOP, className="field-help", **attrs({"aria-live": "polite"})), adding.making(FAMILY, simulator)], note="Its true chances are known, so results are told as a share of what can be reached.", id="simulated"),
            section("What comes with Trellis", listing(built_in), id="built-in"),
        ],
        id="recsys-datasets-new",
    )  # fmt: skip


def asked_for(context: AppContext, query: Mapping[str, str]) -> tuple[Mapping[str, str], str] | None:
    """The place and the name of the file that an address names, if it names one. Raises CommandError not_found for one that is not there."""
    datasets = context.workbench.datasets
    if query.get("upload"):
        return {"upload": query["upload"]}, datasets.uploads.get(query["upload"]).name
    if not query.get("path"):
        return None
    path = datasets.place_of(query["path"])
    if not path.is_file():
        raise CommandError(f"There is no file {query['path'][:200]!r} below the folder of datasets.", "path", code="not_found")
    return {"path": query["path"]}, path.name


def _own(folder: str | None, limit: int) -> Component:
    """A file of one's own, of at most `limit` bytes, which is looked at before it is imported, or one of the server's folder."""
    readers = FAMILY.data.readers
    assert readers is not None  # as its declaration says
    words = f"{readers.words[:1].upper()}{readers.words[1:]}. You see what its columns are taken for before anything is imported."
    message = html.Div(id="datasets-message", **attrs({"aria-live": "polite"}))
    send = sending_control(f"{addresses.DATASETS}/new?upload=", f"Upload {', '.join(readers.extensions)}", words, limit=limit)
    return html.Div([send, *_of_folder(folder), message])


def _of_folder(folder: str | None) -> list[Component]:
    """The field that names a file of the server's folder; where there is none, how to import all the same."""
    if folder is None:
        return [html.P("Files of the server are imported there: trellis data import.", className="field-help")]
    field = dbc.Input(id=first.PATH, type="text", placeholder="sales/2024.csv", autocomplete="off", maxlength=1000)
    label = html.Label(
        [html.Span("File", className="field-label"), field, html.Span(f"Below {folder}.", className="field-help")], className="first-field"
    )
    go = button("Look at it", id=first.LOOK_THERE)
    return [
        html.H3("From the server's folder", className="mini-title"),
        html.Div([html.Div(label, className="field"), go], className="folder-file"),
    ]


def shop_words(raw: Mapping[str, object]) -> str:
    """How large a simulated shop of these settings is, and how long it takes; empty for settings that do not fit."""
    given = {name: value for name, value in raw.items() if value not in (None, "")}
    try:
        settings = typed(RetailParams, given).settings()
    except (CommandError, ValueError):
        return ""
    shape, seconds = settings.shape, expected_seconds(settings)
    took = f"about {max(1, round(seconds)):,} s" if seconds < 90 else f"about {round(seconds / 60):,} min"
    return f"{settings.row_count:,} rows of {shape.customers:,} customers and {shape.products:,} products; {took} to make."


def render_one(context: AppContext, dataset_id: str) -> Component:
    """`/recommenders/datasets/<id>`. Raises CommandError not_found, also for the data of other families."""
    record = find_dataset(context.workbench.state(), dataset_id)
    if record.family != FAMILY.name:
        raise CommandError(f"{record.name} is no table of interactions.", "dataset_id", code="not_found")
    context.workbench.warm()
    card = next(card for card in cards_of(context) if card.id == dataset_id)
    simulated = record.source in (BUILT_IN, SIMULATOR)
    return one.page(row_of(context.workbench, record), card, why_fixed(context, dataset_id), simulated=simulated)


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


def figures(spread: Spread, *, dark: bool) -> Component:
    """How a table's rows are spread, drawn."""
    from recsys.figures.data import events, popularity

    return one.figures(
        None if spread.popularity is None else popularity(spread.popularity, dark=dark, height=one.HEIGHT),
        None if spread.events is None else events(spread.events, dark=dark, height=one.HEIGHT),
    )


def splits_of(context: AppContext, dataset_id: str) -> Component:
    """What each strategy of a split makes of a table's rows."""
    tables, found = recommenders(context.workbench).tables, []
    for value, label, _ in next(spec for spec in field_specs(TrialSettings) if spec.name == "split").choices:
        try:
            found.append((label, tables.divided(dataset_id, {"split": value})))
        except (CommandError, DatasetError) as error:
            found.append((label, str(error)))
    return one.splits(found)


def ceiling_of(context: AppContext, dataset_id: str) -> Component | str:
    """The best that anybody can reach; nothing for data whose true chances nobody knows."""
    try:
        found = recommenders(context.workbench).tables.ceiling(dataset_id)
    except (CommandError, DatasetError) as error:
        return html.P(str(error), className="field-message", role="alert")
    return "" if found is None else one.ceiling(found)
