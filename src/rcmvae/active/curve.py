"""Label curves: rounds of training and asking, with an oracle in the place of a person."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from rcmvae.active import curve_files as files
from rcmvae.active.choosing import choose
from rcmvae.active.curve_summary import labels_to_reach
from rcmvae.active.dropout import predictor_of, votes_of
from rcmvae.active.oracle import Oracle
from rcmvae.active.stored import Kept, pool_of, read
from rcmvae.active.strategies import STRATEGIES
from rcmvae.data.loaded import LoadedDataset
from rcmvae.diagnostics.bundle import TEST
from rcmvae.family import RCMVAE
from rcmvae.figures.label_curve import draw
from rcmvae.label_curve import CurveError, CurveProgress, CurveResult, CurveRow, CurveSettings
from rcmvae.suggestions import SuggestionError, TrainedModel
from rcmvae.training.script import QuietReporter, make_job
from rcmvae.training.summary import BUNDLE_NAME
from rcmvae.training.task import Task
from rcmvae.training.trainer import train
from workbench.fields import closest

WEIGHTS = "kept.msgpack"

Report = Callable[[CurveProgress], None]


def run(settings: CurveSettings, dataset: LoadedDataset, folder: Path, report: Report = lambda progress: None) -> CurveResult:
    """Compute a label curve, or what is missing of it, and write table and figure into `folder`.

    Seed s draws sample, first labels, parameters and noise; the first round is trained once a seed and shared by all
    strategies. Rounds that are in the table already are not computed again, so that a killed run goes on where it was.

    Raises:
        CurveError: settings that make no curve, or that differ from those of the folder's curve; a folder in use. ArtefactError: a full disk.
        ConfigError, SuggestionError: the preset does not fit the data, a strategy cannot be used.
    """
    check(settings, dataset)
    files.open_folder(folder, settings, dataset.manifest.content_sha256)
    with files.sole_writer(folder):
        return _Curve(settings, dataset, folder, report).compute()


def check(settings: CurveSettings, dataset: LoadedDataset) -> None:
    """Raise CurveError for settings that make no curve."""
    for name in settings.strategies:
        if name not in STRATEGIES:
            guess = closest(name, STRATEGIES)
            known = f"did you mean {guess}?" if guess else f"known: {', '.join(STRATEGIES)}"
            raise CurveError(f"there is no strategy {name[:80]!r}; {known}", "strategies")
    if not settings.strategies or len(set(settings.strategies)) != len(settings.strategies):
        raise CurveError("strategies must name at least one strategy, each once", "strategies")
    known_presets = [preset.name for preset in RCMVAE.presets]
    if settings.preset not in known_presets:
        guess = closest(settings.preset, known_presets)
        raise CurveError(f"there is no preset {settings.preset[:80]!r}{f'; did you mean {guess}?' if guess else ''}", "preset")
    for name in ("start", "step", "seeds"):
        if getattr(settings, name) < 1:
            raise CurveError(f"{name} must be at least 1 (got {getattr(settings, name)})", name)
    if settings.epochs is not None and settings.epochs < 1:
        raise CurveError(f"epochs must be at least 1 (got {settings.epochs})", "epochs")
    if settings.budget < settings.start or (settings.budget - settings.start) % settings.step:
        raise CurveError(
            f"budget must be start plus a whole number of steps (got {settings.budget}, with start {settings.start} and step {settings.step})",
            "budget",
        )
    if not (np.asarray(dataset.true_labels) >= 0).any():
        raise CurveError(f"the dataset {settings.data} has no true labels, so no oracle can answer", "data")


class _Curve:
    """A curve under way."""

    def __init__(self, settings: CurveSettings, dataset: LoadedDataset, folder: Path, report: Report) -> None:
        self._settings = settings
        self._dataset = dataset
        self._folder = folder
        self._report = report
        self._oracle = Oracle(dataset)
        self._rows = {(row.seed, row.strategy, row.round): row for row in files.read_rows(folder)}

    def compute(self) -> CurveResult:
        """All rounds that are missing, then the figure."""
        s = self._settings
        for seed in range(s.seeds):
            for strategy in s.strategies:
                for number in range(s.rounds):
                    self._tell(f"seed {seed}, {strategy}, {s.start + number * s.step} labels")
                    if (seed, strategy, number) not in self._rows:
                        self._finish(self._first(seed, strategy) if number == 0 else self._next(seed, strategy, number))
        self._tell("done")
        rows = [self._rows[key] for key in self._wanted()]
        figure = files.write_figure(self._folder, draw(rows))
        return CurveResult(rows, labels_to_reach(rows), self._folder / files.TABLE, figure)

    def _wanted(self) -> list[tuple[int, str, int]]:
        s = self._settings
        return [(seed, strategy, number) for seed in range(s.seeds) for strategy in s.strategies for number in range(s.rounds)]

    def _tell(self, words: str) -> None:
        wanted = self._wanted()
        self._report(CurveProgress(sum(key in self._rows for key in wanted), len(wanted), words))

    def _finish(self, row: CurveRow) -> None:
        """Keep a row; the files of the round before are not needed any more, except the shared first one's."""
        self._rows[row.seed, row.strategy, row.round] = row
        files.write_rows(self._folder, self._rows.values())
        if row.round > 1:
            shutil.rmtree(files.work_folder(self._folder, row.seed, row.strategy, row.round - 1), ignore_errors=True)

    def _first(self, seed: int, strategy: str) -> CurveRow:
        """The first round, trained unless another strategy has it already."""
        shared = next((row for row in self._rows.values() if row.seed == seed and row.round == 0), None)
        place = files.work_folder(self._folder, seed, strategy, 0)
        if shared is not None and (place / WEIGHTS).is_file():
            return replace(shared, strategy=strategy)
        return self._trained(seed, strategy, 0, {}, ())

    def _next(self, seed: int, strategy: str, number: int) -> CurveRow:
        s = self._settings
        before = files.work_folder(self._folder, seed, strategy, number - 1)
        if not (before / WEIGHTS).is_file() or not (before / BUNDLE_NAME).is_file():
            raise CurveError(
                f"{before} lacks the weights of round {number - 1}, which round {number} goes on from. Remove the rows of seed {seed} and "
                f"{strategy} from {self._folder / files.TABLE} to compute them anew",
                "out",
            )
        given = [row for earlier in range(1, number) for row in self._rows[seed, strategy, earlier].asked]
        job = self._job(seed, before, self._oracle.label(given))
        kept = read(before / BUNDLE_NAME)
        pool = pool_of(
            kept, job.labels, dropout_rate=float(job.resolved["dropout_rate"]), votes=self._voter(job, before / WEIGHTS)
        )  # fmt: skip
        try:
            chosen = choose(pool, strategy, s.step, seed=seed * 1000 + number, diverse=s.diverse)
        except SuggestionError as error:
            raise CurveError(f"seed {seed}, round {number}: {error}", "strategies") from error
        asked = tuple(int(row) for row in pool.index[chosen.positions])
        start_from = None if s.fresh else before / WEIGHTS
        return self._trained(seed, strategy, number, self._oracle.label([*given, *asked]), asked, start_from=start_from)

    def _trained(
        self, seed: int, strategy: str, number: int, more: dict[int, int], asked: tuple[int, ...], *, start_from: Path | None = None
    ) -> CurveRow:
        """Train one round in a folder of its own, which is whole only once its weights lie there under their name."""
        place = files.work_folder(self._folder, seed, strategy, number)
        shutil.rmtree(place, ignore_errors=True)
        job = self._job(seed, place, more, start_from=start_from)
        begun = time.perf_counter()
        summary = train(job, QuietReporter())
        seconds = round(time.perf_counter() - begun, 1)
        summary.kept.replace(place / WEIGHTS)
        shutil.rmtree(place / "checkpoints", ignore_errors=True)
        kept = read(place / BUNDLE_NAME)
        return CurveRow(
            seed=seed, strategy=strategy, round=number, labels=len(job.labels), accuracy=self._accuracy(kept), epochs=summary.epochs,
            seconds=seconds, asked=asked,
        )  # fmt: skip

    def _job(self, seed: int, place: Path, more: dict[int, int], **options: Any) -> Task:
        """A round's job: the sample and first labels of the seed, `more` labels, and a dataset that knows no true label."""
        s = self._settings
        values = {"init_seed": seed, "random_seed": seed, **({} if s.epochs is None else {"max_epochs": s.epochs})}
        sample = {"num_labeled": s.start, "sampling_seed": seed, **({} if s.samples is None else {"num_samples": s.samples})}
        job = make_job(self._dataset, folder=place, preset=s.preset, values=values, sample=sample, **options)
        return replace(job, dataset=self._oracle.blind, labels={**job.labels, **more})

    def _voter(self, job: Task, weights: Path) -> Callable[[np.ndarray], np.ndarray]:
        model = TrainedModel(
            job.architecture, job.training, job.resolved, job.class_names, job.fingerprint, weights, lambda: self._oracle.blind
        )
        return lambda rows: votes_of(predictor_of(model), np.asarray(self._oracle.blind.images)[rows])

    def _accuracy(self, kept: Kept) -> float:
        test = np.flatnonzero(kept.split == TEST)
        return self._oracle.accuracy(kept.rows[test], kept.predictions[test])
