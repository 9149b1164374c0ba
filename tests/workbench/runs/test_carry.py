"""Carrying out a run: what it leaves behind when it is done, stopped, broken, or resumed."""

import errno
import json

import polars
import pytest
import yaml

from rcmvae.labels.service import LabelService
from tests.support import fake_family
from tests.workbench.runs import inline
from workbench.artefacts import sha256_of
from workbench.layered.problems import fail
from workbench.runs import carry
from workbench.state import RunState
from workbench.store.errors import StoreError

pytestmark = pytest.mark.parametrize("artefacts_in", ["folder", "s3"])


@pytest.fixture
def model(make_model):
    return make_model(max_epochs=3)


def value_of(bench, run):
    return fake_family.read_checkpoint(bench.artefacts.path(inline.last_of(run).path))["value"]


def test_a_completed_run_keeps_its_weights_result_and_time(bench, model):
    inline.start(bench, model)
    run = inline.work(bench)
    assert run.state is RunState.COMPLETED
    assert run.epochs_done == 3
    assert set(run.headline) == {"loss"}
    assert run.duration_seconds is not None
    weights = bench.state().models[model.id].weights
    assert weights.run_id == run.id
    assert weights.fingerprint == model.fingerprint
    assert sha256_of(bench.artefacts.path(weights.path)) == weights.sha256


def test_events_tell_the_start_every_epoch_and_the_end(bench, model):
    run = inline.start(bench, model)
    inline.work(bench)
    kinds = [event.kind for event in bench.runs.follow(run.id)]
    assert kinds[0] == "started"
    assert kinds[-1] == "ended"
    epochs = inline.told(bench, run.id, "epoch")
    assert [e["epoch"] for e in epochs] == [1, 2, 3]
    assert all(e["total"] == 3 and e["elapsed_seconds"] >= 0 for e in epochs)
    assert epochs[-1]["eta_seconds"] == 0
    assert inline.told(bench, run.id, "ended")[0]["state"] == "completed"


def test_the_folder_holds_every_document_and_the_manifest_lists_them(bench, model):
    run = inline.start(bench, model)
    inline.work(bench)
    lying = lambda name: bench.runs.lying(run.id, name)  # noqa: E731
    listed = {entry.name: entry for entry in bench.runs.artefacts(run.id)}
    assert {"resolved_config.yaml", "metrics.parquet", "summary.json", "environment.json", "log.txt", "labels.npz"} <= set(listed)
    for name, entry in listed.items():
        assert entry.size == lying(name).stat().st_size
        assert entry.sha256 == sha256_of(lying(name))
    assert polars.read_parquet(lying("metrics.parquet"))["epoch"].to_list() == [1, 2, 3]
    assert json.loads(lying("summary.json").read_text())["outcome"] == "completed"
    environment = json.loads(lying("environment.json").read_text())
    assert environment["seed"] == 42
    assert environment["command"] == f"trellis train --model {model.id}"
    log = lying("log.txt").read_text()
    assert "started" in log
    assert '"state":"completed"' in log


def test_the_resolved_config_says_where_each_value_came_from(bench, make_model):
    run = inline.start(bench, make_model(max_epochs=2))
    inline.work(bench)
    text = bench.runs.lying(run.id, "resolved_config.yaml").read_text()
    document = yaml.safe_load(text)
    assert document["meta"]["run"] == run.id
    assert document["meta"]["model_fingerprint"] == run.fingerprint
    assert document["model"]["toy"]["parts"] == 3
    assert document["training"]["max_epochs"] == 2
    said = {line.split(":")[0].strip(): line.partition("# ")[2] for line in text.splitlines()}
    assert said["parts"] == "derived(auto)"
    assert said["input_shape"] == "derived(shape of the dataset)"
    assert said["max_epochs"] == "workbench(model #1)"
    assert said["learning_rate"] == "default(Training)"


def test_the_resolved_config_is_there_before_the_first_step(bench, make_model):
    run = inline.start(bench, make_model(max_epochs=2, fail_at_epoch=1))
    inline.work(bench)
    assert bench.state().runs[run.id].state is RunState.FAILED
    assert bench.runs.lying(run.id, "resolved_config.yaml").is_file()


def test_a_record_that_no_file_can_describe_is_trained_all_the_same(bench, model, monkeypatch):
    def refuse(*_):
        raise fail("CFG_RANGE", "width is out of range")

    monkeypatch.setattr(carry, "write_config", refuse)
    run = inline.start(bench, model)
    assert inline.work(bench).state is RunState.COMPLETED
    (warning,) = [line for line in inline.told(bench, run.id, "log") if line["level"] == "warning"]
    assert warning["message"] == "The run has no resolved_config.yaml: width is out of range."


def test_the_trainer_gets_the_labels_as_they_were_at_the_start(bench, model, monkeypatch):
    seen = {}
    real = fake_family.train
    monkeypatch.setattr(fake_family, "train", lambda job, reporter: (seen.update(job.inputs.labels), real(job, reporter))[1])
    run = inline.start(bench, model)
    before = {row: value.label for row, value in bench.models.labels(model.id).items()}
    row = next(iter(before))
    LabelService(bench).set(actor="user:test", model_id=model.id, labels={row: (before[row] + 1) % 3})
    inline.work(bench)
    assert seen == before
    assert bench.state().runs[run.id].payload["labels_artefact"] == f"runs/{run.id}/labels.npz"


