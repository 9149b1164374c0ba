"""A family for tests that brings everything that a family may bring besides models: a page, a REST route, a command, a kind of record.

It shares no word with RCM-VAE: its records are routes between stations, its best metric is an error where lower is better,
and its framework is the other one, which nothing imports.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import typer
from dash import html
from fastapi import APIRouter

from dashboard.api.dependencies import Bench
from dashboard.pages.model.tab import Tab
from dashboard.pages.page import Entry, Page
from tests.support import fake_family
from workbench.cli.opening import opened
from workbench.commands.base import Changes, Command, Env, Put
from workbench.families import ImportString, Metric, Panel, Verb
from workbench.families.noticing import Course, Notice, values_of
from workbench.kinds import RecordKind
from workbench.state import AppState, Record

HERE = "tests.support.contributing_family"
KIND = "timetable"


class Timetable(Record):
    """A record of this family alone."""

    name: str
    stations: tuple[str, ...]
    note: str = ""
    tags: tuple[str, ...] = ()
    created_at: str
    updated_at: str
    deleted_at: str | None = None


TIMETABLE = RecordKind(KIND, "timetable", Timetable, "timetable", named=True)


class PlanCommand(Command):
    """Make a timetable."""

    undoable = True
    timetable_id: str
    name: str
    stations: tuple[str, ...]

    def decide(self, state: AppState, env: Env) -> Changes:
        made = Timetable(
            id=self.timetable_id, name=self.name, stations=self.stations, created_at=env.now, updated_at=env.now
        )  # fmt: skip
        return (Put(KIND, made.id, made),)

    @property
    def words(self) -> str:
        return f"Plan {self.name}"


def live(state: AppState) -> list[Timetable]:
    """The timetables that are not deleted."""
    return [found for found in state.of(KIND).values() if found.deleted_at is None]


router = APIRouter(prefix="/timetables", tags=["timetables"])


@router.get("")
def list_timetables(bench: Bench) -> list[str]:
    """Names of all timetables."""
    return [found.name for found in live(bench.state())]


def _render(context: Any) -> html.Ul:
    return html.Ul([html.Li(found.name) for found in live(context.workbench.state())], id="timetables")


def _platforms(_context: Any, view: Any, _feed: Any, query: Any) -> html.P:
    return html.P(f"{view.record.name} stops at {query.get('platform', 'any platform')}", id="platforms")


TAB = Tab("platforms", "Platforms", 5, _platforms, shortcuts=(("p", "next platform"),))

PAGE = Page("/timetables", "Timetables", _render, nav="timetables", entry=Entry("Timetables", "signpost"))

timetables = typer.Typer(help="Timetables of stations.")


@timetables.callback()
def _group() -> None:
    """Timetables of stations."""


@timetables.command("list")
def _list() -> None:
    """Names of all timetables."""
    with opened() as workbench:
        for found in live(workbench.state()):
            typer.echo(found.name)


def notices(course: Course) -> Sequence[Notice]:
    """An error of more than an hour is worth a word."""
    late = values_of(course, "validation/delay")
    return [Notice("Trains are more than an hour late")] if late and late[-1] > 60 else []


FAMILY = replace(
    fake_family.FAMILY, name="rail", title="Railways", framework="tensorflow", abilities={}, try_it=("", "", ""),
    data=replace(fake_family.FAMILY.data, sources=()),
    metrics=(Metric("delay", "Mean delay", "min", "lower", panel="delays", splits=("train", "validation")),),
    panels=(Panel("delays", "Delays", "Mean delay over the epochs"),), watched=("validation/delay",),
    warnings=ImportString(f"{HERE}:notices"), kinds=(ImportString(f"{HERE}:TIMETABLE"),),
    pages=(ImportString(f"{HERE}:PAGE"),), model_tabs=(ImportString(f"{HERE}:TAB"),), routes=(ImportString(f"{HERE}:router"),),
    verbs=(Verb("timetables", ImportString(f"{HERE}:timetables"), group=True),),
)  # fmt: skip
