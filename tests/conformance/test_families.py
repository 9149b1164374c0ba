"""What every family can do through the workbench, whatever its models are: the registered ones and the doubles of tests."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from dashboard.context import AppContext
from dashboard.forms import raw_of
from dashboard.live import curves
from dashboard.live.feed import Feed, fold
from dashboard.live.warnings import notices
from dashboard.pages.create import view as create_page
from dashboard.pages.create.layout import base_of
from dashboard.pages.create.verdict import FORM, NAME, SAMPLE_FORM
from dashboard.pages.model.figures import draw
from tests.conformance.cases import CASES, Case
from tests.conformance.conftest import DOUBLES
from tests.workbench.cli.conftest import ThreadWorkers
from tests.workbench.runs import inline
from workbench.cli.app import run as trellis
from workbench.cli.comparison import Compared, table_of_runs
from workbench.families import FAMILIES, family
from workbench.layered.resolve import resolve
from workbench.layered.writing import resolved_yaml
from workbench.runs.reporter import StoreReporter
from workbench.services import diagnosis
from workbench.services.layered import config_of, create_model, find_dataset
from workbench.state import RunState

ME = "user:test"
PALETTE = curves.Palette("#0072b2", "#d55e00", ("#009e73",))
every_family = pytest.mark.parametrize("case", CASES, ids=str)


def test_every_family_is_tested() -> None:
    assert {case.family for case in CASES} == {*FAMILIES, *DOUBLES}


def by_service(bench: Any, case: Case, name: str) -> Any:
    return bench.models.create(
        actor=ME, family=case.family, model_type=case.model_type, dataset_id=case.dataset, preset=case.preset,
        values=case.values, sample=case.sample, name=name,
    )  # fmt: skip


def by_rest(bench: Any, client: Any, case: Case, name: str) -> Any:
    asked = {
        "name": name, "family": case.family, "model_type": case.model_type, "dataset": case.dataset,
        "preset": case.preset, "config": dict(case.values), "sample": dict(case.sample),
    }  # fmt: skip
    answer = client.post("/api/models", json=asked)
    assert answer.status_code == 201, answer.text
    return bench.models.get(answer.json()["id"])


def by_form(bench: Any, client: Any, case: Case, name: str) -> Any:
    """As the Create page does: its controls hold texts, and a click on Create calls its callback."""
    context = AppContext(lambda: bench, bench.settings)
    base = {"family": case.family, "model_type": case.model_type, "dataset": case.dataset, "preset": case.preset}
    start = create_page.start_of(context, base)
    typed = {s.name: raw_of(s, case.values[s.name]) for s in start.form_specs() if s.name in case.values}
    chosen = {s.name: raw_of(s, case.sample[s.name]) for s in start.sample_specs() if s.name in case.sample}
    forms = {FORM: start.raw() | typed, SAMPLE_FORM: start.sample_raw() | chosen}

    def held(form: str, what: str) -> list[dict[str, Any]]:
        ids = [{"form": form, "field": field} for field in forms[form]]
        return [{"id": id, "property": what, "value": id if what == "id" else forms[form][id["field"]]} for id in ids]

    asked = {
        "output": "..create-only.disabled...create-train.disabled..",
        "outputs": [{"id": button, "property": "disabled"} for button in ("create-only", "create-train")],
        "changedPropIds": ["create-only.n_clicks"],
        "inputs": [{"id": "create-only", "property": "n_clicks", "value": 1}, {"id": "create-train", "property": "n_clicks", "value": None}],
        "state": [
            held(FORM, "value"), held(SAMPLE_FORM, "value"), {"id": NAME, "property": "value", "value": name},
            {"id": "create-base", "property": "data", "value": base_of(start)}, held(FORM, "id"), held(SAMPLE_FORM, "id"),
        ],
    }  # fmt: skip
    answer = client.post("/_dash-update-component", json=asked)
    assert answer.status_code == 200, answer.text
    (made,) = [model for model in bench.state().models.values() if model.name == name] or [pytest.fail(answer.text)]
    return made


def by_command_line(bench: Any, case: Case, name: str) -> Any:
    """`trellis train` makes the model and trains it."""
    arguments = ["train", "--preset", case.preset, "--data", case.dataset, "--name", name, "--json"]
    for option, given in (("--set", case.values), ("--sample", case.sample)):
        for key, value in given.items():
            arguments += [option, f"{key}={json.dumps(value)}"]
    assert trellis(arguments) == 0
    for thread in ThreadWorkers.threads:
        thread.join()
    (made,) = [model for model in bench.state().models.values() if model.name == name]
    return made


def by_layered_file(bench: Any, source: Any, folder: Path, name: str) -> Any:
    """A model's settings as a file, and a model of that file."""
    path = folder / "model.yaml"
    path.write_text(resolved_yaml(config_of(bench, source), {}))
    found = resolve([path], find_dataset=partial(find_dataset, bench))
    return create_model(bench, found, actor=ME, name=name)


