"""Fingerprint64 of FarmHash, vectorised: the hash of `tf.strings.to_hash_bucket_fast`, without TensorFlow.

The algorithm is published by Google (FarmHash, "farmhashna": Geoff Pike, 2014): one mixing for each class of
length, over 64-bit words read little-endian, with all arithmetic modulo 2^64. Here each class is worked out
for all strings of that class at once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_K0 = np.uint64(0xC3A5C85C97CB3127)
_K1 = np.uint64(0xB492B66FBE98F273)
_K2 = np.uint64(0x9AE16A3B2F90404F)

_BLOCK = 1 << 17
"""Strings worked out at once: bounds the memory that their words take."""


def _seeded(seed: int = 81) -> tuple[np.uint64, np.uint64, np.uint64]:
    """The state that strings of more than 64 bytes begin with."""
    k1, k2, word = int(_K1), int(_K2), (1 << 64) - 1
    y = (seed * k1 + 113) & word
    z = (y * k2 + 113) & word
    return np.uint64(seed * k2 & word), np.uint64(y), np.uint64((z ^ (z >> 47)) * k2 & word)


_X0, _Y0, _Z0 = _seeded()


def fingerprint64(strings: Sequence[str]) -> np.ndarray:
    """The fingerprints of strings by their UTF-8 bytes, as uint64 of shape `(len(strings),)`."""
    blocks = [_fingerprints(strings[at : at + _BLOCK]) for at in range(0, len(strings), _BLOCK)]
    return np.concatenate(blocks) if blocks else np.empty(0, np.uint64)


def _fingerprints(strings: Sequence[str]) -> np.ndarray:
    encoded = [string.encode() for string in strings]
    lengths = np.fromiter((len(item) for item in encoded), np.int64, len(encoded))
    data = np.frombuffer(b"".join(encoded) + bytes(8), np.uint8)
    starts = np.cumsum(lengths) - lengths
    hashes = np.full(len(encoded), _K2, np.uint64)
    classes = (
        (1, 3, _to_3),
        (4, 7, _to_7),
        (8, 16, _to_16),
        (17, 32, _to_32),
        (33, 64, _to_64),
        (65, None, _longer),
    )
    for least, most, hashed in classes:
        members = np.flatnonzero((lengths >= least) & (lengths <= (most or lengths)))
        if members.size:
            hashes[members] = hashed(data, starts[members], lengths[members])
    return hashes


def hash_buckets(strings: Sequence[str], buckets: int) -> np.ndarray:
    """The bucket of each string, int64 in [0, buckets): its fingerprint modulo their number."""
    return (fingerprint64(strings) % np.uint64(buckets)).astype(np.int64)


def _fetch(data: np.ndarray, at: np.ndarray, size: int = 8) -> np.ndarray:
    """Little-endian words of `size` bytes that begin at each place, as uint64."""
    words = data[at[:, None] + np.arange(size)]
    return words.view("<u8" if size == 8 else "<u4")[:, 0].astype(np.uint64)


def _byte(data: np.ndarray, at: np.ndarray) -> np.ndarray:
    return data[at].astype(np.uint64)


def _rotate(value: np.ndarray, by: int) -> np.ndarray:
    """Rotated right."""
    return (value >> np.uint64(by)) | (value << np.uint64(64 - by))


def _shift_mix(value: np.ndarray) -> np.ndarray:
    return value ^ (value >> np.uint64(47))


def _fold(u: np.ndarray, v: np.ndarray, mul: np.ndarray) -> np.ndarray:
    """Sixteen bytes as eight."""
    a = _shift_mix((u ^ v) * mul)
    return _shift_mix((v ^ a) * mul) * mul


def _multiplier(lengths: np.ndarray) -> np.ndarray:
    return _K2 + lengths.astype(np.uint64) * np.uint64(2)


def _to_3(data: np.ndarray, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    first, middle, last = (_byte(data, starts + offset) for offset in (0, lengths >> 1, lengths - 1))
    y = first + (middle << np.uint64(8))
    z = lengths.astype(np.uint64) + (last << np.uint64(2))
    return _shift_mix((y * _K2) ^ (z * _K0)) * _K2


def _to_7(data: np.ndarray, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    first = _fetch(data, starts, 4)
    last = _fetch(data, starts + lengths - 4, 4)
    return _fold(lengths.astype(np.uint64) + (first << np.uint64(3)), last, _multiplier(lengths))


def _to_16(data: np.ndarray, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    mul = _multiplier(lengths)
    a = _fetch(data, starts) + _K2
    b = _fetch(data, starts + lengths - 8)
    return _fold(_rotate(b, 37) * mul + a, (_rotate(a, 25) + b) * mul, mul)


def _to_32(data: np.ndarray, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    mul = _multiplier(lengths)
    ends = starts + lengths
    a, b = _fetch(data, starts) * _K1, _fetch(data, starts + 8)
    c, d = _fetch(data, ends - 8) * mul, _fetch(data, ends - 16) * _K2
    return _fold(_rotate(a + b, 43) + _rotate(c, 30) + d, a + _rotate(b + _K2, 18) + c, mul)


def _to_64(data: np.ndarray, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    mul = _multiplier(lengths)
    ends = starts + lengths
    a, b = _fetch(data, starts) * _K2, _fetch(data, starts + 8)
    c, d = _fetch(data, ends - 8) * mul, _fetch(data, ends - 16) * _K2
    y = _rotate(a + b, 43) + _rotate(c, 30) + d
    z = _fold(y, a + _rotate(b + _K2, 18) + c, mul)
    e, f = _fetch(data, starts + 16) * mul, _fetch(data, starts + 24)
    g, h = (y + _fetch(data, ends - 32)) * mul, (z + _fetch(data, ends - 24)) * mul
    return _fold(_rotate(e + f, 43) + _rotate(g, 30) + h, e + _rotate(f + a, 18) + g, mul)


def _longer(data: np.ndarray, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Blocks of 64 bytes go into seven words of state; the last 64 bytes, which may overlap, close it."""
    x = _X0 + _fetch(data, starts)
    y, z = np.full(len(x), _Y0), np.full(len(x), _Z0)
    state = np.stack((x, y, z, *np.zeros((4, len(x)), np.uint64)))
    blocks = (lengths - 1) // 64
    for block in range(int(blocks.max())):
        active = np.flatnonzero(blocks > block)
        state[:, active] = _round(data, starts[active] + 64 * block, state[:, active], _K1, 1)
    x, y, z, v0, v1, w0, w1 = state
    mul = _K1 + ((z & np.uint64(0xFF)) << np.uint64(1))
    w0 = w0 + ((lengths - 1) & 63).astype(np.uint64)
    v0 = v0 + w0
    w0 = w0 + v0
    closing = np.stack((x, y, z, v0, v1, w0, w1))
    x, y, z, v0, v1, w0, w1 = _round(data, starts + lengths - 64, closing, mul, 9)
    return _fold(_fold(v0, w0, mul) + _shift_mix(y) * _K0 + z, _fold(v1, w1, mul) + x, mul)


def _round(
    data: np.ndarray, at: np.ndarray, state: np.ndarray, mul: np.ndarray | np.uint64, weight: int
) -> np.ndarray:
    """One block of 64 bytes into the state `(x, y, z, v0, v1, w0, w1)`; the last has its own factors."""
    times = np.uint64(weight)
    x, y, z, v0, v1, w0, w1 = state
    x = _rotate(x + y + v0 + _fetch(data, at + 8), 37) * mul
    y = _rotate(y + v1 + _fetch(data, at + 48), 42) * mul
    x = x ^ (w1 * times)
    y = y + v0 * times + _fetch(data, at + 40)
    z = _rotate(z + w0, 33) * mul
    v0, v1 = _weak(data, at, v1 * mul, x + w0)
    w0, w1 = _weak(data, at + 32, z + w1, y + _fetch(data, at + 16))
    return np.stack((z, y, x, v0, v1, w0, w1))


def _weak(data: np.ndarray, at: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """32 bytes with two seeds as 16."""
    w, x, y, z = (_fetch(data, at + offset) for offset in (0, 8, 16, 24))
    a = a + w
    b = _rotate(b + a + z, 21)
    c = a
    a = a + x + y
    b = b + _rotate(a, 44)
    return a + z, b + c
