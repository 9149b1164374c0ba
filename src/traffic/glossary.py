"""Words of forecasting for people who meet them for the first time."""

from __future__ import annotations

GLOSSARY: tuple[tuple[str, str], ...] = (
    ("Detector", "A place on a road at which speed, flow or occupancy is measured, usually every five minutes."),
    ("Window", "The steps that a forecast looks back on, and those that it forecasts."),
    ("Horizon", "How far ahead a forecast is: 15, 30 and 60 minutes are 3, 6 and 12 steps of five minutes."),
    ("Shared weights", "One network that reads each detector apart; otherwise all detectors are one wide input."),
    (
        "Mask",
        "Which values were measured. Errors count measured values alone. null=nan in a metric's name: all that were measured; null=0: zeros left out, too, as MAPE always does.",
    ),
    ("Strict split", "Rows are divided in time, so that nothing that is forecast in the test part was seen in training."),
    ("Baseline", "A simple forecast on the same windows: the last value, the average of that time of week, a linear map (ridge)."),
    ("Social pooling", "What a detector's forecast sees of its nearest neighbours."),
    ("Quantile", "A value that the truth stays below in that share of cases; 0.05 and 0.95 make a 90 % band."),
    ("Calibration", "Widening or narrowing bands by what the validation part shows, so that they hold as often as they say."),
)
"""(term, meaning), for Help."""
