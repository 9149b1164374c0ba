"""Tables of errors: runs and baselines by metric and horizon, the best of each column marked. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.components.attributes import attrs
from traffic.bundle import Errors
from traffic.data.clock import clock_text
from traffic.figures.looks import mask_words
from traffic.figures.table import Column, Row, Table, seed_words
from traffic.metrics_declared import ERRORS


def error_table(table: Table, names: Mapping[int, Any], *, picks: Mapping[int, Component] | None = None) -> Component:
    """A table as it stands on a page; on a small screen each row is a card, a line a metric (`assets/5-forecasting-tables.css`).

    Args:
        names: what stands for a row's name, by its place; its name alone without. picks: controls before it.
    """
    picks = picks or {}
    groups = [(metric, [n for n, column in enumerate(table.columns) if column.metric == metric]) for metric in ERRORS]
    top = [html.Th("", rowSpan=2, scope="col"), html.Th("Seeds", rowSpan=2, scope="col", className="num")]
    second = []
    for metric, places in groups:
        column = table.columns[places[0]]
        rule = html.Span(mask_words(column.null), className="muted")
        top.append(html.Th([f"{ERRORS[metric]} ({column.unit}) ", rule], colSpan=len(places), scope="colgroup", className="errors-group"))
        second += [_head(table, place, first=place == places[0]) for place in places]
    rows = [_row(table, number, names.get(number), picks.get(number)) for number in range(len(table.rows))]
    look: Any = {"--errors-abreast": str(max(len(places) for _, places in groups))}
    whole = html.Table([html.Thead([html.Tr(top), html.Tr(second)]), html.Tbody(rows)], className="plain-table errors-table", style=look)
    return html.Div(whole, className="table-scroll", tabIndex="0", role="region", **attrs({"aria-label": "Errors of models and baselines"}))


def _head(table: Table, place: int, *, first: bool) -> Component:
    return html.Th(_when(table.columns[place]), scope="col", className="num errors-first" if first else "num")


def _when(column: Column) -> str:
    return "mean" if column.minutes is None else f"{column.minutes:g} min"


def _row(table: Table, number: int, name: Any, pick: Component | None) -> Component:
    row = table.rows[number]
    kind = "errors-cited" if row.cited else "" if row.method == table.rows[0].method else "errors-baseline"
    words = [*([pick] if pick is not None else []), name if name is not None else row.name, *([" (cited)"] if row.cited else [])]
    cells = [_cell(table, row, number, place) for place in range(len(table.columns))]
    marked = attrs({"data-label": "Seeds"}) if not kind and row.seeds > 1 else {}
    seeds = html.Td(
        str(row.seeds) if not kind else "", className="num errors-seeds", title=seed_words(row.seeds) if not kind else None, **marked
    )
    return html.Tr([html.Th(html.Div(words, className="errors-name"), scope="row"), seeds, *cells], className=kind)


def _cell(table: Table, row: Row, number: int, place: int) -> Component:
    first = place == 0 or table.columns[place].metric != table.columns[place - 1].metric
    column, best = table.columns[place], table.best(place) == number
    mean, _, spread = row.text(place).partition(" ± ")
    text: Any = html.Strong([mean, html.Span(" (best)", className="visually-hidden")]) if best else mean
    if spread:
        # below the mean: beside it, twelve columns are wider than a screen
        text = [text, html.Span(f" ±\u00a0{spread}", className="errors-spread")]
    marks = ["num", *(["errors-first"] if first else []), *(["is-best"] if best else [])]
    # What stands above the columns of a table stands in a card's first line, and its metric beside each line.
    said = {"data-when": _when(column)} if column.metric == table.columns[0].metric else {}
    said |= {"data-metric": f"{ERRORS[column.metric]} ({column.unit})"} if first else {}
    return html.Td(text, className=" ".join(marks), **attrs(said))


def window_words(errors: Errors, dataset: str) -> list[Any]:
    """What the errors of a table are of."""
    facts = errors.facts
    own = next((each for each in facts.sets if each.name == facts.set), None)
    words = [f"{', '.join(facts.target_names)} of {len(facts.sensor_ids):,} detectors, {dataset}", f"protocol {facts.protocol}"]
    if own is not None:
        words += [f"{own.windows:,} {own.name} windows", f"{clock_text(own.first)[:16]} to {clock_text(own.last)[:16]}"]
    if facts.silent:
        words.append(f"left out, as they measured nothing in training: {', '.join(facts.silent)}")
    return [html.P(" · ".join(words), className="section-note"), html.P(mask_note(facts.null), className="section-note")]


def mask_note(null: str) -> str:
    """Which values the errors of a table count, and how their names in files say so."""
    if null == "0":
        return "Zeros count as missing here: all errors leave them out (null=0 in files)."
    return "MAE and RMSE count all measured values (null=nan in files); MAPE divides by them and so leaves zeros out (null=0)."
