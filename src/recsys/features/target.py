"""The target of a ranking model: clipped, on a logarithmic scale, normalised, and back.

Each step is optional and the inverse undoes them in reverse order, exactly but for clipping. Everything is
worked out in float64; what a model trains on is rounded to float32 only after that. Choices: NaN and infinite
targets count as missing; percentiles are interpolated linearly; predictions are limited to the range of the
train targets after clipping, which is what the model has seen; a normalised target is not cut to any range,
since clipping at percentiles is there for that.
"""

from __future__ import annotations

import numpy as np

from recsys.features.config import Target
from recsys.features.float32 import beyond_float32
from recsys.features.numbers import Frozen, Scale, fit_scale, quantiles, sorted_finite


class FittedTarget(Frozen):
    """What is kept of the train part's targets.

    Attributes:
        column: where they stand. lower, upper: where values are cut, in the column's own units; None where
            they are not.
        log_transform: whether ln(1 + x) follows. scale: what follows that; None for nothing.
        binary: the two values that become 0 and 1, for a model of probabilities; None for any other.
        limits: the least and the largest prediction in the column's own units; None for no limit.
    """

    column: str
    lower: float | None = None
    upper: float | None = None
    log_transform: bool = False
    scale: Scale | None = None
    binary: tuple[float, float] | None = None
    limits: tuple[float, float] | None = None

    def clip(self, values: np.ndarray) -> np.ndarray:
        """Targets (float64, any shape) cut at the percentiles; what is not finite is NaN."""
        kept = np.where(np.isfinite(values), values, np.nan)
        return (
            np.clip(kept, self.lower, self.upper)
            if self.lower is not None or self.upper is not None
            else kept
        )

    def forward(self, values: np.ndarray) -> np.ndarray:
        """Targets as they are learnt, float64; NaN where missing, or neither of a binary target's two."""
        values = self.clip(np.asarray(values, np.float64))
        if self.binary is not None:
            low, high = self.binary
            return np.where(values == high, 1.0, np.where(values == low, 0.0, np.nan))
        if self.log_transform:
            # Rows of other parts may lie below the logarithm's domain: nothing is known of them.
            with np.errstate(invalid="ignore", divide="ignore"):
                values = np.log1p(values)
            values = np.where(np.isfinite(values), values, np.nan)
        return values if self.scale is None else self.scale.forward(values)

    def inverse(self, values: np.ndarray) -> np.ndarray:
        """What is learnt back in the column's own units, float64: `inverse(forward(x))` is `clip(x)`."""
        values = np.asarray(values, np.float64)
        if self.binary is not None:
            low, high = self.binary
            return low * (1.0 - values) + high * values
        if self.scale is not None:
            values = self.scale.inverse(values)
        if self.log_transform:
            with np.errstate(over="ignore"):
                values = np.expm1(values)
        return values

    def predictions(self, values: np.ndarray) -> np.ndarray:
        """A model's outputs in the column's own units, within the limits, float64."""
        restored = self.inverse(values)
        return restored if self.limits is None else np.clip(restored, *self.limits)


def fit_target(target: Target, values: np.ndarray, *, binary: bool = False) -> FittedTarget:
    """What is kept of the train part's targets.

    Args:
        target: the settings. values: float64 of shape (n,), NaN where missing.
        binary: whether a model of probabilities learns it: its two values become 0 and 1.

    Raises:
        ValueError: without any value; for values that float32 does not hold; for the logarithm of values that are
            not above -1; for a binary target that does not have exactly two values or has transforms.
    """
    column, transforms = target.column, target.transforms
    ordered = sorted_finite(values)
    if not ordered.size:
        raise ValueError(f'Target column "{column}" has no value in the train part')
    beyond = beyond_float32(float(ordered[0]), float(ordered[-1]))
    if beyond is not None:
        raise ValueError(f'Target column "{column}" {beyond}')
    if binary:
        return _fit_binary(target, np.unique(ordered))
    clip = transforms.clip_outliers
    lower = None if clip is None or clip.lower is None else float(quantiles(ordered, [(clip.lower, 100)])[0])
    upper = None if clip is None or clip.upper is None else float(quantiles(ordered, [(clip.upper, 100)])[0])
    ordered = np.clip(ordered, lower, upper) if lower is not None or upper is not None else ordered
    limits = (float(ordered[0]), float(ordered[-1])) if target.clip_predictions else None
    if transforms.log_transform:
        if ordered[0] <= -1:
            raise ValueError(f'log1p needs values greater than -1 ("{column}" has {ordered[0]:g})')
        ordered = np.log1p(ordered)
    return FittedTarget(
        column=column,
        lower=lower,
        upper=upper,
        log_transform=transforms.log_transform,
        scale=None if transforms.normalize is None else fit_scale(ordered, transforms.normalize.range),
        limits=limits,
    )


def _fit_binary(target: Target, distinct: np.ndarray) -> FittedTarget:
    transforms = target.transforms
    if len(distinct) != 2:
        raise ValueError(
            f'Target column "{target.column}" must have two values for a binary loss '
            f"(the train part has {len(distinct)})"
        )
    if transforms.clip_outliers or transforms.log_transform or transforms.normalize:
        raise ValueError(
            f'Target column "{target.column}" takes no transform with a binary loss; switch them off'
        )
    low, high = float(distinct[0]), float(distinct[1])
    return FittedTarget(
        column=target.column, binary=(low, high), limits=(low, high) if target.clip_predictions else None
    )
