"""The doctor says whether the broker answers and whether somebody takes what waits there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.brokers import broker
from workbench.doctor.broker import examine
from workbench.runs.celery import broker as own
from workbench.settings import Settings


def celery(url: str, **more: str) -> Settings:
    return Settings.load(executor="celery", database_url="postgresql://ann@db/trellis", broker_url=url, **more)


def test_without_a_broker_there_is_nothing_to_say_and_one_that_nobody_uses_is_pointed_out(home: Path) -> None:
    assert list(examine(Settings.load())) == []
    (found,) = examine(Settings.load(broker_url="redis://queue/0"))
    assert (found.level, "TRELLIS_EXECUTOR" in found.todo) == ("warning", True)


@pytest.mark.parametrize("place", ["127.0.0.1:1/0", "127.0.0.1:1/name"])
def test_a_broker_that_does_not_answer_is_a_fault_whose_words_hide_its_password(home: Path, place: str) -> None:
    (found,) = examine(celery(f"redis://:hidden-word@{place}"))
    assert found.level == "fault"
    assert "does not answer" in found.what
    assert "hidden-word" not in found.what + found.todo


def test_queues_that_nobody_takes_from_are_named_with_the_command_that_would(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = celery(broker("redis").url, gpu_frameworks="jax")
    (found,) = examine(settings)
    assert found.level == "warning"
    assert "`trellis worker --framework jax --device gpu`" in found.todo
    assert "`trellis worker --framework tensorflow --device cpu`" in found.todo
    there = {"jax@rack": ("trellis.jax.gpu",), "all@desk": ("trellis.jax.cpu", "trellis.tensorflow.cpu")}
    monkeypatch.setattr(own.Broker, "listening", lambda self: there)
    (found,) = examine(settings)
    assert (found.level, found.facts["workers"]["jax@rack"]) == ("ok", ["trellis.jax.gpu"])
