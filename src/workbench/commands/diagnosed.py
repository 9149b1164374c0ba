"""What is recorded when diagnostics are computed after a run has ended."""

from __future__ import annotations

import math
from typing import ClassVar

from pydantic import field_validator

from workbench.commands.base import Changes, Command, CommandError, Env
from workbench.commands.rules import find_run, put_run
from workbench.roles import Role
from workbench.state import AppState

Headline = dict[str, float | None]


class RecordDiagnosticsCommand(Command):
    """Diagnostics of an ended run lie in its folder from now on: its headline, which it could not have before."""

    role: ClassVar[Role] = "train"
    run_id: str
    attempt: int
    headline: Headline
    units: dict[str, str] = {}  # noqa: RUF012 (pydantic copies it)

    @field_validator("headline", mode="after")
    @classmethod
    def _finite(cls, value: Headline) -> Headline:
        return {name: number if number is not None and math.isfinite(number) else None for name, number in value.items()}

    def decide(self, state: AppState, env: Env) -> Changes:
        run = find_run(state, self.run_id, deleted=True)
        if run.state.active or run.attempt != self.attempt:
            raise CommandError(f"Run #{run.number} goes on, so its diagnostics are its worker's.", "run_id", code="conflict")
        known = (run.headline, run.units) == (self.headline, self.units)
        return () if known else put_run(run, headline=self.headline, units=self.units)

    @property
    def words(self) -> str:
        return "Diagnostics were computed"
