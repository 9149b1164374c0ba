"""The command line does what the pages do, says what is wrong in sentences, and exits with a code that scripts can use."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from rcmvae.holding import held
from tests.support import fake_family
from workbench import families
from workbench.settings import Settings
from workbench.workbench import Workbench


@pytest.fixture
def trained(trellis):
    """A model made from a preset and trained."""
    said = trellis("train", "--preset", "mixed", "--data", "tiny", "--name", "First", "--json")
    assert said.code == 0, said.err
    return json.loads(said.out)


def state(home):
    bench = Workbench.open(Settings.load(home=home))
    try:
        return bench.state()
    finally:
        bench.close()


def test_training_from_a_preset_makes_a_model_trains_it_and_says_how_it_did(trellis, home):
    said = trellis("train", "--preset", "plain", "--data", "tiny", "--set", "max_epochs=2", "--sample", "num_labeled=3")
    assert said.code == 0
    assert "Run #1 completed after 2 epochs" in said.out
    (model,) = state(home).models.values()
    assert model.config["architecture"]["shape"] == "plain"
    assert held(model).sample.n_labelled == 3
    assert model.weights is not None


def test_a_preset_that_is_for_a_dataset_needs_no_data_and_says_when_it_gets_other_data(trellis, home, monkeypatch):
    kind = fake_family.MODEL_TYPE
    presets = (replace(kind.presets[0], dataset="elsewhere"), replace(kind.presets[1], dataset="tiny"))
    monkeypatch.setattr(fake_family, "FAMILY", replace(fake_family.FAMILY, models=(replace(kind, presets=presets),)))
    families.family.cache_clear()
    said = trellis("train", "--preset", "mixed", "--set", "max_epochs=1")
    assert said.code == 0
    assert "Trains on 30 of 48." in said.err
    other = trellis("train", "--preset", "plain", "--data", "tiny", "--set", "max_epochs=1")
    assert "the preset plain was made for elsewhere, not for Tiny" in other.err


def test_json_output_is_one_document_and_nothing_else(trained, home):
    assert trained["state"] == "completed"
    assert trained["id"] in state(home).runs
    assert trained["folder"].endswith(trained["id"])


def test_a_model_is_trained_on_by_id_number_or_name_with_its_settings_edited(trellis, trained, home):
    for reference in (trained["model_id"], "1", "#1", "First"):
        said = trellis("train", "--model", reference, "--set", "max_epochs=1", "--json")
        assert json.loads(said.out)["epochs_done"] == 1
    assert len(state(home).runs) == 5


def test_the_architecture_of_a_model_cannot_be_set(trellis, trained, home):
    said = trellis("train", "--model", "1", "--set", "width=16")
    assert said.code == 1
    assert "width is part of this model's architecture and cannot change after creation" in said.err
    assert "Traceback" not in said.err
    assert len(state(home).runs) == 1


def test_every_wrong_value_is_named_at_once_with_the_closest_name(trellis, home):
    said = trellis("train", "--preset", "mixed", "--data", "tiny", "--set", "max_epoch=3", "--set", "learning_rate=7")
    assert said.code == 1
    assert "did you mean max_epochs?" in said.err
    assert "learning_rate" in said.err
    assert not state(home).models


def test_settings_may_have_the_keys_of_files_those_of_the_sample_too(trellis, home):
    trellis("train", "--preset", "mixed", "--data", "tiny", "--set", "training.max_epochs=1", "--set", "data.num_labeled=2")
    (model,) = state(home).models.values()
    assert model.config["training"]["max_epochs"] == 1
    assert len(state(home).labels[model.id]) == 2


def test_wrong_keys_of_files_are_told_with_all_that_is_wrong_besides(trellis, home):
    wrong = ("training.max_epochs=x", "data.num_labeled=900", "data.dataset=big", "training.max_epoch=3")
    said = trellis("train", "--preset", "mixed", "--data", "tiny", *(word for text in wrong for word in ("--set", text)))
    assert said.err.startswith("Error: 4 things are wrong, and nothing was changed.")
    assert said.err.count("did you mean max_epochs?") == 1, said.err
    assert "Did you mean max_epochs?" not in said.err, "nothing is said twice"
    assert not state(home).models


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("train",), "give either --preset"),
        (("train", "--preset", "mixed"), "--preset needs --data"),
        (("train", "--preset", "mixed", "--model", "x", "--data", "tiny"), "give either --preset"),
        (("train", "--model", "x", "--data", "tiny"), "for a new model"),
        (("train", "--model", "x", "--set", "no-equals"), "must be NAME=VALUE"),
        (("nonsense",), "No such command"),
        (("runs", "show"), "Missing argument"),
        (("runs", "list", "--state", "asleep"), "asleep"),
    ],
)
def test_wrong_usage_exits_with_2(trellis, arguments, text):
    said = trellis(*arguments)
    assert said.code == 2
    assert text in " ".join(said.err.replace("│", " ").split())


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("train", "--preset", "mixd", "--data", "tiny"), "Did you mean mixed?"),
        (("train", "--preset", "mixed", "--data", "tine"), "Did you mean tiny?"),
        (("train", "--model", "nobody"), "There is no model 'nobody'"),
        (("runs", "show", "../../etc"), "There is no run '../../etc'"),
        (("runs", "resume", "17"), "There is no run '17'"),
        (("models", "show", "nobody"), "There is no model 'nobody'"),
    ],
)
def test_what_does_not_exist_is_named_and_exits_with_1(trellis, arguments, text):
    said = trellis(*arguments)
    assert said.code == 1
    assert text in said.err
    assert "Traceback" not in said.err


def test_a_failed_run_exits_with_1_and_says_why(trellis):
    said = trellis("train", "--preset", "mixed", "--data", "tiny", "--set", "fail_at_epoch=2")
    assert said.code == 1
    assert "the loss is not finite at epoch 2" in said.out
    shown = trellis("runs", "show", "1")
    assert "failed" in shown.out
    assert "Traceback" not in shown.out


def test_runs_are_listed_shown_and_their_events_read(trellis, trained):
    listed = trellis("runs")
    assert trained["id"] in listed.out
    assert "First" in listed.out
    assert [run["id"] for run in json.loads(trellis("runs", "list", "--json", "--state", "completed").out)] == [trained["id"]]
    assert json.loads(trellis("runs", "show", "1", "--json").out)["folder"] == trained["folder"]
    events = [json.loads(line) for line in trellis("runs", "events", "1").out.splitlines()]
    assert events[-1]["kind"] == "ended"
    rest = [json.loads(line) for line in trellis("runs", "events", "1", "--after", str(events[0]["seq"]), "--follow").out.splitlines()]
    assert rest == events[1:]


def test_stopping_a_run_that_has_ended_and_resuming_one_that_was_completed_are_refused(trellis, trained):
    stopped = trellis("runs", "stop", "1")
    assert stopped.code == 1
    assert "has ended already" in stopped.err
    resumed = trellis("runs", "resume", "1")
    assert resumed.code == 1
    assert "only a stopped, failed or interrupted run can be resumed" in resumed.err


def test_a_failed_run_is_resumed_from_its_checkpoint(trellis):
    trellis("train", "--preset", "mixed", "--data", "tiny", "--set", "fail_at_epoch=2")
    resumed = trellis("runs", "resume", "1", "--json")
    assert resumed.code == 1
    assert json.loads(resumed.out)["attempt"] == 2


def test_models_are_listed_and_shown_in_words(trellis, trained):
    assert "First" in trellis("models").out
    assert json.loads(trellis("models", "list", "--json").out)[0]["latest_run"] == trained["id"]
    shown = trellis("models", "show", "First")
    assert "Shape of the model" in shown.out
    assert "max_epochs" in shown.out


def test_an_audit_of_a_sound_store_is_quiet_and_of_a_planted_mismatch_is_not(trellis, trained, home):
    sound = trellis("audit")
    assert sound.code == 0
    assert "1 models audited, none with a mismatch." in sound.out
    weights = state(home).models[trained["model_id"]].weights
    assert weights is not None
    (home / "artefacts" / weights.path).write_text("{}")
    planted = trellis("audit")
    assert planted.code == 1
    assert "mismatch" in planted.out
    (result,) = json.loads(trellis("audit", "--json").out)
    assert result["problems"]
    assert weights.path.rpartition("/")[2] in result["runs"][0]["problems"][0]
    refused = trellis("train", "--model", "1")
    assert refused.code == 1


def test_runs_are_chosen_and_sorted_by_what_is_typed_and_a_mistake_is_marked(trellis, trained, home):
    trellis("train", "--preset", "plain", "--data", "tiny")
    listed = ("runs", "list", "--json")

    def numbers(*options):
        return [run["number"] for run in json.loads(trellis(*listed, *options).out)]

    assert numbers("--where", "state = completed") == [2, 1]
    assert numbers("--where", "model = First and epochs > 0") == [1]
    assert numbers("--sort", "number") == [1, 2]
    bench = Workbench.open(Settings.load(home=home))
    bench.views.create(actor="me", name="Named", page="runs", query={"where": "model = First", "sort": "number"})
    bench.close()
    assert numbers("--view", "named") == [1]
    assert numbers("--view", "named", "--where", "number > 0") == [1, 2]
    assert "There is no view named" in trellis("runs", "list", "--view", "other").err
    wrong = trellis("runs", "list", "--where", "state = completed and epoch > 1")
    assert wrong.code == 1
    assert "There is no column “epoch” at character 23" in wrong.err
    assert "\n  state = completed and epoch > 1\n                        ^^^^^\n" in wrong.err
    assert "Did you mean epochs?" in wrong.err
    assert "duration" in trellis("runs", "columns").out
    assert "epochs" in [column["key"] for column in json.loads(trellis("runs", "columns", "--json").out)]


def test_an_audit_names_a_runs_file_that_was_cut_altered_or_deleted(trellis, trained, home):
    (run,) = state(home).runs.values()
    log = home / "artefacts" / "runs" / run.id / "log.txt"
    content = log.read_bytes()
    assert "1 runs audited, none with damaged files." in trellis("audit").out
    for damaged in (content[:-1], content.swapcase(), None):
        log.unlink(missing_ok=True)
        if damaged is not None:
            log.write_bytes(damaged)
        said = trellis("audit")
        assert said.code == 1
        assert "run #1: damaged" in said.out
        assert "log.txt" in said.out


def test_settings_show_every_variable_and_where_its_value_came_from(trellis, home, monkeypatch):
    monkeypatch.setenv("TRELLIS_TOKEN", "topsecret")
    monkeypatch.setenv("TRELLIS_PROT", "1")
    said = trellis("settings", "--json")
    lines = {line["variable"]: line for line in json.loads(said.out)}
    assert lines["TRELLIS_HOME"]["value"] == str(home)
    assert lines["TRELLIS_PORT"]["source"] == "default"
    assert "topsecret" not in said.out
    assert "did you mean TRELLIS_PORT?" in said.err


def test_a_home_that_cannot_be_written_is_an_error_in_words(trellis, monkeypatch, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("TRELLIS_HOME", str(blocked / "home"))
    said = trellis("runs")
    assert said.code == 1
    assert "TRELLIS_HOME" in said.err


def test_a_setting_out_of_range_is_an_error_in_words(trellis, monkeypatch):
    monkeypatch.setenv("TRELLIS_PORT", "99999")
    said = trellis("settings")
    assert said.code == 1
    assert "TRELLIS_PORT" in said.err


def test_a_fault_of_trellis_shows_no_traceback_but_says_where_it_is(trellis, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(Workbench, "open", broken)
    said = trellis("runs")
    assert said.code == 1
    assert "Traceback" not in said.err
    place = said.err.split("details are in ")[1].strip().rstrip(".")
    with open(place) as file:
        assert "ZeroDivisionError" in file.read()


def test_a_port_in_use_says_what_to_do(trellis):
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = trellis("serve", "--port", str(taken.getsockname()[1]))
    assert said.code == 1
    assert "is in use" in said.err
    assert "TRELLIS_PORT" in said.err


def test_help_names_every_command(trellis):
    said = trellis("--help")
    assert said.code == 0
    for name in ("serve", "train", "runs", "models", "audit", "settings"):
        assert name in said.out


def test_the_command_line_imports_neither_an_array_framework_nor_the_dashboard():
    code = "import sys, workbench.cli.app; print([m for m in ('jax', 'flax', 'tensorflow', 'dash', 'dashboard', 'polars', 'plotly') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_a_number_that_is_another_models_name_is_refused_and_both_are_named(trellis, trained, home):
    assert trellis("train", "--preset", "mixed", "--data", "tiny", "--set", "max_epochs=1", "--name", "1").code == 0
    said = trellis("models", "show", "1")
    assert said.code == 1
    assert "may be model #1, 'First', or the model of that name, #2" in said.err
    assert "First" in trellis("models", "show", "#1").out
    assert "First" not in trellis("models", "show", "#2").out


def test_several_problems_say_first_that_nothing_was_changed(trellis, home):
    said = trellis("train", "--preset", "mixed", "--data", "tiny", "--set", "max_epochs=0", "--set", "learning_rate=-1")
    assert said.code == 1
    assert "2 things are wrong, and nothing was changed." in said.err
    assert state(home).models == {}
