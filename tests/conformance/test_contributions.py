"""What a family brings besides models works like the core's own: kinds of record, pages, routes, commands, metrics."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from dashboard.live import curves
from dashboard.live.feed import Feed, fold
from dashboard.live.warnings import notices
from dashboard.pages.model.tabs import all_tabs, tabs_of
from dashboard.pages.registry import all_pages
from tests.dashboard.live.feeding import Script
from tests.support import contributing_family as rail
from workbench import families
from workbench.cli.app import build
from workbench.cli.app import run as trellis
from workbench.commands.base import CommandError
from workbench.commands.records import DeleteCommand, RenameCommand
from workbench.families import ImportString, Verb
from workbench.ids import new_id
from workbench.settings import Settings
from workbench.workbench import Workbench

ME = "user:test"


@pytest.fixture
def bench(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workbench]:
    """An open workbench on the registered families and the railways."""
    monkeypatch.setattr(families, "FAMILIES", {**families.FAMILIES, "rail": f"{rail.HERE}:FAMILY"})
    families.family.cache_clear()
    opened = Workbench.open(Settings.load(home=home, check_state=True))
    yield opened
    opened.close()
    families.family.cache_clear()


@pytest.fixture
def client(bench: Workbench) -> Any:
    """A client of its server."""
    from dashboard.server import create_server

    return TestClient(create_server(bench.settings, bench), base_url="http://127.0.0.1:8050")


def plan(bench: Workbench, name: str) -> str:
    """Make a timetable."""
    made = new_id(rail.KIND)
    command = rail.PlanCommand(timetable_id=made, name=name, stations=("here", "there"))
    bench.store.execute(command, actor=ME)
    return made


def test_a_record_of_a_familys_own_kind_is_renamed_deleted_and_taken_back_like_any_other(bench: Workbench, home: Path) -> None:
    made = plan(bench, "Night")
    bench.store.execute(RenameCommand(kind=rail.KIND, id=made, name="Late"), actor=ME)
    bench.store.execute(DeleteCommand(kind=rail.KIND, id=made), actor=ME)
    assert rail.live(bench.state()) == []
    for names in (["Late"], ["Night"], []):
        bench.undo(actor=ME)
        assert [found.name for found in rail.live(bench.state())] == names
    bench.redo(actor=ME)
    again = Workbench.open(Settings.load(home=home))
    assert [found.name for found in rail.live(again.state())] == ["Night"]
    again.close()


def test_names_of_a_familys_own_kind_are_unique(bench: Workbench) -> None:
    plan(bench, "Night")
    other = plan(bench, "Day")
    with pytest.raises(CommandError):
        bench.store.execute(RenameCommand(kind=rail.KIND, id=other, name="night"), actor=ME)


def test_its_route_its_page_and_its_command_show_the_same(bench: Workbench, client: Any, capsys: pytest.CaptureFixture[str]) -> None:
    plan(bench, "Night")
    assert client.get("/api/timetables").json() == ["Night"]
    assert "/api/timetables" in client.get("/openapi.json").json()["paths"]
    assert rail.PAGE in all_pages()
    assert client.get("/timetables").status_code == 200
    assert trellis(["timetables", "list"]) == 0
    assert capsys.readouterr().out.split() == ["Night"]


def test_without_the_family_there_is_no_such_page_route_or_command(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert rail.PAGE not in all_pages()
    assert trellis(["timetables", "list"]) == 2
    assert "timetables" in capsys.readouterr().err


def test_two_families_cannot_bring_one_command(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    twice = replace(rail.FAMILY, verbs=(Verb("suggest", ImportString(f"{rail.HERE}:timetables"), group=True),))
    monkeypatch.setattr(rail, "FAMILY", twice)
    families.family.cache_clear()
    with pytest.raises(ValueError, match="rail brings a second command 'suggest'"):
        build()


def test_rest_tells_its_metrics_with_their_direction(client: Any) -> None:
    items = {item["name"]: item for item in client.get("/api/families").json()["items"]}
    assert items["rail"]["metrics"] == [
        {
            "key": "delay", "label": "Mean delay", "unit": "min", "direction": "lower", "format": "number",
            "panel": "delays", "splits": ["train", "validation"],
        }
    ]  # fmt: skip
    assert [panel["name"] for panel in items["rail"]["panels"]] == ["delays"]


def test_its_curves_and_warnings_are_its_own() -> None:
    feed = fold(Feed(), Script().epoch(1, train__delay=50.0, validation__delay=61.0).events)
    palette = curves.Palette("#0072b2", "#d55e00", ())
    (axes,) = curves.axes_of(rail.FAMILY.panels[0], feed, rail.FAMILY.measures, palette)
    assert (axes.title, [line.key for line in axes.lines]) == ("Delays", ["train/delay", "validation/delay"])
    assert [notice.text for notice in notices(rail.FAMILY, feed)] == ["Trains are more than an hour late"]


def test_nothing_imports_its_framework(client: Any) -> None:
    # other tests of this process may have imported it themselves
    before = set(sys.modules)
    assert client.get("/api/families").status_code == 200
    assert "tensorflow" not in set(sys.modules) - before


def test_a_tab_of_its_models_stands_in_its_place_with_its_own_shortcuts(bench: Workbench) -> None:
    own, core = tabs_of(rail.FAMILY), tabs_of(replace(rail.FAMILY, model_tabs=()))
    assert [tab.key for tab in own] == ["platforms", *(tab.key for tab in core)]
    assert rail.TAB in all_tabs()
    assert rail.TAB not in tabs_of(families.family("rcmvae"))


def test_no_two_tabs_of_a_model_share_an_address_or_a_place() -> None:
    for family in families.all_families():
        tabs = tabs_of(family)
        assert len({tab.key for tab in tabs}) == len(tabs)
        assert len({tab.place for tab in tabs}) == len(tabs)
