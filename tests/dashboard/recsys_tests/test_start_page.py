"""The page that starts a quick test."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dashboard.context import AppContext
from dashboard.families.recsys.pages.models import view as model_pages
from dashboard.families.recsys.pages.tests import start, start_view
from dashboard.families.recsys.pages.tests.asked import Asked, asked, setting_raw
from dashboard.families.recsys.pages.tests.checks import CHECKS, Verdict, estimates, panel
from dashboard.families.recsys.pages.tests.mends import fix_words
from dashboard.live.launch import Launch, begun
from recsys.model.warning import Action, Code, ConfigWarning
from recsys.service import RecommenderService
from recsys.services.durations import table_facts, usual_work
from recsys.services.estimates import Cost, Duration, Forecast
from tests.support.recommender_family import SALES
from tests.support.trees import found, text_of
from workbench.commands.base import CommandError
from workbench.ids import new_id
from workbench.runs.rates import learn
from workbench.state import Kind
from workbench.workbench import Workbench


def wanted(features: str, model: str, **more: Any) -> Asked:
    return asked(features=features, model=model, raw=setting_raw(more.pop("settings", {})), overrides=more.pop("overrides", {}), **more)


def test_without_configurations_the_page_says_what_to_make(context: AppContext) -> None:
    shown = start_view.render(context)
    links = [c.href for c in found(shown, lambda c: "btn" in (getattr(c, "className", "") or "") and getattr(c, "href", None))]
    assert links == ["/recommenders/features/new", "/recommenders/models/new"]


def test_the_rating_picker_is_absent_for_a_retrieval_model_and_begins_with_the_target(context: AppContext, stored: Any) -> None:
    def pickers(model: str) -> list:
        return found(
            start_view.render(context, {"features": stored.targeted, "model": model}), lambda c: getattr(c, "id", None) == start.RATING
        )

    assert pickers(stored.retrieval) == []
    (picker,) = pickers(stored.ranking)
    assert picker.value == "stars"
    said = text_of(
        found(
            start_view.render(context, {"features": stored.targeted, "model": stored.ranking}),
            lambda c: getattr(c, "id", None) == "recsys-start-rating-place",
        )[0]
    )
    assert said.index("stars") < said.index("age")  # outcomes first
    assert "1 to 5, mean 3, none missing" in said
    assert said.index("it may be no rating") > said.index("age")


def test_the_features_own_target_need_not_be_said_and_another_column_is(context: AppContext, stored: Any) -> None:
    pair = start_view.pair_of(context, stored.targeted, stored.ranking)
    assert start_view.told_rating(start_view.rating_of(context, pair, "stars")) is None
    assert start_view.told_rating(start_view.rating_of(context, pair, "price")) == "price"
    assert (
        start_view.told_rating(start_view.rating_of(context, start_view.pair_of(context, stored.targeted, stored.retrieval), "price"))
        is None
    )


def test_what_goes_together_can_start_with_every_check_passed(context: AppContext, stored: Any) -> None:
    verdict = start_view.judged(context, wanted(stored.targeted, stored.retrieval))
    assert verdict.reason == ""
    said = text_of(panel(verdict))
    assert all(check in said for check in CHECKS)
    assert verdict.forecast is not None
    assert verdict.forecast.cost.text in said


def test_a_test_takes_as_long_on_the_models_page_as_where_it_is_started(context: AppContext, stored: Any) -> None:
    for _ in range(3):
        learn(context.workbench.settings.home, "recsys/recommender", 1e6)
    context.workbench.datasets.prepare(SALES)
    forecast = start_view.judged(context, wanted(stored.targeted, stored.retrieval)).forecast
    draft = replace(model_pages.stored_draft(context, stored.retrieval), features=stored.targeted)
    low, usual, high = model_pages.verdict_of(context, draft).seconds
    assert forecast is not None
    assert forecast.duration.seconds is not None
    assert (low, usual, high) == (forecast.duration.low, forecast.duration.seconds, forecast.duration.high)
    table = table_facts(context.workbench.state(), SALES)
    assert table is not None
    work = usual_work(context.workbench.state(), SALES)
    assert (work.rows, work.train, work.test) != (table.usable, round(0.8 * table.usable), round(0.1 * table.usable))


def test_a_setting_that_is_wrong_is_named_in_place_and_keeps_start_off(context: AppContext, stored: Any) -> None:
    verdict = start_view.judged(context, wanted(stored.targeted, stored.retrieval, settings={"seed": -1}, overrides={"batch_size": "0"}))
    assert "seed" in verdict.by_path
    assert "batch_size_override" in verdict.by_path
    assert "_override" not in verdict.reason
    assert verdict.forecast is None
    foot = start.foot(verdict)
    button = found(foot, lambda c: getattr(c, "id", None) == "recsys-start-go")[0]
    assert button.disabled
    assert button.title == verdict.reason
    assert verdict.reason in text_of(foot)


def test_the_parts_of_the_split_add_up_and_follow_the_sample(context: AppContext, bench: Workbench, stored: Any) -> None:
    words = start_view.parts_words(
        context, start_view.pair_of(context, stored.targeted, stored.retrieval), wanted(stored.targeted, stored.retrieval)
    )
    assert words.startswith("81 rows to learn from, 9 to watch, 30 to measure")
    half = RecommenderService(bench).tables.divided(SALES, {"split": "random", "sample_percent": 50, "sample_unit": "rows"}).preview
    assert half.train + half.validation + half.test == 60


def test_entries_that_do_not_fit_come_last_with_the_reason(context: AppContext, service: RecommenderService, stored: Any) -> None:
    odd = service.models.create(actor="me", name="A binary one", document={"model_type": "ranking", "loss_function": "binary_crossentropy"})
    _, models = start_view.choices(context, start_view.pair_of(context, stored.targeted, ""))
    assert models[-1].id == odd.id
    assert "binary_crossentropy" in models[-1].reason
    assert all(not choice.reason for choice in models[:-1])


def test_a_search_keeps_what_is_chosen(context: AppContext, stored: Any) -> None:
    pair = start_view.pair_of(context, stored.targeted, stored.retrieval)
    _, models = start_view.choices(context, pair, ("", "rater"))
    assert {choice.title for choice in models} == {"Finder", "Rater"}


def test_clicked_twice_one_test_starts(bench: Workbench, stored: Any) -> None:
    request = wanted(stored.targeted, stored.retrieval).arguments()
    launch = Launch("", "contributed", new_id(Kind.RUN), "", family="recsys", way="quick-test", asked=request)
    first, second = begun(bench, launch, "me"), begun(bench, launch, "me")
    assert first.id == second.id == launch.run
    assert len(bench.state().runs) == 1


def test_a_way_that_nobody_brings_and_an_argument_that_nobody_knows_are_refused(bench: Workbench, stored: Any) -> None:
    with pytest.raises(CommandError, match="no way"):
        begun(bench, Launch("", "contributed", new_id(Kind.RUN), "", family="recsys", way="by magic"), "me")
    asked_for = wanted(stored.targeted, stored.retrieval).arguments() | {"actor": "somebody else"}
    with pytest.raises(CommandError, match="actor"):
        begun(bench, Launch("", "contributed", new_id(Kind.RUN), "", family="recsys", way="quick-test", asked=asked_for), "me")


def test_a_mend_that_a_test_can_have_by_itself_becomes_an_override(context: AppContext, service: RecommenderService, stored: Any) -> None:
    request = wanted(stored.targeted, stored.steep)
    forecast = start_view.judged(context, request).forecast
    assert forecast is not None
    warning = next(w for w in forecast.warnings if w.code == Code.ADAPTIVE_RATE)
    changed = start_view.mended(context, "me", request, warning)
    assert set(changed) == {"overrides"}
    assert float(changed["overrides"]["learning_rate"]) < 0.05
    assert len(service.models.list()) == 3
    again = start_view.judged(context, wanted(stored.targeted, stored.steep, overrides=changed["overrides"])).forecast
    assert again is not None
    assert all(w.code != Code.ADAPTIVE_RATE for w in again.warnings)


def test_a_mend_of_anything_else_is_made_in_a_copy(context: AppContext, service: RecommenderService, stored: Any) -> None:
    warning = ConfigWarning(Code.LEAK, "high", "It leaks", Action("Drop it", {"optimizer": "adagrad"}, ("age",)))
    changed = start_view.mended(context, "me", wanted(stored.targeted, stored.steep), warning)
    assert service.models.get(changed["model"]).recommender.training.optimizer == "adagrad"
    assert service.models.get(stored.steep).recommender.training.optimizer == "adam"
    columns = [feature.column for feature in service.features.get(changed["features"]).features.buyer_model_features]
    assert columns == ["customer"]
    assert "copy" in fix_words(warning)


def test_a_time_that_nobody_knows_is_a_dash_and_what_makes_it_known() -> None:
    shown = estimates(Forecast(Duration(None), Cost(0.0, "$0.00 · local"), None, None, ()))
    assert text_of(shown) == "Training – Known after the first test on this machine. Cost $0.00 · local Memory –"


def test_a_test_that_may_need_too_much_memory_asks_first() -> None:
    warning = ConfigWarning(Code.MEMORY, "high", "It may need 30 GB", Action("Use smaller tables"))
    forecast = Forecast(Duration(None), Cost(0.0, "$0.00 · local"), 30, 20, (warning,))
    button = found(start.foot(Verdict(True, forecast=forecast)), lambda c: getattr(c, "id", None) == "recsys-start-go")[0]
    assert getattr(button, "data-confirm").startswith("It may need 30 GB")
    assert getattr(found(start.foot(Verdict(True)), lambda c: getattr(c, "id", None) == "recsys-start-go")[0], "data-confirm") == ""


def test_a_page_like_an_earlier_test_begins_with_its_settings(context: AppContext, service: RecommenderService, stored: Any) -> None:
    run = service.tests.start(
        actor="me",
        feature_config=stored.targeted,
        model_config=stored.ranking,
        settings={"split": "random", "rating_column": "price"},
        overrides={"epochs": 0},
    )
    shown = start_view.render(context, {"from": run.id})
    by_id = {str(c.id): c for c in found(shown, lambda c: getattr(c, "id", None) is not None)}
    assert by_id[start.FEATURES].value == stored.targeted
    assert by_id[start.MODEL].value == stored.ranking
    assert by_id[str({"type": "recsys-start-override", "field": "epochs"})].value == "0"
    assert by_id[str({"form": "quick-test", "field": "split"})].value == "random"
    assert by_id[str(start.RATING)].value == "price"
