from __future__ import annotations

from typing import Any

from dashboard.context import AppContext
from dashboard.pages.models import layout, view
from dashboard.pages.models.rows import Choice, ModelRow, choose, rows_of, short_words, signature
from dashboard.pages.models.table import table, table_row
from tests.support.trees import having, of_class, text_of, walk
from workbench.commands.base import Command, Put
from workbench.families import model_type
from workbench.state import Kind, RunState, Weights


def row(**changes: Any) -> ModelRow:
    given: dict[str, Any] = {
        "id": "model_1", "number": 1, "name": "First", "family": "rcmvae", "family_title": "RCM-VAE", "words": "Mixture (10 components)",
        "dataset": "digits", "held": "1,437 images, 128 labelled, 360 held out", "state": RunState.COMPLETED, "run_id": "run_1", "metric": 0.95,
        "metric_name": "Accuracy", "metric_text": "95.0 %", "lower_is_better": False, "updated_at": "2026-01-02T00:00:00.000Z", "created_at": "2026-01-01T00:00:00.000Z",
        "tags": (), "misfit": None, "active": False,
    }  # fmt: skip
    return ModelRow(**given | changes)


def names(rows: list[ModelRow]) -> list[str]:
    return [r.name for r in rows]


def test_search_looks_at_name_number_architecture_data_and_tags() -> None:
    rows = [row(name="Alpha", tags=("paper",)), row(name="Beta", words="Standard normal"), row(name="Gamma", number=77, dataset="mnist")]
    assert names(choose(rows, Choice(text="alpha"))) == ["Alpha"]
    assert names(choose(rows, Choice(text="PAPER mixture"))) == ["Alpha"]
    assert names(choose(rows, Choice(text="standard"))) == ["Beta"]
    assert names(choose(rows, Choice(text="#77"))) == ["Gamma"]
    assert names(choose(rows, Choice(text="mnist alpha"))) == []


def test_filters_by_state_tag_and_family() -> None:
    rows = [row(name="A", state=None, tags=("x",)), row(name="B", state=RunState.FAILED), row(name="C", family="recsys")]
    assert names(choose(rows, Choice(state="none"))) == ["A"]
    assert names(choose(rows, Choice(state="failed"))) == ["B"]
    assert names(choose(rows, Choice(tag="x"))) == ["A"]
    assert names(choose(rows, Choice(family="recsys"))) == ["C"]


def test_sorts_by_what_was_asked_for_the_best_first() -> None:
    rows = [row(name="b", metric=0.8), row(name="A", metric=None), row(name="c", metric=0.9, updated_at="2026-02-01T00:00:00.000Z")]
    assert names(choose(rows, Choice(sort="name"))) == ["A", "b", "c"]
    assert names(choose(rows, Choice(sort="metric"))) == ["c", "b", "A"]
    assert names(choose(rows, Choice(sort="updated")))[0] == "c"


def test_the_best_models_come_first_whichever_way_is_better() -> None:
    low = [row(name=name, metric=value, lower_is_better=True) for name, value in (("a", 3.0), ("b", 2.0))]
    assert names(choose(low, Choice(sort="metric"))) == ["b", "a"]
    high = [row(name=name, metric=value) for name, value in (("a", 0.5), ("b", 0.75))]
    assert names(choose(high, Choice(sort="metric"))) == ["b", "a"]


def test_few_words_tell_models_apart() -> None:
    pairs = [("Images", "8 x 8"), ("Prior", "Mixture (10 components)"), ("Latent space", "2 dimensions"), ("Encoder / decoder", "dense")]
    assert short_words(pairs, ("Prior", "Latent space", "Encoder / decoder", "Unknown")) == "Mixture (10 components) · 2 dimensions · dense"
    assert short_words([("Tower", "two")]) == "Tower: two"
    assert short_words([("Layers", "2"), ("Forecast steps", "12 steps")], ("Layers", "Forecast steps")) == "Layers: 2 · 12 steps"


def test_a_model_types_card_names_words_that_its_architecture_has(bench: Any, digits_model: Any) -> None:
    known = {label for label, _ in bench.models.summary(digits_model)}
    assert set(model_type("rcmvae", "rcmvae").card) <= known


def test_a_model_fresh_from_creation_has_its_row(bench: Any, digits_model: Any) -> None:
    (found,) = view.rows(AppContext(lambda: bench, bench.settings))
    assert (found.name, found.state, found.metric, found.run_id) == ("First", None, None, None)
    assert found.held == "1,024 images, 128 labelled, 360 held out"
    assert found.misfit is None
    assert "3 dimensions" in found.words


def test_deleted_models_are_not_listed(bench: Any, digits_model: Any) -> None:
    bench.models.delete(actor="me", model_id=digits_model.id)
    assert view.rows(AppContext(lambda: bench, bench.settings)) == []


