"""A whole run of a small LSTM: what it leaves behind, how it goes on, and how it fails."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.traffic.training.running import TRAINING, USE, bundle_of, task_of
from tests.traffic.training.standin import wavy
from traffic.errors import TrafficError
from traffic.metrics.evaluate import evaluate
from traffic.metrics.scores import scores
from traffic.report import tables
from traffic.training.checkpoint import load_weights
from traffic.training.checkpoint_audit import audit
from traffic.training.diagnosing import diagnose_again
from traffic.training.errors import CheckpointError, NonFiniteError
from traffic.training.forecaster import ModelForecaster
from traffic.training.script import make_task
from traffic.training.trainer import engine_of, identity_of, train
from traffic.warnings import caveats
from traffic.windows.windows import spread
from workbench.fields import flat_values
from workbench.runs.scripted import QuietReporter


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A run that was left alone: its task, reporter and summary."""
    task, reporter = task_of(tmp_path_factory.mktemp("run")), QuietReporter()
    return task, reporter, train(task, reporter)


def test_a_run_leaves_checkpoints_a_bundle_and_its_metrics(done) -> None:
    task, reporter, summary = done
    assert summary.shortfall == ""
    assert summary.outcome == "completed"
    assert summary.epochs == 4
    assert len(reporter.epochs) == 4
    names = {path.name for path in (task.folder / "checkpoints").iterdir()}
    assert summary.kept.name in names
    assert len(names) <= 2
    assert {kind for _, kind, _ in reporter.checkpoints} == {"best", "last"}
    assert (task.folder / "per_sensor.csv").read_text().startswith("sensor_id,target,horizon")
    assert summary.bundle == task.folder / "diagnostics.npz"
    bundle = bundle_of(summary)
    assert bundle.facts.methods == ("model", "last_value", "historical_average", "ridge")
    assert bundle.facts.best_epoch == summary.best_epoch
    assert bundle.history("validation/masked_mae") is not None


def test_metrics_are_of_the_best_weights(done) -> None:
    task, _, summary = done
    engine = engine_of(task)
    parameters, *_ = load_weights(summary.kept, engine.recipe, identity_of(task))
    found = scores(evaluate(task.prepared, ModelForecaster(engine, parameters), "test"))
    written = json.loads((task.folder / "metrics.json").read_text())
    for name, value in found.items():
        assert written[name] == pytest.approx(value, rel=1e-6)
        assert summary.metrics["test"][name.removeprefix("test/")]["value"] == pytest.approx(value, rel=1e-6)
    first, value = next(iter(summary.headline.items()))
    assert first == "test/masked_mae@null=nan/avg"
    assert value == pytest.approx(found[first], rel=1e-6)


def test_baselines_stand_beside_the_model_with_its_lead_and_why_a_day_gives_no_interval(done) -> None:
    _, reporter, summary = done
    beside = summary.metrics["beside"]
    for name in ("last_value", "historical_average", "ridge"):
        lead = summary.metrics[name]["masked_mae@null=nan/avg"]["value"] - summary.metrics["test"]["masked_mae@null=nan/avg"]["value"]
        assert beside[name]["value"] == pytest.approx(lead, rel=1e-6)
        for end in ("low", "high"):  # of a single test day
            assert beside[f"{name}_{end}"]["value"] is None
            assert "5 are needed" in beside[f"{name}_{end}"]["reason"]
    units = {name: summary.metrics["last_value"][f"masked_{name}/avg"].get("unit") for name in ("mae@null=nan", "rmse@null=nan")}
    assert set(units.values()) == {beside["ridge"]["unit"]} == {"km/h"}, "errors are in the unit of the data"
    told = reporter.told["units"]
    assert told["test/masked_mae@null=nan/avg"] == told["validation/masked_mae"] == "km/h"
    assert {key for key in summary.headline if "mae" in key or "rmse" in key} <= set(told)
    told = reporter.told["baselines"]
    assert told["best"] in ("last_value", "historical_average", "ridge")
    assert told["errors"][told["best"]] == min(value for name, value in told["errors"].items() if name != "model")
    assert any("strict: train" in line and "leave out missing targets" in line for _, line in reporter.logs)
    titles = [table.title for table in tables(bundle_of(summary))]
    assert titles == ["Windows, protocol strict", "Beside simple forecasts"]


