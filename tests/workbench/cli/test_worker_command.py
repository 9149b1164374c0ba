"""`trellis worker` refuses in words what it cannot do."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.cli import worker
from workbench.doctor.finding import ok


@pytest.fixture
def celery(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of a host that trains for others."""
    monkeypatch.setenv("TRELLIS_EXECUTOR", "celery")
    monkeypatch.setenv("TRELLIS_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/trellis")
    monkeypatch.setenv("TRELLIS_BROKER_URL", "redis://127.0.0.1:1/0")


def test_without_a_broker_it_says_that_servers_start_workers_by_themselves(trellis: Any) -> None:
    said = trellis("worker")
    assert said.code == 1
    assert "TRELLIS_EXECUTOR=celery" in said.err


def test_runs_for_a_gpu_are_not_taken_where_a_framework_sees_none(trellis: Any, celery: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "devices", lambda settings: iter([ok("jax", "jax sees TFRT_CPU_0.", devices=["TFRT_CPU_0"])]))
    said = trellis("worker", "--framework", "jax", "--device", "gpu")
    assert said.code == 1
    assert "jax sees TFRT_CPU_0. Runs for a GPU are not taken here" in " ".join(said.err.split())


def test_where_the_framework_sees_one_the_store_is_opened_next(trellis: Any, celery: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "devices", lambda settings: iter([ok("jax", "jax sees cuda:0.", devices=["cuda:0"])]))
    said = trellis("worker", "--framework", "jax", "--device", "gpu")
    assert said.code == 1
    assert "127.0.0.1:1" in said.err
    assert "GPU" not in said.err


def test_a_framework_or_device_that_there_is_not_is_a_wrong_usage(trellis: Any) -> None:
    assert trellis("worker", "--framework", "torch").code == 2
    assert trellis("worker", "--device", "tpu").code == 2
