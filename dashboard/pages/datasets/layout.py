"""The Datasets pages as components. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import act, badge, button, page_header, section, time_of, wait_outline
from dashboard.components.attributes import attrs
from dashboard.components.link_choice import link_choice
from dashboard.components.upload import upload_control
from dashboard.forms import advanced_group, field_rows, raw_of, section_groups
from dashboard.pages.datasets.rows import DatasetRow
from workbench.families import Column, DataSource, Family, settings_of
from workbench.fields import ConfigModel, field_specs

ACTION, UPLOAD, UPLOAD_PLACE = "datasets-action", "datasets-upload", "datasets-upload-place"
FORM, MAKE_FORM = "import", "make"
THEN = "datasets-then"
"""The store that says below which address a new dataset is shown."""
ABSENT = "Shown once its file is there."
TONES = {"ready": "good", "cannot be read": "danger", "damaged": "danger", "file missing": "warning"}


@dataclass(frozen=True)
class Adding:
    """Whose data may be added, and how.

    Attributes:
        families: those that take in people's own data or make some by settings. family: the one chosen.
        source: its source with settings that is chosen, if it has one. folder: the server's folder of datasets, if it has one.
        chosen: whether the address names the family, so that it is kept in others.
    """

    families: Sequence[Family]
    family: Family | None
    source: DataSource | None
    folder: str | None
    chosen: bool = False

    @property
    def sources(self) -> tuple[DataSource, ...]:
        """The chosen family's sources with settings."""
        return _made(self.family) if self.family else ()

    @classmethod
    def of(cls, families: Iterable[Family], query: Mapping[str, str], folder: str | None) -> Adding:
        """What an address chooses; what it does not know falls back to the first."""
        able = [f for f in families if f.data.readers is not None or _made(f)]
        family = next((f for f in able if f.name == query.get("family")), able[0] if able else None)
        sources = _made(family) if family else ()
        return cls(
            able,
            family,
            next((s for s in sources if s.id == query.get("source")), sources[0] if sources else None),
            folder,
            bool(query.get("family")),
        )


def _made(family: Family) -> tuple[DataSource, ...]:
    """A family's sources with settings."""
    return tuple(source for source in family.data.sources if source.params is not None)


def page(rows: Sequence[DatasetRow], columns: Mapping[str, Sequence[Column]], adding: Adding, shown: str = "") -> Component:
    """`/datasets`: every dataset, and how to add one.

    Args:
        columns: of each family that has datasets. shown: the family whose datasets are listed, "" for all.
    """
    header = page_header("Datasets", lead="What models are made on: data that came with Trellis, and your own.")
    parts: list[Any] = [dcc.Store(id=ACTION), dcc.Store(id=THEN, data="/datasets"), header, _listed(rows, columns, adding, shown)]
    family = adding.family
    if family is None:
        return html.Div(parts, id="datasets-page")
    parts.append(dcc.Store(id="datasets-family", data=family.name))
    chooser = link_choice("Kind of models", [(_address(adding, shown, family=f.name), f.title, f is family) for f in adding.families])
    if family.data.readers is not None:
        parts.append(section("Add your own", html.Div([*chooser, importing(family, adding.folder)])))
        chooser = []
    if adding.source is not None:
        parts.append(section("Make data", html.Div([*chooser, making(family, adding.source, adding, shown)])))
    return html.Div(parts, id="datasets-page")


def _address(adding: Adding, shown: str, **chosen: str) -> str:
    """The same page with another choice; another family has other sources."""
    kept = {"shown": shown, "family": adding.family.name if adding.chosen and adding.family else "", **chosen}
    query = urlencode({name: value for name, value in kept.items() if value})
    return f"/datasets?{query}" if query else "/datasets"


def _listed(rows: Sequence[DatasetRow], columns: Mapping[str, Sequence[Column]], adding: Adding, shown: str) -> Component:
    """The list, and the choice of the family whose datasets it has, each family with columns of its own."""
    titles = {row.record.family: row.family_title for row in rows}
    choices = [(_address(adding, name), title, name == shown) for name, title in (("", "All"), *sorted(titles.items(), key=lambda t: t[1]))]
    chooser = link_choice("Datasets of", choices) if len(titles) > 1 else []
    own = [row for row in rows if shown in ("", row.record.family)]
    return section("All datasets" if not shown else f"Datasets of {titles[shown]}", html.Div([*chooser, table(own, columns)]))


