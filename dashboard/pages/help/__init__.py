"""Help: how to get to a trained model, what the words mean, and the keys."""

from __future__ import annotations

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import page_header, section
from dashboard.components.tour import again
from dashboard.context import AppContext
from dashboard.pages.page import Entry, Page, shortcuts_to
from workbench.families import Family, all_families

STEPS: tuple[tuple[str, str], ...] = (
    (
        "Create a model",
        "Choose a preset or set it up yourself. What is under “Architecture” is fixed from then on; everything else stays tunable.",
    ),
    ("Train it", "Press Start on its page. Curves, diagnostics and the log follow while it trains; closing the page changes nothing."),
    ("Look at what it learned", "“Diagnose” draws every figure of a finished run, each with what to look for in it."),
    (
        "Change settings and train on",
        "Edits apply from the next run, which goes on from the weights that were kept. Or clone the model with another architecture.",
    ),
)

WORDS: tuple[tuple[str, str], ...] = (
    ("Architecture", "What decides the shape of the weights. It cannot change once a model exists, so weights and settings always fit."),
    (
        "Run",
        "One training of a model, from Start to its end. It lives in a process of its own and survives a reload or a restart of the server.",
    ),
    ("Stop", "Ends a run soon and keeps what it has learned. “Resume” goes on from the same place, as if it had not been stopped."),
    (
        "Interrupted",
        "The run's process is gone without having said how it ended, for instance after a power cut. Resume goes on from the last checkpoint.",
    ),
)

KEYS: tuple[tuple[str, str], ...] = (
    ("?", "the shortcuts of the page you are on"),
    ("/", "search on this page"),
    ("Enter", "open the focused row of the runs table"),
    ("Esc", "close a menu or a dialog"),
)


def render(_context: AppContext) -> Component:
    """The page."""
    steps = html.Ol([html.Li([html.Strong(title), html.Span(f" {text}")]) for title, text in STEPS], className="help-steps")
    families = [family for family in all_families() if family.glossary]
    words = html.Dl([part for term, text in WORDS for part in (html.Dt(term), html.Dd(text))], className="help-words")
    from dashboard.pages.registry import all_pages

    going = [(f"g then {letter}", words) for letter, words, _ in shortcuts_to(all_pages())]
    keys = html.Table(
        html.Tbody([html.Tr([html.Th(_caps(combination), scope="row"), html.Td(text)]) for combination, text in (*going, *KEYS)]),
        className="plain-table",
    )
    program = html.Ul(
        [
            html.Li(
                [
                    html.Code(_train_command()),
                    " trains from the command line; its runs appear here.",
                ]
            ),
            html.Li([html.Code("trellis audit"), " checks that every model's weights fit its settings."]),
            html.Li(
                [
                    html.A("The REST interface", href="/docs", target="_blank", rel="noopener"),
                    " has models, data, labels, runs and what they leave, what each family adds, undo and history.",
                ]
            ),
        ]
    )
    return html.Div(
        [
            page_header("Help", lead="Look, label, train, look again."),
            section("From nothing to a trained model", [steps, dcc.Link("Go to models", href="/", className="btn btn-primary"), again()]),
            html.Div(
                [
                    html.Div([section("Words", words), *(section(f"Words of {f.title}", _glossary(f)) for f in families)]),
                    html.Div([section("Keys", keys), section("Without the browser", program)]),
                ],
                className="help-pair",
            ),
        ],
        className="help-page",
    )


def _glossary(family: Family) -> Component:
    return html.Dl([part for term, text in family.glossary for part in (html.Dt(term), html.Dd(text))], className="help-words")


def _train_command() -> str:
    """A command that trains something, with what a family offers for a first try."""
    dataset, _, preset = next((f.try_it for f in all_families() if f.try_it[0]), ("DATASET", "", "PRESET"))
    return f"trellis train --preset {preset} --data {dataset}"


def _caps(combination: str) -> list[Any]:
    return [f" {part} " if part == "then" else html.Kbd(part) for part in combination.split(" ")]


PAGE = Page(
    "/help",
    "Help",
    render,
    nav="help",
    entry=Entry("Help", "question-circle", hint="Help, and ? for this page's shortcuts"),
    go=("h", "help"),
)
