"""One recipe on the panel of image sets (`bench/panel_sets.py`), beside simple methods with the same labels on the same held-out images.

`TRELLIS_PANEL_SETS=semeion,mnist_100 TRELLIS_BENCH_DRAWS=0 python -m bench panel` runs these sets and label draws anew and writes the table of
all that is kept in `bench/results/panel`. Without the first, all sets but those held out; without the second, draws 0 to 4.

- TRELLIS_PANEL_PRESET: the preset that is trained, `semi_supervised` if not given.
- TRELLIS_PANEL_SIMPLE=1: the simple methods alone, no model.
- TRELLIS_PANEL_HELD_OUT=1: sets that are held out may run; do so once, at the end.
- `python -m bench.panel field=value ...` changes fields of the preset (`sample.field=value` of the sample) for a trial, which keeps nothing.
- TRELLIS_PANEL_CACHE: where answers of simple methods and compiled programs are kept; a temporary folder of this user's if not given.
"""

from __future__ import annotations

import getpass
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jax
import numpy as np

from bench.harness import Row, section
from bench.panel_sets import BY_NAME, PANEL, PanelSet
from bench.panel_table import Line, Record, keep, kept, lines_of, overall, text_of
from bench.quality import given_values, value_of
from rcmvae.data.loaded import LoadedDataset
from rcmvae.diagnostics.bundle import TEST, TRAIN, VALIDATION, load
from rcmvae.family import RCMVAE
from rcmvae.simple.beside import CACHE_VARIABLE, beside, cache_folder
from rcmvae.simple.verdict import verdict
from rcmvae.simple.words import TITLES
from rcmvae.training.script import drawn, make_job
from rcmvae.training.trainer import train
from workbench.runs.scripted import QuietReporter

PRESETS = ("semi_supervised", "semi_supervised_digits")
"""The preset that is judged if none is named: the first that there is."""
SIMPLE = "simple"
ABOUT = (
    "Accuracy in percent on held-out images, mean ± standard deviation over label draws, each also another seed of the model. All methods see the "
    "same labels, as many of each class as possible. The ratio of errors is the model's mean error over that of the best simple method (by its mean); "
    "below 1 is better. {held}"
)


@dataclass(frozen=True)
class Sample:
    """A draw's sample as simple methods are asked about it: a `Judged`, in the order of a run's diagnostics."""

    rows: np.ndarray
    split: np.ndarray
    used_labels: np.ndarray
    known_labels: np.ndarray

    @classmethod
    def of(cls, dataset: LoadedDataset, sample: Mapping[str, np.ndarray], labels: Mapping[int, int]) -> Sample:
        """That of index sets and the labels by row that are given."""
        parts = {TRAIN: sample["train"], VALIDATION: sample["validation"], TEST: sample["test"]}
        rows = np.concatenate(list(parts.values())).astype(np.int32)
        used = np.fromiter((labels.get(int(row), -1) for row in rows), np.int32, len(rows))
        split = np.concatenate([np.full(len(part), code, np.uint8) for code, part in parts.items()])
        return cls(rows, split, used, np.asarray(dataset.true_labels, np.int32)[rows])


def simple_record(panel_set: PanelSet, dataset: LoadedDataset, draw: int, sample: Mapping[str, Any] = {}) -> Record:
    """What each simple method reaches in a draw, however long it takes."""
    rows = drawn(dataset, {"num_samples": "auto", "num_labeled": panel_set.labels, "sampling_seed": draw, **sample})
    labels = panel_set.given({int(row): int(dataset.true_labels[row]) for row in rows["initially_labelled"]}, draw)
    asked = Sample.of(dataset, rows, labels)
    found = beside(asked, dataset.images, dataset.manifest.content_sha256, cache=cache_folder(), clock=lambda: 0.0)
    assert found is not None, "a set of the panel has labels of several classes and a test part"
    truth = asked.known_labels[found.held]
    answers = dict(zip(found.names, found.predictions, strict=True))
    simple = {name: float(np.mean(given == truth)) for name, given in answers.items() if (given >= 0).all()}
    notes = {name: note for name, note in zip(found.names, found.notes, strict=True) if note}
    return Record(panel_set.name, draw, panel_set.labels, len(truth), simple, notes)


def trained_record(
    panel_set: PanelSet, dataset: LoadedDataset, draw: int, preset: str, values: Mapping[str, Any], sample: Mapping[str, Any], folder: Path
) -> Record:
    """That and what the preset reaches."""
    kept_simple = None if sample else kept(SIMPLE).get((panel_set.name, draw))
    record = kept_simple or simple_record(panel_set, dataset, draw, sample)
    drawing = {"num_samples": "auto", "num_labeled": panel_set.labels, "sampling_seed": draw, **sample}
    job = make_job(dataset, folder=folder, preset=preset, values={**values, "init_seed": draw, "random_seed": draw}, sample=drawing)
    began, reporter = time.perf_counter(), QuietReporter()
    summary = train(replace(job, labels=panel_set.given(job.labels, draw)), reporter)
    seconds = time.perf_counter() - began
    assert summary.bundle is not None
    bundle = load(summary.bundle)
    held = (bundle.split == TEST) & (bundle.true_labels >= 0)
    right = bundle.predictions[held] == bundle.true_labels[held]
    recalls = [float(right[bundle.true_labels[held] == label].mean()) for label in np.unique(bundle.true_labels[held])]
    stand, k_eff, kl_z = verdict(bundle), value_of(summary.metrics, "mixture", "k_eff"), value_of(summary.metrics, "training", "kl_z")
    return replace(
        record, model=float(right.mean()) if stand is None else stand.accuracy, recall=min(recalls), seconds=seconds, epochs=summary.epochs,
        k_eff=None if k_eff is None else k_eff / max(1, bundle.components), kl_z=kl_z,
        warnings=tuple(text for level, text in reporter.logs if level == "warning"),
    )  # fmt: skip


