"""A configuration as its lines, with where each value comes from beside it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.components import icon
from dashboard.components.attributes import attrs
from dashboard.layered.judged import Excerpt, Judged
from workbench.fields.words import capitalised
from workbench.layered.lines import Line, lines_of
from workbench.layered.problems import LayeredProblem
from workbench.layered.provenance import Leaf, Write
from workbench.layered.scalars import yaml_text

MOST_CHARACTERS = 64
"""Of a value that was overridden."""


def merged(judged: Judged) -> Component:
    """The lines of what is shown, problems below theirs."""
    assert judged.shown is not None
    rows: list[Any] = []
    for line in lines_of(judged.shown):
        rows += _rows(line, judged)
    head = html.Thead(html.Tr([html.Th("Value", scope="col"), html.Th("From", scope="col")]), className="visually-hidden")
    table = html.Table([head, html.Tbody(rows)], className="merged")
    return html.Div(table, className="merged-scroll", tabIndex="0", role="region", **attrs({"aria-label": "The merged configuration"}))


def _rows(line: Line, judged: Judged) -> list[Component]:
    if line.leaf is None:
        return [html.Tr([html.Td(_code(line.depth, line.text), colSpan=2)], className="merged-section")]
    leaf, key = line.leaf, ".".join(line.path)
    rows = []
    if judged.choice.overridden:
        rows = [_overridden(line, write) for write in _beaten(leaf)]
    kind = leaf.source.kind
    marks = [f"merged-{kind}", *(["merged-idle"] if leaf.idle else [])]
    rows.append(
        html.Tr([html.Td(_code(line.depth, line.text)), html.Td(_origin(leaf), className="merged-from")], className=" ".join(marks))
    )
    return rows + [_problem(problem) for problem in judged.of_key(key)]


def _beaten(leaf: Leaf) -> Sequence[Write]:
    """Writers whose value does not hold, weakest first; a default that nobody chose is none."""
    return [write for write in leaf.chain[:-1] if write.source.kind != "default" and write.value != leaf.value]


def _overridden(line: Line, write: Write) -> Component:
    value = yaml_text(write.value)
    text = value if len(value) <= MOST_CHARACTERS else value[: MOST_CHARACTERS - 1] + "…"
    struck = html.Del([html.Span("overridden: ", className="visually-hidden"), f"{line.path[-1]}: {text}"])
    return html.Tr([html.Td(_code(line.depth, struck)), html.Td(_source(write), className="merged-from")], className="merged-beaten")


def _origin(leaf: Leaf) -> list[Any]:
    last = leaf.chain[-1]
    words: list[Any] = [_source(last)]
    if leaf.idle:
        words.append(html.Span("does not apply", className="merged-note"))
    return words


def _source(write: Write) -> Component:
    """Where a value was written: a file and its line, an override, a rule, a default."""
    source = write.source
    if source.kind == "file":
        return html.Span([source.name, html.Span(f":{source.line}", className="merged-line")], title=f"{source}")
    if source.kind == "cli":
        return html.Span(f"override {source.name}", className="merged-cli")
    words = "default" if source.kind == "default" else source.name
    hint = " ".join(
        filter(None, (f"{source.kind} of {source.name}" if source.kind == "default" else f"worked out: {source.name}", write.note))
    )
    return html.Span([*([icon("calculator", className="me-1")] if source.kind == "derived" else []), words], title=hint)


def _code(depth: int, text: Any) -> Component:
    return html.Code(text, className="merged-code", style={"paddingLeft": f"{2 * depth}ch"})


def _problem(problem: LayeredProblem) -> Component:
    return html.Tr(html.Td(problem_words(problem), colSpan=2), className="merged-problem")


def problem_words(problem: LayeredProblem) -> list[Any]:
    """What is wrong and what to do, for people; the code for those who look it up."""
    message = capitalised(problem.message, problem.key)
    hint = [html.Span(f" {problem.hint}", className="problem-hint")] if problem.hint else []
    return [
        icon("exclamation-octagon", className="me-1"),
        html.Span(f"{message.rstrip('.')}."),
        *hint,
        html.Code(problem.code, className="problem-code"),
    ]


def excerpt(found: Excerpt) -> Component:
    """Lines of a file, what is wrong below its line."""
    rows: list[Any] = []
    last = None
    for number, text in found.lines:
        if last is not None and number > last + 1:
            rows.append(html.Tr([html.Td("⋮", className="excerpt-number"), html.Td()]))
        last = number
        wrong = [problem for problem in found.problems if problem.line == number]
        row = [html.Td(str(number), className="excerpt-number"), html.Td(html.Code(text or " ", className="merged-code"))]
        rows.append(html.Tr(row, className="excerpt-wrong" if wrong else ""))
        rows += [html.Tr([html.Td(), html.Td(problem_words(problem))], className="merged-problem") for problem in wrong]
    known = {number for number, _ in found.lines}
    rows += [
        html.Tr([html.Td(), html.Td(problem_words(problem))], className="merged-problem")
        for problem in found.problems
        if problem.line not in known
    ]
    title = html.Caption(html.Code(found.file), className="excerpt-file")
    return html.Div(html.Table([title, html.Tbody(rows)], className="merged excerpt"), className="merged-scroll", tabIndex="0")
