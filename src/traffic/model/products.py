"""Matrix products and the layers made of one. Only here does the choice of precision have an effect."""

from __future__ import annotations

import math

import jax.numpy as jnp
from flax import nnx
from jax import Array

from traffic.config_architecture import ComputeDtype
from traffic.model.starts import Constant, Start, Uniform, parameter


def einsum(subscripts: str, a: Array, b: Array, dtype: ComputeDtype) -> Array:
    """Products of two arrays in `dtype`, summed and returned in at least float32."""
    if dtype == "float32":
        return jnp.einsum(subscripts, a, b)
    return jnp.einsum(subscripts, a.astype(dtype), b.astype(dtype), preferred_element_type=jnp.float32)


def product(x: Array, kernel: Array, dtype: ComputeDtype) -> Array:
    """`x` (..., inputs) times `kernel` (inputs, outputs)."""
    if dtype == "float32":
        return x @ kernel
    return jnp.matmul(x.astype(dtype), kernel.astype(dtype), preferred_element_type=jnp.float32)


class Linear(nnx.Module):
    """y = x W + b over the last axis.

    Args:
        start: of the weights; default U(±1/√inputs). bias: whether there is one; it starts at 0.
    """

    def __init__(self, inputs: int, outputs: int, *, dtype: ComputeDtype, start: Start | None = None, bias: bool = True) -> None:
        self.kernel = parameter((inputs, outputs), start or Uniform(1 / math.sqrt(inputs)))
        self.bias = parameter((outputs,), Constant(0.0)) if bias else None
        self.dtype: ComputeDtype = dtype

    def __call__(self, x: Array) -> Array:
        """`x` (..., inputs). Returns (..., outputs)."""
        out = product(x, self.kernel[...], self.dtype)
        return out if self.bias is None else out + self.bias[...]


def product_over_steps(x: Array, constant: Array | None, kernel: Array, dtype: ComputeDtype) -> Array:
    """[x; constant] times `kernel`, where a part of the input is the same at every step and is multiplied once.

    Args:
        x: (..., N, F). constant: (N, C), or None for none of it. kernel: (F + C, outputs).
    """
    if constant is None:
        return product(x, kernel, dtype)
    width = x.shape[-1]
    return product(x, kernel[:width], dtype) + product(constant, kernel[width:], dtype)


def added_to_each(x: Array, steady: Array) -> Array:
    """`x` (B * N, outputs) plus `steady`: (N, outputs), one row for each detector of a batch row, or (outputs,)."""
    rows = steady.shape[0] if steady.ndim == 2 else 1
    return (x.reshape(-1, rows, x.shape[-1]) + steady).reshape(x.shape)


class BlockLinear(nnx.Module):
    """A linear map of each block of features by itself.

    Args:
        width: features in and out. block: features of a block; it divides `width`.
    """

    def __init__(self, width: int, block: int, *, dtype: ComputeDtype, start: Start, bias: bool = False) -> None:
        self.kernel = parameter((width // block, block, block), start)
        self.bias = parameter((width,), Constant(0.0)) if bias else None
        self.dtype: ComputeDtype = dtype

    def __call__(self, x: Array) -> Array:
        """`x` (..., width). Returns the same shape."""
        out = product(x, block_diagonal(self.kernel[...]), self.dtype)
        return out if self.bias is None else out + self.bias[...]


def block_diagonal(blocks: Array) -> Array:
    """Blocks (K, I, O) on the diagonal of a matrix (K * I, K * O) of zeros.

    One dense product is faster than many small ones, although most of its factors are zero.
    """
    count, inputs, outputs = blocks.shape
    spread = blocks[:, :, None, :] * jnp.eye(count, dtype=blocks.dtype)[:, None, :, None]
    return spread.reshape(count * inputs, count * outputs)
