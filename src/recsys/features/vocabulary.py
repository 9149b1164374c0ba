"""Vocabularies: the terms of the train part that get a table row of their own, and the row of any term."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from recsys.features.columns import Terms
from recsys.features.hashing import hash_buckets
from recsys.features.numbers import Frozen
from recsys.features.transforms import Embedding


class Vocabulary(Frozen):
    """A column's terms with a row of their own.

    Attributes:
        terms: by their number of train rows, most first; of equal numbers, bytewise last first. A term's
            place is its row.
        counts: the train rows of each. other_rows: train rows whose term was cut.
        cut_by_frequency, cut_by_size: terms cut for being too rare, and for want of room.
        oov_buckets: rows that all other terms share by their fingerprint.
    """

    terms: tuple[str, ...]
    counts: tuple[int, ...]
    other_rows: int
    cut_by_frequency: int
    cut_by_size: int
    oov_buckets: int

    @property
    def rows(self) -> int:
        """Rows of the table."""
        return len(self.terms) + self.oov_buckets

    @cached_property
    def places(self) -> dict[str, int]:
        """Term -> its row, of those that have their own."""
        return {term: place for place, term in enumerate(self.terms)}

    def lookup(self, terms: Sequence[str]) -> np.ndarray:
        """The row of each term, int64 of shape `(len(terms),)`: always one of the table's."""
        places = self.places
        found = np.fromiter((places.get(term, -1) for term in terms), np.int64, len(terms))
        unknown = np.flatnonzero(found < 0)
        if unknown.size:
            found[unknown] = len(self.terms) + hash_buckets(
                [terms[at] for at in unknown.tolist()], self.oov_buckets
            )
        return found


def fit_vocabulary(terms: Terms, settings: Embedding) -> Vocabulary:
    """The vocabulary of a train part's terms; rare ones and those past the cap are cut."""
    per_place = np.bincount(terms.codes, minlength=len(terms.distinct))
    counted: dict[str, int] = {}
    for term, count in zip(terms.distinct, per_place.tolist(), strict=True):
        if count:
            counted[term] = counted.get(term, 0) + count
    frequent = [(count, term) for term, count in counted.items() if count >= settings.min_frequency]
    # Code points are in the order of their UTF-8 bytes.
    kept = sorted(frequent, reverse=True)[: settings.max_vocab]
    return Vocabulary(
        terms=tuple(term for _, term in kept),
        counts=tuple(count for count, _ in kept),
        other_rows=sum(counted.values()) - sum(count for count, _ in kept),
        cut_by_frequency=len(counted) - len(frequent),
        cut_by_size=len(frequent) - len(kept),
        oov_buckets=settings.oov_buckets,
    )
