"""Tables of interactions as cards, and one with its columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dashboard.families.recsys.pages.datasets import one, view
from dashboard.families.recsys.pages.home import view as home
from recsys.data.stats import statistics_of
from tests.dashboard.families.recsys.pages.conftest import context_of
from tests.support.recommender_family import SALES
from tests.support.trees import having, of_class, text_of
from workbench.commands.base import CommandError


@pytest.fixture
def own(bench: Any, tmp_path: Path) -> str:
    """A table of somebody's own."""
    path = tmp_path / "sales.csv"
    rows = [f"u{n % 7},i{n % 5},{n % 5 + 1},{'red' if n % 2 else 'blue'}" for n in range(120)]
    path.write_text("\n".join(["who,what,stars,colour", *rows]))
    options = {"roles": "who=user_id,what=item_id,stars=outcome,colour=item_attribute"}
    return bench.datasets.import_data(actor="me", path=path, name="Mine", family="recsys", options=options).record.id


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
    assert len(bars) == 20
    assert one.histogram(found["who"]) == ""


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
        return [step.title for step in home.steps_of(context_of(bench)) if step.todo]

    assert todo() == ["Model Structure"]
    service.models.create(actor="me", name="Small", document={})
    assert todo() == ["Quick Test"]
    assert len(of_class(home.render(context_of(bench)), "is-next")) == 1
