"""Images from an `.npz` file: plain arrays only, nothing is ever unpickled."""

from __future__ import annotations

import math
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np

from rcmvae.data.own import advice
from rcmvae.data.own.options import ImportOptions
from rcmvae.data.own.raw import MAX_BYTES, MAX_CLASSES, MAX_IMAGES, UNKNOWN, RawImages
from workbench.datasets import DatasetError
from workbench.fields import closest

ARRAYS = ("images", "labels", "names", "test")
HOW = "Save it with numpy.savez_compressed(path, images=images, labels=labels)."
_ROUNDING = 1e-6
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, struct.error, NotImplementedError, RuntimeError)


def read(path: Path, options: ImportOptions) -> RawImages:
    """The arrays of an `.npz`.

    `images` (N, H, W) or (N, H, W, C), uint8 or float in [0, 1]; optional: `labels`, int (N,), -1 unknown; `names`, text, one a
    class; `test`, bool (N,) or int rows, the file's own test set.

    Raises:
        DatasetError: naming the array, what is wrong with it and what to do.
    """
    if options.size is not None:
        raise DatasetError(
            f"The images of {path.name} are taken as they are, so no size can be chosen. Resize them before saving the file, "
            f"or import a folder of pictures."
        )
    arrays = _arrays(path)
    images = _images(path.name, arrays["images"])
    labels, names = _labels(path.name, len(images), arrays.get("labels"), arrays.get("names"))
    rows = arrays.get("test")
    test = _test(path.name, len(images), rows)
    return RawImages(path.name, "npz", images, labels, names, test, notices=_repeated(rows, test))


def _arrays(path: Path) -> dict[str, np.ndarray]:
    try:
        with zipfile.ZipFile(path) as archive:
            found = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
            _check_names(path.name, list(found), len(archive.infolist()))
            return {name: _array(path.name, archive, info, name) for name, info in found.items()}
    except DatasetError:
        raise
    except zipfile.BadZipFile as error:
        raise DatasetError(f"{path.name} is not an .npz file, or it is truncated ({error}). {HOW}") from error
    except PermissionError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror}. Check its permissions.") from error
    except _DAMAGE as error:
        raise DatasetError(f"{path.name} is damaged: {error}. Save or copy it again.") from error


def _check_names(file: str, names: list[str], entries: int) -> None:
    if len(names) != entries:
        raise DatasetError(f"{file} holds an array of the same name twice. {HOW}")
    unknown = [name for name in names if name not in ARRAYS]
    if "images" not in names:
        listed = ", ".join(name[:40] for name in names[:10]) or "nothing"
        raise DatasetError(f"{file} has no array named images (it has {listed}). {HOW}")
    if unknown:
        guess = closest(unknown[0], ARRAYS)
        hint = f"Did you mean {guess}?" if guess else f"Known are {', '.join(ARRAYS)}; save it without the others."
        raise DatasetError(f"{file} has an array named {unknown[0][:40]!r}, which is not known. {hint}")