def test_a_failure_is_one_sentence_with_its_traceback_and_the_last_checkpoint_kept(bench, make_model):
    model = make_model(max_epochs=5, fail_at_epoch=3)
    inline.start(bench, model)
    run = inline.work(bench)
    assert run.state is RunState.FAILED
    assert inline.error_of(run).message == run.reason == "RuntimeError: the loss is not finite at epoch 3"
    assert "Traceback" in inline.error_of(run).traceback
    assert inline.last_of(run).epoch == 2
    assert bench.state().models[model.id].weights.epoch == 2
    assert inline.told(bench, run.id, "ended") == [{"state": "failed", "reason": run.reason}]
    assert {"log.txt", "metrics.parquet", "resolved_config.yaml"} <= {entry.name for entry in bench.runs.artefacts(run.id)}


@pytest.fixture
def full_at(monkeypatch):
    """full_at(name): the next time that checkpoint is written the disk is full, once."""

    def arrange(name):
        real, left = fake_family.write_atomic, [OSError(errno.ENOSPC, "full", name)]

        def write(path, data):
            if path.name == name and left:
                raise left.pop()
            real(path, data)

        monkeypatch.setattr(fake_family, "write_atomic", write)

    return arrange


def test_a_full_disk_at_a_checkpoint_ends_the_run_and_keeps_the_one_before(bench, make_model, full_at):
    inline.start(bench, make_model(max_epochs=5))
    full_at("last-3.json")
    run = inline.work(bench)
    assert run.state is RunState.FAILED
    assert (
        run.reason == "The disk is full while writing last-3.json; the previous checkpoint was kept. Free some space, then resume the run."
    )
    assert inline.last_of(run).epoch == 2
    assert bench.artefacts.exists(inline.last_of(run).path)


def test_a_resumed_run_ends_with_the_parameters_of_an_uninterrupted_one(bench, make_model, full_at):
    inline.start(bench, make_model("whole", max_epochs=6))
    expected = value_of(bench, inline.work(bench))
    run = inline.start(bench, make_model("broken", max_epochs=6))
    full_at("last-4.json")
    assert inline.last_of(inline.work(bench)).epoch == 3
    bench.runs.resume(actor="user:test", run_id=run.id)
    resumed = inline.work(bench)
    assert (resumed.state, resumed.attempt) == (RunState.COMPLETED, 2)
    assert value_of(bench, resumed) == expected


def test_what_a_resume_trains_again_is_superseded(bench, model, full_at):
    run = inline.start(bench, model)
    full_at("last-2.json")
    inline.work(bench)
    resumed = bench.runs.resume(actor="user:test", run_id=run.id)
    assert resumed.attempt == 2
    ended = inline.work(bench)
    assert ended.state is RunState.COMPLETED
    assert inline.told(bench, run.id, "resumed") == [{"attempt": 2, "from_epoch": 1, "total_epochs": 3}]
    table = polars.read_parquet(bench.runs.lying(run.id, "metrics.parquet"))
    assert table["epoch"].to_list() == [1, 2, 3]
    assert table["attempt"].to_list() == [1, 2, 2]


def test_a_checkpoint_that_is_damaged_or_gone_once_its_resume_is_queued_fails_it_in_words(bench, make_model):
    model = make_model(max_epochs=5, fail_at_epoch=3)
    run = inline.start(bench, model)
    inline.work(bench)
    name = bench.state().runs[run.id].last_checkpoint.path
    whole = bench.artefacts.read_bytes(name)
    bench.runs.resume(actor="user:test", run_id=run.id)
    bench.artefacts.write_bytes(name, whole[:-4])
    ended = inline.work(bench)
    assert ended.state is RunState.FAILED
    assert "is damaged: it is not what was written at epoch 2" in ended.reason
    assert inline.error_of(ended).traceback == ""
    bench.artefacts.write_bytes(name, whole)
    bench.runs.resume(actor="user:test", run_id=run.id)
    bench.artefacts.remove(name)
    assert "is missing" in inline.work(bench).reason


def test_a_report_that_cannot_be_written_takes_nothing_from_a_trained_run(bench, model, monkeypatch):
    def write(*_):
        raise OSError(errno.ENOSPC, "full", "report.html")

    monkeypatch.setattr(carry, "write_documents", write)
    run = inline.start(bench, model)
    assert inline.work(bench).state is RunState.COMPLETED
    (error,) = [line for line in inline.told(bench, run.id, "log") if line["level"] == "error"]
    assert error["message"].startswith("The run's folder is incomplete. The disk is full while writing report.html")


def test_the_end_of_a_run_waits_for_a_store_that_cannot_be_written(bench, model, monkeypatch):
    monkeypatch.setattr(carry.time, "sleep", lambda seconds: None)
    inline.start(bench, model)
    inline.register(bench)
    held = inline.claim_one(bench)
    real, failures = held.finish, [StoreError("full")] * 5

    def finish(*arguments, **options):
        if failures:
            raise failures.pop()
        real(*arguments, **options)

    held.finish = finish
    carry.carry_out(bench, held, inline.watchdog(bench))
    assert held.record.state is RunState.COMPLETED


def test_after_a_run_the_worker_is_idle_and_the_next_run_may_be_claimed(bench, model):
    first = inline.start(bench, model)
    inline.work(bench)
    second = inline.start(bench, model)
    held = inline.claim_one(bench)
    assert held.record.id == second.id != first.id
