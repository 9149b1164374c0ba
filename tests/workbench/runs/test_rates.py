"""The training rate is measured once for a home and shown to whoever asks."""

from dataclasses import replace

import pytest

from rcmvae.rate import jax_training_rate
from tests.workbench.runs import inline
from workbench.families import ImportString
from workbench.runs import rates


def measure():
    return 3e9


@pytest.fixture(autouse=True)
def measured(fake, monkeypatch):
    """The fake family measures; a second one, of the other framework, has no measure."""
    measuring = replace(fake.FAMILY, rate=ImportString("tests.workbench.runs.test_rates:measure"))
    silent = replace(fake.FAMILY, name="silent", framework="tensorflow")
    monkeypatch.setattr(rates, "families_of", lambda name: [f for f in (measuring, silent) if f.framework == name])


def measure_once(bench, framework="jax"):
    return rates.measure_once(bench.store, bench.settings, inline.WORKER, framework)


def test_a_rate_is_kept_for_pages_and_for_later_workers(bench, monkeypatch):
    assert bench.runs.rate("jax") is None
    inline.register(bench)
    assert measure_once(bench) == 3e9
    assert inline.row(bench).rate == 3e9
    assert bench.runs.rate("jax") == 3e9
    inline.register(bench)
    monkeypatch.setattr(ImportString, "load", lambda self: pytest.fail("measured again"))
    assert measure_once(bench) == 3e9
    assert measure_once(bench) == 3e9
    assert inline.row(bench).rate == 3e9


def test_a_framework_without_a_measure_has_no_rate(bench):
    inline.register(bench)
    assert measure_once(bench, "tensorflow") is None
    assert bench.runs.rate("tensorflow") is None


def test_a_damaged_file_is_measured_anew(bench):
    (bench.settings.home / "rates.json").write_text("{torn")
    assert bench.runs.rate("jax") is None
    inline.register(bench)
    assert measure_once(bench) == 3e9
    assert rates.stored_rate(bench.settings.home, "jax") == 3e9


def test_the_measure_of_jax_is_a_plausible_number_of_operations():
    assert 1e7 < jax_training_rate() < 1e15


def test_runs_that_finished_correct_what_an_idle_worker_measured(bench):
    home = bench.settings.home
    inline.register(bench)
    measure_once(bench)
    for rate in (1e9, 2e9, None, float("nan"), 9e9):
        rates.learn(home, "fake/toy", rate)
    assert bench.runs.rate("jax", "fake/toy") == 2e9
    assert bench.runs.rate("jax", "fake/other") == 3e9
    for _ in range(rates.KEPT):
        rates.learn(home, "fake/toy", 5e9)
    assert bench.runs.rate("jax", "fake/toy") == 5e9
    (home / rates.REACHED).write_text("[torn")
    assert bench.runs.rate("jax", "fake/toy") == 3e9


def test_kinds_with_a_measure_of_their_own_are_told_nothing_of_the_frameworks_rate(bench, fake, monkeypatch):
    measured = []
    monkeypatch.setattr(ImportString, "load", lambda self: lambda: measured.append(self) or (3e9 if self == whole else 2e7))
    whole, own = ImportString("tests.workbench.runs.test_rates:measure"), ImportString("tests.workbench.runs.test_rates:own")
    (kind, *_) = fake.FAMILY.models
    slow = replace(fake.FAMILY, rate=whole, models=(replace(kind, rate=own), replace(kind, name="other", presets=())))
    monkeypatch.setattr(rates, "families_of", lambda name: [slow] if name == "jax" else [])
    inline.register(bench)
    assert measure_once(bench) == 3e9
    assert bench.runs.rate("jax", f"fake/{kind.name}") is None
    assert bench.runs.rate("jax", "fake/other") == 3e9
    assert rates.measure_next(bench.settings, "jax")
    assert bench.runs.rate("jax", f"fake/{kind.name}") == 2e7
    assert not rates.measure_next(bench.settings, "jax")
    assert measured == [whole, own]


def test_where_other_hosts_train_the_rate_is_what_their_runs_told(bench, make_model, monkeypatch):
    elsewhere = bench.settings.model_copy(update={"executor": "celery", "home": bench.settings.home / "elsewhere"})
    rates.learn(bench.settings.home, "fake/toy", 9e9)
    monkeypatch.setattr(bench.runs, "_settings", elsewhere)
    assert bench.runs.rate("jax", "fake/toy") is None
    for told in (1e9, None, 4e9, 2e9):
        inline.start(bench, make_model(f"model {told}"))
        run = inline.work(bench)
        summary = bench.artefacts.read_json(f"runs/{run.id}/summary.json")
        assert "rate" in summary
        bench.artefacts.write_json(f"runs/{run.id}/summary.json", summary | {"rate": told})
    bench.artefacts.write_text(f"runs/{run.id}/summary.json", "[torn")
    assert bench.runs.rate("jax", "fake/toy") == 2.5e9
    assert bench.runs.rate("jax", "fake/other") is None
    assert bench.runs.rate("jax") is None
