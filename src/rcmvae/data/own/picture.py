"""One picture: decoded without running anything, and fitted to a size."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP")
SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")
MAX_PIXELS = 64 * 1024**2
"""Largest picture that is decoded; a small packed file that claims more is broken."""
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, IndexError, OverflowError, struct.error, zlib.error, Image.DecompressionBombError)


class BrokenPicture(Exception):
    """A file that is no readable picture; the text says why."""


def size_of(path: Path) -> tuple[int, int]:
    """(height, width) as it is shown, read from the header. Raises BrokenPicture."""
    with _opened(path) as image:
        try:
            sideways = image.getexif().get(0x0112, 1) in (5, 6, 7, 8)
        except _DAMAGE as error:
            raise BrokenPicture(f"cannot be decoded ({error})") from error
        width, height = image.size
    return (width, height) if sideways else (height, width)


def depth_of(path: Path) -> int | None:
    """How many bits the values of a picture with 16 bits a pixel use; None for any other. Raises BrokenPicture."""
    with _opened(path) as image:
        if not image.mode.startswith("I"):
            return None
        try:
            return int(np.asarray(image).max(initial=0)).bit_length()
        except _DAMAGE as error:
            raise BrokenPicture(f"cannot be decoded ({error})") from error


def decode(path: Path, depth: int = 16) -> Image.Image:
    """The picture as red, green and blue, upright; transparent parts are white, of several frames the first is taken.

    Args:
        depth: bits that pictures with 16 bits a pixel use; their full brightness is 2**depth - 1.

    Raises:
        BrokenPicture: saying why it cannot be read.
    """
    with _opened(path) as image:
        try:
            image.verify()  # compares a PNG's checksums, which loading does not
        except _DAMAGE as error:
            raise BrokenPicture(f"cannot be decoded ({error or 'it ends too early'})") from error
    with _opened(path) as image:
        try:
            image.load()
            upright = ImageOps.exif_transpose(image)
            return _coloured(upright, depth)
        except _DAMAGE as error:
            raise BrokenPicture(f"cannot be decoded ({error})") from error


def fitted(image: Image.Image, size: tuple[int, int]) -> np.ndarray:
    """uint8 (H, W, 3): the whole picture at the largest scale that fits (height, width), centred on black."""
    height, width = size
    if image.size == (width, height):
        return np.asarray(image, dtype=np.uint8)
    scale = min(width / image.width, height / image.height)
    inner = (min(width, max(1, round(image.width * scale))), min(height, max(1, round(image.height * scale))))
    canvas = Image.new("RGB", (width, height))
    canvas.paste(image.resize(inner, Image.Resampling.LANCZOS), ((width - inner[0]) // 2, (height - inner[1]) // 2))
    return np.asarray(canvas, dtype=np.uint8)


def _opened(path: Path) -> Image.Image:
    if path.is_symlink():
        raise BrokenPicture("is a link; links are not followed")
    if path.exists() and not path.is_file():
        raise BrokenPicture("is not a file")
    try:
        image = Image.open(path, formats=FORMATS)
    except UnidentifiedImageError as error:
        raise BrokenPicture("is not a picture of a known kind") from error
    except PermissionError as error:
        raise BrokenPicture("may not be read") from error
    except _DAMAGE as error:
        raise BrokenPicture(f"cannot be decoded ({error})") from error
    if image.width * image.height > MAX_PIXELS:
        image.close()
        raise BrokenPicture(f"has {image.width}x{image.height} pixels, more than can be read")
    return image


def _coloured(image: Image.Image, depth: int) -> Image.Image:
    if image.mode == "F":
        raise BrokenPicture("holds floating point values; save it with 8 or 16 bits a pixel, or import an .npz file")
    if image.mode.startswith("I"):
        # 16 bits a pixel, of whose used ones the upper 8 are kept; Pillow's own conversion clips instead.
        grey = (np.asarray(image).astype(np.int64) >> max(0, depth - 8)).clip(0, 255).astype(np.uint8)
        return Image.fromarray(grey).convert("RGB")
    if "A" in image.getbands() or "transparency" in image.info:
        overlay = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", overlay.size, "white"), overlay).convert("RGB")
    return image.convert("RGB")
