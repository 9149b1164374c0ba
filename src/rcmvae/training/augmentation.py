"""Random affine views of images: shift, rotation and scale about the centre, bilinear, black outside."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from rcmvae.choices import Choices, Numbers


def augments(choices: Choices) -> bool:
    """Whether any augmentation is switched on."""
    return any(choices.on(name) for name in ("augment_shift", "augment_rotation", "augment_scale"))


def augment(images: Array, draws: Array, numbers: Numbers) -> Array:
    """A random view of each of `images` (B, H, W, C), float in [0, 1], from `draws` (B, 4), uniform in [-1, 1).

    Angles lie within +-augment_rotation degrees, scales within 1 +- augment_scale, shifts within +-augment_shift
    pixels on each axis.
    """
    angle = draws[:, :1] * jnp.radians(numbers.augment_rotation)
    scale = 1.0 + draws[:, 1:2] * numbers.augment_scale
    return affine(images, angle, scale, draws[:, 2:] * numbers.augment_shift)


def affine(images: Array, angle: Array, scale: Array, shift: Array) -> Array:
    """Turn by `angle` (B, 1) radians, zoom by `scale` (B, 1), then move by `shift` (B, 2) pixels (down, right)."""
    _, height, width, channels = images.shape
    centre_y, centre_x = (height - 1) / 2, (width - 1) / 2
    rows, columns = jnp.meshgrid(jnp.arange(height) - centre_y, jnp.arange(width) - centre_x, indexing="ij")
    down = rows.reshape(1, -1) - shift[:, :1]
    right = columns.reshape(1, -1) - shift[:, 1:]
    cosine, sine = jnp.cos(angle) / scale, jnp.sin(angle) / scale
    source_y = cosine * down - sine * right + centre_y
    source_x = sine * down + cosine * right + centre_x
    return _bilinear(images, source_y, source_x).reshape(-1, height, width, channels)


def _bilinear(images: Array, y: Array, x: Array) -> Array:
    """Values (B, P, C) at fractional positions `y`, `x` (B, P); 0 outside."""
    count, height, width, channels = images.shape
    padded = jnp.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    y, x = jnp.clip(y + 1, 0, height + 1), jnp.clip(x + 1, 0, width + 1)
    top = jnp.minimum(jnp.floor(y), height).astype(jnp.int32)
    left = jnp.minimum(jnp.floor(x), width).astype(jnp.int32)
    part_y, part_x = (y - top)[..., None], (x - left)[..., None]
    row = width + 2
    flat = padded.reshape(-1, channels)
    index = jnp.arange(count)[:, None] * (row * (height + 2)) + top * row + left

    def pixel(offset: int) -> Array:
        return flat.at[index + offset].get(mode="promise_in_bounds")

    above = (1 - part_x) * pixel(0) + part_x * pixel(1)
    below = (1 - part_x) * pixel(row) + part_x * pixel(row + 1)
    return (1 - part_y) * above + part_y * below
