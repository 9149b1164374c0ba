"""A stream of measurements: their clock, gaps, scales and intervals around the compiled step."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from pathlib import Path

import jax
import numpy as np

from traffic.data.contract import clock_text
from traffic.errors import Place, TrafficError
from traffic.intervals.adaptive import AdaptiveLevels, missed
from traffic.intervals.calibration import Calibration
from traffic.intervals.levels import point
from traffic.online.network import Mode, Moment, OnlineNetwork
from traffic.online.saving import read_state, write_state
from traffic.trained import Trained
from traffic.training.series import Reading
from traffic.windows.time_features import day_of_week, encodings, slot_of_day

LONGEST_GAP = 12
"""Missing steps that are filled; after more the past is forgotten."""


@dataclass(frozen=True)
class OnlineForecast:
    """What a step gave.

    Attributes:
        timestamp: of the step. times: int64 (P,), of what is forecast.
        forecast: float32 (P, N, G), in the targets' units; None until a windowed stream has its L steps.
        quantiles: float32 (P, N, G, K), calibrated if the model is; None where the model has none.
        filled: missing steps that were put in before this one. reset: whether a gap was too long, so that the past was forgotten.
    """

    timestamp: int
    times: np.ndarray
    forecast: np.ndarray | None
    quantiles: np.ndarray | None
    filled: int = 0
    reset: bool = False


class Stream:
    """Forecasts of a trained model as measurements come in, all detectors together.

    Example::

        stream = Stream(load(Path("model.msgpack")))
        found = stream.observe(1_704_067_200, np.array([[61.0], [np.nan], [54.5]]))
        if found.forecast is not None:
            print(found.times[0], found.forecast[0])

    Args:
        trained: the model. mode: `windowed` reads the last L steps anew, as in training; `stateful` carries the network's state on.
        adaptive: levels that follow how often intervals miss; without them intervals are as the model is calibrated.

    Raises:
        TrafficError: MODEL_ONLINE for a network that has no state to carry on, or for adaptive levels without quantiles.
    """

    def __init__(self, trained: Trained, *, mode: Mode = "windowed", adaptive: AdaptiveLevels | None = None) -> None:
        if adaptive is not None and adaptive.quantiles != trained.quantiles:
            raise TrafficError(
                "MODEL_ONLINE", "The adaptive levels are of other quantiles than the model's.", hint="Make them from this model's forecasts.",
                expected=trained.quantiles, found=adaptive.quantiles,
            )  # fmt: skip
        self.trained, self.adaptive = trained, adaptive
        reading = Reading(trained.lookback, trained.horizon, trained.shape.shared, trained.use.mask_as_input)
        mean = trained.scaler.transform(trained.profile.mean)
        self._network = OnlineNetwork(trained.architecture, trained.shape, reading=reading, impute=trained.use.impute, mean=mean, mode=mode)
        self._parameters = jax.device_put(dict(trained.parameters))
        self._forget()

    @property
    def mode(self) -> Mode:
        """How its past is read."""
        return self._network.mode

    @property
    def steps(self) -> int:
        """Steps since the start or since the past was forgotten last."""
        return self._steps

    def observe(self, timestamp: int, values: np.ndarray) -> OnlineForecast:
        """Take one step's measurements and forecast the next steps.

        Args:
            timestamp: seconds of the detectors' local clock, later than the step before.
            values: (N, F), in the order of the model's detectors and features and in their units, NaN where nothing was measured; (N,)
                will do for one feature.

        Raises:
            TrafficError: DATA_TIME for a repeated or earlier time; DATA_GAP for a time between two steps; MODEL_SHAPE for another shape;
                DATA_NONFINITE for an infinite value. The stream is then as it was before.
        """
        given = self._checked(values)
        missing = self._missing_before(timestamp)
        reset = missing > LONGEST_GAP
        if reset:
            self._forget()
            missing = 0
        for number in range(missing):
            self._advance(timestamp - (missing - number) * self.trained.interval_s, np.full_like(given, np.nan))
        self._judge(given)
        issued = self._advance(timestamp, given)
        times = timestamp + self.trained.interval_s * np.arange(1, self.trained.horizon + 1, dtype=np.int64)
        if issued is None or not self.trained.quantiles:
            return OnlineForecast(timestamp, times, issued, None, missing, reset)
        return OnlineForecast(timestamp, times, point(issued, self.trained.quantiles), issued, missing, reset)

    def save(self, path: Path) -> None:
        """Write where the stream stands, exactly. Raises ArtefactError if it cannot be written."""
        write_state(
            path, self.trained, self.mode, state=self._state, timestamp=self._timestamp, steps=self._steps, issued=list(self._issued),
            adaptive=self.adaptive,
        )  # fmt: skip

    @classmethod
    def restore(cls, path: Path, trained: Trained) -> Stream:
        """The stream as it was saved. Raises CheckpointError for a file that is torn or of another model."""
        saved = read_state(path, trained)
        stream = cls(trained, mode=saved.mode, adaptive=saved.adaptive)
        stream._state = saved.into(stream._state, path)
        stream._timestamp, stream._steps = saved.timestamp, saved.steps
        stream._issued.extend(saved.issued)
        return stream

    def _forget(self) -> None:
        self._state = self._network.init_state(self._parameters, 2 * len(self.trained.use.time_features))
        self._timestamp: int | None = None
        self._steps = 0
        self._issued: deque[np.ndarray | None] = deque(maxlen=self.trained.horizon)

    def _checked(self, values: np.ndarray) -> np.ndarray:
        """Values (N, F) as float64, those missing NaN."""
        expected = (self.trained.shape.sensors, len(self.trained.features))
        given = np.array(values, np.float64)
        if given.shape == expected[:1] and expected[1] == 1:
            given = given[:, None]
        if given.shape != expected:
            raise TrafficError(
                "MODEL_SHAPE", f"The values have shape {given.shape}, the model reads {expected}: detectors by features.",
                hint=f"Give {', '.join(self.trained.features)} of the model's {expected[0]} detectors.", expected=expected, found=given.shape,
            )  # fmt: skip
        infinite = np.argwhere(np.isinf(given))
        if len(infinite):
            sensor = self.trained.sensor_ids[infinite[0, 0]]
            raise TrafficError(
                "DATA_NONFINITE", f"Detector {sensor} has an infinite {self.trained.features[infinite[0, 1]]}.",
                hint="Give NaN for a value that is missing.", at=Place(sensor_id=sensor),
            )  # fmt: skip
        return np.where(given == 0, np.nan, given) if self.trained.use.zeros_as_missing == "both" else given

    def _missing_before(self, timestamp: int) -> int:
        """Steps between the last one and this."""
        if self._timestamp is None:
            return 0
        apart, interval = timestamp - self._timestamp, self.trained.interval_s
        if apart <= 0:
            what = "came already" if apart == 0 else f"lies before {clock_text(self._timestamp)}, which came already"
            raise TrafficError(
                "DATA_TIME", f"The step of {clock_text(timestamp)} {what}.", hint="Give each step once, in the order of time.",
                expected=self._timestamp + interval, found=timestamp,
            )  # fmt: skip
        if apart % interval:
            raise TrafficError(
                "DATA_GAP", f"{clock_text(timestamp)} lies {apart} s after the step before, no multiple of {interval} s.",
                hint=f"Give a step every {interval} s.", expected=interval, found=apart,
            )  # fmt: skip
        return apart // interval - 1

    def _judge(self, given: np.ndarray) -> None:
        """Let the adaptive levels learn from what was forecast for this step."""
        if self.adaptive is None:
            return
        truth = given[:, self.trained.target_columns]
        # the forecast that was made h + 1 steps ago had this step in place h
        came = [None if h >= len(self._issued) else self._issued[h] for h in range(self.trained.horizon)]
        blank = np.full((*truth.shape, len(self.trained.quantiles)), np.nan)
        forecast = np.array([blank if each is None else each[h] for h, each in enumerate(came)])
        known = np.array([each is not None for each in came])[:, None, None] & self.trained.counts(truth)
        self.adaptive = self.adaptive.update(missed(forecast, np.broadcast_to(truth, known.shape), self.trained.quantiles), known)

    def _advance(self, timestamp: int, given: np.ndarray) -> np.ndarray | None:
        """One step: the forecast in original units, (P, N, G), or (P, N, G, K) calibrated; None while steps are too few."""
        trained = self.trained
        observed = ~np.isnan(given)
        self._state, output = self._network.step(
            self._parameters, self._state, trained.scaler.transform(given), observed, self._moment(timestamp)
        )
        self._timestamp, self._steps = timestamp, self._steps + 1
        ready = self.mode == "stateful" or self._steps >= trained.lookback
        found = self._calibrated(trained.original(np.asarray(output))) if ready else None
        self._issued.appendleft(found)
        return found

    def _calibrated(self, found: np.ndarray) -> np.ndarray:
        calibration: Calibration | None = self.trained.calibration if self.adaptive is None else self.adaptive.calibration
        return found if calibration is None else calibration.apply(found)

    def _moment(self, timestamp: int) -> Moment:
        trained, at = self.trained, np.array([timestamp], np.int64)
        usual = trained.profile.by_week(at)[0] if trained.use.impute == "profile" else trained.profile.mean
        return Moment(
            encodings(at, trained.use.time_features)[0],
            np.asarray(slot_of_day(at, trained.interval_s)[0], np.int32),
            np.asarray(day_of_week(at)[0], np.int32),
            trained.scaler.transform(usual),
        )
