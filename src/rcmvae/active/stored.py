"""Suggestions for a stored model: its kept diagnostics as a pool, without the framework that trained it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from rcmvae.active.choosing import choose, states
from rcmvae.active.pool import Pool, certainty_without_labels, places_of
from rcmvae.active.strategies import DROPOUT_PASSES, STRATEGIES
from rcmvae.diagnostics.bundle import TRAIN, BundleError, BundleFacts, DiagnosticsBundle, load_arrays
from rcmvae.diagnostics.present import reconstruction_percentiles
from rcmvae.diagnostics.relabelled import classes_now, relabelled
from rcmvae.novelty import check_blend
from rcmvae.suggestions import Ask, Suggestion, SuggestionError, Suggestions

NOT_HERE = f"it runs the model {DROPOUT_PASSES} times, which this process does not do; use `trellis suggest MODEL --strategy bald`"
KEPT = 4
"""Diagnostics kept in memory, the last ones asked for."""

NAMES = (
    "rows", "split", "used_labels", "mu", "responsibilities", "probabilities", "predictions", "certainty", "loss_names", "losses", "claims",
)  # fmt: skip


@dataclass(frozen=True)
class Kept:
    """The part of the diagnostics that suggestions and predictions read; arrays as in `DiagnosticsBundle`."""

    facts: BundleFacts
    rows: np.ndarray
    split: np.ndarray
    used_labels: np.ndarray
    mu: np.ndarray
    responsibilities: np.ndarray
    probabilities: np.ndarray
    predictions: np.ndarray
    certainty: np.ndarray
    loss_names: np.ndarray
    losses: np.ndarray
    claims: np.ndarray

    @classmethod
    def of(cls, bundle: DiagnosticsBundle) -> Kept:
        """That part of a bundle."""
        return cls(bundle.facts, **{name: getattr(bundle, name) for name in NAMES})

    @property
    def seen_labels(self) -> bool:
        """Whether any training image has a label that the classifier knows."""
        return bool(((self.used_labels >= 0) & (self.split == TRAIN)).any())

    def certainties(self) -> np.ndarray | None:
        """Certainty (N,) of every image; None if nothing can be recognised yet."""
        return self.certainty if self.seen_labels else certainty_without_labels(self.responsibilities, self.probabilities.shape[1])

    def percentiles(self) -> np.ndarray:
        """`reconstruction_percentiles` of every image: (N,) in [0, 1]."""
        return reconstruction_percentiles(self.loss_names, self.losses, self.split)


def read(path: Path) -> Kept:
    """That part of the diagnostics at `path`; kept in memory until the file changes. Raises SuggestionError."""
    try:
        seen = path.stat()
        return _read(path, seen.st_mtime_ns, seen.st_size)
    except OSError as error:
        raise SuggestionError(f"the diagnostics at {path} cannot be read: {error.strerror or error}", "model") from error
    except BundleError as error:
        raise SuggestionError(str(error), "model") from error


@lru_cache(maxsize=KEPT)
def _read(path: Path, changed_ns: int, size: int) -> Kept:
    del changed_ns, size
    facts, arrays = load_arrays(path, NAMES)
    lengths = {name: len(arrays[name]) for name in NAMES if name not in ("loss_names", "claims")}
    if len(set(lengths.values())) != 1:
        raise BundleError(f"the diagnostics at {path} do not fit together ({lengths}); train the model again to get new ones")
    return Kept(facts, **arrays)


def pool_of(
    kept: Kept,
    labelled: Collection[int] | None = None,
    *,
    among: np.ndarray | None = None,
    blend: float = 0.0,
    dropout_rate: float = 0.0,
    votes: Callable[[np.ndarray], np.ndarray] | None = None,
) -> Pool:
    """The unlabelled training samples of a model's diagnostics.

    Args:
        labelled: dataset rows that people have labelled by now; those that the model was trained with if not given.
        among: dataset rows that may be asked for; all if not given.
        blend: share of the reconstruction in the OOD score. dropout_rate: the model's.
        votes: dataset rows (N,) -> p(y|x) of passes with dropout (T, N, Y), if the model can be run.
    """
    check_blend(blend)
    training = np.flatnonzero(kept.split == TRAIN)
    training = training[np.argsort(kept.rows[training], kind="stable")]
    if labelled is None:
        known = kept.used_labels[training] >= 0
    else:
        known = np.isin(kept.rows[training], np.fromiter(labelled, np.int64, len(labelled)))
    open_ = ~known if among is None else ~known & np.isin(kept.rows[training], among)
    free = training[open_]
    places = places_of(kept.mu[training], kept.responsibilities[training], decentralized=kept.facts.latent_layout == "decentralized")
    certainty = kept.certainties()
    index = kept.rows[free].astype(np.int64)
    return Pool(
        index=index,
        probabilities=kept.probabilities[free],
        responsibilities=kept.responsibilities[free],
        places=places[open_],
        labelled_places=places[known],
        certainty=None if certainty is None else certainty[free],
        percentile=lambda: kept.percentiles()[free],
        blend=blend,
        seen_labels=kept.seen_labels,
        dropout_rate=dropout_rate,
        votes=None if votes is None else lambda: votes(index),
        no_votes=NOT_HERE,
    )


def suggest(ask: Ask) -> Suggestions:
    """The samples of a stored model to label next; the family's answer to the core (see `rcmvae.suggestions`).

    tau is counted afresh where labels changed since the run, so that each label given sharpens the next suggestion.

    Raises SuggestionError for what cannot be asked (see `choose`), and for diagnostics that cannot be read.
    """
    try:
        check_blend(ask.blend)
    except ValueError as error:
        raise SuggestionError(str(error), "blend") from error
    kept = read(ask.bundle)
    found = relabelled(kept, ask.labels, ask.class_names, ask.resolved, ask.merged)
    if found is not None:
        kept = replace(kept, **found.fields())
    tau = None if found is None else found.tau.tau
    pool = pool_of(
        kept, ask.labels, blend=ask.blend, dropout_rate=float(ask.resolved.get("dropout_rate", 0.0)), votes=_votes(ask, tau)
    )  # fmt: skip
    chosen = choose(pool, ask.strategy, ask.n, seed=ask.seed, diverse=ask.diverse)
    by_row = np.argsort(kept.rows)
    places = by_row[np.searchsorted(kept.rows, pool.index[chosen.positions], sorter=by_row)]
    certain, why, names = kept.seen_labels, STRATEGIES[ask.strategy].why, kept.facts.class_names
    predicted = classes_now(kept.predictions, ask.merged)
    items = tuple(
        Suggestion(
            index=int(kept.rows[at]),
            score=float(score),
            predicted=int(predicted[at]) if predicted[at] >= 0 else None,
            certainty=float(kept.certainty[at]) if certain and np.isfinite(kept.certainty[at]) else None,
            why=why(pool, int(position), float(score), names),
        )
        for position, at, score in zip(chosen.positions, places, chosen.scores, strict=True)
    )
    return Suggestions(ask.strategy, items, len(pool.index), states(pool))


def _votes(ask: Ask, tau: np.ndarray | None) -> Callable[[np.ndarray], np.ndarray] | None:
    load_model = ask.model
    if load_model is None:
        return None

    def votes(rows: np.ndarray) -> np.ndarray:
        # only here is the framework needed
        from rcmvae.active.dropout import predictor_of, votes_of

        model = load_model()
        return votes_of(predictor_of(model, tau), np.asarray(model.dataset().images)[rows])

    return votes