def chosen_sets() -> list[PanelSet]:
    """The sets to run. Ends the program where one is unknown, or held out without the switch; leaves out those whose files are not there."""
    names = [name.strip() for name in os.environ.get("TRELLIS_PANEL_SETS", "").split(",") if name.strip()]
    open_sets = os.environ.get("TRELLIS_PANEL_HELD_OUT") == "1"
    unknown = [name for name in names if name not in BY_NAME]
    if unknown:
        sys.exit(f"no set named {', '.join(unknown)}; known: {', '.join(BY_NAME)}")
    shut = [name for name in names if BY_NAME[name].held_out and not open_sets]
    if shut:
        sys.exit(f"{', '.join(shut)}: held out, to be looked at once, at the end; TRELLIS_PANEL_HELD_OUT=1 runs it")
    wanted = [BY_NAME[name] for name in names] if names else [each for each in PANEL if open_sets or not each.held_out]
    for each in wanted:
        if not each.present():
            print(f"  {each.title}: left out, its files are not there", flush=True)
    return [each for each in wanted if each.present()]


def chosen_draws() -> list[int]:
    """The label draws to run."""
    return [int(text) for text in os.environ.get("TRELLIS_BENCH_DRAWS", "0,1,2,3,4").split(",")]


def chosen_preset() -> str:
    """The preset to train; `SIMPLE` for none. Ends the program where it is unknown."""
    if os.environ.get("TRELLIS_PANEL_SIMPLE") == "1":
        return SIMPLE
    known = [preset.name for preset in RCMVAE.presets]
    named = os.environ.get("TRELLIS_PANEL_PRESET") or next(name for name in PRESETS if name in known)
    if named not in known:
        sys.exit(f"no preset named {named}; known: {', '.join(known)}")
    return named


def run(preset: str, values: Mapping[str, Any], sample: Mapping[str, Any]) -> list[Record]:
    """The records of the chosen sets and draws, kept as they come unless values make it a trial."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for panel_set in chosen_sets():
            dataset = panel_set.load()
            for draw in chosen_draws():
                if preset == SIMPLE:
                    record = simple_record(panel_set, dataset, draw)
                else:
                    record = trained_record(panel_set, dataset, draw, preset, values, sample, Path(folder) / f"{panel_set.name}-{draw}")
                found.append(record)
                print(f"  {told(record)}", flush=True)
                if not values and not sample:
                    keep(preset, record)
    return found


def told(record: Record) -> str:
    """A record in a line of the terminal."""
    best = max(record.simple, key=lambda name: record.simple[name])
    parts = [f"{record.set} draw {record.draw}: {TITLES[best]} {100 * record.simple[best]:.1f} %"]
    if record.model is not None:
        parts.append(
            f"model {100 * record.model:.1f} %, worst class {100 * (record.recall or 0):.0f} %, {record.epochs} epochs in {record.seconds:.0f} s"
        )
        parts += [f"{name} {value:.2f}" for name, value in (("k_eff/K", record.k_eff), ("KL z", record.kl_z)) if value is not None]
    return ", ".join([*parts, *record.warnings])


def row_of(line: Line) -> Row:
    """A set as a row of the page: the model beside the best simple method; without a model that method alone."""
    title, best = BY_NAME[line.set].title, TITLES[line.best]
    draws = f"{line.draws} draw{'' if line.draws == 1 else 's'}"
    if line.mean is None:
        return Row(f"{title}: {best}", 100 * line.best_mean, "%", note=draws)
    note = f"{draws}, {line.errors:.2f} times the error of {best}, {line.accuracies:.2f} times its accuracy"
    spread = "" if line.deviation is None else f"standard deviation {100 * line.deviation:.1f}"
    return Row(title, 100 * line.mean, "%", 100 * line.best_mean, best, note=note, spread=spread)


def main(arguments: list[str] | None = None) -> None:
    """Run what is chosen, or try other values."""
    values, sample = given_values(sys.argv[1:] if arguments is None else arguments)
    keeps = os.environ.get("TRELLIS_PANEL_CACHE") or str(Path(tempfile.gettempdir()) / f"trellis-panel-{getpass.getuser()}")
    os.environ[CACHE_VARIABLE] = keeps
    jax.config.update("jax_compilation_cache_dir", keeps)
    preset, titles = chosen_preset(), {each.name: each.title for each in PANEL}
    if values or sample:
        print(text_of(lines_of(run(preset, values, sample)), titles, TITLES))
        return
    held = "; ".join(each.title for each in PANEL if each.held_out)
    name, title = f"panel_{preset}", "Panel of image sets: simple methods" if preset == SIMPLE else f"Panel of image sets: {preset}"
    with section(
        name, title, ABOUT.format(held=f"Held out, looked at only once: {held}."), packages=("jax", "flax", "scikit-learn")
    ) as page:
        run(preset, {}, {})
        lines = lines_of(kept(preset).values())
        ratios = overall(lines)
        if ratios is not None:
            worst, mean = ratios
            page.add(
                Row("Ratio of errors, the worst set", worst, "", note=titles[lines[0].set], better="less"),
                Row("Ratio of errors, mean over sets", mean, "", better="less"),
            )
        page.add(*(row_of(line) for line in lines))
        page.about += "\n\n" + text_of(lines, titles, TITLES)


if __name__ == "__main__":
    main()
