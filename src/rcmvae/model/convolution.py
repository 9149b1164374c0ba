"""3x3 convolutions, in the formulation that is fast on the backend they are compiled for.

This is the one place that chooses. On GPU and TPU the choice is XLA's own convolution. On CPU that one is slow (inside
`lax.scan` by an order of magnitude), while XLA's matrix products are fast, so there both kinds of convolution are written as
matrix products: a convolution as its nine taps side by side and one product, a transposed convolution as its four output
phases, which need 1, 2, 2 and 4 taps, and one product each. `bench/convolution.py` measures both.

Both formulations compute the same numbers up to the order of summation, gradients included.
"""

from __future__ import annotations

from typing import Literal

import jax
import jax.numpy as jnp
from jax import lax

_DIMENSIONS = ("NHWC", "HWIO", "NHWC")


def conv2d(x: jax.Array, kernel: jax.Array, *, stride: Literal[1, 2] = 1) -> jax.Array:
    """Convolve images with a 3x3 kernel under SAME padding (cross-correlation, as in every deep-learning library).

    Args:
        x: images of shape (N, H, W, C).
        kernel: shape (3, 3, C, O), same dtype as `x`.
        stride: 1 keeps the size; 2 gives ceil(H / 2) x ceil(W / 2).

    Returns:
        Array of shape (N, ceil(H / stride), ceil(W / stride), O).

    Raises:
        ValueError: on another kernel size, stride, rank or channel count.
    """
    _check(x, kernel)
    if stride not in (1, 2):
        raise ValueError(f"conv2d: stride {stride} is not supported, use 1 or 2")
    if jax.default_backend() == "cpu":
        return _conv_as_product(x, kernel, stride)
    return _conv_by_xla(x, kernel, stride)


def conv2d_transpose(x: jax.Array, kernel: jax.Array, *, out_hw: tuple[int, int]) -> jax.Array:
    """Upsample images by a stride-2 transposed convolution with a 3x3 kernel.

    It has the geometry of the gradient of `conv2d(..., stride=2)` with respect to its input, for an input of size `out_hw`, with
    the kernel turned by 180 degrees: equal to `lax.conv_transpose(..., strides=(2, 2), padding="SAME")` where the size doubles.

    Args:
        x: images of shape (N, h, w, C).
        kernel: shape (3, 3, C, O), same dtype as `x`.
        out_hw: height 2h or 2h - 1 and width 2w or 2w - 1.

    Returns:
        Array of shape (N, *out_hw, O).

    Raises:
        ValueError: on another kernel size, rank, channel count or output size.
    """
    _check(x, kernel)
    for name, small, large in (("height", x.shape[1], out_hw[0]), ("width", x.shape[2], out_hw[1])):
        if large not in (2 * small, 2 * small - 1):
            raise ValueError(f"conv2d_transpose: {name} {small} becomes {2 * small - 1} or {2 * small}, not {large}")
    if jax.default_backend() == "cpu":
        return _transpose_as_products(x, kernel, out_hw)
    return _transpose_by_xla(x, kernel, out_hw)


def _check(x: jax.Array, kernel: jax.Array) -> None:
    if x.ndim != 4 or kernel.ndim != 4 or kernel.shape[:2] != (3, 3) or kernel.shape[2] != x.shape[3]:
        raise ValueError(f"a 3x3 convolution takes images (N, H, W, C) and a kernel (3, 3, C, O), not {x.shape} and {kernel.shape}")


def _same_padding(size: int, stride: int) -> tuple[int, int]:
    """Rows of zeros before and after, as XLA counts SAME padding for three taps."""
    total = max((-(-size // stride) - 1) * stride + 3 - size, 0)
    return total // 2, total - total // 2


def _conv_by_xla(x: jax.Array, kernel: jax.Array, stride: int) -> jax.Array:
    return lax.conv_general_dilated(x, kernel, (stride, stride), "SAME", dimension_numbers=_DIMENSIONS)


def _transpose_by_xla(x: jax.Array, kernel: jax.Array, out_hw: tuple[int, int]) -> jax.Array:
    padding = [(2 - (large % 2), 1) for large in out_hw]
    return lax.conv_transpose(x, kernel, (2, 2), padding, dimension_numbers=_DIMENSIONS)


def _taps(x: jax.Array, stride: int) -> jax.Array:
    """The nine shifted images side by side, shape (N, H', W', 9 C)."""
    rows, columns = (-(-size // stride) for size in x.shape[1:3])
    padded = jnp.pad(x, ((0, 0), _same_padding(x.shape[1], stride), _same_padding(x.shape[2], stride), (0, 0)))
    shifted = [
        padded[:, i : i + stride * (rows - 1) + 1 : stride, j : j + stride * (columns - 1) + 1 : stride] for i in range(3) for j in range(3)
    ]
    return jnp.concatenate(shifted, axis=-1)


def _conv_as_product(x: jax.Array, kernel: jax.Array, stride: int) -> jax.Array:
    return _taps(x, stride) @ kernel.reshape(-1, kernel.shape[3])


def _transpose_as_products(x: jax.Array, kernel: jax.Array, out_hw: tuple[int, int]) -> jax.Array:
    """Doubled rows 2i sum taps 0 (of row i - 1) and 2 (of row i); rows 2i + 1 take tap 1 of row i; columns likewise."""
    n, h, w, _ = x.shape
    out = kernel.shape[3]
    padded = jnp.pad(x, ((0, 0), (1, 0), (1, 0), (0, 0)))
    here, up, left, corner = padded[:, 1:, 1:], padded[:, :-1, 1:], padded[:, 1:, :-1], padded[:, :-1, :-1]
    even_even = jnp.concatenate([corner, up, left, here], -1) @ jnp.concatenate([kernel[0, 0], kernel[0, 2], kernel[2, 0], kernel[2, 2]])
    even_odd = jnp.concatenate([up, here], -1) @ jnp.concatenate([kernel[0, 1], kernel[2, 1]])
    odd_even = jnp.concatenate([left, here], -1) @ jnp.concatenate([kernel[1, 0], kernel[1, 2]])
    odd_odd = here @ kernel[1, 1]
    rows = [jnp.stack([even_even, even_odd], 3), jnp.stack([odd_even, odd_odd], 3)]
    doubled = jnp.stack(rows, 2).reshape(n, 2 * h, 2 * w, out)
    return doubled[:, 2 * h - out_hw[0] :, 2 * w - out_hw[1] :]