def test_a_run_that_is_stopped_and_resumed_ends_with_the_metrics_of_one_left_alone(done, tmp_path: Path) -> None:
    task, _, whole = done
    first = QuietReporter(stop_after=3)
    stopped = train(replace(task, folder=tmp_path / "attempt-1"), first)
    assert stopped.outcome == "stopped"
    last = next(path for path, kind, _ in reversed(first.checkpoints) if kind == "last")
    reporter = QuietReporter()
    resumed = train(replace(task, folder=tmp_path / "attempt-2", resume_from=last), reporter)
    assert resumed.outcome == "completed"
    assert len(reporter.epochs) == 1
    assert len(reporter.telling["horizons"]) == 1, "a resumed run does not go back to before its first epoch"
    assert resumed.epochs == 4
    assert resumed.best_epoch == whole.best_epoch
    assert (tmp_path / "attempt-2" / "metrics.json").read_bytes() == (task.folder / "metrics.json").read_bytes()
    assert resumed.kept.parent == tmp_path / "attempt-2" / "checkpoints", "the best of the attempt before is taken over"


def test_a_resume_whose_best_checkpoint_is_gone_is_refused(done, tmp_path: Path) -> None:
    task, *_ = done
    reporter = QuietReporter(stop_after=3)
    train(replace(task, folder=tmp_path / "one", training=task.training.model_copy(update={"save_checkpoint_every": 1})), reporter)
    last = next(path for path, kind, _ in reversed(reporter.checkpoints) if kind == "last")
    lonely = tmp_path / "lonely" / "last.msgpack"
    lonely.parent.mkdir()
    lonely.write_bytes(last.read_bytes())
    with pytest.raises(CheckpointError, match="missing beside it"):
        train(replace(task, folder=tmp_path / "two", resume_from=lonely), QuietReporter())


def test_a_new_run_goes_on_from_kept_weights(done, tmp_path: Path) -> None:
    task, reporter, summary = done
    again = QuietReporter()
    more = train(replace(task, folder=tmp_path, start_from=summary.kept, training=task.training.model_copy(update={"epochs": 1})), again)
    assert more.epochs == 1
    assert again.epochs[0]["train/loss"] < reporter.epochs[0]["train/loss"]
    assert any("goes on from life epoch" in line for _, line in again.logs)


