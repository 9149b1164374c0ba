"""Training a recommender in a worker: from a run's job to everything that its page shows. Imports TensorFlow.

What trains is the generated `trainer.py`, imported from the run's own folder: what is tested is what ships.
"""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from recsys.codegen.checks import check_source
from recsys.codegen.header import PROGRAM
from recsys.codegen.trainer import Request, trainer_source
from recsys.evaluation import trial as measured
from recsys.evaluation.bootstrap import Lift
from recsys.evaluation.comparing import Results
from recsys.evaluation.deciles import popularity_deciles
from recsys.evaluation.ranks import rank
from recsys.evaluation.top import top_k
from recsys.features.config import FeatureConfig
from recsys.model.config import ModelConfig
from recsys.model.facts import schedule_of
from recsys.model.flat import operations_per_epoch
from recsys.model.result_warnings import after_training
from recsys.model.warning import ConfigWarning
from recsys.model.warnings import before_start
from recsys.training import bundle, checkpoints, doubts, exported, shown
from recsys.training.checkpoints import Place
from recsys.training.errors import TrialError
from recsys.training.observer import RunObserver
from recsys.training.parts import Transformed, divide, settings_of, transform
from recsys.training.raw_columns import raw_columns
from recsys.training.rows import LocalDataAccessor, LocalTransform, PartRows, part_rows
from recsys.training.stages import Stages, expected_seconds
from recsys.trial import Named, TrialPayload
from workbench.artefacts import write_atomic
from workbench.runs.folder import BUNDLE
from workbench.runs.job import Job, Reporter, Summary

TRAINER = "trainer.py"

LEAST_SECONDS = 0.5
"""Epochs after the first must have taken this long to say how fast this machine is."""


def train(job: Job, reporter: Reporter) -> Summary:
    """Carry out a trial: divide, transform, generate, check, train, measure, compare, export.

    Raises:
        TrialError: with a code, a stage and what to do.
    """
    return _Trial(job, reporter).run()


