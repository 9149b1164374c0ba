"""Files chosen on a page: what they make, where values come from, what is wrong, saving and running."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dashboard.context import AppContext
from dashboard.layered import running, setup, view
from dashboard.layered.choice import Choice, query_of, read
from dashboard.layered.judged import families_with_files
from dashboard.pages.page import query_of as parsed
from tests.support.trees import found as parts_where
from tests.support.trees import having, of_class, text_of, with_id
from workbench.commands.base import CommandError
from workbench.commands.confirming import NeedsConfirmation
from workbench.fields import FieldProblem
from workbench.services.config_files import config_files, own_root
from workbench.state import RunState

PARTS = {"model": "rcmvae_mixture_10", "data": "rcmvae_digits", "training": "rcmvae_default"}
ME = "browser:0000000000000000"


def context(bench: Any) -> AppContext:
    return AppContext(lambda: bench, bench.settings)


def judged(bench: Any, *overrides: str, files: dict[str, str] | None = None, family: str = "rcmvae", **more: Any) -> Any:
    return view.judged(context(bench), Choice(family, files or PARTS, overrides, **more))[0]


def rows(shown: Any, name: str) -> list[str]:
    return [" ".join(text_of(row).split()) for row in of_class(shown, name)]


def test_each_line_says_where_its_value_comes_from(bench: Any) -> None:
    shown = setup.shown(judged(bench, "training.max_epochs=5"))
    assert "prior_type: mixture models/rcmvae_mixture_10.yaml :6" in rows(shown, "merged-file")
    assert rows(shown, "merged-cli")[0] == "max_epochs: 5 override 1"
    assert any(
        row.startswith(("encoder_type: dense conv for colour images", "encoder_type: dense auto")) for row in rows(shown, "merged-derived")
    )
    assert not rows(shown, "merged-beaten")


def test_values_that_others_overrode_are_struck_through_on_demand(bench: Any) -> None:
    found = rows(setup.shown(judged(bench, overridden=True)), "merged-beaten")
    assert any(row.startswith("overridden: encoder_type: auto models/rcmvae_mixture_10.yaml") for row in found)


def test_a_wrong_override_is_named_at_its_line_and_the_files_are_still_shown(bench: Any) -> None:
    found = judged(bench, "training.max_epochs=5", "training.max_epoch=6", "training.batch_size=-1")
    words = [" ".join(text_of(message).split()) for message in setup.messages(found)]
    assert words[0].startswith("training.max_epoch=6 There is no key training.max_epoch. Did you mean training.max_epochs?")
    assert words[1].startswith("training.batch_size=-1")
    assert "CFG_UNKNOWN_KEY" in words[0]
    assert found.configs == ()
    assert "max_epochs: 100 default" in rows(setup.shown(found), "merged-default")
    assert any("batch_size" in row for row in rows(setup.shown(found), "merged-problem"))
    assert setup.why_not(found) == "2 things are wrong with this configuration."


def test_what_is_wrong_in_a_file_is_said_below_its_line(bench: Any) -> None:
    path = own_root(bench.settings.home) / "training" / "mine.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("family: rcmvae\ntraining:\n  max_epochs: many\n  learning_rat: 1\n")
    found = judged(bench, files={**PARTS, "training": "mine"})
    shown = [" ".join(text_of(row).split()) for row in having(setup.shown(found), className="merged-problem")]
    assert found.shown is None
    assert len(shown) == 2
    text = " ".join(text_of(setup.shown(found)).split())
    assert text.index("max_epochs: many") < text.index("CFG_TYPE") < text.index("learning_rat: 1") < text.index("CFG_UNKNOWN_KEY")
    assert text.startswith("training/mine.yaml")


def test_a_file_of_another_family_or_none_is_said_in_words(bench: Any) -> None:
    other = judged(bench, files={**PARTS, "data": "recsys_retail"})
    assert other.problems[0].code == "CFG_FAMILY"
    assert other.excerpts[0].file == "data/recsys_retail.yaml"
    gone = judged(bench, files={**PARTS, "model": "gone"})
    assert gone.problems[0].message == "There is no model file gone."
    assert "Choose a training file" in text_of(setup.shown(judged(bench, files={**PARTS, "training": ""})))


def test_variants_and_seeds_are_all_made_and_the_chosen_variant_is_shown(bench: Any) -> None:
    found = judged(bench, "experiment.seeds=2", files={"experiment": "rcmvae_priors"}, variant="vamp")
    assert len(found.configs) == 8
    assert found.shown.variant == "vamp"
    assert "Run all 8" in text_of(setup.run_label(found))
    assert "Makes 8 models" in text_of(setup.summary(found))
    assert setup.variant_of(judged(bench, files={"experiment": "rcmvae_priors"}, variant="gone")) == "standard"


def test_the_page_offers_the_families_that_have_files_its_own_first_and_links_to_what_is_chosen(bench: Any) -> None:
    known = config_files(bench.settings.home)
    assert families_with_files(known, "recsys")[:1] == ("recsys",)
    choice = Choice("rcmvae", PARTS, ("training.max_epochs=5", "experiment.note=a=b, c&d"), overridden=True, structural=True)
    assert read(parsed("?" + query_of(choice)), ["rcmvae", "recsys"], known) == choice
    assert read({"family": "rcmvae", "experiment": ""}, ["rcmvae"], known).files["experiment"]
    page = view.render(context(bench), {"family": "rcmvae"}, first="traffic", path="/forecasting")
    assert with_id(page, setup.file_id("model")).value == "rcmvae_default"
    assert with_id(page, setup.SET).placeholder == "training.max_epochs=5"


@pytest.mark.parametrize(
    "query", [{"family": "nobody"}, {"family": "rcmvae", "model": "nothing"}, {"experiment": "recsys_quick", "family": "rcmvae"}]
)
def test_an_address_that_names_what_is_not_there_leads_nowhere(bench: Any, query: dict[str, str]) -> None:
    known = view.asks(context(bench), query, first="rcmvae")
    assert any(known[name] is not None and value not in (known[name] or ()) for name, value in query.items())


def test_running_makes_the_models_that_the_command_line_would_and_queues_their_runs(bench: Any) -> None:
    found = judged(bench, "training.max_epochs=3", files={"experiment": "rcmvae_priors"})
    models = running.create_all(bench, found, actor=ME)
    assert [model.name for model in models] == ["Priors, standard", "Priors, mixture", "Priors, vamp", "Priors, geometric"]
    running.start_all(bench, models, actor=ME, confirmed=False)
    running.start_all(bench, models, actor=ME, confirmed=False)
    runs = list(bench.state().runs.values())
    assert [run.state for run in runs] == [RunState.QUEUED] * 4
    assert all(run.config["training"]["max_epochs"] == 3 for run in runs)


def test_no_run_is_started_before_every_start_that_needs_a_yes_has_one(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    models = running.create_all(bench, judged(bench, files={"experiment": "rcmvae_priors"}), actor=ME)
    monkeypatch.setattr(bench.runs, "doubt", lambda id: FieldProblem("memory", "It may not fit") if id == models[-1].id else None)
    with pytest.raises(NeedsConfirmation):
        running.start_all(bench, models, actor=ME, confirmed=False)
    assert not bench.state().runs
    running.start_all(bench, models, actor=ME, confirmed=True)
    assert len(bench.state().runs) == 4


def test_what_is_wrong_is_neither_run_nor_saved(bench: Any) -> None:
    found = judged(bench, "training.max_epochs=many")
    for deed in (lambda: running.create_all(bench, found, actor=ME), lambda: running.save(bench, found, "Mine", replace=False)):
        with pytest.raises(CommandError, match="max_epochs"):
            deed()
    assert not bench.state().models
    assert not own_root(bench.settings.home).exists()


def test_what_was_saved_can_be_chosen(bench: Any) -> None:
    path: Path = running.save(bench, judged(bench, "training.max_epochs=4"), "Short one", replace=False)
    found = judged(bench, files={"experiment": path.stem})
    assert not found.problems
    assert found.shown["training.max_epochs"] == 4


def test_the_architecture_is_overridden_where_that_is_allowed_and_saved_so(bench: Any) -> None:
    given, files = "model.lstm.quantiles=[0.05, 0.5, 0.95]", {"model": "lstm_small", "data": "corridor", "training": "fast_dev"}
    refused = judged(bench, given, files=files, family="traffic")
    (words,) = (" ".join(text_of(message).split()) for message in setup.messages(refused))
    assert words.startswith(f"{given} model.lstm.quantiles is part of the architecture")
    assert "an override cannot set it" in words
    assert "Allow changes of the architecture" in words
    before = judged(bench, given, files=files, family="traffic", structural=True)
    assert not before.problems
    path = running.save(bench, before, "With intervals", replace=False)
    after = judged(bench, files={"experiment": path.stem}, family="traffic")
    assert [config.sha256 for config in after.configs] == [config.sha256 for config in before.configs]
    assert list(after.shown["model.lstm.quantiles"]) == [0.05, 0.5, 0.95]


def test_keys_are_written_as_they_are(bench: Any) -> None:
    found = judged(bench, "training.batch_size=-1", "layer=model")
    words = [" ".join(text_of(message).split()) for message in setup.messages(found)]
    assert words[0].startswith("training.batch_size=-1 training.batch_size must be")
    assert words[1].startswith("layer=model layer cannot be overridden")
    with pytest.raises(CommandError, match=r"^training\.batch_size must"):
        running.require_valid(found)


def test_an_experiment_with_variants_can_be_saved_and_chosen(bench: Any) -> None:
    before = judged(bench, "training.max_epochs=4", files={"experiment": "rcmvae_priors"})
    path = running.save(bench, before, "My priors", replace=False)
    found = judged(bench, files={"experiment": path.stem})
    assert not found.problems
    assert found.variants == before.variants
    assert [config.sha256 for config in found.configs] == [config.sha256 for config in before.configs]


def test_an_experiment_with_seeds_is_saved_with_their_number(bench: Any) -> None:
    before = judged(bench, files={"experiment": "lstm_vs_xlstm"}, family="traffic")
    assert len(before.configs) == 6
    path = running.save(bench, before, "Both", replace=False)
    after = judged(bench, files={"experiment": path.stem}, family="traffic")
    assert [config.sha256 for config in after.configs] == [config.sha256 for config in before.configs]


def test_the_link_to_experiments_names_the_one_that_it_shows(bench: Any) -> None:
    page = view.render(context(bench), {"family": "rcmvae"}, first="rcmvae", path="/forecasting")
    (link,) = parts_where(page, lambda part: getattr(part, "href", None) and text_of(part) == "An experiment")
    asked = parsed("?" + link.href.partition("?")[2])
    shown = view.render(context(bench), asked, first="rcmvae", path="/forecasting")
    assert asked["experiment"]
    assert with_id(shown, setup.file_id("experiment")).value == asked["experiment"]


def test_what_names_data_that_is_not_there_can_be_saved_but_not_run(bench: Any) -> None:
    # no TRELLIS_DATA in this home: public traffic files are people's own to put there
    files = {"model": "lstm_small", "data": "metr_la", "training": "default"}
    found = judged(bench, files=files, family="traffic")
    assert not found.problems
    assert setup.why_not(found) == ""
    foot = setup._foot(found)
    assert with_id(foot, setup.RUN).disabled
    assert not with_id(foot, setup.SAVE).disabled
    assert "once its data is there" in text_of(with_id(foot, setup.WHY))
    with pytest.raises(CommandError, match="METR-LA"):
        running.create_all(bench, found, actor=ME)
    assert not bench.state().models
