"""Loaded traffic data, and how it is kept in arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import ValidationError

from traffic.data.about import about_of
from traffic.data.contract import Source, TrafficData
from traffic.data.edges import edges_of
from traffic.data.road import road_of
from workbench.datasets import DatasetError
from workbench.state import DatasetManifest


@dataclass(frozen=True)
class TrafficDataset:
    """Data in memory.

    Attributes:
        data: all of it, gaps and zeros as they are. manifest: what it is made of.
    """

    data: TrafficData
    manifest: DatasetManifest


def arrays_of(data: TrafficData) -> dict[str, np.ndarray]:
    """Data as arrays: `values` and `timestamps`, `coordinates` and what is known of the road and of edges. Its names are the manifest's."""
    arrays = {"values": data.values, "timestamps": data.timestamps}
    if data.coordinates is not None:
        arrays["coordinates"] = data.coordinates
    for known in (data.road, data.edges):
        if known is not None:
            arrays |= known.arrays()
    return arrays


def opened(arrays: Mapping[str, Any], manifest: DatasetManifest) -> TrafficDataset:
    """The dataset of arrays that were kept. Raises DatasetError for a manifest that does not fit them."""
    try:
        about = about_of(manifest)
    except ValidationError as error:
        raise DatasetError("What is known of this data is damaged. Import it again.") from error
    for array in arrays.values():
        array.setflags(write=False)
    data = TrafficData(
        values=arrays["values"], timestamps=arrays["timestamps"], sensor_ids=about.sensor_ids, coordinates=arrays.get("coordinates"),
        features=about.features, units=about.units, source=Source(manifest.source, about.original), interval_s=about.interval_s,
        default_order=about.default_order, road=road_of(arrays), edges=edges_of(arrays),
    )  # fmt: skip
    return TrafficDataset(data, manifest)
