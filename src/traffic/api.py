"""The Python API: a model that is fitted to data, asked for forecasts, streamed, saved and loaded, without the workbench."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from traffic.config_data import DataUse
from traffic.config_training import Training
from traffic.data.contract import TrafficData
from traffic.data.edges import read_edges
from traffic.errors import Place, TrafficError
from traffic.forecasting import Forecast, SeriesForecaster
from traffic.intervals.adaptive import AdaptiveLevels, adaptive
from traffic.intervals.calibration import calibrate
from traffic.metrics.scores import scores
from traffic.online.network import Mode
from traffic.online.stream import Stream
from traffic.trained import Trained, load, trained_by
from traffic.training.checkpoint_content import MODEL_TYPES
from traffic.training.errors import CheckpointError
from traffic.training.fit import Fit, ForecastEpochReport
from traffic.training.record import RunRecord
from traffic.training.results import Results, results
from traffic.training.script import make_task
from traffic.training.trainer import engine_of, start
from traffic.windows.windows import WindowSize, target_rows, window_ends
from workbench.fields import field_specs
from workbench.fields.problems import problems_of, with_name
from workbench.layered.names import close_names, did_you_mean

Callback = Callable[[ForecastEpochReport], bool | None]
"""Called after every epoch; True stops the fit."""


class ForecastModel:
    """A trained forecaster of detectors. Make one with `fit` or `load`.

    Attributes:
        trained: weights and all that forecasts need. results: of the fit; None for a model that was loaded.
    """

    def __init__(self, trained: Trained, results: Results | None = None) -> None:
        self.trained, self.results = trained, results

    @classmethod
    def fit(
        cls,
        data: TrafficData,
        kind: str = "lstm",
        *,
        use: Mapping[str, Any] | None = None,
        architecture: Mapping[str, Any] | None = None,
        training: Mapping[str, Any] | None = None,
        edges: Path | None = None,
        callbacks: Sequence[Callback] = (),
    ) -> ForecastModel:
        """A model with the weights of the best epoch, its quantiles calibrated on the validation windows.

        Args:
            data: as it was read. kind: lstm, xlstm or transformer.
            use, architecture, training: values over the defaults, as layered files have them below `data`, `model.<kind>` and `training`;
                sizes that follow from the data are filled in.
            edges: a list of edges between detectors, for pooling with `neighbours: edges`, of data that came without.
            callbacks: called after every epoch.

        Raises:
            TrafficError: MODEL_KIND for an unknown kind; MODEL_VALUE naming each setting that is refused; for data that does not go with them.
            TrainingError: NonFiniteError if the loss became NaN or infinite.
        """
        if kind not in MODEL_TYPES.values():
            known = tuple(MODEL_TYPES.values())
            hint = did_you_mean(close_names(kind, known)) or f"Known are {', '.join(known)}."
            raise TrafficError("MODEL_KIND", f"There is no kind of model {kind!r}.", hint=hint, found=kind)
        if edges is not None:
            data = replace(data, edges=read_edges(edges, data.sensor_ids))
        # nothing is written there: a task of the run machinery has a folder, this one only needs its name
        with tempfile.TemporaryDirectory() as folder:
            try:
                task = make_task(data, kind, folder=Path(folder), architecture=architecture, training=training, use=use)
            except ValidationError as error:
                raise _refused(error) from error
        engine = engine_of(task)
        run = Fit(engine, start(task, engine), RunRecord())
        for report in run.epochs():
            asked = [callback(report) for callback in callbacks]
            if any(asked):
                break
        best = run.completed if run.best is None else run.best
        found = results(task, engine, best.parameters, run.record)
        calibration = None if found.intervals is None else found.intervals.calibration
        told = {each.name: {name.removeprefix("test/"): value for name, value in scores(each).items()} for each in found.evaluations}
        return cls(replace(trained_by(task, best.parameters, calibration), scores=told), found)

    @property
    def scores(self) -> dict[str, dict[str, float]]:
        """Errors on the test windows by method, `model` first, then the baselines: `masked_mae@null=nan/h3` and so on.

        They are saved with the model; the checkpoint of a run has none.
        """
        return {name: dict(each) for name, each in self.trained.scores.items()}

    def forecast(self, data: TrafficData, rows: Sequence[int] | np.ndarray | None = None) -> Forecast:
        """Forecasts from rows of data, by default from its last. See `SeriesForecaster.forecast`."""
        return self._forecaster.forecast(data, rows)

    def calibrated(self, data: TrafficData, *, per_detector: bool = False) -> ForecastModel:
        """The model with its intervals calibrated on all windows of `data`, best data that no weight was fitted to.

        Args:
            per_detector: whether each detector gets corrections of its own.

        Raises:
            TrafficError: MODEL_ONLINE without quantiles; DATA_TOO_SHORT for too few values for the intervals' level.
        """
        found = calibrate(*self._against_truth(data), self.trained.quantiles, per_detector=per_detector)
        return ForecastModel(replace(self.trained, calibration=found), self.results)

    def adaptive_levels(self, data: TrafficData, *, per_detector: bool = False) -> AdaptiveLevels:
        """Levels for a stream that start from how the intervals of all windows of `data` hit, best data that no weight was fitted to.

        Raises:
            TrafficError: MODEL_ONLINE without quantiles; DATA_TOO_SHORT for data without a window.
        """
        return adaptive(*self._against_truth(data), self.trained.quantiles, per_detector=per_detector)

    def _against_truth(self, data: TrafficData) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Quantiles of all windows of data before calibration, their truths, and where these count."""
        trained, size = self.trained, WindowSize(self.trained.lookback, self.trained.horizon)
        if not trained.quantiles:
            raise TrafficError("MODEL_ONLINE", "The model forecasts no quantiles.", hint="Fit one with architecture quantiles.")
        chosen = trained.selected(data)
        ends = window_ends(0, len(chosen.timestamps), size)
        if not len(ends):
            raise TrafficError(
                "DATA_TOO_SHORT", f"{len(chosen.timestamps)} rows hold no window.", hint=f"Give {size.rows} rows or more.",
                expected=size.rows, found=len(chosen.timestamps),
            )  # fmt: skip
        truth = chosen.values[target_rows(ends, size)][..., trained.target_columns]
        return self._forecaster.raw(chosen, ends), truth, trained.counts(truth)

    def stream(self, *, mode: Mode = "windowed", adaptive: AdaptiveLevels | None = None) -> Stream:
        """A stream that forecasts as measurements come in. See `Stream`."""
        return Stream(self.trained, mode=mode, adaptive=adaptive)

    def save(self, path: str | Path) -> None:
        """Write the model whole, as one file. Raises ArtefactError if it cannot be written."""
        self.trained.save(Path(path))

    @classmethod
    def load(cls, path: str | Path) -> ForecastModel:
        """A model that `save` wrote, or the one in a run's checkpoint. Raises TrafficError (MODEL_FILE) for a file that is neither."""
        path = Path(path)
        at = Place(file=str(path))
        if not path.is_file():
            raise TrafficError("MODEL_FILE", f"There is no file {path}.", hint="Give one that `save` wrote, or a run's checkpoint.", at=at)
        try:
            return cls(load(path))
        except CheckpointError as error:
            raise TrafficError("MODEL_FILE", str(error), hint="Give one that `save` wrote, or a run's checkpoint.", at=at) from error

    @cached_property
    def _forecaster(self) -> SeriesForecaster:
        return SeriesForecaster(self.trained)


def _refused(error: ValidationError) -> TrafficError:
    """The error of settings that are refused: each by its name with what is wrong, and the closest name of an unknown one."""
    types = {each.__name__: each for each in (DataUse, Training, *MODEL_TYPES)}
    owner = types.get(error.title)
    known = [] if owner is None else [spec.name for spec in field_specs(owner)]
    problems = problems_of(error, known)
    hint = next((problem.hint for problem in problems if problem.hint), None)
    message = "; ".join(with_name(problem.path, problem.message) for problem in problems)
    return TrafficError("MODEL_VALUE", f"{message}.", hint=hint or "docs/traffic.md lists the settings.", at=Place(key=problems[0].path))
