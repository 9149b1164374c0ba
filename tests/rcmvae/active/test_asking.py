"""The way from a stored model to its family's suggestions."""

from dataclasses import replace

import pytest

from rcmvae.active import asking
from rcmvae.holding import held
from rcmvae.labels.service import LabelService
from rcmvae.suggestions import SuggestionError
from tests.support import fake_abilities, fake_data, fake_family
from tests.workbench.runs import inline
from workbench import families
from workbench.commands.base import CommandError
from workbench.families import ImportString
from workbench.runs.folder import BUNDLE, folder_of

ME = {"actor": "user:test"}
WITHOUT = replace(fake_family.FAMILY, abilities={})


@pytest.fixture
def model(bench, make_model):
    """A trained model whose run has diagnostics."""
    bench.runs.executor = inline.NoWorkers()
    made = make_model()
    run = bench.runs.start(**ME, model_id=made.id)
    inline.work(bench)
    bench.artefacts.write_bytes(f"{folder_of(run.id)}/{BUNDLE}", b"diagnostics")
    fake_abilities.asked.clear()
    return bench.models.get(made.id)


def test_a_family_is_asked_with_the_labels_of_now_and_the_settings_of_the_run(bench, model):
    bench.models.update_config(**ME, model_id=model.id, values={"learning_rate": 0.25})
    row = int(bench.models.read(model).train[-1])
    LabelService(bench).set(**ME, model_id=model.id, labels={row: 1})
    found = asking.suggest(bench, model.id, n=3, seed=4, diverse=False, blend=0.5)
    (ask,) = fake_abilities.asked
    assert ask.labels[row] == 1
    assert ask.resolved["learning_rate"] != 0.25
    assert (ask.n, ask.seed, ask.diverse, ask.blend, ask.model) == (3, 4, False, 0.5, None)
    assert ask.bundle == bench.artefacts.path(f"{folder_of(model.weights.run_id)}/{BUNDLE}")
    assert row not in [item.index for item in found.items]
    assert ask.class_names == held(model).class_names
    table = asking.predict(bench, model.id, split="test", blend=0.25)
    today = fake_abilities.asked_today[-1]
    assert today.labels is not None
    assert (today.labels[row], today.class_names, today.run) == (1, held(model).class_names, "run #1")
    assert table.columns["ood"][1] == 0.25
    assert today.resolved == ask.resolved


def test_the_model_is_handed_over_only_where_it_may_be_run_and_its_weights_are_verified(bench, model):
    asking.suggest(bench, model.id, run_model=True)
    load = fake_abilities.asked[0].model
    assert load is not None
    trained = load()
    assert trained.weights == bench.artefacts.path(model.weights.path)
    assert trained.fingerprint == model.fingerprint
    assert len(trained.dataset().images) == fake_data.ROWS
    trained.weights.write_text("{}")
    with pytest.raises(CommandError, match="damaged"):
        load()


def test_a_model_without_weights_or_diagnostics_says_what_to_do(bench, make_model, model):
    with pytest.raises(CommandError, match="has no weights yet") as raised:
        asking.suggest(bench, make_model("untrained").id)
    assert (raised.value.code, raised.value.hint) == ("conflict", "Train it first.")
    bench.artefacts.remove(f"{folder_of(model.weights.run_id)}/{BUNDLE}")
    for ask in (lambda: asking.suggest(bench, model.id), lambda: asking.predict(bench, model.id, split="test")):
        with pytest.raises(CommandError, match="have no diagnostics"):
            ask()


def test_an_unknown_or_deleted_model_is_not_found(bench, model):
    bench.models.delete(**ME, model_id=model.id)
    for id in (model.id, "model_nobody"):
        with pytest.raises(CommandError) as raised:
            asking.suggest(bench, id)
        assert raised.value.code == "not_found"


def test_a_family_that_suggests_nothing_says_so(bench, model, monkeypatch):
    monkeypatch.setattr(families, "FAMILIES", {fake_family.NAME: f"{__name__}:WITHOUT"})
    monkeypatch.setattr(ImportString, "load", lambda self: WITHOUT)
    families.family.cache_clear()
    with pytest.raises(SuggestionError, match="suggest no samples"):
        asking.suggest(bench, model.id)
    with pytest.raises(SuggestionError, match="no table of predictions"):
        asking.predict(bench, model.id, split="test")
