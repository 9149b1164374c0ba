"""3x3 convolutions, in the formulation that is fast on the backend they are compiled for.

This is the one place that chooses. On GPU and TPU the choice is XLA's own convolution. On CPU that one is slow (its gradients
by more than an order of magnitude), while XLA's matrix products are fast, so there a convolution is one matrix product and one
of two linear maps, each the other's transpose:

    taps     puts the nine neighbours that a 3x3 kernel sees side by side: (N, H, W, C) -> (N, H', W', 9 C)
    untaps   adds nine such pieces up where they came from:                (N, H', W', 9 C) -> (N, H, W, C)

A convolution is a product after `taps`, a transposed convolution `untaps` after a product. With stride 1 the two are the same up
to a turned kernel, so the nine-fold array is made on the side with fewer channels. Each map is the other's gradient, which leaves
three matrix products of equal size for a step forward and back and no scatter. `bench/convolution.py` measures it.

Both formulations give the same numbers up to the order of summation, gradients included.
"""

from __future__ import annotations

from functools import partial
from typing import Literal

import jax
import jax.numpy as jnp
from jax import lax

Size = tuple[int, int]
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


def conv2d_transpose(x: jax.Array, kernel: jax.Array, *, out_hw: Size) -> jax.Array:
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
        return _untaps_of_product(x, kernel, 2, out_hw)
    return _transpose_by_xla(x, kernel, out_hw)


def _check(x: jax.Array, kernel: jax.Array) -> None:
    if x.ndim != 4 or kernel.ndim != 4 or kernel.shape[:2] != (3, 3) or kernel.shape[2] != x.shape[3]:
        raise ValueError(f"a 3x3 convolution takes images (N, H, W, C) and a kernel (3, 3, C, O), not {x.shape} and {kernel.shape}")


def _conv_by_xla(x: jax.Array, kernel: jax.Array, stride: int) -> jax.Array:
    return lax.conv_general_dilated(x, kernel, (stride, stride), "SAME", dimension_numbers=_DIMENSIONS)


def _transpose_by_xla(x: jax.Array, kernel: jax.Array, out_hw: Size) -> jax.Array:
    padding = [(2 - large % 2, 1) for large in out_hw]
    return lax.conv_transpose(x, kernel, (2, 2), padding, dimension_numbers=_DIMENSIONS)


def _conv_as_product(x: jax.Array, kernel: jax.Array, stride: int) -> jax.Array:
    channels, out = kernel.shape[2:]
    size = (x.shape[1], x.shape[2])
    if stride == 1 and out < channels:
        return _untaps_of_product(x, kernel, 1, size)
    return _product(_taps(x, stride, size), kernel.reshape(9 * channels, out))


def _untaps_of_product(x: jax.Array, kernel: jax.Array, stride: int, size: Size) -> jax.Array:
    channels, out = kernel.shape[2:]
    turned = kernel[::-1, ::-1].transpose(2, 0, 1, 3).reshape(channels, 9 * out)
    return _untaps(_product(x, turned), stride, size)


def _product(x: jax.Array, matrix: jax.Array) -> jax.Array:
    """`x @ matrix` over the last axis. Through two dimensions, so that the gradient contracts one axis: XLA transposes else."""
    return _matmul(x.reshape(-1, x.shape[-1]), matrix).reshape(*x.shape[:-1], matrix.shape[1])


@jax.custom_vjp
def _matmul(x: jax.Array, matrix: jax.Array) -> jax.Array:
    """`x @ matrix` for x (M, I) and matrix (I, O), M large."""
    return x @ matrix


def _matmul_gradient(saved: tuple[jax.Array, jax.Array], gradient: jax.Array) -> tuple[jax.Array, jax.Array]:
    x, matrix = saved
    if x.shape[1] <= gradient.shape[1]:
        return gradient @ matrix.T, x.T @ gradient
    # The product over M is faster with its narrow side first; the barrier keeps XLA from turning it back.
    return gradient @ matrix.T, lax.optimization_barrier(gradient.T @ x).T


_matmul.defvjp(lambda x, matrix: (_matmul(x, matrix), (x, matrix)), _matmul_gradient)


@partial(jax.custom_vjp, nondiff_argnums=(1, 2))
def _taps(x: jax.Array, stride: int, size: Size) -> jax.Array:
    """The nine shifted images side by side: (N, *size, C) -> (N, ceil(H / stride), ceil(W / stride), 9 C)."""
    rows, columns = (-(-length // stride) for length in size)
    # SAME padding as XLA counts it: one row before, none where stride 2 meets an even size.
    before = [1 if stride == 1 or length % 2 else 0 for length in size]
    padded = jnp.pad(x, ((0, 0), (before[0], 1), (before[1], 1), (0, 0)))
    ends = (stride * (rows - 1) + 1, stride * (columns - 1) + 1)
    shifted = [padded[:, i : i + ends[0] : stride, j : j + ends[1] : stride] for i in range(3) for j in range(3)]
    return jnp.concatenate(shifted, axis=-1)


@partial(jax.custom_vjp, nondiff_argnums=(1, 2))
def _untaps(pieces: jax.Array, stride: int, size: Size) -> jax.Array:
    """The transpose of `_taps`: (N, h, w, 9 C) -> (N, *size, C)."""
    n, h, w, width = pieces.shape
    tap = jnp.split(pieces, 9, axis=-1)

    def moved(index: int, down: int, right: int) -> jax.Array:
        """Tap `index` moved by whole pixels; what leaves the image is dropped, zeros come in."""
        zero = jnp.zeros((), pieces.dtype)
        return lax.pad(tap[index], zero, ((0, 0, 0), (down, -down, 0), (right, -right, 0), (0, 0, 0)))

    if stride == 1:
        return sum((moved(3 * i + j, i - 1, j - 1) for i in range(3) for j in range(3)), start=jnp.zeros((), pieces.dtype))
    # Of the doubled image, rows 2i add tap row 0 of i and tap row 2 of i - 1; rows 2i + 1 take tap row 1 of i; columns likewise.
    even_even = moved(0, 0, 0) + moved(2, 0, 1) + moved(6, 1, 0) + moved(8, 1, 1)
    even_odd = moved(1, 0, 0) + moved(7, 1, 0)
    odd_even = moved(3, 0, 0) + moved(5, 0, 1)
    odd_odd = moved(4, 0, 0)
    rows = [jnp.stack([even_even, even_odd], 3), jnp.stack([odd_even, odd_odd], 3)]
    doubled = jnp.stack(rows, 2).reshape(n, 2 * h, 2 * w, width // 9)
    # An odd size is padded by one row before, which is the doubled image's first.
    return doubled[:, 2 * h - size[0] :, 2 * w - size[1] :]


_taps.defvjp(
    lambda x, stride, size: (_taps(x, stride, size), None),
    lambda stride, size, _, gradient: (_untaps(gradient, stride, size),),
)
_untaps.defvjp(
    lambda pieces, stride, size: (_untaps(pieces, stride, size), None),
    lambda stride, size, _, gradient: (_taps(gradient, stride, size),),
)
