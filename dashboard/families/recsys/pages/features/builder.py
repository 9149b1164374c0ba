"""The columns of a table, both towers, crosses and the target, to be arranged. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.components import act, button, icon, icon_button
from dashboard.components.attributes import attrs
from dashboard.components.dialog import dialog
from dashboard.families.recsys.pages.chapters import FEATURES
from dashboard.families.recsys.pages.datasets.cards import no_outcome
from dashboard.families.recsys.pages.features.draft import COLUMNS, FeatureDraft, unused
from dashboard.families.recsys.pages.features.settings import cross_fields, feature_fields, target_fields
from dashboard.families.recsys.pages.features.verdict import FeatureVerdict
from recsys.data.schema import ColumnInfo, Schema
from recsys.editing.features import crosses_of, features_of, is_history
from recsys.features.config import READABLE_AS, Cross, Feature, HistoryFeature, Target, Tower
from recsys.features.outputs import Output, tower_outputs

ACTION = FEATURES.id("action")
TITLES: Mapping[Tower, str] = {"buyer": "Buyer", "product": "Product"}
ICONS = {"text": "fonts", "numeric": "123", "temporal": "clock", "boolean": "toggle-on", "list_text": "list-ul", "history": "clock-history"}
WORDS = {
    "text": "terms",
    "numeric": "numbers",
    "temporal": "times",
    "boolean": "yes or no",
    "list_text": "lists",
    "history": "taken before",
}


def board(draft: FeatureDraft, verdict: FeatureVerdict) -> Component:
    """The three lists beside one another, and the target below."""
    outputs = {tower: tower_outputs(verdict.readable.config(), tower) for tower in TITLES}
    return html.Div(
        [
            html.Div([available(draft, verdict), *(tower(draft, verdict, name, outputs[name]) for name in TITLES)], className="board"),
            target(draft, verdict),
        ]
    )


def starts(draft: FeatureDraft) -> Component:
    """What both towers can be filled from at once."""
    undo = button("Undo", small=True, icon_name="arrow-counterclockwise", disabled=not draft.past, **act(ACTION, "undo"))
    return html.Div([*beginnings(), undo], className="board-tools")


def beginnings() -> list[Component]:
    """Both towers filled from the columns, or emptied."""
    fill = button("Smart defaults", small=True, icon_name="magic", title="Both towers as the columns suggest", **act(ACTION, "suggest"))
    return [fill, button("Clear", small=True, title="Both towers empty", **act(ACTION, "clear"))]


def available(draft: FeatureDraft, verdict: FeatureVerdict) -> Component:
    """Columns that are in neither tower."""
    columns = unused(verdict.schema, draft.document)
    blocks = [_column(info) for info in verdict.schema.columns if info.column in columns]
    empty = [] if blocks else [html.P("Every column is in a tower.", className="field-help")]
    listed = html.Ol(
        blocks,
        className="layers",
        **attrs({"data-drag-list": COLUMNS, "data-drag-group": "columns", "data-to": ACTION, "aria-label": "Columns left"}),
    )
    return html.Section([html.H3(f"Columns left ({len(columns)})", className="tower-title"), *empty, listed], className="tower")


def _column(info: ColumnInfo) -> Component:
    distinct = "" if info.stats.cardinality is None else f", {info.stats.cardinality:,} distinct"
    words = f"{WORDS[info.data_type]}{distinct}"
    text = html.Span([html.Span(info.column, className="layer-title"), html.Span(words, className="layer-words")], className="layer-text")
    tools = [
        button(
            "Buyer",
            kind="quiet",
            small=True,
            title=f"Add {info.column} to the buyer tower",
            **act(ACTION, "add", info.column, value="buyer"),
        ),
        button(
            "Product",
            kind="quiet",
            small=True,
            title=f"Add {info.column} to the product tower",
            **act(ACTION, "add", info.column, value="product"),
        ),
    ]
    return html.Li(
        [_handle(info.data_type), text, html.Span(tools, className="column-tools")], className=f"layer column-{info.role}", tabIndex="0",
        **attrs({"data-drag-item": "1", "aria-label": f"{info.column}, {words}"}),
    )  # fmt: skip


def _handle(data_type: str) -> Component:
    return html.Span(
        icon(ICONS.get(data_type, "question")), className="layer-grip", **attrs({"data-drag-handle": "1", "aria-hidden": "true"})
    )


def tower(draft: FeatureDraft, verdict: FeatureVerdict, name: Tower, outputs: tuple[Output, ...]) -> Component:
    """One tower: its features, its crosses, and what can be added."""
    paths = dict(verdict.readable.features[name])
    features = [
        _feature(draft, verdict, name, place, paths.get(f"{name}_model_features.{place}"), outputs)
        for place in range(len(features_of(draft.document, name)))
    ]
    crosses = dict(verdict.readable.crosses[name])
    crossed = [
        _cross(verdict, name, place, crosses.get(f"{name}_model_crosses.{place}"), outputs)
        for place in range(len(crosses_of(draft.document, name)))
    ]
    listed = html.Ol(
        features, className=f"layers drop-zone{'' if features else ' is-empty'}",
        **attrs({"data-drag-list": name, "data-drag-group": "columns", "data-to": ACTION, "aria-label": f"{TITLES[name]} features"}),
    )  # fmt: skip
    errors = [
        html.P(i.message, className="field-message", role="alert")
        for i in verdict.errors
        if i.path in (f"{name}_model_features", f"{name}_model_crosses")
    ]
    total = verdict.dims.of(name).total
    head = html.Div(
        [html.H3(f"{TITLES[name]} tower", className="tower-title"), html.Span(f"{total:,} dimensions", className="tower-foot")],
        className="tower-head",
    )
    empty = [] if features else [html.P("Drag columns here, or press their button.", className="field-help")]
    return html.Section(
        [head, *empty, listed, *([html.Ul(crossed, className="layers")] if crossed else []), *errors, _adding(draft, verdict, name)],
        className=f"tower tower-{name}", **attrs({"aria-label": f"{TITLES[name]} tower"}),
    )  # fmt: skip


def _adding(draft: FeatureDraft, verdict: FeatureVerdict, name: Tower) -> Component:
    columns = [(f["column"], f["column"]) for f in features_of(draft.document, name) if not is_history(f)]
    title = f"Cross in the {TITLES[name].lower()} tower"
    note = "Features taken together get a table with a row for their combination."
    fields = cross_fields(columns) if len(columns) >= 2 else ()
    made = dialog(ACTION, "cross", name, title=title, fields=fields, note=note, submit="Add cross") if fields else {}
    tools = [
        button(
            "Cross",
            small=True,
            icon_name="plus-lg",
            disabled=not fields,
            title="" if fields else "A cross needs two features of this tower.",
            **made,
        )
    ]
    has = any(is_history(f) for f in features_of(draft.document, name))
    if name == "buyer" and not has and verdict.schema.only("timestamp"):
        tools.append(button("History", small=True, icon_name="plus-lg", title="What the buyer took before", **act(ACTION, "history")))
    return html.Div(tools, className="board-tools")


def _feature(
    draft: FeatureDraft, verdict: FeatureVerdict, name: Tower, place: int, feature: Feature | None, outputs: tuple[Output, ...]
) -> Component:
    raw = features_of(draft.document, name)[place]
    at, column = f"{name}:{place}", str(raw.get("column", "?"))
    bad = verdict.of(f"{name}_model_features.{place}")
    own = [output for output in outputs if output.source is feature]
    title = f"{column}, taken before" if isinstance(feature, HistoryFeature) else column
    words = "cannot be read" if feature is None else _words(own)
    marks = [html.Span("id", className="tag tag-info")] if raw.get("is_primary_id") else []
    text = html.Span(
        [html.Span([title, *marks], className="layer-title"), html.Span(words, className="layer-words")], className="layer-text"
    )
    tools: list[Component] = []
    if feature is not None:
        fields = feature_fields(feature, item=verdict.schema.only("item_id") or "")
        given = dialog(ACTION, "transforms", at, title=title, fields=fields, note=_about(verdict.schema, feature))
        tools.append(icon_button("sliders", f"Settings of {title}", **given))
    if not raw.get("is_primary_id"):
        tools.append(icon_button("x-lg", f"Remove {title} from the {name} tower", **act(ACTION, "remove", at)))
    message = [html.P(" ".join(i.message for i in bad), className="field-message", role="alert")] if bad else []
    return html.Li(
        [_handle(str(raw.get("data_type"))), text, *tools, *message], className=f"layer side-{name}{' is-invalid' if bad else ''}", tabIndex="0",
        **attrs({"data-drag-item": "1", "aria-label": f"{title}, {words}", "aria-keyshortcuts": "Alt+ArrowUp Alt+ArrowDown Alt+ArrowLeft Alt+ArrowRight"}),
    )  # fmt: skip


def _about(schema: Schema, feature: Feature) -> str:
    info = schema.find(feature.column)
    if info is None:
        return ""
    distinct = "" if info.stats.cardinality is None else f", {info.stats.cardinality:,} distinct values"
    return f"{WORDS[feature.data_type].capitalize()}{distinct}."


def _words(outputs: list[Output]) -> str:
    """What a feature's tensors are, with what each adds."""
    names = {
        "embedding": "embedding",
        "norm": "normalised",
        "bucket": "buckets",
        "null": "null flag",
        "history": "history",
        "cross": "table",
    }
    if not outputs:
        return "no transform yet"
    parts = [f"{output.cycle if output.kind == 'cycle' else names[output.kind]} +{output.dim}" for output in outputs]
    return " · ".join(parts)