def making(family: Family, source: DataSource, adding: Adding | None = None, shown: str = "") -> Component:
    """The form of a source with settings; `adding` where another source of the family can be chosen."""
    links = (
        []
        if adding is None
        else [(_address(adding, shown, family=family.name, source=s.id), s.name, s.id == source.id) for s in _made(family)]
    )
    assert source.params is not None
    specs = field_specs(source.params)
    name = _labelled(
        "datasets-make-name", "Name", f"Unique among datasets; without one it is {source.name}, with a number if that is taken."
    )
    raw = {s.name: raw_of(s, s.default) for s in specs}
    rows = field_rows(MAKE_FORM, [s for s in specs if not s.meta.advanced], raw, {}, show_default=True)
    folded = []
    for title, members in section_groups(s for s in specs if s.meta.advanced):
        group = field_rows(MAKE_FORM, members, raw, {}, show_default=True)
        folded.append(html.Div([html.H3(title, className="group-title"), html.Div(group, className="fields")], className="form-group"))
    more = [advanced_group("More settings", folded)] if folded else []
    go = button(f"Make {source.name}", id="datasets-make", kind="primary")
    return html.Div(
        [
            *link_choice("Source", links), html.P(source.description, className="field-help"), dcc.Store(id="datasets-source", data=source.id),
            html.Div([name, *rows], className="fields"), *more, html.Div(go, className="datasets-go"),
            html.Div(id="datasets-make-message", **attrs({"aria-live": "polite"})),
        ]
    )  # fmt: skip


def table(rows: Sequence[DatasetRow], columns: Mapping[str, Sequence[Column]]) -> Component:
    """The list: of one family with its own columns; of several with what they all have, and the rest of each in one cell."""
    families = {row.record.family for row in rows}
    several = len(families) > 1
    own = () if several else tuple(column for name in families for column in columns.get(name, ()))
    head = ["Name", *(["Family", "What it is"] if several else []), *(c.label for c in own), "State", "Models"]
    right = {c.label for c in own if c.format != "text"} | {"Models"}
    body = [
        html.Tr(
            [
                html.Th(dcc.Link(row.record.name, href=f"/datasets/{row.record.id}"), scope="row"),
                *([_cell("Family", row.family_title), _cell("", _details(row, columns), "datasets-details")] if several else []),
                *(_cell(c.label, c.shown(row.values), "number" if c.format != "text" else "") for c in own),
                _cell("State", badge(row.state, TONES.get(row.state, "muted"))),  # pyright: ignore[reportArgumentType]
                _cell("Models", f"{len(row.models):,}", "number"),
            ]
        )
        for row in rows
    ]
    titles = html.Tr([html.Th(t, scope="col", className="number" if t in right else "") for t in head])
    return html.Div(html.Table([html.Thead(titles), html.Tbody(body)], className="table datasets-table"), className="table-scroll")


def _details(row: DatasetRow, columns: Mapping[str, Sequence[Column]]) -> list[Component]:
    """What its family's columns show, in a line."""
    told = [(column.label, column.shown(row.values)) for column in columns.get(row.record.family, ())]
    return [html.Span([html.Span(f"{label} ", className="muted"), value]) for label, value in told if value]


def _cell(label: str, shown: Any, class_name: str = "") -> Component:
    """A cell of the list; small screens, where the list has no head, show `label` beside what it holds."""
    marked: dict[str, Any] = {"data-label": label}
    return html.Td(shown, className=class_name, **marked)


def importing(family: Family, folder: str | None) -> Component:
    """How to add data of one's own: by upload, or from the server's folder."""
    readers = family.data.readers
    assert readers is not None
    endings = ", ".join(readers.extensions)
    parts: list[Any] = [
        *reading(readers.options),
        *([html.H3("From this computer", className="mini-title")] if readers.options is not None else []),
        upload_control(UPLOAD, UPLOAD_PLACE, f"Upload {endings}", f"{readers.words[:1].upper()}{readers.words[1:]}."),
    ]
    parts += from_folder(family, folder)
    parts.append(html.Div(id="datasets-message", **attrs({"aria-live": "polite"})))
    return html.Div(parts)


def reading(options: type[ConfigModel] | None) -> list[Component]:
    """How a file is to be understood, whichever way it comes; nothing for a family whose files say all themselves."""
    if options is None:
        return []
    specs = field_specs(options)
    rows = field_rows(FORM, specs, {s.name: raw_of(s, s.default) for s in specs}, {})
    return [html.H3("How it is read", className="mini-title"), html.Div(rows, className="fields")]


