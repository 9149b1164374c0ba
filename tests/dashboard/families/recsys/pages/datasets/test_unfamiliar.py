"""A table whose columns nobody could guess: no user id, no item id."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dashboard.families.recsys.pages.datasets import one, view
from dashboard.families.recsys.pages.features import view as features
from dashboard.families.recsys.pages.registry import PAGES
from dashboard.families.recsys.pages.services import recommenders
from dashboard.pages.datasets import view as datasets
from dashboard.pages.datasets.callbacks import imported_words
from tests.dashboard.families.recsys.pages.conftest import context_of
from tests.support.trees import having, text_of
from workbench.services.imports import Imported


@pytest.fixture
def foreign(bench: Any, tmp_path: Path) -> str:
    """A table with names in German."""
    path = tmp_path / "kino.csv"
    rows = [f"{n % 7 + 1};{n % 5 + 100};Film {n % 5};{1980 + n % 5};Drama;{n % 5 + 1};2024-01-{n % 28 + 1:02d}" for n in range(120)]
    path.write_text("\n".join(["Kunde;Film;Titel;Jahr;Genre;Sterne;Datum", *rows]))
    return bench.datasets.import_data(actor="me", path=path, name="Kino", family="recsys").record.id


def test_columns_and_their_roles_are_drawn_whatever_roles_are_missing(bench: Any, foreign: str) -> None:
    context = context_of(bench)
    tables = recommenders(bench).tables
    drawn = one.columns(tables.columns(foreign), bench.datasets.facts(foreign).notices, editable=view.why_fixed(context, foreign) is None)
    roles = [select.value for select in having(drawn, size="sm")]
    assert len(roles) == 7
    assert not {"user_id", "item_id"} & set(roles)
    assert len(tables.sample(foreign, 10)) == 10
    assert tables.spread(foreign).popularity is None
    refusal = text_of(view.splits_of(context, foreign))
    assert refusal.count("needs one user id column and has none") == 1


def test_features_of_it_are_refused_in_place_with_the_way_to_its_roles(bench: Any, foreign: str) -> None:
    shown = features.render_new(context_of(bench), {"dataset": foreign, "start": "smart"})
    assert "one column that is the user id and one that is the item id" in text_of(shown)
    assert having(shown, href=f"/recommenders/datasets/{foreign}")
    bench.datasets.amend(actor="me", dataset_id=foreign, amendments={"roles": {"Kunde": "user_id", "Film": "item_id"}})
    shown = features.render_new(context_of(bench), {"dataset": foreign, "start": "smart"})
    assert "Set the columns' roles" not in text_of(shown)


def test_the_page_of_all_datasets_leads_to_its_roles_and_not_to_images(bench: Any, foreign: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert having(datasets.render_one(context_of(bench), foreign), href=f"/create?dataset={foreign}")
    monkeypatch.setattr("dashboard.pages.registry.all_pages", lambda: PAGES)
    shown = datasets.render_one(context_of(bench), foreign)
    assert having(shown, href=f"/recommenders/datasets/{foreign}")
    assert "New model on it" not in text_of(shown)


def test_ids_are_no_quantities_and_years_have_no_separator(bench: Any, foreign: str) -> None:
    bench.datasets.amend(actor="me", dataset_id=foreign, amendments={"roles": {"Kunde": "user_id", "Film": "item_id"}})
    found = {column.column: column for column in recommenders(bench).tables.columns(foreign)}
    assert (one.values_words(found["Kunde"]), one.histogram(found["Kunde"])) == ("1 to 7", "")
    assert one.values_words(found["Jahr"]) == "1980 to 1984"
    assert having(one.histogram(found["Jahr"]), role="img")[0].children[0].title == "1980: 24"
    assert "mean" in one.values_words(found["Sterne"])


@pytest.mark.parametrize(
    ("name", "low", "high", "years"),
    [("releaseYear", 1950.0, 2020.0, True), ("YEAR", 1950.0, 2020.0, True), ("year_2", 1950.0, 2020.0, True),
     ("yearly_income", 1950.0, 2020.0, False), ("year", 0.0, 40.0, False), ("price", 1950.0, 2020.0, False), ("year", 1950.5, 2020.0, False)],
)  # fmt: skip
def test_years_are_told_by_name_and_size(bench: Any, foreign: str, name: str, low: float, high: float, years: bool) -> None:
    (column,) = [c for c in recommenders(bench).tables.columns(foreign) if c.column == "Jahr"]
    assert column.numeric is not None
    figures = replace(column.numeric, minimum=low, maximum=high)
    assert one.is_years(replace(column, column=name, numeric=figures)) is years


def test_an_import_is_told_in_one_message(bench: Any, foreign: str) -> None:
    made = Imported(bench.state().datasets[foreign], ("a", "b", "c", "d"), ("One.", "Two."))
    assert imported_words(made, noticed_there=True) == "Imported Kino. 2 notices below. Left out: a; b; c and 1 more."
    assert imported_words(made, noticed_there=False) == "Imported Kino. One. Two. Left out: a; b; c and 1 more."


def test_what_cannot_be_drawn_yet_says_what_it_needs() -> None:
    assert "once a column is the item id" in text_of(one.figures(None, None))
