"""The training rate is measured once for a home and shown to whoever asks."""

import pytest

from tests.workbench.runs import inline
from workbench.families import ImportString
from workbench.runs import frameworks, rates
from workbench.runs.frameworks import FrameworkFacts
from workbench.runs.rate import jax_training_rate


def measure():
    return 3e9


@pytest.fixture(autouse=True)
def measured(monkeypatch):
    facts = FrameworkFacts((), (), {}, (), rate="tests.workbench.runs.test_rates:measure")
    monkeypatch.setattr(rates, "FRAMEWORKS", {"jax": facts, "tensorflow": FrameworkFacts((), (), {}, ())})


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


def test_every_framework_of_the_commands_is_known_with_its_environment(tmp_path):
    environment = frameworks.environment_for("jax", tmp_path)
    assert environment["JAX_COMPILATION_CACHE_DIR"] == str(tmp_path / "compiled" / "jax")
    assert environment["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] == "0"
    assert frameworks.environment_for("tensorflow", tmp_path)["TF_USE_LEGACY_KERAS"] == "1"
