"""What follows a training: the model is measured, compared and exported, as far as nobody stops it. Imports TensorFlow."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, wait
from pathlib import Path
from typing import Any

from recsys.evaluation.bootstrap import Lift
from recsys.evaluation.comparing import Ranked
from recsys.evaluation.halting import Check, Halted
from recsys.evaluation.trial import ranking_names
from recsys.metrics import GROUPS
from recsys.model.config import ModelConfig
from recsys.training import exported
from recsys.training.measuring import Beside, Measured, measure
from recsys.training.parts import Transformed
from recsys.training.rows import PartRows
from recsys.training.stages import Stages

LOOK_SECONDS = 0.05
"""How often whoever waits for the baselines looks whether the test was cancelled."""

LEFT_OUT = "not measured: the test was cancelled"

_MODEL, _VECTORS = "the exported model", "the files of embeddings and vocabularies"


class After:
    """The stages after the training, and what they have found so far.

    Attributes:
        measured: the model's figures; None before they are taken. lifts: against the baselines; None before they are found.
        halted: whether it was left before its end. waited: seconds that the baselines were waited for.
    """

    def __init__(
        self,
        stages: Stages,
        config: ModelConfig,
        done: Transformed,
        test: PartRows,
        beside: tuple[Beside, Future[None]],
        check: Check,
    ) -> None:
        """Nothing has begun.

        Args:
            beside: what is known without the model, and the work on it. check: raises `Halted` once a stop was asked for.
        """
        self.measured: Measured | None = None
        self.lifts: Mapping[str, Mapping[str, Lift]] | None = None
        self.halted = False
        self.waited = 0.0
        self._stages, self._config, self._done, self._test = stages, config, done, test
        self._beside, self._working = beside
        self._check = check
        self._missing_files = [_MODEL, _VECTORS]

    @property
    def beside(self) -> Beside:
        """What is known without the model."""
        return self._beside

    def carry_on(self, trained: Any, top: Path, seed: int) -> None:
        """Measure, compare and export; a stop leaves out what is not done.

        Args:
            trained: what `run_fn` gave. top: the run's folder. seed: of the resamples.
        """
        try:
            self._carry_on(trained, top, seed)
        except Halted:
            self.halted = True
            if self.measured is not None and self.lifts is None:
                self._take_in(self.measured)
                self.lifts = self.measured.results.no_lifts()

    def missing(self) -> str:
        """What was left out, in a sentence; "" if nothing was."""
        parts = list(self._missing())
        if not parts:
            return ""
        *most, last = parts
        before = f"{', '.join(most)} and " if most else ""
        return f"Not computed: {before}{last}."

    def leave(self) -> None:
        """Do none of it: the training was stopped."""
        self.halted = True

    def _carry_on(self, trained: Any, top: Path, seed: int) -> None:
        stage, check = self._stages.stage, self._check
        with stage("evaluate"):
            self.measured = measure(trained, self._config, self._done, self._test, check)
        with stage("baselines"):
            self._wait()
            results = self.measured.results
            self._take_in(self.measured)
            self.lifts = results.lifts(seed=seed, check=check)
        with stage("export"):
            check()
            trained.export(str(top / "saved_model"))
            self._missing_files.remove(_MODEL)
            check()
            division = self._done.division
            ids = division.item_ids[division.candidates]
            exported.write_embeddings(top / exported.EMBEDDINGS, ids, self.measured.products)
            exported.write_vocabularies(self._done.fitted, top / exported.VOCABULARIES)
            self._missing_files.remove(_VECTORS)
        check()

    def _wait(self) -> None:
        """Until the baselines are measured. Raises what stopped them."""
        began = time.monotonic()
        while not self._working.done():
            wait([self._working], timeout=LOOK_SECONDS)
            self._check()
        self._working.result()
        self.waited = time.monotonic() - began

    def _take_in(self, measured: Measured) -> None:
        """Add the baselines that are measured to the model's own figures, and say of the others that they are not."""
        if len(measured.results.ranked) > 1 or len(measured.results.rated) > 1:
            return
        found = self._beside.results
        # the work on baselines may go on meanwhile
        ranked, rated = tuple(found.ranked), tuple(found.rated)
        names = ranking_names(self._done.division) if self._config.retrieves else ()
        there = {one.name for one in ranked}
        left = [Ranked(name, LEFT_OUT, None, None) for name in names if name not in there]
        measured.results.ranked += [*ranked, *left]
        measured.results.rated += rated

    def _missing(self) -> Iterator[str]:
        if self.measured is None:
            yield from ("the figures of quality", "the baselines", "the export")
            return
        yield from (GROUPS[one.name] for one in self.measured.results.ranked if one.about == LEFT_OUT)
        if self.lifts is None or not any(self.lifts.values()):
            yield "the intervals"
        yield from self._missing_files
