import base64
import gzip
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest
from plotly.offline import get_plotlyjs

from workbench.artefacts import ArtefactError
from workbench.families import Figure, ImportString, Metric, Metrics
from workbench.plotting import new_figure
from workbench.reporting import Report, ReportFigure, ReportTable, draw_figures, markdown, page, write_report
from workbench.reporting.embed import embed
from workbench.reporting.values import metric_text, source_text, value_text

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)> | `a` **b** [c](javascript:d) {{ 7 * 7 }}"


def success(value: object, split: str | None = "test", n: int | None = 360) -> dict:
    return {"value": value, "split": split, "n": n, "state": "success", "reason": None}


def figure(dark: bool = False) -> go.Figure:
    return new_figure([go.Scatter(x=np.arange(200.0), y=np.arange(200.0))], dark=dark)


def test_tables_of_the_family_stand_in_both_forms_and_cannot_break_out() -> None:
    report = Report("Run #1", [], tables=[ReportTable("Doubts", f"note {HOSTILE}", ("Code", "What"), [("W-08", HOSTILE)])])
    text, html = markdown.render(report), page.render(report)
    assert "## Doubts" in text
    assert "| Code | What |" in text
    assert "<td>W-08</td>" in html
    assert "<script>alert" not in html
    assert "<script>alert" not in text


def example(text: str = "Digits") -> Report:
    metrics = {
        "classification": {
            "accuracy": success(0.95123),
            "macro_f1": {"value": None, "split": None, "n": None, "state": "skipped", "reason": f"no labels {text}"},
        }
    }
    figures = (
        ReportFigure("Loss", f"It should fall {text}", light=figure(), dark=figure(True)),
        ReportFigure("Tau", "One cell", "not applicable", f"the head classifies {text}"),
        ReportFigure("Broken", "Nothing", "failed", f"ValueError: {text}"),
    )
    return Report(f"Run of {text}", [("Model", text), ("Epochs", "30")], metrics, figures, [("batch_size", "128")], [f"Note {text}"])


class Elements(HTMLParser):
    """Start tags, and the text outside of script and style."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.text = ""
        self.inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.tags.append((tag, dict(attrs)))
        self.inside = tag

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside not in ("script", "style"):
            self.text += data


def test_the_page_shows_facts_metrics_figures_and_why_others_are_missing(tmp_path: Path) -> None:
    html, text = write_report(tmp_path, example())
    page = Elements(html.read_text()).text
    for shown in ("Run of Digits", "Epochs", "0.9512", "test, n = 360", "skipped: no labels Digits", "It should fall", "batch_size"):
        assert shown in page
    assert "not applicable: the head classifies Digits" in page
    assert "failed: ValueError: Digits" in page
    markdown = text.read_text()
    for shown in (
        "# Run of Digits",
        "| Accuracy | 0.9512 | test, n = 360 |",
        "not applicable: the head classifies Digits",
        "failed: ValueError",
    ):
        assert shown in markdown


def test_text_that_people_typed_is_never_markup(tmp_path: Path) -> None:
    html, text = write_report(tmp_path, example(HOSTILE))
    clean = Elements(write_report(tmp_path / "clean", example())[0].read_text())
    hostile = Elements(html.read_text())
    assert [tag for tag, _ in hostile.tags] == [tag for tag, _ in clean.tags]
    assert HOSTILE in hostile.text
    assert "49" not in hostile.text
    assert not re.search(r"(?<!\\)[<>]", text.read_text().replace("> Note", "", 1))
    assert "\\[c\\]\\(javascript:d\\)" in text.read_text()


def test_the_page_needs_nothing_from_the_network(tmp_path: Path) -> None:
    html, _ = write_report(tmp_path, example())
    page = Elements(html.read_text())
    assert not [attributes for _, attributes in page.tags if "src" in attributes or "href" in attributes]
    policy = next(a["content"] for tag, a in page.tags if tag == "meta" and a.get("http-equiv"))
    assert "default-src 'none'" in policy
    assert "http" not in policy
    assert '"showSendToCloud"' not in html.read_text()
    assert "showSendToCloud: false" in html.read_text()


def test_without_figures_the_page_carries_nothing_that_draws(tmp_path: Path) -> None:
    html, _ = write_report(tmp_path, Report("Empty", []))
    assert "Plotly" not in html.read_text()
    assert html.stat().st_size < 10_000


def unpacked(page: str, id: str) -> str:
    """What the page's script unpacks from the element of that id."""
    written = re.search(rf'<script type="text/plain" id="{id}">([^<]*)</script>', page)
    assert written is not None
    return gzip.decompress(base64.b64decode(written.group(1))).decode()


