"""The one place where graphs are made."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest

from dashboard import plots
from tests.support.trees import with_id

DASHBOARD = Path(plots.__file__).parent


def test_no_graph_offers_to_upload_itself_to_a_cloud() -> None:
    frame = plots.graph(go.Figure(), "g", label="A graph")
    assert with_id(frame, "g").config["showSendToCloud"] is False
    assert with_id(plots.graph(go.Figure(), "g", label="A", lasso=True, bar=False), "g").config["showSendToCloud"] is False


def test_graphs_are_made_nowhere_else() -> None:
    elsewhere = [
        p for p in DASHBOARD.rglob("*.py") if p.name != "plots.py" and re.search(r"\bdcc\.Graph\(|\bimport Graph\b", p.read_text())
    ]
    assert elsewhere == []


def test_a_graph_has_words_for_those_who_cannot_see_it() -> None:
    assert plots.graph(go.Figure(), "g", label="Loss over the epochs").to_plotly_json()["props"]["aria-label"] == "Loss over the epochs"


def test_a_figure_that_cannot_be_drawn_says_so_and_nothing_else_fails() -> None:
    def broken() -> go.Figure:
        raise ValueError("no such array")

    figure = plots.safely(broken, height=200, dark=False)
    assert "could not be drawn" in figure.layout.annotations[0].text
    assert figure.layout.height == 200


def test_the_data_of_a_figure_becomes_columns() -> None:
    figure = go.Figure([go.Scatter(x=[1, 2, 3], y=[0.5, None, 1.5], name="loss"), go.Heatmap(z=np.array([[1, 2], [3, 4]]), name="map")])
    lines = plots.figure_csv(figure).splitlines()
    assert lines[0] == "loss: x,loss: y,map: z row 1,map: z row 2"
    assert lines[1:] == ["1,0.5,1,3", "2,,2,4", "3,1.5,,"]


@pytest.mark.parametrize("name", ["=1+1", "+cmd", "@sum", "-2"])
def test_no_spreadsheet_takes_a_name_for_a_formula(name: str) -> None:
    text = plots.figure_csv(go.Figure(go.Bar(x=[name], y=[1])))
    assert f"'{name}" in text