def _array(file: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> np.ndarray:
    """One array, after its header was compared with what is there: neither pickled nor larger than it may be."""
    with archive.open(info) as stream:
        version = np.lib.format.read_magic(stream)
        if version not in ((1, 0), (2, 0)):
            raise DatasetError(f"The array {name} of {file} holds structured values; plain numbers are needed. {HOW}")
        header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = header(stream)
        start = stream.tell()
    if dtype.hasobject:
        kind = "str" if name == "names" else "int64" if name in ("labels", "test") else "uint8"
        raise DatasetError(
            f"The array {name} of {file} holds pickled Python objects, which are never loaded, because loading them can run code. "
            f"Save it as numpy.array({name}, dtype={kind!r})."
        )
    if any(type(side) is not int for side in shape):
        raise DatasetError(f"The header of the array {name} in {file} is damaged: it says the shape {shape}. Save or copy it again.")
    size = math.prod(shape) * dtype.itemsize
    if size > MAX_BYTES or (shape and shape[0] > MAX_IMAGES):
        raise DatasetError(
            f"The array {name} of {file} has shape {_shape(shape)} ({size:,} bytes); at most {MAX_IMAGES:,} images and {MAX_BYTES:,} bytes "
            f"are possible. Import a part of it."
        )
    if min(shape, default=0) < 0 or size != info.file_size - start:
        raise DatasetError(
            f"The array {name} of {file} is truncated: {info.file_size - start:,} bytes of values, expected {size:,}. Save or copy it again."
        )
    with archive.open(info) as stream:
        return np.lib.format.read_array(stream, allow_pickle=False)


def _images(file: str, images: np.ndarray) -> np.ndarray:
    """(N, H, W, C), uint8 or float32 in [0, 1]."""
    if images.ndim not in (3, 4):
        raise DatasetError(f"The array images of {file} has shape {_shape(images.shape)}; expected (N, H, W) or (N, H, W, C).")
    advice.check_channels(file, images)
    if images.dtype != np.uint8 and images.dtype.kind != "f":
        raise DatasetError(
            f"The array images of {file} holds values of type {images.dtype.name}; expected uint8 (0 to 255) or float in [0, 1]. "
            f"{advice.conversion(images)}"
        )
    shaped = images if images.ndim == 4 else images[..., None]
    if shaped.dtype == np.uint8 or shaped.size == 0:
        return shaped
    broken = np.flatnonzero(~np.isfinite(shaped).all(axis=(1, 2, 3)))
    if len(broken):
        raise DatasetError(
            f"{len(broken)} images of {file} hold NaN or infinite values, the first is image {broken[0]}. Fix or remove them."
        )
    low, high = float(shaped.min()), float(shaped.max())
    if low < -_ROUNDING or high > 1 + _ROUNDING:
        hint = advice.scaling(low, high)
        raise DatasetError(f"The images of {file} have values from {low:.9g} to {high:.9g}; floats must be in [0, 1]. {hint}")
    return np.clip(shaped, 0.0, 1.0).astype(np.float32)


def _labels(file: str, n: int, labels: np.ndarray | None, names: np.ndarray | None) -> tuple[np.ndarray, tuple[str, ...]]:
    """(labels, class names); all unknown and none without labels."""
    if labels is None:
        if names is not None:
            raise DatasetError(f"{file} has names of classes but no labels. Add labels, or leave names out: classes can be named later.")
        return np.full(n, UNKNOWN, np.int32), ()
    if labels.ndim != 1 or labels.dtype.kind not in "iu":
        raise DatasetError(
            f"The array labels of {file} has shape {_shape(labels.shape)} and type {labels.dtype.name}; expected whole numbers, one an image."
        )
    if len(labels) != n:
        raise DatasetError(f"{file} has {len(labels)} labels for {n} images. Give one label an image, -1 where it is unknown.")
    known = _names(file, names) if names is not None else None
    advice.check_counting(file, labels, None if known is None else len(known))
    limit = MAX_CLASSES if known is None else len(known)
    wrong = np.flatnonzero((labels < UNKNOWN) | (labels >= limit)) if labels.dtype.kind == "i" else np.flatnonzero(labels >= limit)
    if len(wrong):
        there = f"{limit} names" if known is not None else f"at most {limit:,} classes"
        raise DatasetError(
            f"{file} has the label {labels[wrong[0]]} at image {wrong[0]}; with {there} labels go from 0 to {limit - 1}, and -1 is unknown."
        )
    labels = labels.astype(np.int32)
    return labels, known if known is not None else tuple(str(label) for label in range(int(labels.max(initial=UNKNOWN)) + 1))


def _names(file: str, names: np.ndarray) -> tuple[str, ...]:
    if names.ndim != 1 or names.dtype.kind != "U":
        raise DatasetError(
            f"The array names of {file} has shape {_shape(names.shape)} and type {names.dtype.name}; expected text, one name a class: "
            f"numpy.array(['ant', 'bee'])."
        )
    return tuple(" ".join(str(name).split()) for name in names)


def _test(file: str, n: int, test: np.ndarray | None) -> np.ndarray | None:
    """The file's own test set as bool (N,)."""
    if test is None:
        return None
    if test.shape == (n,) and test.dtype == np.bool_:
        return test
    if test.ndim != 1 or test.dtype.kind not in "iu" or (len(test) and not (test.min() >= 0 and test.max() < n)):
        raise DatasetError(
            f"The array test of {file} has shape {_shape(test.shape)} and type {test.dtype.name}; expected True or False for each of the "
            f"{n} images, or row numbers from 0 to {n - 1}."
        )
    mask = np.zeros(n, np.bool_)
    mask[test] = True
    return mask


def _repeated(rows: np.ndarray | None, test: np.ndarray | None) -> tuple[str, ...]:
    """A word about rows that the test set names more than once."""
    if rows is None or test is None or rows.dtype == np.bool_ or len(rows) == test.sum():
        return ()
    return (f"The array test names some rows more than once: it has {len(rows):,} numbers for {int(test.sum()):,} images.",)


def _shape(shape: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
