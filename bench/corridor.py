"""How fast the simulated corridor is: records (detectors times steps) a second of processor time."""

from __future__ import annotations

import statistics
import time

from bench.harness import Bound, Row, section
from traffic.corridor.geometry import Geometry, OffRamp, OnRamp
from traffic.corridor.simulate import CorridorSettings, simulate

DAYS = 28
REPEATED = 5
"""How often the road of the default corridor is laid end to end: 200 detectors."""
ABOUT = (
    "{days} days of a road of 120 km with {detectors} detectors, five default corridors end to end, three seeds after a first run that "
    "compiles. Processor seconds count both cores. The last row is the default corridor of 42 days, compilation included, by the clock."
)


def main() -> None:
    """Measure."""
    one = Geometry()
    places = [80 * number for number in range(REPEATED)]
    road = Geometry(
        lanes=one.lanes * REPEATED,
        on_ramps=tuple(OnRamp(ramp.cell + place, ramp.peak / 2) for place in places for ramp in one.on_ramps),
        off_ramps=tuple(OffRamp(ramp.cell + place, ramp.share) for place in places for ramp in one.off_ramps),
        detectors=tuple(range(1, 80 * REPEATED, 2)),
    )
    about = ABOUT.format(days=DAYS, detectors=len(road.detectors))
    with section("corridor", "The simulated corridor", about, packages=("jax", "numpy")) as page:
        begun = time.perf_counter()
        simulate(CorridorSettings(), 0)
        default = time.perf_counter() - begun
        rates = []
        for seed in range(4):
            began = time.process_time()
            data = simulate(CorridorSettings(days=DAYS, geometry=road), seed).data
            rates.append(data.shape[0] * data.shape[1] / (time.process_time() - began))
        page.add(
            Row("Records a second of a processor", statistics.median(rates[1:]), "records/s", must=Bound(1e6, "least")),
            Row("The default corridor of 42 days, the first time", default, "s", must=Bound(4, "most"), better="less"),
        )


if __name__ == "__main__":
    main()
