"""Loaders of the family's datasets: the simulated corridor, kept on disk once it was simulated, and public files."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache, partial
from pathlib import Path
from typing import Protocol

from traffic.data.about import manifest_of
from traffic.data.contract import TrafficData
from traffic.data.csv_wide import SENSORS
from traffic.data.edges import names_beside
from traffic.data.loaded import TrafficDataset, arrays_of, opened
from traffic.data.public import PUBLISHED
from traffic.data.reading import KINDS, read
from traffic.errors import Place, TrafficError
from traffic.sources.catalogue import PUBLIC, PublicData
from traffic.sources.corridor_params import CORRIDOR, SIMULATOR, CorridorParams
from workbench.artefacts import ArtefactError, ArtefactRoot, FolderRoot, sha256_of
from workbench.state import DatasetFile, DatasetManifest

CORRIDOR_VERSION = 1
"""Of the simulation: another one gives other data for equal settings."""
KEPT_VERSION = 2
"""Of what lies in the cache of a simulation: the detectors' places and the incidents came with 2."""
LOADER_VERSION = 1


class Places(Protocol):
    """Where loaders look for data, and where they keep what they made."""

    @property
    def data(self) -> Path | None: ...
    @property
    def cache(self) -> Path: ...


def corridor(settings: Places | None = None) -> TrafficDataset:
    """The corridor with the usual settings."""
    return _simulated(settings, CorridorParams(), CORRIDOR)


def simulated(settings: Places | None, params: CorridorParams) -> TrafficDataset:
    """A corridor of somebody's own settings. Raises TrafficError (SIM_PARAM, DATA_TIME)."""
    return _simulated(settings, params, SIMULATOR)


def _simulated(settings: Places | None, params: CorridorParams, source: str) -> TrafficDataset:
    return _corridor(None if settings is None else settings.cache, params.model_dump_json(), source)


@lru_cache(maxsize=2)
def _corridor(cache: Path | None, settings: str, source: str) -> TrafficDataset:
    """A simulation: read from the cache, or made and kept there."""
    params = CorridorParams.model_validate_json(settings)
    params.settings()
    name = hashlib.sha256(f"{CORRIDOR_VERSION} {KEPT_VERSION} {settings}".encode()).hexdigest()[:24]
    kept = None if cache is None else FolderRoot(cache / "corridors")
    found = None if kept is None else _kept(kept, name)
    if found is None:
        data = _simulate(params)
        manifest = manifest_of(data, source=source, loader_version=CORRIDOR_VERSION)
        if kept is not None:
            _keep(kept, name, data, manifest)
        return opened(arrays_of(data), manifest)
    arrays, manifest = found
    return opened(arrays, manifest.model_copy(update={"source": source}))


def _simulate(params: CorridorParams) -> TrafficData:
    from traffic.corridor.simulate import simulate

    return simulate(params.settings(), params.seed).data


def _kept(root: ArtefactRoot, name: str) -> tuple[dict[str, object], DatasetManifest] | None:
    """A simulation that lies in the cache whole; None if there is none, or if its files are damaged."""
    if not root.exists(f"{name}.json"):
        return None
    try:
        known = root.read_json(f"{name}.json")
        return dict(root.read_arrays(f"{name}.npz", known["sha256"])), DatasetManifest.model_validate(known["manifest"])
    except (ArtefactError, ValueError, KeyError, TypeError, json.JSONDecodeError):
        return None


def _keep(root: ArtefactRoot, name: str, data: TrafficData, manifest: DatasetManifest) -> None:
    """Write a simulation into the cache; a cache that cannot be written costs the next one its time, no more."""
    try:
        saved = root.write_arrays(f"{name}.npz", arrays_of(data))
        root.write_json(f"{name}.json", {"sha256": saved.sha256, "manifest": manifest.model_dump(mode="json")})
    except (ArtefactError, OSError):
        return


def places(name: str, settings: Places | None = None) -> tuple[Path, ...] | None:
    """The files of the public dataset of that id; None if they are not at hand."""
    known = BY_ID[name]
    if settings is None or settings.data is None:
        return None
    file = known.called
    for folder in (settings.data / known.folder, settings.data):
        if (folder / file).is_file():
            beside = (folder / other for other in (SENSORS, *names_beside(file)))
            return (folder / file, *(path for path in beside if path.is_file()))
    return None


def public(name: str, settings: Places | None = None) -> TrafficDataset:
    """A public dataset as its files hold it. Raises TrafficError: DATA_NOT_FOUND, DATA_CHECKSUM, and what its reader raises."""
    found = places(name, settings)
    if found is None:
        known, folder = BY_ID[name], None if settings is None else settings.data
        form = KINDS[_kind(known)]
        where = f"{known.place} of the folder of datasets" if folder is None else str(folder / known.place)
        raise TrafficError(
            "DATA_NOT_FOUND", f"{where} is not there.",
            hint=f"{'Set TRELLIS_DATA and put' if folder is None else 'Put'} it there: {form}. docs/traffic.md describes it.",
            at=Place(key="data.dataset", file=where), expected=form,
        )  # fmt: skip
    return _read(name, tuple((path, path.stat().st_size, path.stat().st_mtime_ns) for path in found))


@lru_cache(maxsize=2)
def _read(name: str, stamped: tuple[tuple[Path, int, int], ...]) -> TrafficDataset:
    known, paths = BY_ID[name], [path for path, _, _ in stamped]
    published = PUBLISHED[known.published] if known.published else None
    data = read(
        _kind(known), paths[0], unit=known.unit, start=None if published is None else published.start, gaps="keep", verify=published,
    )  # fmt: skip
    files = tuple(DatasetFile(path=f"{known.folder}/{path.name}", size=path.stat().st_size, sha256=sha256_of(path)) for path in paths)
    manifest = manifest_of(data, source=known.id, loader_version=LOADER_VERSION, files=files)
    return TrafficDataset(data, manifest)


def _kind(known: PublicData) -> str:
    return PUBLISHED[known.published].kind if known.published else "csv_wide"


BY_ID = {known.id: known for known in PUBLIC}

metr_la_60, files_metr_la_60 = partial(public, "metr_la_60"), partial(places, "metr_la_60")
metr_la, files_metr_la = partial(public, "metr_la"), partial(places, "metr_la")
pems_bay, files_pems_bay = partial(public, "pems_bay"), partial(places, "pems_bay")
pems04, files_pems04 = partial(public, "pems04"), partial(places, "pems04")
pems08, files_pems08 = partial(public, "pems08"), partial(places, "pems08")
