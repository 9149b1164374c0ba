"""Runs as pages, REST and the command line see them."""

import threading
from pathlib import Path

import pytest

from rcmvae.data import samples
from rcmvae.holding import RunPayload
from tests.workbench.runs import inline
from workbench.artefacts import ArtefactError, UnsafePath
from workbench.commands.base import CommandError
from workbench.ids import InvalidId
from workbench.state import RunState
from workbench.store.errors import VersionConflict

ME = {"actor": "user:test"}


@pytest.fixture(autouse=True)
def executor(bench):
    bench.runs.executor = inline.NoWorkers()
    return bench.runs.executor


@pytest.fixture
def model(make_model):
    return make_model()


def test_a_start_queues_a_snapshot_saves_the_labels_and_asks_for_a_worker(bench, model, executor):
    run = bench.runs.start(**ME, model_id=model.id)
    assert run.state is RunState.QUEUED
    assert (run.config["architecture"], run.config["training"], run.fingerprint) == (
        model.config["architecture"],
        model.config["training"],
        model.fingerprint,
    )
    labels = {row: value.label for row, value in bench.models.labels(model.id).items()}
    assert samples.inputs(RunPayload.model_validate(run.payload), bench.artefacts).labels == labels
    assert executor.asked == [("ensure", "jax")]


def test_starting_twice_is_refused_with_the_sentence_of_the_preflight(bench, model):
    first = bench.runs.start(**ME, model_id=model.id)
    (sentence,) = bench.runs.preflight(model.id)
    with pytest.raises(CommandError) as refused:
        bench.runs.start(**ME, model_id=model.id)
    assert refused.value.code == "conflict"
    assert refused.value.message == sentence
    assert f"Run #{first.number} of this model is queued already" in sentence
    assert len(bench.state().runs) == 1


def test_a_start_that_cannot_save_its_labels_changes_nothing(bench, model, monkeypatch):
    def full(*_):
        raise ArtefactError("The disk is full")

    before = bench.state().version
    monkeypatch.setattr(samples, "save_labels", full)
    with pytest.raises(ArtefactError):
        bench.runs.start(**ME, model_id=model.id)
    assert bench.state().version == before
    assert bench.runs.preflight(model.id) == ()


def test_a_dataset_file_that_changed_refuses_the_start_and_is_named(bench, model, tmp_path, monkeypatch):
    data = tmp_path / "data"
    data.mkdir()
    (data / "tiny.json").write_text('{"offset": 4}')
    changed = bench.settings.model_copy(update={"data": data})
    monkeypatch.setattr(bench.datasets, "_settings", changed)
    with pytest.raises(CommandError, match=r"tiny\.json|tiny|Tiny"):
        bench.runs.start(**ME, model_id=model.id)
    assert not bench.state().runs


def test_unknown_models_and_runs_are_not_found(bench):
    for ask in (
        lambda: bench.runs.start(**ME, model_id="model_0000000000000"),
        lambda: bench.runs.preflight("model_0000000000000"),
        lambda: bench.runs.resume(**ME, run_id="run_0000000000000"),
        lambda: bench.runs.request_stop(**ME, run_id="run_0000000000000"),
        lambda: bench.runs.events("run_0000000000000"),
        lambda: Path(bench.runs.where("run_0000000000000")),
    ):
        with pytest.raises(CommandError) as refused:
            ask()
        assert refused.value.code == "not_found"


def test_a_queued_run_that_is_stopped_has_ended_and_following_it_ends(bench, model):
    run = bench.runs.start(**ME, model_id=model.id)
    assert bench.runs.request_stop(**ME, run_id=run.id).state is RunState.STOPPED
    assert list(bench.runs.follow(run.id)) == []
    assert bench.runs.why_not_resume(run.id) == (f"Run #{run.number} has no checkpoint to go on from. Start a new run.",)


