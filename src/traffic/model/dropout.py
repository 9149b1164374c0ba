"""Dropout whose rates are arguments of compiled functions, so that changing one compiles nothing anew."""

from __future__ import annotations

from typing import Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from traffic.config_architecture import Architecture
from traffic.config_xlstm import XLSTMArchitecture

Site = Literal["general", "feed_forward", "social"]
_ROUNDS = ((16, 0x7FEB352D), (15, 0x846CA68B))
"""Shifts and factors of a 32-bit mixing function (Wellons 2018, "lowbias32")."""
_LAST_SHIFT = 16


class Rates(NamedTuple):
    """Dropout rates by kind of place, float32 (); None where nothing is dropped and no code for it is compiled."""

    general: np.ndarray | Array | None = None
    feed_forward: np.ndarray | Array | None = None
    social: np.ndarray | Array | None = None


def rates_of(architecture: Architecture) -> Rates:
    """The rates of a config."""
    general = getattr(architecture, "dropout", 0.0)
    own = architecture.ffn_dropout if isinstance(architecture, XLSTMArchitecture) else None
    pooling = architecture.social_pooling
    rates = (general, general if own is None else own, pooling.dropout if pooling.enabled else 0.0)
    return Rates(*(np.asarray(rate, np.float32) if rate > 0 else None for rate in rates))


class Dropout:
    """Drops entries at one place of the network after another, at each with numbers of its own.

    Args:
        key: a random key of this forward pass. rates: as `rates_of` gives them.
    """

    def __init__(self, key: Array, rates: Rates) -> None:
        self._key, self._rates, self._places = key, rates, 0

    def __call__(self, x: Array, site: Site = "general") -> Array:
        """`x` with each entry zero with the site's rate and the others scaled so that the mean stays."""
        rate = getattr(self._rates, site)
        if rate is None:
            return x
        self._places += 1
        words = jax.random.bits(jax.random.fold_in(self._key, self._places), (2,), np.uint32)
        # the rate in units of 2^-32, rounded down below 1, so that a rate near 1 does not wrap around
        bound = jnp.minimum(rate * 4294967296.0, 4294967040.0).astype(np.uint32)
        kept = _mixed(jax.lax.iota(np.uint32, x.size), words).reshape(x.shape) >= bound
        return jnp.where(kept, x / (1 - rate).astype(x.dtype), jnp.zeros((), x.dtype))


def dropped(x: Array, dropout: Dropout | None, site: Site = "general") -> Array:
    """`x` after dropout if there is one."""
    return x if dropout is None else dropout(x, site)


def _mixed(counters: Array, words: Array) -> Array:
    """Counters hashed with two words: a few integer operations each, where a cipher of many rounds is a visible part of a step."""
    x = (counters ^ words[0]) * np.uint32(0x9E3779B9) + words[1]
    for shift, factor in _ROUNDS:
        x = (x ^ (x >> np.uint32(shift))) * np.uint32(factor)
    return x ^ (x >> np.uint32(_LAST_SHIFT))
