"""What is told of a run that has ended."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from workbench.cli.words import duration, headline
from workbench.clock import utc_now
from workbench.commands.rules import title
from workbench.state import AppState, RunRecord


class Message(BaseModel):
    """One message, the same for every way.

    Attributes:
        id: of this message; a receiver that gets it twice knows it by that. kind: `run_ended`, or `test`.
        run, number, state, subject, reason: which run, how it ended, and of what it was one. results: its headline metrics in words.
        url: where to look, "" where nobody said under which address the server is opened.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    kind: str
    at: str
    title: str
    text: str
    run: str = ""
    number: int = 0
    state: str = ""
    subject: str = ""
    reason: str = ""
    results: str = ""
    url: str = ""

    def body(self) -> dict[str, Any]:
        """What is posted."""
        return self.model_dump(mode="json")


def about(run: RunRecord, state: AppState, public_url: str) -> Message:
    """What is told of a run that has ended."""
    record = state.of(run.subject.kind).get(run.subject.id)
    subject = title(record) if record is not None else ""
    of = f" of {subject}" if subject else ""
    reason = run.error.message if run.error is not None else run.reason
    results = headline(run)
    lines = [f"Run #{run.number}{of} {run.state.value} after {duration(run.duration_seconds) or 'no time'}.", results, reason]
    url = f"{public_url.rstrip('/')}/runs/{run.id}" if public_url else ""
    return Message(
        id=f"{run.id}-{run.attempt}-{run.state.value}", kind="run_ended", at=run.ended_at or utc_now(),
        title=f"Run #{run.number}{of}: {run.state.value}", text="\n".join(filter(None, [*lines, url])),
        run=run.id, number=run.number, state=run.state.value, subject=subject, reason=reason, results=results, url=url,
    )  # fmt: skip


def test_message(id: str, public_url: str) -> Message:
    """A message that only shows that messages arrive."""
    text = "This is a test. Trellis writes like this when a run has ended."
    return Message(id=id, kind="test", at=utc_now(), title="Trellis: a test", text=text, url=public_url)
