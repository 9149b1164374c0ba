"""The commands of the page on training on many hosts work as they stand there."""

from __future__ import annotations

import re
import shlex
from urllib.parse import urlsplit

import pytest

from tests.conftest import ROOT
from tests.crash.hosts import Host, holder
from tests.crash.processes import wait_for_epoch, wait_for_state
from tests.support import fake_family
from tests.support.brokers import broker
from workbench import families
from workbench.cli.app import run as trellis
from workbench.doctor import devices
from workbench.state import RunState

pytestmark = [pytest.mark.crash, pytest.mark.parametrize("kept_in", ["postgresql"])]
PAGE = (ROOT / "docs" / "hosts.md").read_text(encoding="utf-8")
LINES = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
EXPORTS = dict(line.removeprefix("export ").split("=", 1) for line in LINES if line.startswith("export "))
COMMANDS = [shlex.split(line, comments=True) for line in LINES if line.startswith("trellis ")]


def test_hosts_that_say_what_the_page_says_train_for_each_other(tmp_path, database, monkeypatch, capsys):
    assert len(EXPORTS) + len(COMMANDS) == len(LINES)
    assert [command[1] for command in COMMANDS] == ["worker", "worker", "doctor"]
    server = broker("redis")
    fake_family.register(monkeypatch)
    given = {"postgresql": database, "redis": server.url, "": str(tmp_path / "shared")}
    for name, text in EXPORTS.items():
        monkeypatch.setenv(name, text if text.isalpha() else given[urlsplit(text).scheme])
    # what the page exports is all that hosts have to agree about
    agreed = dict.fromkeys(("executor", "database_url", "broker_url", "artefacts"))
    front, cpu, gpu = (Host(tmp_path, name, server, database, **agreed) for name in ("front", "cpu", "gpu"))
    monkeypatch.setenv("FAKE_DEVICE", "cuda:0")
    monkeypatch.setenv("TRELLIS_HOME", str(front.home))
    monkeypatch.setenv("TRELLIS_PORT", "0")
    monkeypatch.setattr(devices, "devices", lambda settings: iter(()))
    bench = front.bench()
    try:
        for host, (_, _, *options) in zip((cpu, gpu), COMMANDS, strict=False):
            host.listen(*options)
        model = bench.models.create(
            actor="user:test", family="fake", model_type="toy", dataset_id="tiny", values={"max_epochs": 8, "seconds_per_epoch": 0.1}
        )
        run = bench.runs.start(actor="user:test", model_id=model.id)
        wait_for_epoch(bench, run.id, 1)
        assert holder(bench, run.id).host == "cpu"
        wait_for_state(bench, run.id, RunState.COMPLETED)
        assert trellis(COMMANDS[-1][1:]) == 0
        assert "Celery workers: 2" in " ".join(capsys.readouterr().out.split())
    finally:
        bench.close()
        for host in (front, cpu, gpu):
            host.end()
        families.family.cache_clear()