def _cross(verdict: FeatureVerdict, name: Tower, place: int, cross: Cross | None, outputs: tuple[Output, ...]) -> Component:
    at = f"{name}:{place}"
    issues = verdict.of(f"{name}_model_crosses.{place}")
    title = " × ".join(member.column for member in cross.features) if cross is not None else "Cross"
    own = [output for output in outputs if output.source is cross]
    words = "cannot be read" if cross is None else f"{cross.hash_bucket_size:,} rows · {_words(own)}"
    text = html.Span([html.Span(title, className="layer-title"), html.Span(words, className="layer-words")], className="layer-text")
    tools: list[Component] = []
    if cross is not None:
        tools.append(
            icon_button("sliders", f"Settings of {title}", **dialog(ACTION, "set-cross", at, title=title, fields=cross_fields([], cross)))
        )
    tools.append(icon_button("x-lg", f"Remove the cross {title}", **act(ACTION, "remove-cross", at)))
    message = [html.P(" ".join(i.message for i in issues), className="field-message", role="alert")] if issues else []
    mark = html.Span(icon("x-diamond"), className="layer-mark")
    return html.Li([mark, text, *tools, *message], className=f"layer layer-cross{' is-invalid' if issues else ''}")


def target(draft: FeatureDraft, verdict: FeatureVerdict) -> Component:
    """What a ranking model predicts."""
    held: Target | None = verdict.readable.target
    numbers = [
        info for info in verdict.schema.columns if info.data_type in READABLE_AS["numeric"] and info.role not in ("user_id", "item_id")
    ]
    numbers.sort(key=lambda info: info.role != "outcome")
    chosen = held.column if held is not None else None
    none = html.Button(
        "None", type="button", className="chip", **attrs({"aria-pressed": str(chosen is None).lower()}), **act(ACTION, "target", value="")
    )
    chips: list[Any] = [none] + [
        html.Button(info.column, type="button", className="chip", **attrs({"aria-pressed": str(info.column == chosen).lower()}), **act(ACTION, "target", value=info.column))
        for info in numbers
    ]  # fmt: skip
    change = (
        [
            icon_button(
                "sliders",
                "Settings of the target",
                **dialog(ACTION, "set-target", title=f"Target: {held.column}", fields=target_fields(held)),
            )
        ]
        if held is not None
        else []
    )
    issues = verdict.of("target_column")
    message = [html.P(" ".join(i.message for i in issues), className="field-message", role="alert")] if issues else []
    message += [html.P(no_outcome(info), className="field-help") for info in numbers if info.column == chosen and info.role != "outcome"]
    note = "What a ranking model predicts; a test may choose another column. Retrieval needs none."
    return html.Section(
        [html.H3("Target", className="tower-title"), html.P(note, className="field-help"), html.Div([*chips, *change], className="chips"), *message],
        className="tower target", id="recsys-feature-target",
    )  # fmt: skip


