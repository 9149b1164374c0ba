"""The Datasets pages of one request."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from dash.development.base_component import Component

from dashboard.about import data_shown_at
from dashboard.context import AppContext
from dashboard.pages.datasets import layout
from dashboard.pages.datasets.rows import row_of, rows
from dashboard.uploads import on_disk, read_contents
from workbench.commands.base import CommandError
from workbench.commands.rules import MAX_NAME, find_dataset, free_name
from workbench.families import all_families, columns_of
from workbench.services.imports import Imported
from workbench.state import DatasetRecord, Kind


def render(context: AppContext, query: Mapping[str, str] | None = None) -> Component:
    """`/datasets`; `?family=<name>&source=<id>` chooses whose data is added, and from which source with settings, `?shown=<name>` which are listed."""
    found = rows(context.workbench)
    columns = {name: columns_of({name}) for name in {row.record.family for row in found}}
    folder = context.settings.data
    adding = layout.Adding.of(all_families(), query or {}, str(folder) if folder is not None else None)
    shown = (query or {}).get("shown", "")
    return layout.page(found, columns, adding, shown if shown in columns else "")


def asks(_context: AppContext, query: Mapping[str, str]) -> dict[str, Collection[str] | None]:
    """What an address may say: whose data is added, from which of its sources, and whose is listed."""
    adding = layout.Adding.of(all_families(), query, None)
    return {
        "family": [family.name for family in adding.families],
        "source": [source.id for source in adding.sources],
        "shown": [family.name for family in all_families()],
    }


def render_one(context: AppContext, dataset_id: str) -> Component:
    """`/datasets/<id>`. Raises CommandError not_found."""
    record = find_dataset(context.workbench.state(), dataset_id)
    own = data_shown_at(record.family, record.id)
    return layout.one(row_of(context.workbench, record), columns_of({record.family}), own)


def take_upload(
    context: AppContext, who: str, family: str | None, contents: str, name: str, options: Mapping[str, Any]
) -> Imported:  # fmt: skip
    """Make a dataset of what an upload control holds, named after its file. Raises DatasetError, CommandError."""
    upload = read_contents(contents, name)
    title = title_of(context, upload.name.rsplit(".", 1)[0])
    with on_disk(upload.name, upload.content) as path:
        return context.workbench.datasets.import_data(
            actor=who, path=path, name=title, family=family, original=upload.name, options=_given(options)
        )


def take_folder(context: AppContext, who: str, family: str | None, path: str, name: str, options: Mapping[str, Any]) -> Imported:
    """Make a dataset of a file or folder below the server's folder. Raises DatasetError, CommandError."""
    if not path.strip():
        raise CommandError("Which file or folder is to be imported?", "path", "Give its path below the server's folder of datasets.")
    title = name.strip() or title_of(context, path.rstrip("/").rsplit("/", 1)[-1].rsplit(".", 1)[0])
    return context.workbench.datasets.import_named(actor=who, path=path.strip(), name=title, family=family, options=_given(options))


def make(context: AppContext, who: str, family: str | None, source: str, name: str, raw: Mapping[str, Any]) -> DatasetRecord:
    """Make a dataset of a source with settings. Raises DatasetError, CommandError naming the setting that is refused."""
    return context.workbench.datasets.create(actor=who, source=source, name=name.strip() or None, params=_given(raw), family=family)


def _given(raw: Mapping[str, Any]) -> dict[str, Any]:
    """What a form says."""
    return {key: value for key, value in raw.items() if value not in (None, "")}


def title_of(context: AppContext, wanted: str) -> str:
    """A free name for what comes from a file called so."""
    return free_name(context.workbench.state(), Kind.DATASET, " ".join(wanted.split())[:MAX_NAME].strip() or "Data")
