"""Logs for machines are one JSON object a line, which names the run or the request that it is about."""

from __future__ import annotations

import io
import json
import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.workbench.runs import inline
from workbench import logs
from workbench.settings import Settings, SettingsError


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What this process logs while it does so as JSON."""
    out = io.StringIO()
    monkeypatch.setattr(logs.sys, "stderr", out)
    logs.set_up("json")
    yield out
    logs.set_up("text")


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_line_has_time_level_logger_message_and_what_it_is_about(written: io.StringIO) -> None:
    log = logging.getLogger("workbench.something")
    log.info("two\nlines of %s", "é🙂")
    with logs.about(run="run_1", request="r1"), logs.about(request="r2"):
        log.warning("careful", extra={"facts": {"epoch": 3}})
    try:
        raise ValueError("broken")
    except ValueError:
        log.exception("it failed")
    first, second, third = lines(written)
    assert first["message"] == "two\nlines of é🙂"
    assert first["time"].endswith("Z")
    assert set(first) == {"time", "level", "logger", "message"}
    assert (second["level"], second["run"], second["request"], second["epoch"]) == ("warning", "run_1", "r2", 3)
    assert "ValueError: broken" in third["error"]
    assert "run" not in third


def test_of_other_packages_only_what_is_wrong_is_written(written: io.StringIO) -> None:
    logging.getLogger("urllib3").info("chatter")
    logging.getLogger("urllib3").error("wrong")
    assert [line["message"] for line in lines(written)] == ["wrong"]


def test_each_thread_is_about_its_own(written: io.StringIO) -> None:
    def say(number: int) -> None:
        with logs.about(request=f"r{number}"):
            for _ in range(50):
                logging.getLogger("dashboard").info("%d", number)

    threads = [threading.Thread(target=say, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = lines(written)
    assert len(found) == 200
    assert all(line["request"] == f"r{line['message']}" for line in found)


def test_what_a_worker_says_of_a_run_names_it(written: io.StringIO, bench: Any, make_model: Any) -> None:
    bench.runs.executor = inline.NoWorkers()
    run = inline.start(bench, make_model("First", max_epochs=2, fail_at_epoch=2))
    inline.work(bench)
    found = [line for line in lines(written) if line["logger"] == "workbench.runs.carry"]
    assert {line["run"] for line in found} == {run.id}
    assert found[0]["attempt"] == 1
    assert any("the loss is not finite" in line.get("error", "") for line in found)
    assert found[-1]["state"] == "failed"


def test_set_up_twice_says_nothing_twice_and_text_is_as_before(written: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs.sys, "stderr", written)
    logs.set_up("json")
    logging.getLogger("workbench").info("once")
    logs.set_up("text")
    logging.getLogger("workbench").info("not at all")
    assert len(lines(written)) == 1


def test_a_form_that_is_not_known_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRELLIS_LOG", "yaml")
    with pytest.raises(SettingsError, match="TRELLIS_LOG"):
        Settings.load()