def test_a_queued_run_makes_its_model_active(bench: Any, digits_model: Any) -> None:
    run = bench.runs.start(actor="me", model_id=digits_model.id)
    (found,) = view.rows(AppContext(lambda: bench, bench.settings))
    assert found.active
    assert found.run_id == run.id
    assert found.state is RunState.QUEUED


class Plant(Command):
    """Puts a record into the store as it is, as a hand in the database would."""

    record: Any

    def decide(self, state: Any, env: Any) -> Any:
        return (Put(Kind.MODEL, self.record.id, self.record),)


def test_weights_of_another_architecture_are_told_of(bench: Any, digits_model: Any) -> None:
    weights = Weights(run_id="run_x", path="x", sha256="0" * 64, fingerprint=digits_model.fingerprint, epoch=1)
    altered = digits_model.model_copy(
        update={
            "weights": weights,
            "config": digits_model.config | {"architecture": digits_model.config["architecture"] | {"latent_dim": 9}},
        }
    )
    bench.store.execute(Plant(record=altered), actor="me")
    (found,) = view.rows(AppContext(lambda: bench, bench.settings))
    assert found.misfit is not None
    assert "Clone it" in text_of(layout.model_card(found))


def test_the_best_value_of_all_runs_is_shown_under_its_name(bench: Any, digits_model: Any) -> None:
    run = bench.runs.start(actor="me", model_id=digits_model.id)
    done = {"state": RunState.COMPLETED, "ended_at": "2030-01-01T00:00:00.000Z"}
    runs = {
        str(n): run.model_copy(update={"id": str(n), "number": n, "headline": {"test/accuracy": value, "loss": 1.0}, **done})
        for n, value in enumerate((0.9, 0.97, 0.95), 1)
    }
    from dataclasses import replace

    state = replace(bench.state(), records={**bench.state().records, Kind.RUN: runs})
    (found,) = rows_of(state, lambda _model: view.KnownArchitectures(bench.models.summary).of(digits_model))
    assert found.metric == 0.97
    assert found.metric_text == "97.0 %"
    assert "Accuracy" in found.metric_name
    assert found.updated_at == "2030-01-01T00:00:00.000Z"


def test_the_first_visit_offers_the_one_click_and_links_to_create() -> None:
    page = layout.page(
        [], [], Choice(), view="cards", families={"rcmvae": "Mixture VAEs"}, try_it=("Try it on leaves", "It takes a minute.")
    )
    assert "Try it on leaves" in text_of(having(page, id="models-try")[0])
    assert "It takes a minute." in text_of(page)
    assert having(page, href="/create")
    assert having(page, id={"type": "warm-up", "framework": "jax"})
    assert not having(layout.first_visit(None), id="models-try")


def test_a_card_offers_every_action_and_each_is_named_for_its_model() -> None:
    card = layout.model_card(row(tags=("paper",)))
    assert having(card, href="/model/model_1")
    assert having(card, href="/create?from=model_1")
    assert having(card, data_act="tag", data_id="model_1")
    assert having(card, data_act="delete", data_id="model_1")
    assert having(card, data_rename="model_1")
    for part in walk(card):
        if getattr(part, "className", "") and "btn-icon" in part.className:
            assert "First" in part.title


def test_a_model_that_trains_is_stopped_before_it_is_deleted_and_only_after_asking() -> None:
    (button,) = having(layout.model_card(row(active=True)), data_act="stop-delete")
    props = button.to_plotly_json()["props"]
    assert "Stop its run" in props["data-confirm"]
    assert not having(layout.model_card(row(active=True)), data_act="delete")


def test_many_models_are_shown_a_page_of_cards_at_a_time() -> None:
    rows = [row(id=f"model_{i}") for i in range(1000)]
    shown = layout.listing(rows, "cards", layout.CARDS_AT_ONCE)
    assert len(of_class(shown, "model-card")) == layout.CARDS_AT_ONCE
    assert "976 left" in text_of(shown)
    assert having(shown, data_act="more")


def test_the_table_is_one_grid_whatever_the_number_of_models() -> None:
    grid: Any = table([row(id=f"model_{i}") for i in range(1000)])
    assert len(grid.rowData) == 1000
    assert grid.dangerously_allow_code is False
    assert table_row(row(state=None))["state"] == "Not trained"


def test_nothing_found_says_how_to_see_everything_again() -> None:
    assert having(layout.listing([], "cards", 24), id="models-clear")


def test_filters_come_from_the_address_and_what_it_does_not_know_is_passed_over() -> None:
    assert view.choice_of({"text": "a", "state": "failed", "sort": "name"}) == Choice("a", "", "failed", "", "name")
    assert view.choice_of({"sort": "drop table"}).sort == "updated"


def test_a_change_of_anything_shown_changes_the_signature() -> None:
    assert signature([row()]) == signature([row()])
    assert signature([row()]) != signature([row(state=RunState.FAILED)])