def from_folder(family: Family, folder: str | None) -> list[Component]:
    """The form that imports from the server's folder; where there is none, how to import all the same."""
    readers = family.data.readers
    assert readers is not None
    parts: list[Component] = []
    if folder is not None:
        kinds = ", or ".join(kind.title[:1].lower() + kind.title[1:] for kind in readers.kinds)
        place = _labelled("datasets-path", "Path", f"Below {folder}: {kinds}.")
        name = _labelled("datasets-name", "Name", "Unique among datasets; without one it is named after the path.")
        go = button("Import", id="datasets-import", kind="primary")
        parts.append(html.H3("From the server's folder", className="mini-title"))
        parts.append(html.Div([place, name], className="fields"))
        parts.append(html.Div(go, className="datasets-go"))
    else:
        parts.append(html.P("Folders are imported on the server: trellis data import.", className="field-help"))
    return parts


def one(row: DatasetRow, columns: Sequence[Column], own: str = "") -> Component:
    """`/datasets/<id>`: facts, a preview, statistics, the models on it, and what one may change.

    Args:
        own: address of the page that its family has for its data, from where models on it are made; "" for a family without one.
    """
    record = row.record
    used = bool(row.models)
    delete = button(
        "Delete", id="dataset-delete", kind="danger", icon_name="trash", disabled=used,
        title="Used by models, so it cannot be deleted." if used else "Can be undone",
        **act(ACTION, "delete", record.id),
    )  # fmt: skip
    title, href = ("Columns, roles and models", own) if own else ("New model on it", f"/create?dataset={record.id}")
    go = dcc.Link(title, href=href, className="btn btn-primary")
    header = page_header(record.name, lead=row.description, actions=[go, delete], crumbs=[("Datasets", "/datasets")])
    tone = "notice-warning" if row.missing else "notice-danger"
    problem = [html.P(row.problem, className=f"notice {tone}", role="alert")] if row.problem else []
    wait = {"id": record.id, "ask": row.needs_download or row.missing}
    preview: Any = wait_outline(3, label="Reading the data")
    if row.missing or row.needs_download:
        preview = html.P(ABSENT, className="field-help") if row.missing else unread(record.id)
    return html.Div(
        [
            dcc.Store(id=ACTION), dcc.Store(id="dataset-look", data=wait), header, *problem,
            section("Preview", html.Div(preview, id="dataset-preview")),
            section("Statistics", html.Div(preview if row.missing else None, id="dataset-statistics")),
            section("Facts", facts(row, columns)),
            section("Models", models(row)),
            section("Name and notes", words(row)),
        ],
        id="dataset-page",
    )  # fmt: skip


def unread(dataset_id: str) -> Component:
    """What stands in the preview's place while the data would have to be fetched."""
    show = button("Fetch and show", small=True, **act(ACTION, "look", dataset_id))
    return html.Div([html.P("Its files are not on this machine yet.", className="field-help"), show], className="strip-none")


def facts(row: DatasetRow, columns: Sequence[Column]) -> Component:
    """What is known of it."""
    record = row.record
    pairs: list[tuple[str, Any]] = [("Id", record.id), ("State", row.state), ("Family", row.family_title), ("Source", record.source)]
    pairs += [(column.label, column.shown(row.values, whole=True)) for column in columns]
    pairs += settings_of(record)
    if record.manifest is not None:
        pairs += [(f"File {file.path}", f"{file.size:,} bytes") for file in record.manifest.files]
        pairs.append(("Content", html.Code(record.manifest.content_sha256[:16], title=record.manifest.content_sha256)))
    pairs.append(("Known since", time_of(record.created_at)))
    return html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in pairs], className="look-facts")


def models(row: DatasetRow) -> Component:
    """The models on it."""
    if not row.models:
        return html.P("No model uses it.", className="field-help")
    return html.Ul([html.Li(dcc.Link(name, href=f"/model/{id}/train")) for id, name in row.models], className="plain-list")


def words(row: DatasetRow) -> Component:
    """Its name and notes, to change."""
    record = row.record
    name = _labelled("dataset-name", "Name", "", value=record.name)
    notes = html.Div(
        [
            _field_head("dataset-notes", "Notes"),
            dbc.Textarea(id="dataset-notes", value=record.notes, rows=3),
        ],
        className="field",
    )
    marked: dict[str, Any] = {"data-id": record.id}
    save = button("Save", id="dataset-save", **marked)
    return html.Div([dcc.Store(id="dataset-id", data=record.id), name, notes, save], className="dataset-words")


def _labelled(id: str, label: str, help: str, value: str = "") -> Component:
    control = dbc.Input(id=id, type="text", value=value, maxlength=1000, autocomplete="off")
    parts: list[Any] = [_field_head(id, label), control]
    return html.Div([*parts, html.P(help, className="field-help")] if help else parts, className="field")


def _field_head(id: str, label: str) -> Component:
    """A label as fields of the registry have it, so that both stand in one line."""
    return html.Div(html.Label(label, htmlFor=id, className="field-label"), className="field-head")
