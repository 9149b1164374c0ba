"""Images from a folder of pictures."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rcmvae.data.own.options import ImportOptions
from rcmvae.data.own.picture import SUFFIXES, BrokenPicture, decode, depth_of, fitted, size_of
from rcmvae.data.own.raw import MAX_BYTES, MAX_IMAGES, SIDES, UNKNOWN, RawImages
from workbench.datasets import DatasetError, ImportProgress
from workbench.printing import printable

SPLIT = ("test", "train")
"""Two folders of these names, and no others, are the source's own split."""
_LISTED = 50
_DEPTH = "The pictures with 16 bits a pixel use {depth} of them, so {top:,} is taken as full brightness."


@dataclass(frozen=True)
class Entry:
    """One picture: where it is, its name below the folder, its class (-1 unknown), whether it is for testing."""

    path: Path
    name: str
    label: int
    test: bool = False


def read(root: Path, options: ImportOptions, progress: ImportProgress | None = None) -> RawImages:
    """The pictures of a folder: in folders named after their classes, or directly in it if nobody knows their classes.

    Folders `train` and `test` that hold either are the source's own split. Pictures are fitted to the chosen size with
    their aspect kept, on black; without one all must have the same. Images have one channel if no picture has colour.

    Raises:
        DatasetError: for a folder without pictures or of mixed layout, pictures of different sizes, and, unless they are to be
            skipped, files that cannot be read, each by its name.
    """
    entries, names, split = _found(root)
    if not entries:
        raise DatasetError(f"The folder {root} holds no pictures ({', '.join(SUFFIXES)}). Put some in, in a folder for each class.")
    broken: dict[str, str] = {}
    if options.size is not None:
        _check_size(options.size)
    size = options.size or _common_size(root, entries, broken)
    if len(entries) > MAX_IMAGES or len(entries) * size[0] * size[1] * 3 > MAX_BYTES:
        raise DatasetError(
            f"The folder {root} holds {len(entries):,} pictures, which at {size[0]}x{size[1]} pixels are more than can be imported at once. "
            f"Choose a smaller size, or fewer pictures."
        )
    depth = _depth(entries, broken)
    pixels, kept = _decoded(entries, size, depth or 16, broken, progress)
    if broken and not options.skip_broken:
        raise DatasetError(_refusal(root, broken, len(entries)))
    if not kept:
        raise DatasetError(f"None of the {len(entries)} files in {root} can be read. {_listing(broken)}")
    grey = all((picture == picture[..., :1]).all() for picture in pixels)
    images = np.stack([picture[..., :1] for picture in pixels] if grey else pixels)
    labels = np.array([entry.label for entry in kept], np.int32)
    test = np.array([entry.test for entry in kept], np.bool_) if split else None
    skipped = [*(f"{name}: {why}" for name, why in broken.items()), *_others(root)]
    notices = () if depth in (None, 16) else (_DEPTH.format(depth=depth, top=2**depth - 1),)
    return RawImages(root.name or str(root), "folder", images, labels, names, test, tuple(skipped), notices)


def _found(root: Path) -> tuple[list[Entry], tuple[str, ...], bool]:
    """(pictures in the order of their names, class names, whether the folder brings its own split)."""
    pictures, folders = _listed(root)
    if not pictures and tuple(f.name for f in folders) == SPLIT:
        parts = [_classes_of(folder) for folder in folders]
        if any(part.keys() == {""} for part in parts) and not all(part.keys() <= {""} for part in parts):
            raise DatasetError(
                f"Of {root / SPLIT[0]} and {root / SPLIT[1]} only one has folders for classes. Lay both out in the same way."
            )
    else:
        parts = [_classes_of(root)]
    split = len(parts) == 2
    names = tuple(sorted({name for part in parts for name in part if name}))
    numbers = {name: number for number, name in enumerate(names)}
    entries = [
        Entry(path, _shown(path.relative_to(root).as_posix()), numbers.get(name, UNKNOWN), split and which == 0)
        for which, part in enumerate(parts)
        for name, paths in part.items()
        for path in paths
    ]
    return entries, names, split


def _classes_of(folder: Path) -> dict[str, list[Path]]:
    """Class name -> pictures; "" for pictures directly in the folder."""
    pictures, folders = _listed(folder)
    if pictures and folders:
        raise DatasetError(
            f"The folder {folder} holds both pictures ({pictures[0].name}, ...) and folders ({folders[0].name}, ...). "
            f"Put all pictures into folders named after their classes, or none."
        )
    if not folders:
        return {"": pictures} if pictures else {}
    found = {}
    for place in folders:
        inside, deeper = _listed(place)
        if deeper:
            raise DatasetError(
                f"The folder {place} of a class holds the folder {deeper[0].name}. Put the class's pictures directly into {place.name}."
            )
        found[place.name] = inside
    return found


