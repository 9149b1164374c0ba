"""Tables of interactions as cards, and one with its columns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dashboard.context import AppContext
from dashboard.families.recsys.pages.datasets import one, view
from dashboard.families.recsys.pages.home import view as chapters
from recsys.data.stats import statistics_of
from tests.dashboard.families.recsys.pages.conftest import context_of
from tests.support.recommender_family import SALES
from tests.support.trees import having, of_class, text_of
from workbench.commands.base import CommandError
from workbench.settings import Settings
from workbench.workbench import Workbench


@pytest.fixture
def own(bench: Any, tmp_path: Path) -> str:
    """A table of somebody's own."""
    path = tmp_path / "sales.csv"
    rows = [f"u{n % 7},i{n % 5},{n % 5 + 1},{'red' if n % 2 else 'blue'}" for n in range(120)]
    path.write_text("\n".join(["who,what,stars,colour", *rows]))
    options = {"roles": "who=user_id,what=item_id,stars=outcome,colour=item_attribute"}
    return bench.datasets.import_data(actor="me", path=path, name="Mine", family="recsys", options=options).record.id


@pytest.fixture
def real(home: Path) -> Iterator[AppContext]:
    """A workbench with what comes with Trellis."""
    settings = Settings.load(home=home)
    opened = Workbench.open(settings)
    yield AppContext(lambda: opened, settings)
    opened.close()


def test_cards_say_sizes_and_which_features_there_are(bench: Any, own: str, feature_config: dict) -> None:
    cards = {card.id: card for card in view.cards_of(context_of(bench))}
    assert (cards[own].facts.usable, cards[own].facts.users, cards[own].facts.items) == (120, 7, 5)  # type: ignore[union-attr]
    assert [name for _, name in cards[SALES].features] == [feature_config["name"]]
    shown = text_of(view.render(context_of(bench)))
    for words in ("Mine", "120", "Imported from sales.csv", feature_config["name"], "No features on it yet"):
        assert words in shown


def test_roles_can_be_changed_while_nothing_uses_the_table(bench: Any, own: str) -> None:
    context = context_of(bench)
    assert view.why_fixed(context, own) is None
    columns = one.columns(statistics_of(bench.datasets.load(own)), editable=True)
    assert [s.value for s in having(columns, size="sm")] == ["user_id", "item_id", "outcome", "item_attribute"]
    assert "Save roles" in text_of(view.render_one(context, own))


def test_roles_of_built_in_tables_stay_and_the_page_says_why(bench: Any) -> None:
    context = context_of(bench)
    assert "was simulated" in str(view.why_fixed(context, SALES))
    assert "Save roles" not in text_of(view.render_one(context, SALES))


def test_a_columns_figures_are_words_and_a_histogram(bench: Any, own: str) -> None:
    found = {column.column: column for column in statistics_of(bench.datasets.load(own))}
    assert one.values_words(found["stars"]).startswith("1 to 5, mean 3")
    assert "blue (60)" in one.values_words(found["colour"])
    bars = having(one.histogram(found["stars"]), role="img")[0].children
    assert [bar.title for bar in bars] == ["1: 24", "2: 24", "3: 24", "4: 24", "5: 24"]
    assert one.histogram(found["who"]) == ""


def test_numbers_that_are_not_finite_are_counted_beside_missing_ones(bench: Any, tmp_path: Path) -> None:
    path = tmp_path / "odd.parquet"
    stars = [*(float(n % 5) for n in range(97)), float("nan"), float("inf"), None]
    pl.DataFrame({"who": [f"u{n % 7}" for n in range(100)], "what": [f"i{n % 5}" for n in range(100)], "stars": stars}).write_parquet(path)
    options = {"roles": "who=user_id,what=item_id,stars=outcome"}
    made = bench.datasets.import_data(actor="me", path=path, name="Odd", family="recsys", options=options).record.id
    found = {column.column: column for column in statistics_of(bench.datasets.load(made))}
    assert one.missing_words(found["stars"]) == "2 (2.0 %), 1 not finite"
    assert one.missing_words(found["who"]) == "none"
    assert "1 not finite" in text_of(one.columns(list(found.values()), editable=False))