def test_an_audit_names_what_differs_and_needs_no_framework(done, tmp_path: Path) -> None:
    task, _, summary = done
    assert audit(summary.kept, {"architecture": task.architecture}, task.resolved) == []
    other = task.architecture.model_copy(update={"hidden_size": 16})
    found = audit(summary.kept, {"architecture": other}, {**task.resolved, **flat_values(other)})
    assert found[0] == "hidden_size is 8 in the checkpoint and 16 in the model"
    assert any("has shape" in line for line in found)
    assert "missing" in audit(tmp_path / "none", {"architecture": task.architecture}, task.resolved)[0]
    code = (
        "import sys, traffic.training.checkpoint_audit; assert not {'jax', 'flax', 'optax'} & set(sys.modules), 'a framework was imported'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_diagnostics_are_computed_again_from_checkpoints(done, tmp_path: Path) -> None:
    task, reporter, summary = done
    last = next(path for path, kind, _ in reversed(reporter.checkpoints) if kind == "last")
    again = diagnose_again(replace(task, folder=tmp_path), summary.kept, last, True)
    assert again.headline == summary.headline
    assert again.metrics == summary.metrics
    assert again.best_epoch == summary.best_epoch


def test_diagnostics_that_break_cost_no_trained_weights(done, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    task, *_ = done

    def breaks(*_: object) -> None:
        raise RuntimeError("no ridge today")

    monkeypatch.setattr("traffic.baselines.every.fit_ridge", breaks)
    reporter = QuietReporter()
    summary = train(replace(task, folder=tmp_path), reporter)
    assert any(level == "warning" and "no ridge today" in line for level, line in reporter.logs)
    assert summary.kept.is_file()
    assert summary.bundle is None
    assert "no ridge today" in summary.shortfall


def test_a_step_that_is_not_finite_fails_the_run_and_the_last_good_checkpoint_stays(done, tmp_path: Path) -> None:
    task, *_ = done
    inputs = task.prepared.inputs.copy()
    inputs[300, 1] = np.inf
    reporter = QuietReporter()
    with pytest.raises(NonFiniteError, match="detector s1"):
        train(replace(task, folder=tmp_path, prepared=replace(task.prepared, inputs=inputs)), reporter)
    assert any(level == "error" for level, _ in reporter.logs)
    validation = task.prepared.inputs.copy()
    validation[task.prepared.split.val[2]] = np.nan
    kept = QuietReporter()
    with pytest.raises(NonFiniteError, match="validation"):
        train(replace(task, folder=tmp_path / "two", prepared=replace(task.prepared, inputs=validation)), kept)


def test_quantiles_are_calibrated_and_their_coverage_is_told(tmp_path: Path) -> None:
    task = task_of(tmp_path, architecture={"quantiles": [0.05, 0.5, 0.95]}, training={"epochs": 2})
    summary = train(task, QuietReporter())
    assert summary.shortfall == ""
    found = summary.metrics["intervals"]
    assert found["nominal"]["value"] == pytest.approx(0.9)
    assert {"coverage", "coverage_before", "width", "width_before", "score", "score_before"} <= found.keys()
    bundle = bundle_of(summary)
    assert bundle.coverage.shape == (2, 4)
    assert bundle.quantile_forecast.shape[-1] == 3
    assert np.array_equal(bundle.quantile_forecast[..., 1], bundle.forecast)
    assert abs(found["coverage"]["value"] - 0.9) <= abs(found["coverage_before"]["value"] - 0.9) + 0.02
    assert tables(bundle)[-1].title == "Intervals"


def test_flattened_detectors_are_trained_as_one_wide_input(tmp_path: Path) -> None:
    task = task_of(tmp_path, use={"share_weights_across_vds": False}, architecture={"sensor_embedding_dim": 0}, training={"epochs": 1})
    summary = train(task, QuietReporter())
    assert summary.shortfall == ""
    assert bundle_of(summary).forecast.shape[2] == 3


def test_another_protocol_stands_in_groups_and_headlines_of_its_own(tmp_path: Path) -> None:
    task = task_of(tmp_path, use={"protocol": "standard"}, training={"epochs": 1})
    summary = train(task, QuietReporter())
    assert "test_standard" in summary.metrics
    assert "test" not in summary.metrics
    assert next(iter(summary.headline)) == "test_standard/masked_mae@null=nan/avg"


def test_fewer_training_windows_are_spread_over_all_of_them() -> None:
    ends = np.arange(100, 200, dtype=np.int32)
    assert spread(ends, None) is ends
    assert spread(ends, 100) is ends
    assert spread(ends, 4).tolist() == [100, 125, 150, 175]
    assert len(set(spread(ends, 73).tolist())) == 73


def test_max_train_windows_limits_what_an_epoch_passes_over(done, tmp_path: Path) -> None:
    task, *_ = done
    reporter = QuietReporter()
    few = replace(task, folder=tmp_path, training=task.training.model_copy(update={"max_train_windows": 70, "epochs": 1}))
    assert engine_of(few).recipe.steps == 2
    summary = train(few, reporter)
    assert any("70 of" in line for _, line in reporter.logs)
    words = f"Trained on 70 of {len(few.prepared.split.train):,} windows"
    assert f"{words}." in summary.shortfall
    assert [notice.text for notice in caveats(bundle_of(summary).facts)] == [words]
    assert summary.metrics["training"]["trained_windows"]["value"] == 70


def test_data_that_measured_nothing_in_validation_says_so_and_in_test_is_refused(tmp_path: Path) -> None:
    data = wavy(900)
    for first, last in ((630, 720), (720, 900)):
        values = data.values.copy()
        values[first:last] = np.nan
        silent = replace(data, values=values)
        if last == 900:
            with pytest.raises(TrafficError, match="No target was measured in the test rows"):
                task_of(tmp_path, data=silent)
            continue
        reporter = QuietReporter()
        summary = train(task_of(tmp_path, data=silent, training={"epochs": 1}), reporter)
        assert any("Nothing was measured in the validation rows" in line for level, line in reporter.logs if level == "warning")
        assert "the weights are those of the last epoch" in summary.shortfall


def test_with_checkpoints_every_0_epochs_the_best_and_the_last_are_kept(done, tmp_path: Path) -> None:
    task, *_ = done
    reporter = QuietReporter()
    train(replace(task, folder=tmp_path, training=task.training.model_copy(update={"save_checkpoint_every": 0})), reporter)
    errors = [each["validation/masked_mae"] or np.inf for each in reporter.epochs]
    best = [epoch for _, kind, epoch in reporter.checkpoints if kind == "best"]
    assert best[-1] == int(np.argmin(errors)) + 1
    assert len(list((tmp_path / "checkpoints").glob("*.msgpack"))) <= 2


def test_a_fresh_process_gives_the_same_metrics(done, tmp_path: Path) -> None:
    task, *_ = done
    code = (
        "from pathlib import Path; from tests.traffic.training.running import task_of; from workbench.runs.scripted import QuietReporter; "
        f"from traffic.training.trainer import train; train(task_of(Path({str(tmp_path)!r})), QuietReporter())"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert (tmp_path / "metrics.json").read_bytes() == (task.folder / "metrics.json").read_bytes()


def test_a_stop_before_the_first_epoch_is_complete_keeps_weights_that_go_on(done, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    task, _, whole = done
    monkeypatch.setattr("traffic.training.engine.SEGMENT_SECONDS", 1e-9)
    first = QuietReporter(stop_after=0)
    stopped = train(replace(task, folder=tmp_path / "one"), first)
    assert (stopped.outcome, stopped.epochs, stopped.best_epoch) == ("stopped", 0, None)
    assert stopped.kept.is_file()
    assert stopped.shortfall == ""
    last = next(path for path, kind, _ in reversed(first.checkpoints) if kind == "last")
    resumed = train(replace(task, folder=tmp_path / "two", resume_from=last), QuietReporter())
    assert resumed.headline == whole.headline


def test_a_validation_without_a_measured_target_keeps_the_last_weights(done, tmp_path: Path) -> None:
    task, *_ = done
    ready = task.prepared
    mask = ready.target_mask.copy()
    mask[ready.split.val[0] : ready.split.val[-1] + 5] = False
    reporter = QuietReporter()
    few = replace(task, folder=tmp_path, prepared=replace(ready, target_mask=mask), training=task.training.model_copy(update={"epochs": 2}))
    summary = train(few, reporter)
    assert summary.best_epoch is None
    assert reporter.epochs[0]["validation/masked_mae"] is None
    assert summary.epochs == 2
    assert summary.shortfall == "Nothing was measured in the validation rows: the weights are those of the last epoch."


@pytest.mark.parametrize("pooling", ["st_attention", "distance"])
def test_a_pooled_network_is_trained_and_says_how_much_detectors_look_at_each_other(tmp_path: Path, pooling: str) -> None:
    data = replace(wavy(900), coordinates=np.array([[34.0, -118.2], [34.001, -118.2], [35.0, -118.2]]))
    social = {"enabled": True, "type": pooling, "knn_k": 2, "heads": 2}
    summary = train(task_of(tmp_path, data=data, architecture={"social_pooling": social}, training={"epochs": 1}), QuietReporter())
    assert summary.shortfall == ""
    bundle = bundle_of(summary)
    assert bundle.neighbours[0, 0] == 1
    assert np.allclose(bundle.neighbour_weight.sum(1), [1, 1, 0], atol=1e-5), "the third detector has nobody within the radius"
    assert np.isnan(bundle.neighbour_m[2]).all()


@pytest.mark.parametrize(
    ("kind", "architecture"),
    [
        ("xlstm", {"embedding_dim": 8, "num_blocks": 2, "slstm_at": [1], "num_heads": 2}),
        ("transformer", {"embedding_dim": 8, "num_layers": 1, "num_heads": 2, "ffn_dim": 16}),
    ],
)
def test_the_other_networks_are_trained_stopped_and_resumed_to_the_same_metrics(tmp_path: Path, kind: str, architecture) -> None:
    window = {"sequence_length": 6, "prediction_length": 4}
    whole = make_task(
        wavy(500), kind, folder=tmp_path / "whole", architecture={**architecture, **window}, training={**TRAINING, "epochs": 2}, use=USE
    )  # fmt: skip
    summary = train(whole, QuietReporter())
    assert summary.shortfall == ""
    first = QuietReporter(stop_after=1)
    train(replace(whole, folder=tmp_path / "one"), first)
    last = next(path for path, kind, _ in reversed(first.checkpoints) if kind == "last")
    resumed = train(replace(whole, folder=tmp_path / "two", resume_from=last), QuietReporter())
    assert resumed.headline == summary.headline