def test_following_yields_every_event_once_while_the_run_goes_on(bench, make_model):
    run = bench.runs.start(**ME, model_id=make_model(max_epochs=30).id)
    got = []
    follower = threading.Thread(target=lambda: got.extend(bench.runs.follow(run.id)))
    follower.start()
    inline.work(bench)
    follower.join()
    assert [event.seq for event in got] == list(range(1, len(got) + 1))
    assert got[-1].kind == "ended"
    assert list(bench.runs.follow(run.id, after=got[-2].seq)) == [got[-1]]


def test_run_again_uses_an_earlier_runs_settings(bench, model):
    first = bench.runs.start(**ME, model_id=model.id)
    inline.work(bench)
    bench.models.update_config(**ME, model_id=model.id, values={"learning_rate": 0.5})
    again = bench.runs.start(**ME, model_id=model.id, settings_of=first.id)
    assert again.config["training"]["learning_rate"] == first.config["training"]["learning_rate"] != 0.5
    assert again.start_from is not None


def test_tags_and_note_change_together_or_not_at_all(bench, model):
    run = bench.runs.start(**ME, model_id=model.id)
    version = bench.state().versions[run.id]
    changed = bench.runs.change(**ME, run_id=run.id, tags=("good",), note="look", expected_version=version)
    assert (changed.tags, changed.note) == (("good",), "look")
    with pytest.raises(VersionConflict):
        bench.runs.change(**ME, run_id=run.id, tags=("bad",), note="late", expected_version=version)
    assert bench.state().runs[run.id].tags == ("good",)
    assert bench.runs.tag(**ME, run_id=run.id, tags=()).tags == ()
    assert bench.runs.note(**ME, run_id=run.id, note="").note == ""


def test_an_active_run_and_one_whose_weights_are_used_cannot_be_deleted(bench, model):
    run = bench.runs.start(**ME, model_id=model.id)
    for _ in range(2):
        with pytest.raises(CommandError) as refused:
            bench.runs.delete(**ME, run_id=run.id)
        assert refused.value.code == "conflict"
        if bench.state().runs[run.id].state is RunState.QUEUED:
            inline.work(bench)
    bench.runs.start(**ME, model_id=model.id)
    inline.work(bench)
    assert bench.runs.delete(**ME, run_id=run.id).deleted_at is not None
    assert bench.runs.restore(**ME, run_id=run.id).deleted_at is None


@pytest.mark.parametrize("name", ["../../trellis.db", "/etc/passwd", "a/../../b", "..", "", "log.txt\0", "C:\\x"])
def test_a_path_like_name_reaches_nothing_outside_the_runs_folder(bench, model, name):
    run = bench.runs.start(**ME, model_id=model.id)
    with pytest.raises(UnsafePath):
        bench.runs.artefact_path(run.id, name)


@pytest.mark.parametrize("run_id", ["../x", "run_1/../../x", "", "model_0000000000000"])
def test_a_path_like_id_is_no_id(bench, run_id):
    with pytest.raises(InvalidId):
        Path(bench.runs.where(run_id))


def test_a_link_in_the_runs_folder_is_not_followed(bench, model, tmp_path):
    run = bench.runs.start(**ME, model_id=model.id)
    secret = tmp_path / "secret"
    secret.write_text("x")
    (Path(bench.runs.where(run.id)) / "link.txt").symlink_to(secret)
    with pytest.raises(UnsafePath):
        bench.runs.artefact_path(run.id, "link.txt")
    assert [entry.name for entry in bench.runs.artefacts(run.id)] == ["labels.npz"]


def test_a_missing_file_is_not_found(bench, model):
    run = bench.runs.start(**ME, model_id=model.id)
    with pytest.raises(CommandError) as refused:
        bench.runs.artefact_path(run.id, "report.html")
    assert refused.value.code == "not_found"


def test_warming_asks_for_an_idle_worker(bench, executor):
    bench.runs.warm("jax")
    assert executor.asked == [("warm", "jax")]