def sample(rows: list[Mapping[str, Any]], document: Mapping[str, Any], target_column: str | None) -> Component:
    """Some rows, their columns coloured by the side that has them."""
    if not rows:
        return html.P("The rows are not read yet.", className="field-help")
    sides: dict[str, str] = {f["column"]: name for name in TITLES for f in features_of(document, name) if not is_history(f)}
    if target_column:
        sides[target_column] = "target"
    spoken = {"buyer": " (buyer)", "product": " (product)", "target": " (target)"}
    head = html.Thead(
        html.Tr(
            [
                html.Th(
                    [n, html.Span(spoken.get(sides.get(n, ""), ""), className="visually-hidden")],
                    scope="col",
                    className=f"side-{sides.get(n, 'none')}",
                )
                for n in rows[0]
            ]
        )
    )
    body = html.Tbody(
        [html.Tr([html.Td("" if v is None else str(v), className=f"side-{sides.get(n, 'none')}") for n, v in row.items()]) for row in rows]
    )
    legend = html.P(
        [
            html.Span("Buyer", className="legend side-buyer"),
            html.Span("Product", className="legend side-product"),
            html.Span("Target", className="legend side-target"),
        ]
    )
    return html.Div(
        [legend, html.Div(html.Table([head, body], className="table table-sm look-table"), className="table-scroll", tabIndex="0")]
    )
