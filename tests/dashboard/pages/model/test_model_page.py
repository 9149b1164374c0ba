"""A model's page as a tree of components."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from dash import dcc, html

from dashboard.context import AppContext
from dashboard.forms import looks_of
from dashboard.live.feed import Feed, fold
from dashboard.live.reader import feed_of
from dashboard.pages.model import render
from dashboard.pages.model.diagnose import Place, diagnose, places_of
from dashboard.pages.model.header import header
from dashboard.pages.model.history import entries_of, history
from dashboard.pages.model.hub import FORM, applies_note, architecture_card, baseline_of, form_specs, hub
from dashboard.pages.model.settings_form import caught_up, edited, judge_view, save, saved_words
from dashboard.pages.model.tabs import tabs_of
from dashboard.pages.model.view import ModelView, view_of
from tests.dashboard.live.feeding import Script
from tests.support.acting import checkpoint, finish, queue, run_to
from tests.support.records import run_record
from tests.support.trees import having, of_class, text_of, walk, with_id
from workbench.artefacts import ArtefactsAway
from workbench.commands.base import Changes, Command, CommandError, Env, Put
from workbench.families import Figure, ImportString
from workbench.fields import modifiable_fields, structural_fields
from workbench.state import AppState, Kind, ModelRecord


class Plant(Command):
    """Puts a record into the store as no command of the product would."""

    record: ModelRecord

    def decide(self, state: AppState, env: Env) -> Changes:
        return (Put(Kind.MODEL, self.record.id, self.record),)


@pytest.fixture
def view(bench: Any, digits_model: Any) -> ModelView:
    return view_of(bench, digits_model.id)


def _hub(bench: Any, view: ModelView) -> Any:
    return hub(view, Feed(), looks_of(form_specs(view), judge_view(bench, view, {}), baseline=view.values))


def _raw(view: ModelView, **changes: Any) -> dict[str, Any]:
    return baseline_of(form_specs(view), view.values) | changes


def test_a_model_that_does_not_exist_or_was_deleted_has_no_page(bench: Any, digits_model: Any) -> None:
    with pytest.raises(CommandError) as missing:
        view_of(bench, "model_0000000000000")
    assert missing.value.code == "not_found"
    bench.models.delete(actor="me", model_id=digits_model.id)
    with pytest.raises(CommandError):
        view_of(bench, digits_model.id)


def test_the_header_names_the_model_its_data_and_its_architecture(view: ModelView) -> None:
    text = text_of(header(view, Feed(), "diagnose"))
    assert "First" in text
    assert "1,024 images, 128 labelled, 360 held out" in text
    assert "Mixture (12 components) · 3 dimensions" in text
    assert "Decoder conditioning" not in text, "the whole architecture stands on the Train tab"


def test_the_settings_begin_with_epochs_open_and_the_architecture_folds_on_small_screens(bench: Any, view: ModelView) -> None:
    details: list[Any] = [part for part in walk(_hub(bench, view)) if isinstance(part, html.Details)]
    opened = [part for part in details if getattr(part, "open", False)]
    assert len(opened) == 1
    assert "max_epochs" in str([getattr(part, "id", "") for part in walk(opened[0])])
    (folded,) = [part for part in details if part.className == "fold-narrow"]
    assert "3 dimensions" in text_of(folded.children[0])


def test_the_hub_shows_the_architecture_once_and_below_the_settings(bench: Any, view: ModelView) -> None:
    assert "Latent space" not in text_of(header(view, Feed(), "train"))
    ids = [getattr(part, "id", None) for part in walk(_hub(bench, view))]
    assert ids.index("settings") < ids.index("architecture")


def test_every_tab_is_an_address_and_the_current_one_says_so(view: ModelView) -> None:
    tree = header(view, Feed(), "history")
    links = {
        link.children: getattr(link, "href", None)
        for link in walk(tree)
        if isinstance(link, dcc.Link) and "page-tab" in str(getattr(link, "className", ""))
    }
    assert links == {tab.title: f"/model/{view.record.id}/{tab.key}" for tab in tabs_of(view.family)}
    (current,) = having(tree, aria_current="page")
    assert text_of(current) == "History"


def test_start_is_offered_and_the_others_hidden_before_the_first_run(view: ModelView) -> None:
    tree = header(view, Feed(), "train")
    assert "d-none" not in with_id(tree, "hub-start").className
    assert "d-none" in with_id(tree, "hub-resume").className
    assert "d-none" in with_id(tree, "hub-stop").className
    assert with_id(tree, "live-progress").className == "live-progress d-none"


def test_a_queued_run_turns_start_into_stop_and_shows_the_bar(bench: Any, digits_model: Any) -> None:
    queue(bench, digits_model)
    tree = header(view_of(bench, digits_model.id), Feed(), "train")
    assert "d-none" in with_id(tree, "hub-start").className
    assert "d-none" not in with_id(tree, "hub-stop").className
    assert with_id(tree, "live-progress").className == "live-progress"
    assert with_id(tree, "live-words").children == "Starting a worker"


def test_a_start_that_would_be_refused_is_off_with_the_reason_in_sight(view: ModelView) -> None:
    tree = header(replace(view, preflight=("The dataset Digits has changed.",)), Feed(), "train")
    assert with_id(tree, "hub-start").disabled
    assert with_id(tree, "hub-reason").children == "The dataset Digits has changed."
    assert with_id(tree, "hub-start").title == "The dataset Digits has changed."


def test_weights_that_do_not_fit_carry_a_banner_that_says_how_to_go_on(view: ModelView) -> None:
    mismatch = "The architecture does not match the weights from run #3. They differ in latent_dim."
    tree = header(replace(view, mismatches=(mismatch,), preflight=(mismatch,)), Feed(), "train")
    banner = with_id(tree, "mismatch-banner")
    assert mismatch in text_of(banner)
    assert having(banner, href=f"/create?from={view.record.id}")
    assert with_id(tree, "hub-start").disabled


def test_a_mismatch_planted_in_the_store_reaches_the_page(bench: Any, digits_model: Any) -> None:
    bench.store.execute(
        Plant(
            record=digits_model.model_copy(
                update={"config": digits_model.config | {"architecture": digits_model.config["architecture"] | {"latent_dim": 9}}}
            )
        ),
        actor="me",
    )
    found = view_of(bench, digits_model.id)
    assert found.mismatches
    assert found.preflight
    tree = header(found, Feed(), "train")
    assert with_id(tree, "mismatch-banner")
    assert with_id(tree, "hub-start").disabled


def test_the_architecture_is_shown_but_nothing_in_it_can_be_edited(bench: Any, view: ModelView) -> None:
    card = architecture_card(view)
    assert having(card, href=f"/create?from={view.record.id}")
    structural = {spec.name for spec in structural_fields(view.model_type.sections["architecture"])}
    controls = {part.id["field"] for part in walk(_hub(bench, view)) if isinstance(getattr(part, "id", None), dict) and "field" in part.id}
    assert controls
    assert not controls & structural


def test_every_tunable_field_whose_effect_exists_has_its_control(bench: Any, view: ModelView) -> None:
    tree = _hub(bench, view)
    controls = {part.id["field"] for part in walk(tree) if isinstance(getattr(part, "id", None), dict) and part.id.get("form") == FORM}
    expected = {s.name for s in modifiable_fields(view.model_type.sections["training"]) if s.meta.in_form and s.meta.unavailable is None}
    assert controls == expected


def test_settings_that_do_not_apply_are_hidden(bench: Any, digits_model: Any) -> None:
    standard = bench.models.create(
        actor="me", family="rcmvae", model_type="rcmvae", dataset_id="digits", values={"prior_type": "standard"}, name="Plain"
    )
    tree = _hub(bench, view_of(bench, standard.id))
    shown = {row.to_plotly_json()["props"]["data-field"]: not row.hidden for row in of_class(tree, "field")}
    assert shown["learning_rate"]
    assert not shown["component_diversity_weight"]


def test_an_unchanged_form_has_nothing_to_save(bench: Any, view: ModelView) -> None:
    state = edited(bench, view, _raw(view))
    assert (state.changed, state.may_save, state.words) == ({}, False, "Everything is saved")


def test_a_changed_setting_is_typed_and_may_be_saved(bench: Any, view: ModelView) -> None:
    state = edited(bench, view, _raw(view, learning_rate="3e-3", max_epochs="7"))
    assert state.changed == {"learning_rate": 0.003, "max_epochs": 7}
    assert state.may_save
    assert state.words == "2 changes not saved"


@pytest.mark.parametrize(("name", "typed"), [("learning_rate", "fast"), ("learning_rate", "-1"), ("batch_size", "2.5"), ("max_epochs", "")])
def test_an_invalid_setting_is_refused_at_its_control(bench: Any, view: ModelView, name: str, typed: str) -> None:
    state = edited(bench, view, _raw(view, **{name: typed}))
    assert not state.may_save
    assert [p.path for p in state.judged.errors] == [name]
    assert state.words == "1 setting needs attention"


def test_saving_executes_one_command_and_keeps_the_rest(bench: Any, view: ModelView) -> None:
    done = save(bench, view, _raw(view, learning_rate="0.004"), _raw(view), "me")
    assert saved_words(done) == "Saved 1 change."
    record = bench.state().models[view.record.id]
    assert record.config["training"] == view.record.config["training"] | {"learning_rate": 0.004}


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(bench: Any, view: ModelView) -> None:
    opened = _raw(view)
    bench.models.update_config(actor="other", model_id=view.record.id, values={"learning_rate": 0.5})
    now = view_of(bench, view.record.id)
    with pytest.raises(CommandError) as refused:
        save(bench, now, opened | {"learning_rate": "0.004"}, opened, "me")
    assert refused.value.code == "conflict"
    assert "Learning rate" in refused.value.message
    assert bench.state().models[view.record.id].config["training"]["learning_rate"] == 0.5


def test_while_a_run_is_active_edits_are_said_to_apply_from_the_next() -> None:
    assert applies_note(False) is None
    assert "applies from the next run" in text_of(applies_note(True))


def test_recent_runs_are_listed_newest_first_with_what_they_reached(bench: Any, digits_model: Any) -> None:
    for accuracy in (0.91, 0.95):
        finish(bench, run_to(bench, queue(bench, digits_model), "running"), headline={"accuracy": accuracy})
    words = text_of(with_id(_hub(bench, view_of(bench, digits_model.id)), "live-recent"))
    assert words.index("#2") < words.index("#1")
    assert "95.0 %" in words
    assert "91.0 %" in words


def test_warnings_stand_above_the_curves_in_words(bench: Any, view: ModelView) -> None:
    script = Script()
    for epoch in range(1, 7):
        script.epoch(epoch, train__loss=1.0 / epoch).mixture(epoch, usage=[0.5, 0.5, 0.0], k_eff=2.0)
    tree = hub(view, fold(Feed(), script.events), {})
    assert "1 of 3 components unused for 6 epochs" in text_of(with_id(tree, "live-notices"))


def test_the_live_tau_map_comes_with_the_first_class_whatever_the_network_was_made_for(bench: Any, view: ModelView) -> None:
    def places(names: tuple[str, ...]) -> list[str]:
        bare = replace(view, resolved={**view.resolved, "num_classes": 0}, held=view.held.model_copy(update={"class_names": names}))
        return [part.id["name"] for part in walk(hub(bare, Feed(), {})) if getattr(part, "id", None) and "live-figure" in str(part.id)]

    assert "tau_heatmap" in places(("left", "right"))
    assert "tau_heatmap" not in places(())


def test_history_says_who_changed_what_from_what_to_what(bench: Any, digits_model: Any) -> None:
    me = "browser:0000000000000000"
    bench.models.update_config(actor="browser:1111222233334444", model_id=digits_model.id, values={"learning_rate": 0.25})
    bench.models.rename(actor=me, model_id=digits_model.id, name="Second")
    tree = history(
        view_of(bench, digits_model.id), bench.history(Kind.MODEL, digits_model.id), undo_words=bench.undo_words(me), me=me,
        names={"browser:1111222233334444": "Ann"},
    )  # fmt: skip
    words = " ".join(text_of(tree).split())
    assert "by Ann" in words
    assert "Learning rate: 0.002 became 0.25" in words
    assert "by you" in words
    assert "Undo: Rename the model to Second" in words
    assert words.index("Second") < words.index("0.25")


def test_history_tells_the_course_of_the_models_runs_once_each(bench: Any, digits_model: Any) -> None:
    run = run_to(bench, queue(bench, digits_model), "running")
    checkpoint(bench, run)
    bench.runs.request_stop(actor="me", run_id=run.id)
    finish(bench, bench.state().runs[run.id], "stopped")
    bench.runs.resume(actor="me", run_id=run.id)
    other = bench.models.clone(actor="me", model_id=digits_model.id, name="Other")
    queue(bench, other)
    told = entries_of(bench, digits_model.id, 200)
    assert told.older is None
    assert [entry.words for entry in told.entries] == [
        f"Resume run #{run.number}", f"Run #{run.number} ended: stopped", f"Ask run #{run.number} to stop", f"Start run #{run.number}", "Create First",
    ]  # fmt: skip
    tree = history(view_of(bench, digits_model.id), told.entries, undo_words=None, me="me", names={})
    assert f"Ask run #{run.number} to stop by you" in " ".join(text_of(tree).split())


def _figure(name: str, reason: str | None = None) -> Figure:
    return Figure(name, name.title(), f"Look at {name}.", ImportString("tests.support.trees:text_of"), lambda resolved, classes: reason)


def test_figures_that_do_not_apply_are_listed_with_their_reason() -> None:
    run = run_record(state="completed")
    places = places_of((_figure("loss"), _figure("pseudo", "vamp priors only")), {}, 0)
    assert [p.state for p in places] == ["shown", "not applicable"]
    tree = diagnose(run, (run,), places, has_bundle=True, base="/model/m/diagnose")
    assert [card.to_plotly_json()["props"]["data-lazy-figure"] for card in of_class(tree, "figure-card")] == ["loss"]
    assert "vamp priors only" in text_of(tree)


def test_without_a_run_or_its_diagnostics_the_page_says_what_is_missing() -> None:
    assert "Train this model first" in text_of(diagnose(None, (), (), has_bundle=False, base="/model/m/diagnose"))
    going_on = run_record(state="running")
    assert "still going on" in text_of(diagnose(going_on, (going_on,), (), has_bundle=False, base="/model/m/diagnose"))
    failed = run_record(state="failed")
    place = Place(_figure("loss"), "shown")
    offered = diagnose(failed, (failed,), (place,), has_bundle=False, base="/model/m/diagnose")
    assert text_of(with_id(offered, "diagnose-compute")) == "Compute diagnostics"
    refused = diagnose(
        failed, (failed,), (place,), has_bundle=False, base="/model/m/diagnose", why_not="It ended before its first checkpoint."
    )
    assert "before its first checkpoint" in text_of(refused)


def test_a_page_of_figures_begins_with_a_list_of_them() -> None:
    run = run_record(state="completed")
    places = tuple(Place(_figure(name), "shown") for name in ("loss", "tau"))
    tree = diagnose(run, (run,), places, has_bundle=True, base="/model/m/diagnose")
    addresses = [
        str(getattr(link, "href", "")) for link in walk(tree) if isinstance(link, html.A) and str(getattr(link, "href", "")).startswith("#")
    ]
    assert addresses == ["#figure-loss", "#figure-tau"]
    assert all(with_id(tree, address[1:]) is not None for address in addresses)


def test_a_resumable_run_offers_resume(bench: Any, digits_model: Any) -> None:
    run = run_to(bench, queue(bench, digits_model), "running")
    checkpoint(bench, run)
    finish(bench, run, "stopped")
    tree = header(view_of(bench, digits_model.id), feed_of(bench, run.id), "train")
    assert "d-none" not in with_id(tree, "hub-resume").className


def test_a_value_that_another_tab_saved_is_no_edit_of_this_one(bench: Any, view: ModelView) -> None:
    opened = baseline_of(form_specs(view), view.values)
    bench.models.update_config(actor="other", model_id=view.record.id, values={"max_epochs": 7})
    now = view_of(bench, view.record.id)
    mine = opened | {"learning_rate": "0.004"}
    assert set(edited(bench, now, mine, opened).changed) == {"learning_rate"}
    assert caught_up(now, mine, opened) == ({"max_epochs": "7"}, opened | {"max_epochs": "7"})
    save(bench, now, mine, opened, "me")
    saved = bench.state().models[view.record.id].config["training"]
    assert (saved["max_epochs"], saved["learning_rate"]) == (7, 0.004)


def test_an_edit_of_a_field_that_another_tab_saved_too_is_refused_by_its_name(bench: Any, view: ModelView) -> None:
    opened = baseline_of(form_specs(view), view.values)
    bench.models.update_config(actor="other", model_id=view.record.id, values={"max_epochs": 7})
    with pytest.raises(CommandError, match="Epochs"):
        save(bench, view_of(bench, view.record.id), opened | {"max_epochs": "9"}, opened, "me")


def test_a_tab_that_no_model_of_the_family_has_is_not_found(bench: Any, digits_model: Any) -> None:
    with pytest.raises(CommandError, match="has no page named 'platforms'") as caught:
        render(AppContext(lambda: bench, bench.settings), digits_model.id, "platforms")
    assert caught.value.code == "not_found"


def test_a_tab_whose_files_cannot_be_reached_leaves_the_model_and_its_run_in_sight(
    bench: Any, digits_model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def body(*_: Any) -> Any:
        raise ArtefactsAway("The artefacts cannot be reached now. Nothing is lost; try again in a moment.")

    shown = replace(tabs_of(view_of(bench, digits_model.id).family)[0], body=body)
    monkeypatch.setattr("dashboard.pages.model._tab", lambda *_: shown)
    queue(bench, digits_model)
    page = render(AppContext(lambda: bench, bench.settings), digits_model.id)
    told = text_of(page)
    assert digits_model.name in told
    assert "Queued" in told
    assert "Its files cannot be read now" in told
    assert [link.children for link in walk(page) if getattr(link, "href", None) == ""] == ["Try again"]
