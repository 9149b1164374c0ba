"""The terms of the loss. A new term is one file and one line in `TERMS`; no array framework is imported here."""

from __future__ import annotations

from rcmvae.terms import (
    classification,
    component_diversity,
    consistency,
    contrastive,
    dirichlet,
    kl_c,
    kl_z,
    l1,
    logit_prior,
    reconstruction,
)
from rcmvae.terms.term import Term

TERMS: tuple[Term, ...] = (
    reconstruction.TERM,
    kl_z.TERM,
    kl_c.TERM,
    logit_prior.TERM,
    classification.TERM,
    consistency.TERM,
    contrastive.TERM,
    component_diversity.TERM,
    dirichlet.TERM,
    l1.TERM,
)
"""In the order in which they are added up, and in which a broken one is looked for."""