def essence(bench: Any, client: Any, model: Any) -> dict[str, Any]:
    """All of a model but what tells models apart: ids, names, times and what only trained ones have."""
    told = client.get(f"/api/models/{model.id}").json()
    for own in ("id", "number", "name", "created_at", "updated_at", "version", "state", "headline", "weights"):
        told.pop(own)
    return told


@every_family
def test_every_way_to_create_a_model_makes_the_same_one(bench: Any, client: Any, case: Case, tmp_path: Path) -> None:
    wanted = by_service(bench, case, "service")
    made = {
        "REST": by_rest(bench, client, case, "rest"),
        "form": by_form(bench, client, case, "form"),
        "layered file": by_layered_file(bench, wanted, tmp_path, "layered"),
    }
    for way, model in made.items():
        assert essence(bench, client, model) == essence(bench, client, wanted), way


@every_family
def test_a_model_lives(
    bench: Any, client: Any, case: Case, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    declared = family(case.family)
    model = by_command_line(bench, case, "first")
    wanted = essence(bench, client, by_service(bench, case, "second"))
    assert essence(bench, client, model) == wanted

    (run,) = bench.state().runs_of(model.id)
    assert (run.state, run.epochs_done) == (RunState.COMPLETED, 2)
    assert run.headline
    assert all(key in declared.measures for key in run.headline)
    page = client.get(f"/api/runs/{run.id}").json()
    assert page["state"] == "completed"

    # followed: what its events say becomes curves of the panels that the family declares
    feed = fold(Feed(), bench.runs.follow(run.id))
    assert feed.epoch == 2
    shown = [axes for panel in declared.panels for axes in curves.axes_of(panel, feed, declared.measures, PALETTE)]
    assert any(axes.lines for axes in shown)
    assert any(key in feed.series for key in declared.watched)
    notices(declared, feed)

    # stopped after one epoch, then resumed to its end
    bench.runs.executor = inline.NoWorkers()
    stopped = bench.runs.start(actor=ME, model_id=model.id)
    told = StoreReporter.epoch

    def tell_and_stop(self: Any, *arguments: Any, **more: Any) -> None:
        told(self, *arguments, **more)
        if bench.state().runs[stopped.id].stop_requested_at is None:
            bench.runs.request_stop(actor=ME, run_id=stopped.id)

    with monkeypatch.context() as patched:
        patched.setattr(StoreReporter, "epoch", tell_and_stop)
        patched.setattr(StoreReporter, "should_stop", lambda self: bench.state().runs[stopped.id].stop_requested_at is not None)
        inline.work(bench)
    assert (bench.state().runs[stopped.id].state, bench.state().runs[stopped.id].epochs_done) == (RunState.STOPPED, 1)
    bench.runs.resume(actor=ME, run_id=stopped.id)
    inline.work(bench)
    resumed = bench.state().runs[stopped.id]
    assert (resumed.state, resumed.epochs_done, resumed.attempt) == (RunState.COMPLETED, 2, 2)

    # compared, under the names of the declaration
    compared = table_of_runs([Compared(model.name, "group", None, one) for one in (run, resumed)])
    assert len(compared.rows) == 2
    for key in run.headline:
        assert any(column.startswith(declared.measures.label(key)) for column in compared.columns), compared.columns

    # every figure, in both themes, and the report
    resolved = bench.models.resolved(bench.models.get(model.id))
    held = declared.model(model.model_type).holds.payload.model_validate(bench.models.get(model.id).payload)
    if diagnosis.bundle_path(bench, run) is not None:
        for figure in declared.figures:
            if figure.applies(resolved, held) is None:
                shown = {dark: draw(bench, run, figure, dark=dark).to_json() for dark in (False, True)}
                assert shown[False] != shown[True], figure.name
            for name in figure.dials:
                assert declared.looking is not None
                turned = draw(bench, run, figure, dark=False, turned={name: declared.looking.dial(name).maximum})
                assert turned.to_json() != shown[False], (figure.name, name)
    else:
        assert not declared.figures
    report = bench.runs.artefact_path(run.id, "REPORT.md").read_text()
    assert all(declared.measures.label(key) in report for key in run.headline)

    # exported: its settings as a file give the same model
    again = by_layered_file(bench, bench.models.get(model.id), tmp_path, "again")
    assert essence(bench, client, again) == wanted

    # deleted and taken back, one action at a time
    bench.models.delete(actor=ME, model_id=again.id)
    assert client.get(f"/api/models/{again.id}").status_code == 404
    bench.undo(actor=ME)
    assert client.get(f"/api/models/{again.id}").status_code == 200
    bench.undo(actor=ME)
    assert client.get(f"/api/models/{again.id}").status_code == 404
    capsys.readouterr()
