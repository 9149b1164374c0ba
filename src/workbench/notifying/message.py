"""What is told of a run or a sweep that has ended."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from workbench.cli.words import duration, headline
from workbench.clock import utc_now
from workbench.commands.rules import title
from workbench.notifying.endings import Ended
from workbench.state import AppState, RunRecord
from workbench.sweeps.records import KIND as SWEEP
from workbench.sweeps.records import SweepRecord, best_trial
from workbench.sweeps.rows import objective_text, objective_title, rows_of, standing, value_text


class Message(BaseModel):
    """One message, the same for every way.

    Attributes:
        id: of this message; a receiver that gets it twice knows it by that. kind: `run_ended`, `sweep_ended`, or `test`.
        run: which run, "" for a sweep. sweep: which sweep, of a trial's run too. number, state, reason: of the run or the sweep.
        subject: of what it is one. results: headline metrics, of a sweep its best trial, in words.
        url: where to look, "" where nobody said under which address the server is opened.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    kind: str
    at: str
    title: str
    text: str
    run: str = ""
    sweep: str = ""
    number: int = 0
    state: str = ""
    subject: str = ""
    reason: str = ""
    results: str = ""
    url: str = ""

    def body(self) -> dict[str, Any]:
        """What is posted."""
        return self.model_dump(mode="json")


def about(ended: Ended, state: AppState, public_url: str) -> Message:
    """What is told of a run or a sweep that has ended."""
    return _about_sweep(ended, state, public_url) if isinstance(ended, SweepRecord) else _about_run(ended, state, public_url)


def page_of(ended: Ended) -> str:
    """The address within the server at which it is shown."""
    return f"/{'sweeps' if isinstance(ended, SweepRecord) else 'run'}/{ended.id}"


def _about_run(run: RunRecord, state: AppState, public_url: str) -> Message:
    record = state.of(run.subject.kind).get(run.subject.id)
    subject = title(record) if record is not None else ""
    sweep = state.of(SWEEP).get(run.trial.sweep) if run.trial is not None else None
    within = f", trial {run.trial.number} of sweep #{sweep.number}" if run.trial is not None and isinstance(sweep, SweepRecord) else ""
    of = f"{f' of {subject}' if subject else ''}{within}"
    reason = run.error.message if run.error is not None else run.reason
    results = headline(run)
    lines = [f"Run #{run.number}{of} {run.state.value} after {duration(run.duration_seconds) or 'no time'}.", results, reason]
    url = _url(run, public_url)
    return Message(
        id=f"{run.id}-{run.attempt}-{run.state.value}", kind="run_ended", at=run.ended_at or utc_now(),
        title=f"Run #{run.number}{of}: {run.state.value}", text="\n".join(filter(None, [*lines, url])),
        run=run.id, sweep=run.trial.sweep if run.trial is not None else "",
        number=run.number, state=run.state.value, subject=subject, reason=reason, results=results, url=url,
    )  # fmt: skip


def _about_sweep(sweep: SweepRecord, state: AppState, public_url: str) -> Message:
    record = state.models.get(sweep.model_id)
    subject = title(record) if record is not None else ""
    of = f" of {subject}" if subject else ""
    results, url = _best(sweep, state), _url(sweep, public_url)
    lines = [f"Sweep #{sweep.number}{of} {sweep.state}: {standing(rows_of(state, sweep), sweep)}.", results, sweep.reason]
    return Message(
        # one that was resumed ends again
        id=f"{sweep.id}-{sweep.ended_at}-{sweep.state}", kind="sweep_ended", at=sweep.ended_at or utc_now(),
        title=f"Sweep #{sweep.number}{of}: {sweep.state}", text="\n".join(filter(None, [*lines, url])), sweep=sweep.id, number=sweep.number,
        state=sweep.state, subject=subject, reason=sweep.reason, results=results, url=url,
    )  # fmt: skip


def _best(sweep: SweepRecord, state: AppState) -> str:
    """The best trial in words: "Best: Loss 0.12, trial 3 (learning_rate 0.01)"."""
    best = best_trial(state, sweep)
    if best is None or best.trial is None:
        return ""
    values = ", ".join(f"{path} {value_text(value)}" for path, value in best.trial.values.items())
    return f"Best: {objective_title(sweep)} {objective_text(sweep, best.trial.value)}, trial {best.trial.number} ({values})"


def _url(ended: Ended, public_url: str) -> str:
    return f"{public_url.rstrip('/')}{page_of(ended)}" if public_url else ""


def test_message(id: str, public_url: str) -> Message:
    """A message that only shows that messages arrive."""
    text = "This is a test. Trellis writes like this when a run or a sweep has ended."
    return Message(id=id, kind="test", at=utc_now(), title="Trellis: a test", text=text, url=public_url)
