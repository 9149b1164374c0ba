"""Training a recommender in a worker: from a run's job to everything that its page shows. Imports TensorFlow.

What trains is the generated `trainer.py`, imported from the run's own folder: what is tested is what ships.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from parallel.choosing import changed_words, chosen
from recsys import histograms
from recsys.evaluation.bootstrap import Lift
from recsys.evaluation.halting import Halted
from recsys.model.flat import operations_per_epoch
from recsys.model.result_warnings import after_training
from recsys.model.warning import ConfigWarning
from recsys.model.warnings import before_start
from recsys.training import bundle, checkpoints, devices, doubts, generated, inputs, outcome, shown
from recsys.training.after import After
from recsys.training.asked import Asked
from recsys.training.checkpoints import Place
from recsys.training.errors import TrialError
from recsys.training.measuring import Measured, beside, compare
from recsys.training.observer import RunObserver
from recsys.training.parts import Division, Transformed, divide, transform
from recsys.training.stages import Stages, expected_seconds
from workbench.artefacts import write_atomic
from workbench.cleaning.sizes import bytes_words
from workbench.runs.folder import BUNDLE
from workbench.runs.job import Job, Reporter, Summary


def train(job: Job, reporter: Reporter) -> Summary:
    """Carry out a trial: divide, transform, generate, check, train, measure, compare, export.

    A quick test that somebody cancels ends where it stands, with what it has by then. A model's run that is stopped is
    measured all the same: whoever stops it keeps its weights and wants to know what they are worth.

    Raises:
        TrialError: with a code, a stage and what to do.
    """
    return _Trial(job, reporter).run()


class _Trial:
    """One trial: its stages in order, and what is told of them."""

    def __init__(self, job: Job, reporter: Reporter) -> None:
        self.job = job
        self.reporter = reporter
        self.asked = asked = Asked.of(job)
        facts = job.dataset.facts
        rows = round(facts.usable * asked.settings.sample_percent / 100)
        self.stages = Stages(reporter, expected_seconds(rows, asked.epochs, rows // 10, facts.items or 0))
        # a run's folder holds all attempts; what is looked at later lies at its top
        self.top = job.folder.parent
        self.warnings: list[ConfigWarning] = []
        self._over = False

    def run(self) -> Summary:
        executor = ThreadPoolExecutor(1, "baselines")
        try:
            return self._run(executor)
        finally:
            # one that ends early does not wait for its baselines: they see that it is over at their next block
            self._over = True
            executor.shutdown(wait=False, cancel_futures=True)

    def _leave_if_asked(self) -> None:
        """Raise Halted once a quick test was cancelled, or anything is over."""
        if self._over or (self.asked.is_test and self.reporter.should_stop()):
            raise Halted

    def _run(self, executor: ThreadPoolExecutor) -> Summary:
        began = time.monotonic()
        asked, stage = self.asked, self.stages.stage
        asked.refuse_without_target()
        with stage("split"):
            division = divide(self.job.dataset, asked.settings)
            self._tell_parts(division)
        with stage("fit_transforms"):
            done = transform(division, asked.features, binary=asked.config.binary)
            rows = inputs.rows_of(asked, done)
            found = beside(asked.config, done, rows["test"])
            working = executor.submit(compare, found, asked.config, done, rows["test"], self._leave_if_asked)
            output = inputs.transform_output(asked, done, self.job.folder / "transform")
            self._doubt_data(done)
        with stage("generate"):
            sources = generated.write_sources(asked, done, self.top)
        with stage("check"):
            generated.check_sources(sources)
            module = generated.imported(self.top / generated.TRAINER, self.job.run_id)
        with stage("train"):
            observer, options = self._observer(len(rows["train"]))
            given = {"observer": observer, **options}
            trained = module.run_fn(inputs.arguments(rows, output, self.job.folder, given))
            if observer.place.devices > 1:
                held = bytes_words(devices.bytes_held(trained.model))
                self.reporter.log(f"Each device holds {held} from step to step: weights and optimiser")
            kept = observer.save(trained.state(), trained.epochs, trained.batches)
            if trained.stopped:
                self.stages.stopped()
        self.reporter.finishing()
        after = After(self.stages, asked.config, done, rows["test"], (found, working), self._leave_if_asked)
        if trained.stopped and asked.is_test:
            after.leave()
        else:
            after.carry_on(trained, self.top, asked.settings.seed)
        if after.measured is not None:
            arguments = {"buyer": module.BUYER_COLUMNS, "product": module.PRODUCT_COLUMNS}
            self._keep(after, after.measured, observer, done, arguments)
        return self._summary(trained, after, observer, kept, began, len(division.rows("train")))

    def _summary(
        self, trained: Any, after: After, observer: RunObserver, kept: Path, began: float, rows: int
    ) -> Summary:
        config, measured = self.asked.config, after.measured
        operations = operations_per_epoch({**self.job.resolved, "batch_size": self.asked.batch_size}, rows)
        return Summary(
            outcome="stopped" if trained.stopped or after.halted else "completed",
            epochs=trained.epochs,
            kept=kept,
            headline={} if measured is None else outcome.headline(config, measured.results),
            metrics={} if measured is None else outcome.metrics(measured.results),
            bundle=None if measured is None else self.top / BUNDLE,
            seconds=round(time.monotonic() - began, 3),
            shortfall=after.missing() if after.halted else "",
            rate=outcome.rate(operations, observer.epoch_seconds),
        )

    def _tell_parts(self, division: Division) -> None:
        sizes = {part: len(division.rows(part)) for part in inputs.PARTS}
        unused = ", ".join(
            f"{count:,} unused ({reason.replace('_', ' ')})"
            for reason, count in division.parts.unused.items()
            if count
        )
        words = f"{division.words}: {sizes['train']:,} train, {sizes['validation']:,} validation, {sizes['test']:,} test rows"
        self.reporter.log(f"{words}{'; ' + unused if unused else ''}.")

    def _doubt_data(self, done: Transformed) -> None:
        """Tell what is doubtful about the settings and the train part."""
        asked = self.asked
        facts = doubts.with_memory(doubts.data_facts(done), done, asked.config, asked.schedule())
        schema = done.division.table.schema
        self._warn(before_start(asked.features, asked.config, schema, facts, asked.schedule()))
        sampled = doubts.looked_at(facts.train_rows or 0)
        if sampled:
            self.reporter.log(sampled)

    def _doubt_results(
        self, measured: Measured, lifts: Mapping[str, Mapping[str, Lift]], history: Sequence[Mapping]
    ) -> None:
        """Tell what is doubtful about the results, of each task that was trained."""
        known: dict[str, Any] = {}
        config = self.asked.config
        if measured.positions is not None:
            name = "train/retrieval_loss" if config.rates else "train/loss"
            known |= {"losses": [row.get(name) for row in history], "buyers": measured.buyers}
            known |= {"products": measured.products, "targets": measured.targets}
            results = measured.results
            known |= {
                "first": measured.positions[:, 0],
                "recall": results.recall,
                "lifts": lifts[results.recall],
            }
        if config.rates and (not config.retrieves or config.training.ranking_weight):
            predicted = measured.results.rated[0].predicted
            known |= {"ratings": predicted, "rating_lifts": lifts["rmse"]}
        seed = self.asked.settings.seed
        facts = doubts.result_facts(batch=self.asked.batch_size, seed=seed, history=history, **known)
        self._warn(after_training(config, facts))

    def _warn(self, warnings: Sequence[ConfigWarning]) -> None:
        self.warnings += warnings
        for warning in warnings:
            self.reporter.log(doubts.said(warning), "warning")

    def _observer(self, rows: int) -> tuple[RunObserver, dict[str, Any]]:
        """Who follows the training, the devices that share it, and what of an earlier one it goes on from."""
        count, given = self._devices(rows)
        place = Place(self.job.fingerprint, self.job.dataset_sha256, 0, 0, 0)
        if self.job.resume_from is not None:
            state, place = checkpoints.read(self.job.resume_from)
            self._fits(place)
            given["resume"] = {"state": state, "epoch": place.epoch, "batch": place.batch}
            changed = changed_words(place.devices, count)
            if changed is not None:
                self.reporter.log(changed, "warning")
        elif self.job.start_from is not None:
            state, before = checkpoints.read(self.job.start_from)
            self._fits(before)
            given["weights"] = state
            place = Place(place.fingerprint, place.dataset, 0, 0, before.life)
        folder = self.job.folder / "checkpoints"
        file = self.top / histograms.FILE
        place = replace(place, devices=count)
        return RunObserver(self.reporter, self.asked.epochs, rows, folder, place, file), given

    def _devices(self, rows: int) -> tuple[int, dict[str, Any]]:
        """How many devices train, and the trainer's option that names them."""
        asked, machine = self.asked, devices.machine()
        found = chosen(asked.config.training.devices, min(asked.batch_size, rows), machine, uneven=True)
        for words, level in found.words("rows"):
            self.reporter.log(words, level)
        return found.devices, {"devices": devices.names(found.devices, processor=machine.processor)}

    def _fits(self, place: Place) -> None:
        if place.fingerprint != self.job.fingerprint:
            raise TrialError("CONFIG_INVALID", "The checkpoint is of another architecture.")

    def _keep(
        self,
        after: After,
        measured: Measured,
        observer: RunObserver,
        done: Transformed,
        arguments: Mapping[str, Mapping[str, str]],
    ) -> None:
        """Write what figures, pages and exports read."""
        seed, results = self.asked.settings.seed, measured.results
        lifts, known = after.lifts or results.no_lifts(), after.beside
        self._doubt_results(measured, lifts, observer.history)
        told = {
            **results.as_json(lifts),
            "model_type": self.asked.config.model_type,
            "oracle_rmse": known.oracle_rmse,
            "seconds": self.stages.seconds,
            "baselines_took": {"seconds": known.seconds, "waited": after.waited},
            "vocabulary": known.vocabulary,
            "history": observer.table(),
            "warnings": doubts.as_json(self.warnings),
            "arguments": arguments,
            **outcome.told_of_rows(measured, done.division, seed=seed),
        }
        write_atomic(self.top / "results.json", json.dumps(told, allow_nan=False, indent=1).encode())
        looked_at = histograms.read(self.top / histograms.FILE)
        bundle.write(self.top / BUNDLE, results, told, shown.map_of(done, measured.products), looked_at)
