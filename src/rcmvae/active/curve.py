"""Label curves: rounds of training and asking, with an oracle in the place of a person."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
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
from rcmvae.training.script import drawn, make_job
from rcmvae.training.summary import BUNDLE_NAME
from rcmvae.training.task import Task
from rcmvae.training.trainer import train
from workbench.fields import closest
from workbench.runs.scripted import QuietReporter
from workbench.values import stored_values

WEIGHTS = "kept.msgpack"
RANDOM = "random"
"""The strategy that needs to know nothing of a model."""

Report = Callable[[CurveProgress], None]


def run(settings: CurveSettings, dataset: LoadedDataset, folder: Path, report: Report = lambda progress: None) -> CurveResult:
    """Compute a label curve, or what is missing of it, and write table and figure into `folder`.

    Seed s draws first labels (and, of a preset, the sample), parameters and noise; the first round is trained once a seed and
    shared by all strategies. Rounds that are in the table already are not computed again, so that a killed run goes on where it was.
    Where fewer images than a step are left that the oracle can label, the curve ends, and says so.

    Raises:
        CurveError: settings that make no curve, or that differ from those of the folder's curve; a folder in use. ArtefactError: a full disk.
        ConfigError, SuggestionError: what is trained does not fit the data, a strategy cannot be used.
    """
    rows, ended = _computed(settings, dataset, folder, report)
    figure = files.write_figure(folder, draw(rows))
    return CurveResult(rows, labels_to_reach(rows), folder / files.TABLE, figure, ended)


def rounds(settings: CurveSettings, dataset: LoadedDataset, folder: Path, report: Report = lambda progress: None) -> list[CurveRow]:
    """The rounds of a label curve, as `run` computes and keeps them, without the figure. Raises as it does."""
    return _computed(settings, dataset, folder, report)[0]


def _computed(settings: CurveSettings, dataset: LoadedDataset, folder: Path, report: Report) -> tuple[list[CurveRow], str]:
    """The rounds, and why they end before the budget, if they do."""
    check(settings, dataset)
    files.open_folder(folder, settings, dataset.manifest.content_sha256)
    with files.sole_writer(folder):
        curve = _Curve(settings, dataset, folder, report)
        return curve.compute(), curve.ended()


def check(settings: CurveSettings, dataset: LoadedDataset) -> None:
    """Raise CurveError for settings that make no curve."""
    for name in settings.strategies:
        if name not in STRATEGIES:
            guess = closest(name, STRATEGIES)
            known = f"did you mean {guess}?" if guess else f"known: {', '.join(STRATEGIES)}"
            raise CurveError(f"there is no strategy {name[:80]!r}; {known}", "strategies")
    if not settings.strategies or len(set(settings.strategies)) != len(settings.strategies):
        raise CurveError("strategies must name at least one strategy, each once", "strategies")
    _check_trained(settings)
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


def _check_trained(settings: CurveSettings) -> None:
    """Raise CurveError unless it is clear what is trained."""
    configuration = settings.configuration
    if (settings.preset is None) == (configuration is None):
        raise CurveError("a curve trains either a preset or a model's configuration; say one of the two", "preset")
    if configuration is not None:
        if settings.samples is not None:
            raise CurveError("a model has its own images, so there is no number of samples to choose", "samples")
        if settings.start < configuration.given:
            raise CurveError(
                f"the model began with {configuration.given} labels, so the first round cannot have fewer (got start {settings.start})",
                "start",
            )
        return
    name, known = settings.preset or "", [preset.name for preset in RCMVAE.presets]
    if name not in known:
        guess = closest(name, known)
        raise CurveError(f"there is no preset {name[:80]!r}{f'; did you mean {guess}?' if guess else ''}", "preset")


def random_rows(rows: np.ndarray, labelled: Sequence[int], n: int, seed: int) -> np.ndarray:
    """`n` of dataset `rows` without those `labelled`, each as likely. Raises SuggestionError if fewer are left."""
    free = np.setdiff1d(rows, np.asarray(labelled, rows.dtype))
    if n > len(free):
        raise SuggestionError(f"only {len(free)} unlabelled training samples are left, fewer than the {n} asked for", "n")
    return free[np.argsort(-np.random.default_rng(seed).random(len(free)), kind="stable")[:n]]


class _Curve:
    """A curve under way."""

    def __init__(self, settings: CurveSettings, dataset: LoadedDataset, folder: Path, report: Report) -> None:
        self._settings = settings
        self._dataset = dataset
        self._folder = folder
        self._report = report
        self._merged = dict(settings.configuration.merged) if settings.configuration is not None else {}
        self._oracle = Oracle(dataset, self._merged)
        # then a round needs nothing of the one before, and nothing of it is kept but its row
        self._lone = settings.fresh and set(settings.strategies) == {RANDOM}
        self._drawn: tuple[dict[str, Any], Mapping[str, Any]] | None = None
        self._free: dict[int, int] = {}
        self._rows = {(row.seed, row.strategy, row.round): row for row in files.read_rows(folder)}

    def compute(self) -> list[CurveRow]:
        """All rounds, those that are missing trained."""
        s = self._settings
        for seed in range(s.seeds):
            for strategy in s.strategies:
                for number in range(self._rounds(seed)):
                    self._tell(self._words(seed, strategy, number))
                    if (seed, strategy, number) not in self._rows:
                        self._finish(self._first(seed, strategy) if number == 0 else self._next(seed, strategy, number))
        self._tell("done")
        return [self._rows[key] for key in self._wanted()]

    def _wanted(self) -> list[tuple[int, str, int]]:
        s = self._settings
        return [(seed, strategy, number) for seed in range(s.seeds) for strategy in s.strategies for number in range(self._rounds(seed))]

    def _rounds(self, seed: int) -> int:
        """Rounds of one strategy for which there are labels."""
        if seed not in self._free:
            sample = self._sample(seed)
            known = self._oracle.known(np.asarray(sample["train"]))
            self._free[seed] = len(np.setdiff1d(known, self._first_rows(seed, sample)))
        return min(self._settings.rounds, 1 + self._free[seed] // self._settings.step)

    def ended(self) -> str:
        """Why the curve ends before its budget, in a sentence; empty if it does not."""
        s = self._settings
        seed = min(range(s.seeds), key=self._rounds)
        if (rounds := self._rounds(seed)) == s.rounds:
            return ""
        left = self._free[seed] - (rounds - 1) * s.step
        images = (
            "no unlabelled training image whose class is known is"
            if left == 0
            else (f"only {left} unlabelled training image{' whose class is known is' if left == 1 else 's whose class is known are'}")
        )
        return f"The curve ends at {s.start + (rounds - 1) * s.step} labels, before the budget of {s.budget}: {images} left, fewer than a step of {s.step}"

    def _tell(self, words: str, fraction: float = 0.0) -> None:
        wanted = self._wanted()
        self._report(CurveProgress(sum(key in self._rows for key in wanted), len(wanted), words, fraction))

    def _words(self, seed: int, strategy: str, number: int) -> str:
        s = self._settings
        return f"seed {seed}, {strategy}, {s.start + number * s.step} labels"

    def _finish(self, row: CurveRow) -> None:
        """Keep a row; the files of the round before are not needed any more, except the shared first one's."""
        self._rows[row.seed, row.strategy, row.round] = row
        files.write_rows(self._folder, self._rows.values())
        if self._lone:
            shutil.rmtree(self._folder / files.WORK, ignore_errors=True)
        elif row.round > 1:
            shutil.rmtree(files.work_folder(self._folder, row.seed, row.strategy, row.round - 1), ignore_errors=True)

    def _first(self, seed: int, strategy: str) -> CurveRow:
        """The first round, trained unless another strategy has it already."""
        shared = next((row for row in self._rows.values() if row.seed == seed and row.round == 0), None)
        place = files.work_folder(self._folder, seed, strategy, 0)
        if shared is not None and (place / WEIGHTS).is_file():
            return replace(shared, strategy=strategy)
        return self._trained(seed, strategy, 0, (), ())

    def _next(self, seed: int, strategy: str, number: int) -> CurveRow:
        """A round past the first: the strategy asks, the oracle answers."""
        given = [row for earlier in range(1, number) for row in self._rows[seed, strategy, earlier].asked]
        before = files.work_folder(self._folder, seed, strategy, number - 1)
        if not self._lone:
            self._check_left(before, seed, strategy, number)
        try:
            asked = self._asked(seed, strategy, number, given, before)
        except SuggestionError as error:
            raise CurveError(f"seed {seed}, round {number}: {error}", "strategies") from error
        return self._trained(seed, strategy, number, [*given, *asked], asked, start_from=None if self._settings.fresh else before / WEIGHTS)

    def _check_left(self, before: Path, seed: int, strategy: str, number: int) -> None:
        """Raise CurveError if a round's files, which the next one goes on from, are not there."""
        if not (before / WEIGHTS).is_file() or not (before / BUNDLE_NAME).is_file():
            raise CurveError(
                f"{before} lacks the weights of round {number - 1}, which round {number} goes on from. Remove the rows of seed {seed} and "
                f"{strategy} from {self._folder / files.TABLE} to compute them anew",
                "out",
            )

    def _asked(self, seed: int, strategy: str, number: int, given: Sequence[int], before: Path) -> tuple[int, ...]:
        """Rows that the strategy asks for in a round. Raises SuggestionError if it cannot."""
        s, draw = self._settings, seed * 1000 + number
        if strategy == RANDOM:
            sample = self._sample(seed)
            train = self._oracle.known(np.asarray(sample["train"]))
            return tuple(random_rows(train, [*self._first_rows(seed, sample), *given], s.step, draw).tolist())
        job = self._job(seed, before, given)
        kept = read(before / BUNDLE_NAME)
        pool = pool_of(
            kept, job.labels, among=self._oracle.known(kept.rows), dropout_rate=float(job.resolved["dropout_rate"]),
            votes=self._voter(job, before / WEIGHTS),
        )  # fmt: skip
        chosen = choose(pool, strategy, s.step, seed=draw, diverse=s.diverse)
        return tuple(int(row) for row in pool.index[chosen.positions])

    def _trained(
        self, seed: int, strategy: str, number: int, more: Sequence[int], asked: tuple[int, ...], *, start_from: Path | None = None
    ) -> CurveRow:
        """Train one round in a folder of its own, which is whole only once its weights lie there under their name."""
        place = files.work_folder(self._folder, seed, strategy, number)
        shutil.rmtree(place, ignore_errors=True)
        job = self._job(seed, place, more, start_from=start_from)
        begun = time.perf_counter()
        summary = train(job, _Told(lambda fraction: self._tell(self._words(seed, strategy, number), fraction)))
        seconds = round(time.perf_counter() - begun, 1)
        summary.kept.replace(place / WEIGHTS)
        shutil.rmtree(place / "checkpoints", ignore_errors=True)
        kept = read(place / BUNDLE_NAME)
        return CurveRow(
            seed=seed, strategy=strategy, round=number, labels=len(job.labels), accuracy=self._accuracy(kept), epochs=summary.epochs,
            seconds=seconds, asked=asked,
        )  # fmt: skip

    def _job(self, seed: int, place: Path, more: Sequence[int], **options: Any) -> Task:
        """A round's job: the seed's first labels, those of `more` rows, and a dataset that knows no true label."""
        s, configuration = self._settings, self._settings.configuration
        values: dict[str, Any] = {"init_seed": seed, "random_seed": seed, **({} if s.epochs is None else {"max_epochs": s.epochs})}
        if configuration is not None:
            values = {**stored_values(RCMVAE.fields, configuration.config), **values}
            options = {"class_names": configuration.class_names, "merged": self._merged, **options}
        settings = self._sample_settings(seed)
        labels = self._oracle.label([*self._first_rows(seed, self._sample(seed)), *more])
        job = make_job(self._dataset, folder=place, preset=s.preset, values=values, sample=settings, labels=labels, **options)
        return replace(job, dataset=self._oracle.blind)

    def _sample_settings(self, seed: int) -> dict[str, Any]:
        """What a seed's images and balanced first labels are drawn with: the model's own settings, or the preset's with this seed."""
        s = self._settings
        if s.configuration is not None:
            return dict(s.configuration.sample)
        preset = next(preset for preset in RCMVAE.presets if preset.name == s.preset)
        return {
            **preset.sample, "num_labeled": s.start, "sampling_seed": seed, **({} if s.samples is None else {"num_samples": s.samples}),
        }  # fmt: skip

    def _sample(self, seed: int) -> Mapping[str, Any]:
        """The index sets of a seed's sample."""
        settings = self._sample_settings(seed)
        if self._drawn is None or self._drawn[0] != settings:
            self._drawn = settings, drawn(self._dataset, settings)
        return self._drawn[1]

    def _first_rows(self, seed: int, sample: Mapping[str, Any]) -> list[int]:
        """Rows that are labelled in the first round: those that the sample gives, and what `start` is more, drawn at random by the seed."""
        given = [int(row) for row in sample["initially_labelled"]]
        lacking = self._settings.start - len(given)
        if lacking <= 0:
            return given
        try:
            return [*given, *random_rows(self._oracle.known(np.asarray(sample["train"])), given, lacking, seed * 1000).tolist()]
        except SuggestionError as error:
            raise CurveError(f"seed {seed}, first round: {error}", "start") from error

    def _voter(self, job: Task, weights: Path) -> Callable[[np.ndarray], np.ndarray]:
        model = TrainedModel(
            job.architecture, job.training, job.resolved, job.class_names, job.fingerprint, weights, lambda: self._oracle.blind
        )
        return lambda rows: votes_of(predictor_of(model), np.asarray(self._oracle.blind.images)[rows])

    def _accuracy(self, kept: Kept) -> float:
        test = np.flatnonzero(kept.split == TEST)
        return self._oracle.accuracy(kept.rows[test], kept.predictions[test])


class _Told(QuietReporter):
    """Tells after each epoch what share of them is done."""

    def __init__(self, told: Callable[[float], None]) -> None:
        super().__init__()
        self._told = told

    def epoch(self, epoch: int, total: int, metrics: Mapping[str, float | None], life_epoch: int) -> None:
        """Tell of an epoch."""
        super().epoch(epoch, total, metrics, life_epoch)
        self._told(min(1.0, epoch / max(total, 1)))