def _listed(folder: Path) -> tuple[list[Path], list[Path]]:
    """(pictures, folders) directly in a folder, by name; what is hidden or anything else is left out."""
    try:
        entries = sorted((e for e in os.scandir(folder) if not e.name.startswith((".", "__MACOSX"))), key=lambda e: e.name)
    except OSError as error:
        raise DatasetError(f"The folder {folder} cannot be read: {error.strerror or error}. Check its permissions.") from error
    linked = next((e for e in entries if e.is_symlink() and e.is_dir()), None)
    if linked is not None:
        raise DatasetError(f"{linked.path} is a link to a folder; links are not followed. Put the folder itself there.")
    pictures = [Path(e.path) for e in entries if e.name.lower().endswith(SUFFIXES) and not e.is_dir()]
    return pictures, [Path(e.path) for e in entries if e.is_dir()]


def _common_size(root: Path, entries: list[Entry], broken: dict[str, str]) -> tuple[int, int]:
    """The size of all pictures; the files without one are added to `broken`."""
    sizes: dict[tuple[int, int], str] = {}
    for entry in entries:
        try:
            sizes.setdefault(size_of(entry.path), entry.name)
        except BrokenPicture as error:
            broken[entry.name] = str(error)
    if len(sizes) > 1:
        (first, one), (second, other) = list(sizes.items())[:2]
        raise DatasetError(
            f"The pictures in {root} have different sizes ({one} {first[0]}x{first[1]}, {other} {second[0]}x{second[1]}). "
            f"Choose one that all are fitted to, such as 32x32."
        )
    if not sizes:
        raise DatasetError(f"None of the {len(entries)} files in {root} can be read. {_listing(broken)}")
    (size,) = sizes
    _check_size(size)
    return size


def _check_size(size: tuple[int, int]) -> None:
    low, high = SIDES
    if not all(low <= side <= high for side in size):
        raise DatasetError(f"{size[0]}x{size[1]} pixels cannot be used: {low} to {high} a side are possible. Choose a size, such as 32x32.")


def _depth(entries: list[Entry], broken: dict[str, str]) -> int | None:
    """How many bits pictures with 16 bits a pixel use, at least 8; None if there are none."""
    depths = []
    for entry in entries:
        if entry.name not in broken:
            try:
                depths.append(depth_of(entry.path))
            except BrokenPicture as error:
                broken[entry.name] = str(error)
    known = [depth for depth in depths if depth is not None]
    return max(8, *known) if known else None


def _others(root: Path) -> list[str]:
    """Files below the folder that are no pictures, each with its reason; hidden ones are left out."""
    found = []
    for parent, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if not f.startswith((".", "__MACOSX")))
        for name in sorted(names):
            if not name.lower().endswith(SUFFIXES) and not name.startswith("."):
                shown = _shown(Path(parent, name).relative_to(root).as_posix())
                found.append(f"{shown}: is not a picture of a known kind ({', '.join(SUFFIXES)})")
    more = [f"{len(found) - _LISTED} more files that are no pictures"] if len(found) > _LISTED else []
    return found[:_LISTED] + more


def _decoded(
    entries: list[Entry], size: tuple[int, int], depth: int, broken: dict[str, str], progress: ImportProgress | None
) -> tuple[list[np.ndarray], list[Entry]]:
    pixels, kept = [], []
    for number, entry in enumerate(entries, start=1):
        if entry.name not in broken:
            try:
                pixels.append(fitted(decode(entry.path, depth), size))
                kept.append(entry)
            except BrokenPicture as error:
                broken[entry.name] = str(error)
        if progress is not None:
            progress(number, len(entries))
    return pixels, kept


def _shown(name: str) -> str:
    """A file's name as it can be printed anywhere."""
    return name if printable(name) else name.encode("unicode_escape").decode()


def _refusal(root: Path, broken: dict[str, str], total: int) -> str:
    return (
        f"{len(broken)} of the {total} pictures in {root} cannot be read. {_listing(broken)} "
        f"Fix or remove them, or import again and skip broken files (--skip-broken)."
    )


def _listing(broken: dict[str, str]) -> str:
    lines = [f"{name} {why}" for name, why in list(broken.items())[:_LISTED]]
    more = f"; and {len(broken) - _LISTED} more" if len(broken) > _LISTED else ""
    return f"{'; '.join(lines)}{more}."
