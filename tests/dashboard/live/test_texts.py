"""The texts that a look sends are those that the part holds in which they stand."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.live.feed import Feed, fold
from dashboard.live.panel import recent_runs, recent_texts
from dashboard.live.parts import part_of
from dashboard.live.status import metrics_strip, strip_texts
from tests.dashboard.live.feeding import Script
from tests.support.acting import finish, queue, run_to


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("epochs", [0, 1, 1_200])
@pytest.mark.parametrize("over", [True, False])
def test_the_texts_of_metrics_and_of_recent_runs(bench: Any, digits_model: Any, named: bool, epochs: int, over: bool) -> None:
    script = Script()
    for epoch in range(1, epochs + 1):
        script.epoch(epoch, 2_000, train__loss=1.0, validation__accuracy=0.5)
    feed = fold(Feed(), script.events)
    run = run_to(bench, queue(bench, digits_model), "running")
    if over:
        run = finish(bench, run, headline={"accuracy": 0.9} if epochs else {}, epochs_done=epochs)
    assert strip_texts(run, feed, named=named) == part_of(metrics_strip(run, feed, named=named)).texts
    done = {run.id: feed.epoch}
    assert recent_texts([run], done) == part_of(recent_runs([run], run.id, (), done)).texts
