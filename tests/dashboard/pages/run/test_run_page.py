"""A run's page as a tree of components, and its files over HTTP."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dashboard.live.feed import Feed
from dashboard.pages.run.files import REPORT_POLICY, address
from dashboard.pages.run.layout import actions, header, layout, metric_value, metrics_tables, settings_tables
from dashboard.pages.run.view import RunView, view_of
from rcmvae.family import FAMILY
from tests.support.acting import checkpoint, finish, queue, run_to
from tests.support.trees import having, of_class, text_of, with_id
from workbench.commands.base import CommandError
from workbench.families import Metric
from workbench.state import RunError

METRIC = {"value": 0.957, "split": "test", "n": 360, "state": "success", "reason": None}


@pytest.fixture
def stopped(bench: Any, digits_model: Any) -> RunView:
    run = run_to(bench, queue(bench, digits_model), "running")
    checkpoint(bench, run)
    finish(bench, run, "stopped", headline={"accuracy": 0.957}, epochs_done=3)
    return view_of(bench, run.id)


def _words(node: Any) -> str:
    return " ".join(text_of(node).split())


def test_no_line_ends_between_a_number_of_a_list_and_its_unit() -> None:
    shares = Metric("recall", "Recall", format="share")
    assert metric_value(shares, [0.9444, 1.0]) == "94.4\N{NO-BREAK SPACE}%, 100.0\N{NO-BREAK SPACE}%"


def test_an_unknown_or_deleted_run_has_no_page(bench: Any, digits_model: Any) -> None:
    with pytest.raises(CommandError) as missing:
        view_of(bench, "run_0000000000000")
    assert missing.value.code == "not_found"


def test_the_page_names_the_run_its_model_and_its_state(stopped: RunView) -> None:
    words = _words(layout(stopped, Feed()))
    assert "Run #1" in words
    assert "Run of First" in words
    assert "Stopped" in words
    assert "95.7 %" in words


def test_the_metrics_say_which_epoch_they_are_of_and_what_chose_it(stopped: RunView) -> None:
    groups = {"classification": {"accuracy": METRIC}}
    view = replace(stopped, metrics=groups, best_epoch=2, best_by="by the loss of validation images")
    assert "Of the weights that were kept: epoch 2, chosen by the loss of validation images." in _words(layout(view, Feed()))
    assert "Of the weights that were kept: epoch 2." in _words(layout(replace(view, best_by=""), Feed()))


def test_a_stopped_latest_run_can_be_resumed_and_run_again(stopped: RunView) -> None:
    sound = replace(stopped, preflight=())
    assert having(actions(sound), id="run-resume")
    assert not with_id(actions(sound), "run-again").disabled


def test_an_older_run_cannot_be_resumed(stopped: RunView) -> None:
    assert not having(actions(replace(stopped, is_latest=False)), id="run-resume")


def test_run_again_is_off_with_its_reason_while_another_run_is_active(stopped: RunView) -> None:
    view = replace(stopped, preflight=("Run #2 of this model is running already.",))
    assert with_id(actions(view), "run-again").disabled
    assert having(actions(view), title="Run #2 of this model is running already.")


def test_an_active_run_can_only_be_stopped(bench: Any, digits_model: Any) -> None:
    view = view_of(bench, queue(bench, digits_model).id)
    assert having(actions(view), id="run-stop")
    assert not having(actions(view), id="run-again")


def test_a_failed_run_keeps_its_traceback_folded(bench: Any, digits_model: Any) -> None:
    run = run_to(bench, queue(bench, digits_model), "running")
    finish(bench, run, "failed", error=RunError(message="The loss became NaN in epoch 7 (kl_z)", traceback="Traceback: line 1"))
    tree = layout(view_of(bench, run.id), Feed())
    (fold,) = of_class(tree, "fold")
    assert not getattr(fold, "open", False)
    assert "Traceback: line 1" in text_of(fold)
    assert "The loss became NaN in epoch 7 (kl_z)." in text_of(with_id(tree, "live-ended"))


def test_metrics_say_split_and_count_and_those_without_a_value_say_why() -> None:
    groups = {
        "classification": {"accuracy": METRIC},
        "routing": {"mean_max_gumbel": METRIC | {"state": "disabled", "reason": "no Gumbel noise", "value": None}},
    }
    words = _words(metrics_tables(FAMILY, groups))
    assert "Accuracy 95.7 % test, n = 360" in words
    assert "Off" in words
    assert "no Gumbel noise" in words


def test_metric_values_of_any_kind_are_readable() -> None:
    assert metric_value(Metric("x", "X"), [0.12345, 0.5]) == "0.123, 0.5"
    assert metric_value(Metric("x", "X"), []) == "none"
    assert metric_value(Metric("x", "X"), [[1, 2], [3, 4]]) == "2 rows; see Figures"
    assert metric_value(Metric("x", "X"), None) == "–"
    assert metric_value(Metric("x", "X"), True) == "yes"
    assert "100 values" in text_of(metric_value(Metric("x", "X"), list(range(100))))
    assert "mean: 2" in text_of(metric_value(Metric("x", "X"), {"mean": 2.0}))


def test_settings_say_where_each_value_came_from(bench: Any, digits_model: Any) -> None:
    bench.models.update_config(actor="me", model_id=digits_model.id, values={"learning_rate": 0.003})
    run = queue(bench, digits_model)
    bench.models.update_config(actor="me", model_id=digits_model.id, values={"batch_size": 64})
    view = view_of(bench, run.id)
    assert view.provenance["learning_rate"].startswith("Change ")
    assert view.provenance["batch_size"] == "default"
    assert view.provenance["latent_dim"] == "set when the model was created"
    assert view.provenance["monitor_metric"].startswith("auto")
    assert "Learning rate 0.003" in _words(settings_tables(view))


def test_settings_that_do_not_apply_are_left_out(stopped: RunView) -> None:
    words = _words(settings_tables(stopped))
    assert "Components" in words
    assert "Geometric radius" not in words


def test_before_the_end_every_part_says_what_will_be_there(bench: Any, digits_model: Any) -> None:
    words = _words(layout(view_of(bench, queue(bench, digits_model).id), Feed()))
    assert "Metrics are computed when the run ends." in words
    assert "The report is written when the run ends." in words
    assert "The environment is recorded when the run ends." in words


def test_a_report_is_shown_in_a_sandbox_that_lets_it_only_draw(bench: Any, digits_model: Any) -> None:
    run = finish(bench, run_to(bench, queue(bench, digits_model), "running"))
    bench.artefacts.write_text(f"runs/{run.id}/report.html", "<script>alert(1)</script>")
    (frame,) = of_class(layout(view_of(bench, run.id), Feed()), "report-frame")
    assert frame.sandbox == "allow-scripts"


def test_a_report_is_served_with_a_policy_of_its_own(bench: Any, digits_model: Any, client: Any) -> None:
    run = queue(bench, digits_model)
    bench.artefacts.write_text(f"runs/{run.id}/report.html", "<h1>Report</h1>")
    answer = client.get(address(run.id, "report.html"))
    assert answer.status_code == 200
    assert answer.headers["content-security-policy"] == REPORT_POLICY
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert "default-src 'none'" in REPORT_POLICY
    assert "allow-same-origin" not in REPORT_POLICY


def test_every_other_file_is_a_download_that_runs_nothing(bench: Any, digits_model: Any, client: Any) -> None:
    run = queue(bench, digits_model)
    bench.artefacts.write_text(f"runs/{run.id}/attempt-1/evil.html", "<script>alert(1)</script>")
    answer = client.get(address(run.id, "attempt-1/evil.html"))
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert client.get(address(run.id, "report.html"), params={"download": "1"}).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/run-files/run_0000000000000/log.txt", "/run-files/x/log.txt", "/run-files/{run}/nothing.txt", "/run-files/{run}/../../trellis.db",
        "/run-files/{run}/%2e%2e/%2e%2e/trellis.db", "/run-files/{run}//etc/passwd", "/run-files/{run}/..%2f..%2ftrellis.db",
    ],
)  # fmt: skip
def test_nothing_outside_a_runs_folder_is_served(bench: Any, digits_model: Any, client: Any, path: str) -> None:
    run = queue(bench, digits_model)
    answer = client.get(path.replace("{run}", run.id))
    assert b"SQLite" not in answer.content
    assert b"root:" not in answer.content
    assert answer.status_code in (404, 308) or "text/html" in answer.headers["content-type"]


def test_a_link_in_a_runs_folder_is_not_followed(bench: Any, digits_model: Any, client: Any) -> None:
    run = queue(bench, digits_model)
    folder = bench.artefacts.make_folder(f"runs/{run.id}")
    (folder / "link.txt").symlink_to(bench.settings.home / "trellis.db")
    assert client.get(address(run.id, "link.txt")).status_code == 404


def test_the_user_who_began_it_is_named_as_they_are_called_now(bench: Any, digits_model: Any) -> None:
    before = queue(bench, digits_model)
    assert view_of(bench, before.id).started_by == ""
    bench.runs.request_stop(actor="user:ann", run_id=before.id)
    ann = bench.people.add(by="user:ann", name="ann", role="administer", display_name="Ann Ames")
    run = bench.runs.start(actor=ann.actor, model_id=digits_model.id)
    bench.people.call_oneself(ann.id, "Ann A.")
    assert " by Ann A." in _words(header(view_of(bench, run.id)))
    assert view_of(bench, before.id).started_by == ""
