"""Random views of images: shift, rotation and scale about the centre, bilinear, their background outside; contrast and brightness."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from rcmvae.checks import AUGMENTATIONS
from rcmvae.choices import Choices, Numbers
from rcmvae.model.routing import ViewDraws


def augments(choices: Choices) -> bool:
    """Whether any augmentation is switched on."""
    return choices.augment_flip or any(choices.on(name) for name in AUGMENTATIONS)


def augment(images: Array, draws: ViewDraws, numbers: Numbers) -> Array:
    """A random view of each of `images` (B, H, W, C), float in [0, 1].

    Angles lie within +-augment_rotation degrees, scales within 1 +- augment_scale, shifts within +-augment_shift
    pixels on each axis; colours change as `recoloured` says; half of the images are mirrored before all that where that is asked for.
    """
    places = draws.places
    angle = places[:, :1] * jnp.radians(numbers.augment_rotation)
    scale = 1.0 + places[:, 1:2] * numbers.augment_scale
    if draws.sides is not None:
        images = jnp.where(draws.sides[:, None, None, None] < 0, images[:, :, ::-1], images)
    seen = affine(images, angle, scale, places[:, 2:] * numbers.augment_shift)
    return seen if draws.colours is None else recoloured(seen, draws.colours, numbers.augment_colour)


def recoloured(images: Array, draws: Array, strength: Array) -> Array:
    """Each channel of `images` (B, H, W, C) with other contrast and brightness, clipped to [0, 1].

    Its distances from its mean are multiplied by 1 + strength * u and half of strength * v is added, with u and v of `draws` (B, 2, C) in
    [-1, 1): the brightness and contrast of Howard (2013, arXiv:1312.5402), by channel, so that hues change too.
    """
    middle = jnp.mean(images, axis=(1, 2), keepdims=True)
    gain, offset = 1.0 + strength * draws[:, 0], 0.5 * strength * draws[:, 1]
    return jnp.clip(middle + (images - middle) * gain[:, None, None] + offset[:, None, None], 0.0, 1.0)


def affine(images: Array, angle: Array, scale: Array, shift: Array) -> Array:
    """Turn by `angle` (B, 1) radians, zoom by `scale` (B, 1), then move by `shift` (B, 2) pixels (down, right)."""
    _, height, width, channels = images.shape
    behind = background(images)
    images = images - behind
    centre_y, centre_x = (height - 1) / 2, (width - 1) / 2
    rows, columns = jnp.meshgrid(jnp.arange(height) - centre_y, jnp.arange(width) - centre_x, indexing="ij")
    down = rows.reshape(1, -1) - shift[:, :1]
    right = columns.reshape(1, -1) - shift[:, 1:]
    cosine, sine = jnp.cos(angle) / scale, jnp.sin(angle) / scale
    source_y = cosine * down - sine * right + centre_y
    source_x = sine * down + cosine * right + centre_x
    return _bilinear(images, source_y, source_x).reshape(-1, height, width, channels) + behind


def background(images: Array) -> Array:
    """What stands behind each image (B, 1, 1, C), by channel: the median of its outermost pixels, so that one odd corner tells nothing."""
    rim = jnp.concatenate([images[:, 0], images[:, -1], images[:, 1:-1, 0], images[:, 1:-1, -1]], axis=1)
    return jnp.median(rim, axis=1)[:, None, None, :]


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
