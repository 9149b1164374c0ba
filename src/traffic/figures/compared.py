"""What a run's own page draws of the table: the run beside its baselines."""

from __future__ import annotations

import plotly.graph_objects as go

from traffic.bundle import Errors, TrafficBundle
from traffic.figures.errors import evaluations_of
from traffic.figures.looks import title_of
from traffic.figures.table import narrow_table, table_of


def draw_table(bundle: TrafficBundle, *, dark: bool = False) -> go.Figure:
    """The model and its baselines, first target."""
    errors = Errors(bundle.facts, tuple(evaluations_of(bundle)))
    return narrow_table(table_of([(title_of(bundle.facts.methods[0]), [errors])]), dark=dark)