def test_the_drawing_library_and_the_data_are_packed_and_come_back_whole(tmp_path: Path) -> None:
    page = write_report(tmp_path, example())[0].read_text()
    assert unpacked(page, "plotly") == get_plotlyjs()
    assert len(json.loads(unpacked(page, "data"))["figures"]) == 2
    assert len(page) < len(get_plotlyjs()) / 2


def test_both_themes_can_be_chosen_by_the_page_around_the_report(tmp_path: Path) -> None:
    page = write_report(tmp_path, Report("Empty", []))[0].read_text()
    assert ":root[data-theme=dark]{color-scheme:dark;" in page
    assert ":root:not([data-theme=light])" in page
    assert "window.location.hash" in page


def test_the_same_report_gives_the_same_bytes(tmp_path: Path) -> None:
    first = [path.read_bytes() for path in write_report(tmp_path, example())]
    assert first == [path.read_bytes() for path in write_report(tmp_path, example())]


def test_a_folder_that_cannot_be_made_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(ArtefactError, match=r"REPORT\.md"):
        write_report(tmp_path / "taken", example())


def test_shared_pieces_are_written_once_and_come_back_whole() -> None:
    embedded = json.loads(embed([figure(), figure(), None]))

    def fill(value: object) -> object:
        if isinstance(value, dict):
            return embedded["shared"][value["$shared"]] if "$shared" in value else {k: fill(v) for k, v in value.items()}
        return [fill(v) for v in value] if isinstance(value, list) else value

    assert [fill(f) for f in embedded["figures"]] == [json.loads(str(figure().to_json()))] * 2 + [None]
    assert len(embedded["shared"]) == 2


def test_embedded_json_cannot_close_its_script_element() -> None:
    hostile = go.Figure(go.Scatter(name="</script><!-- \u2028"))
    text = embed([hostile])
    assert "<" not in text
    assert "\u2028" not in text
    assert json.loads(text)["figures"][0]["data"][0]["name"] == "</script><!-- \u2028"


def draw_both(bundle: str, *, dark: bool = False) -> go.Figure:
    return new_figure([go.Scatter(name=bundle)], dark=dark)


def draw_broken(bundle: str, *, dark: bool = False) -> go.Figure:
    raise RuntimeError(f"nothing in {bundle}")


def declared(name: str, reason: str | None = None) -> Figure:
    return Figure(
        name,
        name.title(),
        "look",
        ImportString(f"{__name__}:{name}"),
        lambda values, classes: reason or (None if classes else "no classes"),
    )


def test_figures_are_drawn_in_both_themes_and_say_why_if_not(monkeypatch: pytest.MonkeyPatch) -> None:
    functions = {"draw_both": draw_both, "draw_broken": draw_broken}
    monkeypatch.setattr(ImportString, "load", lambda self: functions[self.target.rpartition(":")[2]])
    figures = [declared("draw_both"), declared("draw_broken"), declared("draw_both", "no components")]
    both, broken, without = draw_figures(figures, "bundle", {}, 2)
    assert {figure.reason for figure in draw_figures(figures, "bundle", {}, 0)} == {"no classes", "no components"}
    assert both.state == "shown"
    assert both.light is not None
    assert both.dark is not None
    assert both.light.to_json() != both.dark.to_json()
    assert (broken.state, broken.reason, broken.light) == ("failed", "RuntimeError: nothing in bundle", None)
    assert (without.state, without.reason, without.dark) == ("not applicable", "no components", None)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.951234, "0.9512"),
        (12_345.6, "12,346"),
        (1_797, "1,797"),
        (True, "yes"),
        (None, "none"),
        ([1, None, 0.5], "1, none, 0.5"),
        ([], "none"),
        ([[1, 2], [3, 4], [5, 6]], "a table of 3 by 2, in summary.json"),
        (list(range(50)), "50 values, in summary.json"),
        ({"mean": 1.5, "max": 2}, "mean 1.5, max 2"),
        (float("nan"), "not finite"),
    ],
)
def test_values_read_well_on_one_line(value: object, text: str) -> None:
    assert value_text(value) == text


def test_metrics_are_called_and_shown_as_the_family_declares_them() -> None:
    measures = Metrics((Metric("error", "Error of the rest", format="share"),))
    one = Report("A", [], {"quality": {"error": success(0.02778)}, "odd": {}}, measures=measures, groups={"quality": "How good"})
    for text in (markdown.render(one), page.render(one)):
        assert "How good" in text
        assert "Error of the rest" in text
        assert "2.8 %" in text


def test_sources_read_well() -> None:
    assert source_text(success(1, "test", 1_000)) == "test, n = 1,000"
    assert source_text(success(1, None, None)) == ""
    assert metric_text({"state": "failed", "reason": None, "value": None}) == "failed: no reason given"