class _Trial:
    """One trial; its stages hand on to each other what they made."""

    def __init__(self, job: Job, reporter: Reporter) -> None:
        self.job = job
        self.reporter = reporter
        self.payload: TrialPayload = job.inputs
        self.config = ModelConfig(job.configs["architecture"], job.configs["training"])  # type: ignore[arg-type]
        self.features = FeatureConfig.model_validate(self.payload.features)
        self.settings = settings_of(self.payload)
        training, overrides = self.config.training, self.payload.overrides
        self.epochs = training.epochs if overrides.epochs is None else overrides.epochs
        self.batch_size = training.batch_size if overrides.batch_size is None else overrides.batch_size
        self.learning_rate = (
            training.learning_rate if overrides.learning_rate is None else overrides.learning_rate
        )
        facts = job.dataset.facts
        rows = round(facts.usable * self.settings.sample_percent / 100)
        self.stages = Stages(reporter, expected_seconds(rows, self.epochs, rows // 10, facts.items or 0))
        # a run's folder holds all attempts; what is looked at later lies at its top
        self.top = job.folder.parent
        self.warnings: list[ConfigWarning] = []

    def run(self) -> Summary:
        began = time.monotonic()
        stage = self.stages.stage
        if self.config.rates and self.features.target_column is None:
            hint = "Name the column of ratings where the model or the test is made."
            words = "Rating column required for ranking/multitask models."
            raise TrialError("CONFIG_INVALID", words, stage="validate", hint=hint)
        with stage("split"):
            division = divide(self.job.dataset, self.settings)
            self._tell_parts(division)
        with stage("fit_transforms"):
            done = transform(division, self.features, binary=self.config.binary)
            rows = {part: self._rows(done, part) for part in ("train", "validation", "test")}
            rows["candidates"] = self._item_rows(done)
            output = self._output(done)
            self._doubt_data(done)
        with stage("generate"):
            now = dt.datetime.now(dt.UTC)
            sources = {
                TRAINER: trainer_source(self._request(done, now)),
                exported.PREPROCESSING: exported.preprocessing_of(self.payload, self.features, now),
            }
            for name, source in sources.items():
                write_atomic(self.top / name, source.encode())
        with stage("check"):
            for name, source in sources.items():
                problem = check_source(source)
                if problem is not None:
                    raise TrialError("CODEGEN_INVALID", f"{name}, line {problem.line}: {problem.message}")
            module = _imported(self.top / TRAINER, self.job.run_id)
        with stage("train"):
            self.observer = observer = self._observer(len(rows["train"]))
            trained = module.run_fn(self._arguments(rows, output, observer))
            kept = observer.save(trained.state(), trained.epochs, trained.batches)
            # the first epoch holds the tracing of its functions
            self.epoch_seconds = observer.epoch_seconds[1:]
        self.reporter.finishing()
        with stage("evaluate"):
            results = self._measured(trained, done, rows)
        with stage("baselines"):
            self._baselines(results, done)
        with stage("export"):
            trained.export(str(self.top / "saved_model"))
            ids = done.division.item_ids[done.division.candidates]
            exported.write_embeddings(self.top / exported.EMBEDDINGS, ids, self.products)
            exported.write_vocabularies(done.fitted, self.top / exported.VOCABULARIES)
        return self._summary(trained, kept, results, done, time.monotonic() - began)

    def _tell_parts(self, division: Any) -> None:
        sizes = {part: len(division.rows(part)) for part in ("train", "validation", "test")}
        unused = ", ".join(
            f"{count:,} unused ({reason.replace('_', ' ')})"
            for reason, count in division.parts.unused.items()
            if count
        )
        words = f"{division.words}: {sizes['train']:,} train, {sizes['validation']:,} validation, {sizes['test']:,} test rows"
        self.reporter.log(f"{words}{'; ' + unused if unused else ''}.")

    def _doubt_data(self, done: Transformed) -> None:
        """Tell what is doubtful about the settings and the train part."""
        schedule = schedule_of(
            self.config, learning_rate=self.learning_rate, batch_size=self.batch_size, epochs=self.epochs
        )
        facts = doubts.with_memory(doubts.data_facts(done), done, self.config, schedule)
        found = before_start(self.features, self.config, done.division.table.schema, facts, schedule)
        self._warn(found)
        sampled = doubts.looked_at(facts.train_rows or 0)
        if sampled:
            self.reporter.log(sampled)

    def _doubt_results(self, results: Results, lifts: Mapping[str, Mapping[str, Lift]]) -> None:
        """Tell what is doubtful about the results, of each task that was trained."""
        known: dict[str, Any] = {}
        if self.config.retrieves:
            name = "train/retrieval_loss" if self.config.rates else "train/loss"
            known |= {"losses": [row.get(name) for row in self.observer.history], "buyers": self.buyers}
            known |= {"products": self.products, "targets": self.targets, "first": self.top_lists[1][:, 0]}
            known |= {"recall": results.recall, "lifts": lifts[results.recall]}
        if self.config.rates and (not self.config.retrieves or self.config.training.ranking_weight):
            known |= {"ratings": results.rated[0].predicted, "rating_lifts": lifts["rmse"]}
        known["history"] = self.observer.history
        facts = doubts.result_facts(batch=self.batch_size, seed=self.settings.seed, **known)
        self._warn(after_training(self.config, facts))

    def _warn(self, warnings: Sequence[ConfigWarning]) -> None:
        self.warnings += warnings
        for warning in warnings:
            self.reporter.log(doubts.said(warning), "warning")

    def _rows(self, done: Transformed, part: Any) -> PartRows:
        division = done.division
        numbers = division.rows(part)
        items = division.data.item[numbers]
        target = done.target(part) if self.config.rates else None
        return part_rows(done.fitted, done.tensors(part), done.keys[items], division.item_ids[items], target)

    def _item_rows(self, done: Transformed) -> PartRows:
        """The candidates as the trainer's own candidate builder reads them: only what describes products."""
        division = done.division
        _, arrays = done.item_tensors()
        return PartRows.of_products(
            done.fitted, arrays, done.keys[division.candidates], division.item_ids[division.candidates]
        )

    def _output(self, done: Transformed) -> LocalTransform:
        items: list[str] = done.division.item_ids[done.known].tolist()
        counts = done.division.train_counts[done.known].tolist()
        return LocalTransform(done.fitted, self._types(), self.job.folder / "transform", items, counts)

    def _types(self) -> Any:
        return self.payload.columns.types

    def _request(self, done: Transformed, now: dt.datetime) -> Request:
        columns = raw_columns(done.fitted, self._types())
        return Request(
            features=self.features,
            model=self.config,
            feature_name=self.payload.features_of,
            model_name=self.payload.model_of or Named(name="model"),
            buyer_columns=tuple(columns["buyer"]),
            product_columns=tuple(columns["product"]),
            epochs=self.epochs,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            seed=self.settings.seed,
            program=PROGRAM,
            created=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        )

    def _observer(self, rows: int) -> RunObserver:
        self._given: dict[str, Any] = {}
        place = Place(self.job.fingerprint, self.job.dataset_sha256, 0, 0, 0)
        if self.job.resume_from is not None:
            state, place = checkpoints.read(self.job.resume_from)
            self._fits(place)
            self._given["resume"] = {"state": state, "epoch": place.epoch, "batch": place.batch}
        elif self.job.start_from is not None:
            state, before = checkpoints.read(self.job.start_from)
            self._fits(before)
            self._given["weights"] = state
            place = Place(place.fingerprint, place.dataset, 0, 0, before.life)
        folder = self.job.folder / "checkpoints"
        return RunObserver(self.reporter, self.epochs, rows, folder, place)

    def _fits(self, place: Place) -> None:
        if place.fingerprint != self.job.fingerprint:
            raise TrialError("CONFIG_INVALID", "The checkpoint is of another architecture.")

    def _arguments(self, rows: dict[str, PartRows], output: LocalTransform, observer: RunObserver) -> Any:
        return SimpleNamespace(
            train_files=["train"],
            eval_files=["validation"] if len(rows["validation"]) else [],
            transform_output=output,
            data_accessor=LocalDataAccessor(rows),
            serving_model_dir=None,
            model_run_dir=str(self.job.folder),
            train_steps=None,
            eval_steps=None,
            custom_config={"observer": observer, "candidate_files": ["candidates"], **self._given},
        )

    def _measured(self, trained: Any, done: Transformed, rows: dict[str, PartRows]) -> Results:
        division = done.division
        seen_rule: Any = measured.seen_rule(division)
        results = Results(seen=seen_rule, users=division.users("test"), rows=division.rows("test"))
        test = LocalDataAccessor(rows).columns("test")
        buyers = trained.evaluation.buyers(test)
        ids = np.char.encode(division.item_ids[division.candidates], "utf-8").astype(object)
        self.products = products = trained.evaluation.products(trained.items)[
            np.searchsorted(trained.ids, ids)
        ]
        if self.config.retrieves:
            seen = division.seen("train", "validation")
            ranks = rank(buyers, products, division.targets("test"), seen=seen, users=division.users("test"))
            users, first = np.unique(division.users("test"), return_index=True)
            top = top_k(buyers[first], products, 10, seen=seen, users=users)
            measured.add_ranked(results, division, "model", "", ranks, top)
            self.top_lists = (users, top.positions)
            self.buyers, self.targets = buyers, division.targets("test")
        if self.config.rates:
            known = test["target_known"] > 0
            predicted = trained.evaluation.ratings(buyers, trained.evaluation.products(test))[known]
            results.actual = np.asarray(test["target_value"][known], np.float64)
            results.rated_users = division.users("test")[known]
            results.rated_rows = division.rows("test")[known]
            self.known = known
            measured.add_rated(results, division, "model", "", predicted)
        return results

    def _baselines(self, results: Results, done: Transformed) -> None:
        if self.config.retrieves:
            measured.add_ranking_baselines(results, done.division)
        if self.config.rates:
            train = done.target("train")
            assert train is not None
            measured.add_rating_baselines(results, done.division, train, self.known)
            self.oracle_rmse = measured.oracle_error(done.division, self.known, results.actual)

    def _summary(
        self, trained: Any, kept: Path, results: Results, done: Transformed, seconds: float
    ) -> Summary:
        seed = self.settings.seed
        lifts = results.lifts(seed=seed)
        self._doubt_results(results, lifts)
        told = results.as_json(lifts) | {
            "model_type": self.config.model_type,
            "oracle_rmse": getattr(self, "oracle_rmse", None),
            "seconds": self.stages.seconds,
            "vocabulary": bundle.vocabulary_statistics(done),
            "history": self.observer.table(),
            "warnings": doubts.as_json(self.warnings),
        } | self._shown(done.division)  # fmt: skip
        write_atomic(self.top / "results.json", json.dumps(told, allow_nan=False, indent=1).encode())
        path = self.top / BUNDLE
        bundle.write(path, results, told, shown.map_of(done, self.products))
        outcome = "stopped" if trained.stopped else "completed"
        return Summary(
            outcome=outcome,
            epochs=trained.epochs,
            kept=kept,
            headline=_headline(self.config, results),
            metrics=_groups(results),
            bundle=path,
            seconds=round(seconds, 3),
            rate=self._rate(len(done.division.rows("train"))),
        )

    def _rate(self, rows: int) -> float | None:
        """Floating point operations a second that training reached; None for one too short to tell."""
        if not self.epoch_seconds or sum(self.epoch_seconds) < LEAST_SECONDS:
            return None
        each = operations_per_epoch({**self.job.resolved, "batch_size": self.batch_size}, rows)
        return each * len(self.epoch_seconds) / sum(self.epoch_seconds)

    def _shown(self, division: Any) -> dict[str, Any]:
        """What figures and pages show of the rows, as JSON values."""
        test = division.users("test")
        counts = {
            "candidates": len(division.candidates),
            "test_rows": len(test),
            "test_users": len(np.unique(test)),
        }
        if not self.config.retrieves:
            return {"counts": counts, "popularity": None, "examples": []}
        users, positions = self.top_lists
        deciles = popularity_deciles(division.train_counts[division.candidates], positions)
        return {
            "counts": counts,
            "popularity": None if deciles is None else asdict(deciles),
            "examples": shown.example_buyers(division, users, positions, seed=self.settings.seed),
        }


def _headline(config: ModelConfig, results: Results) -> dict[str, float | None]:
    own = results.values()["model"]
    found: dict[str, float | None] = {}
    if config.retrieves:
        found |= {name: own[name] for name in (results.recall, results.ndcg)}
    if config.rates:
        found["rmse"] = own["rmse"]
    return found


def _groups(results: Results) -> dict[str, dict[str, dict[str, Any]]]:
    """The figures of the test part as a run's summary keeps them: who -> name -> value."""
    groups: dict[str, dict[str, dict[str, Any]]] = {}
    for one in (*results.ranked, *results.rated):
        if one.metrics is None:
            groups.setdefault(one.name, {})["recall_at_10"] = {
                "value": None,
                "split": "test",
                "n": 0,
                "state": "unavailable",
                "reason": one.about,
            }
            continue
        for figure in one.metrics.figures:
            groups.setdefault(one.name, {})[figure.name] = {
                "value": figure.value,
                "split": "test",
                "n": len(results.users) if one in results.ranked else len(results.actual),
                "state": "success" if figure.value is not None else "unavailable",
                "reason": figure.reason or "",
            }
    return groups


def _imported(path: Path, run_id: str) -> ModuleType:
    """The generated module, imported under a name of its own."""
    name = f"trellis_trainer_{run_id}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
