"""Where traffic data comes from, described without loading it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from traffic.config_data import DEFAULT_HORIZON, DEFAULT_LOOKBACK
from traffic.corridor.settings import DETECTORS
from traffic.data.clock import clock_text, start_of
from traffic.data.public import PUBLISHED
from traffic.facts import DAY_S, TrafficFacts
from traffic.sources.corridor_params import CORRIDOR, SIMULATOR, CorridorParams
from workbench.families import DataSource, ImportString

FEATURES, UNITS = ("speed", "flow", "occupancy"), ("km/h", "veh/h", "%")
"""What simulated detectors show."""
_WINDOW = {"window.sequence_length": DEFAULT_LOOKBACK, "window.prediction_length": DEFAULT_HORIZON}
_SHARED = {"share_weights_across_vds": True, **_WINDOW}
_CORRIDOR_SAMPLE = {**_SHARED, "targets": ("speed",)}


@dataclass(frozen=True)
class PublicData:
    """A public dataset whose files people fetch themselves.

    Attributes:
        id, name: of the dataset. folder: where its files are looked for below the folder of datasets, which itself will do, too.
        facts: what is known of it before it is read. published: its name in `traffic.data.public`, if its file is known by checksum.
        file: the file, where that does not say. feature, unit: of a table. sample: settings of a model's sample to start from.
        words: what it is.
    """

    id: str
    name: str
    folder: str
    facts: TrafficFacts
    words: str
    sample: dict[str, Any]
    published: str | None = None
    file: str = ""
    unit: str = "mph"

    @property
    def called(self) -> str:
        """The name of its file."""
        return self.file or PUBLISHED[self.published or self.id].file

    @property
    def place(self) -> str:
        """Where its file is looked for below the folder of datasets."""
        return f"{self.folder}/{self.called}"


def corridor_facts(params: CorridorParams) -> TrafficFacts:
    """What is known of a corridor before it is simulated. Raises TrafficError (SIM_PARAM, DATA_TIME) for one that cannot be."""
    settings = params.settings()
    geometry = settings.geometry
    return TrafficFacts(
        steps=settings.days * DAY_S // settings.interval_s, n_sensors=len(geometry.detectors), features=FEATURES, units=UNITS,
        interval_s=settings.interval_s, start=clock_text(start_of(settings.start, "data.start")),
        sensor_ids=geometry.default_order, located=len(geometry.detectors),
    )  # fmt: skip


def _speeds(steps: int, sensors: int, start: str, located: int = 0, breaks: int = 0) -> TrafficFacts:
    return TrafficFacts(
        steps=steps, n_sensors=sensors, features=("speed",), units=("mph",), start=start, located=located, breaks=breaks,
    )  # fmt: skip


def _flows(steps: int, sensors: int, start: str) -> TrafficFacts:
    return TrafficFacts(
        steps=steps, n_sensors=sensors, features=("flow", "occupancy", "speed"), units=("veh/5min", "1", "mph"), start=start, edges=True,
    )  # fmt: skip


_STANDARD = {**_SHARED, "protocol": "standard", "zeros_as_missing": "both"}
_PEMS = {
    **_SHARED, "features": ("flow",), "targets": ("flow",), "protocol": "standard", "split": (0.6, 0.2, 0.2),
    "zeros_as_missing": "metrics", "neighbours": "edges",
}  # fmt: skip

PUBLIC = (
    PublicData(
        "metr_la_60", "METR-LA, 60 detectors", "metr-la-60", _speeds(10_282, 60, "2012-05-23 07:10:00", 60),
        "Speeds of 60 detectors on freeways of Los Angeles, five weeks of 2012, in mph.", {**_SHARED, "zeros_as_missing": "both"},
        file="speed.csv.gz",
    ),
    PublicData(
        "metr_la", "METR-LA", "metr-la", _speeds(34_272, 207, "2012-03-01 00:00:00", 207),
        "Speeds of 207 detectors on freeways of Los Angeles, four months of 2012, in mph.", _STANDARD, published="metr_la",
    ),
    PublicData(
        "pems_bay", "PEMS-BAY", "pems-bay", _speeds(52_116, 325, "2017-01-01 00:00:00", 325, breaks=1),
        "Speeds of 325 detectors in the Bay Area, six months of 2017, in mph.", {**_STANDARD, "gaps": "keep"}, published="pems_bay",
    ),
    PublicData(
        "pems04", "PEMS04", "pems04", _flows(16_992, 307, "2018-01-01 00:00:00"),
        "Flows of 307 detectors in the Bay Area, 59 days of 2018.", _PEMS, published="pems04",
    ),
    PublicData(
        "pems08", "PEMS08", "pems08", _flows(17_856, 170, "2016-07-01 00:00:00"),
        "Flows of 170 detectors in San Bernardino, 62 days of 2016.", _PEMS, published="pems08",
    ),
)  # fmt: skip
"""Public data, none of which comes with Trellis."""

USUAL = TrafficFacts(
    steps=CorridorParams().days * DAY_S // CorridorParams().interval_s, n_sensors=len(DETECTORS), features=FEATURES, units=UNITS,
    interval_s=CorridorParams().interval_s, start=CorridorParams().start.replace("T", " ") + ":00", located=len(DETECTORS),
)  # fmt: skip
"""Of the corridor with the usual settings."""

SOURCES: tuple[DataSource, ...] = (
    DataSource(
        id=CORRIDOR,
        name="Simulated corridor",
        description="24 km of a freeway with 40 detectors, six weeks: jams, incidents, rain, and detectors that err and fail.",
        loader=ImportString("traffic.sources.loading:corridor"),
        facts=USUAL,
        default_sample=_CORRIDOR_SAMPLE,
        varied=SIMULATOR,
    ),
    *(
        DataSource(
            id=one.id,
            name=one.name,
            description=one.words,
            loader=ImportString(f"traffic.sources.loading:{one.id}"),
            files=ImportString(f"traffic.sources.loading:files_{one.id}"),
            place=one.place,
            facts=one.facts,
            default_sample=one.sample,
        )
        for one in PUBLIC
    ),
    DataSource(
        id=SIMULATOR,
        name="Corridor of your own",
        description="A simulated freeway whose length, demand, incidents and seed are yours to choose.",
        loader=ImportString("traffic.sources.loading:simulated"),
        facts=TrafficFacts(features=FEATURES, units=UNITS),
        default_sample=_CORRIDOR_SAMPLE,
        params=CorridorParams,
        foresees=ImportString("traffic.sources.catalogue:corridor_facts"),
    ),
)