def test_what_is_odd_about_a_column_stands_at_the_column(bench: Any, tmp_path: Path) -> None:
    path = tmp_path / "dates.csv"
    path.write_text("\n".join(["user_id,item_id,when", *(f"u{n % 7},i{n % 5},0{n % 9 + 1}/04/2024" for n in range(120))]))
    made = bench.datasets.import_data(actor="me", path=path, name="Dates", family="recsys").record.id
    notices = bench.datasets.facts(made).notices
    (row,) = [
        row
        for row in having(one.columns(statistics_of(bench.datasets.load(made)), notices, editable=False), scope="row")
        if "when" in text_of(row)
    ]
    assert "may have the day or the month first" in text_of(row)
    assert "may have the day" not in text_of(view.render_one(context_of(bench), made))


def test_every_strategy_has_its_parts_or_the_reason_why_it_has_none(bench: Any, own: str) -> None:
    said = text_of(view.splits_of(context_of(bench), SALES))
    for words in ("Auto", "Random", "Last days", "Windows", "Last row", "Per user", "81", "96"):
        assert words in said
    assert "needs times, and this dataset has no timestamp column" in text_of(view.splits_of(context_of(bench), own))


def test_a_simulated_shop_says_what_nobody_can_beat(real: AppContext) -> None:
    made = real.workbench.datasets.create(actor="me", source="retail_simulator", params={"rows": 3_000}).id
    assert "Recall@10, at most" in text_of(view.ceiling_of(real, made))
    assert "What can be reached" in text_of(view.render_one(real, made))


def test_of_other_data_nobody_knows_what_can_be_reached(bench: Any, own: str) -> None:
    assert view.ceiling_of(context_of(bench), own) == ""
    assert "What can be reached" not in text_of(view.render_one(context_of(bench), own))


def test_a_shops_size_is_said_while_its_settings_change(bench: Any) -> None:
    assert view.shop_words({"size": "medium"}).startswith("1,000,000 rows of 10,000 customers and 2,000 products; about ")
    assert view.shop_words({"size": "small", "rows": "5000"}).startswith("5,000 rows of 1,000 customers")
    assert view.shop_words({"size": "small", "rows": "many"}) == ""
    assert view.shop_words({"rows": "1"}) == ""


def test_movielens_says_whether_it_is_here_or_what_is_downloaded(real: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from recsys.data import movielens

    monkeypatch.setattr(movielens, "files_100k", lambda settings: None)
    card = next(card for card in view.cards_of(real) if card.id == "movielens-100k")
    assert (card.state, card.to_fetch) == ("will be downloaded", "about 2.2 MB")
    assert "For research" in card.note
    monkeypatch.setattr(movielens, "files_100k", lambda settings: (Path("/data/u.data"),))
    card = next(card for card in view.cards_of(real) if card.id == "movielens-100k")
    assert (card.state, card.to_fetch) == ("found here", "")


def test_data_of_another_family_is_not_found_here(bench: Any) -> None:
    with pytest.raises(CommandError) as refused:
        view.render_one(context_of(bench), "digits")
    assert refused.value.code == "not_found"


def test_a_new_dataset_is_simulated_imported_or_one_that_came_along(bench: Any) -> None:
    shown = view.render_new(context_of(bench))
    for words in ("Upload", "simulated shop", "What comes with Trellis"):
        assert words in text_of(shown)


def test_the_way_begins_with_features_and_goes_on_with_what_is_missing(bench: Any, feature_config: dict, service: Any) -> None:
    def todo() -> list[str]:
        return [step.title for step in chapters.steps_of(context_of(bench)) if step.todo]

    assert todo() == ["Model Structure"]
    service.models.create(actor="me", name="Small", document={})
    assert todo() == ["Quick Test"]
    assert len(of_class(chapters.render(context_of(bench)), "is-next")) == 1


def test_a_file_may_be_as_large_as_the_server_takes(home: Path) -> None:
    settings = Settings.load(home=home, max_upload_mib=70)
    opened = Workbench.open(settings)
    page = str(view.render_new(AppContext(lambda: opened, settings)))
    opened.close()
    assert f"'{70 * 2**20}'" in page
