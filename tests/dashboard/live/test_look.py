"""One look of a page at its run, over the address that pages ask."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from dashboard.context import AppContext
from dashboard.live import figures as figures_module
from dashboard.live import look as look_module
from dashboard.live.answering import ADDRESS, answered
from dashboard.live.curves import MAX_POINTS
from dashboard.live.parts import KEY
from dashboard.pages.page import find
from dashboard.pages.registry import all_pages
from tests.support.acting import checkpoint, finish, queue, run_to
from tests.support.trees import walk
from workbench.runs import archive, events
from workbench.runs.events import NewEvent
from workbench.state import RunError
from workbench.store import load
from workbench.store.errors import StoreError

PARTS = ("metrics", "ended", "notices", "log-lines", "recent")
PANELS = ["loss", "accuracy", "terms", "optimiser"]


class Page:
    """A page as the browser keeps it: it remembers what it was given and says so at its next look."""

    def __init__(self, client: Any, model: str, **target: Any) -> None:
        self.client = client
        self.target = {"model": model, "run": None, "latest": True} | target
        self.keys: dict[str, str] = dict.fromkeys(PARTS, "")
        self.terms = ""
        self.view: dict[str, Any] = {}
        self.curves: dict[str, Any] = {}
        self.figures: dict[str, Any] = {}

    def look(self, curves: tuple[str, ...] = (), figures: tuple[str, ...] = ()) -> dict[str, Any]:
        said = {
            **self.target, "parts": self.keys, "panels": PANELS, "terms": self.terms, "view": self.view,
            "curves": {name: self.curves.get(name, {}) for name in curves}, "figures": {name: self.figures.get(name, {}) for name in figures},
        }  # fmt: skip
        answer = self.client.post(ADDRESS, json=said)
        assert answer.status_code == 200, answer.text
        found = answer.json()
        self.keys |= {name: part["key"] for name, part in found["parts"].items()}
        self.terms = found["terms"]["key"] if found["terms"] else self.terms
        self.curves |= {name: {"key": came["key"], "seq": came["seq"]} for name, came in found["curves"].items()}
        self.figures |= {name: {"key": came["key"]} for name, came in found["figures"].items()}
        return found


def tell(bench: Any, run: Any, *new: NewEvent) -> None:
    with bench.store.transaction() as connection:
        events.append(connection, run.id, run.attempt, new)


def epoch(number: int, **metrics: float) -> NewEvent:
    named = {key.replace("__", "/"): value for key, value in metrics.items()} or {
        "train/loss": 3.0 / number,
        "validation/loss": 4.0 / number,
    }
    return NewEvent.now("epoch", epoch=number, total=50, metrics=named, elapsed_seconds=float(number), eta_seconds=1.0)


def usage(number: int, *shares: float) -> NewEvent:
    values = {"epoch": number, "usage": list(shares), "pi": list(shares), "tau": []}
    return NewEvent.now("diagnostics", name="mixture", epoch=number, values=values)


@pytest.fixture
def running(bench: Any, digits_model: Any) -> Any:
    """A run of the model that goes on."""
    return run_to(bench, queue(bench, digits_model), "running")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds since any moment by which live figures tell how old a drawing is; they stand still unless a test moves them."""
    now = [100.0]
    monkeypatch.setattr(figures_module, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def page(client: Any, digits_model: Any) -> Page:
    return Page(client, digits_model.id)


def test_while_a_run_goes_on_pages_share_a_drawing_for_a_moment(
    bench: Any, client: Any, digits_model: Any, running: Any, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []
    draw = figures_module._draw_live
    monkeypatch.setattr(
        figures_module, "_draw_live", lambda figure, values, dark: drawn.append(values["epoch"]) or draw(figure, values, dark)
    )
    first, second = (Page(client, digits_model.id) for _ in range(2))

    def look(page: Page) -> Any:
        return page.look((), ("pi_and_usage",))["figures"].get("pi_and_usage")

    tell(bench, running, epoch(1), usage(1, 0.6, 0.4))
    shown = look(first)
    tell(bench, running, epoch(2), usage(2, 0.5, 0.5))
    assert look(second) == shown
    assert drawn == [1]
    assert look(second) is None, "a page that shows what was drawn a moment ago keeps it for that moment"
    clock[0] += 1.1 * figures_module.SHARED_SECONDS
    newer = look(second)
    assert newer["figure"] != shown["figure"]
    assert drawn == [1, 2]
    assert look(second) is None

    tell(bench, running, epoch(3), usage(3, 0.4, 0.6))
    clock[0] += 2 * figures_module.SHARED_SECONDS
    assert look(first) not in (shown, newer)
    assert drawn == [1, 2, 3], "a drawing is shared for a moment only"

    tell(bench, running, epoch(4), usage(4, 0.3, 0.7))
    finish(bench, running)
    last = look(second)
    assert drawn == [1, 2, 3, 4], "what a run ends with is shown at once"
    assert look(first) == last
    assert drawn == [1, 2, 3, 4]


@pytest.mark.parametrize("over", [False, True], ids=["while it trains", "after its end"])
def test_the_first_look_writes_no_part_again_that_the_page_was_drawn_with(
    bench: Any, client: Any, digits_model: Any, running: Any, over: bool
) -> None:
    tell(bench, running, epoch(1), usage(1, 0.6, 0.4), NewEvent.now("log", level="warning", message="The loss is high"))
    if over:
        finish(bench, running, "failed", error=RunError(message="The loss became NaN"))
    context = AppContext(lambda: bench, bench.settings)
    for path, target in ((f"/model/{digits_model.id}/train", {}), (f"/run/{running.id}", {"run": running.id, "latest": False})):
        page = Page(client, digits_model.id, **target)
        page_of, variables = cast(Any, find(all_pages(), path))
        drawn = {
            part.id.removeprefix("live-"): getattr(part, KEY) for part in walk(page_of.render(context, **variables)) if hasattr(part, KEY)
        }
        assert {"metrics", "ended", "notices", "log-lines"} <= set(drawn), path
        page.keys = drawn
        assert page.look()["parts"] == {}, path
        page.keys = dict.fromkeys(drawn, "")
        assert set(page.look()["parts"]) == set(drawn), path


def test_a_look_after_which_nothing_happened_writes_nothing(bench: Any, page: Page, running: Any) -> None:
    tell(bench, running, epoch(1), usage(1, 0.6, 0.4))
    first = page.look(("loss", "terms"), ("pi_and_usage",))
    assert set(first["parts"]) == set(PARTS)
    assert set(first["curves"]) == {"loss", "terms"}
    second = page.look(("loss", "terms"), ("pi_and_usage",))
    assert (second["parts"], second["curves"], second["figures"], second["terms"]) == ({}, {}, {}, None)
    assert second["texts"] == first["texts"]


def test_a_live_figure_is_drawn_once_for_all_who_follow(
    bench: Any, client: Any, digits_model: Any, running: Any, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Any] = []
    draw = figures_module._draw_live
    monkeypatch.setattr(figures_module, "_draw_live", lambda *given: drawn.append(given) or draw(*given))
    pages = [Page(client, digits_model.id) for _ in range(3)]
    tell(bench, running, epoch(1), usage(1, 0.6, 0.4))
    shown = [page.look((), ("pi_and_usage",))["figures"]["pi_and_usage"] for page in pages]
    assert shown[0]["figure"]["data"]
    assert shown[1:] == shown[:-1]
    assert len(drawn) == 1
    tell(bench, running, epoch(2), usage(2, 0.5, 0.5))
    clock[0] += figures_module.SHARED_SECONDS
    assert pages[0].look((), ("pi_and_usage",))["figures"]["pi_and_usage"]["figure"] != shown[0]["figure"]
    assert len(drawn) == 2


def test_a_look_at_what_has_happened_since_reads_the_state_once_and_puts_no_query_together(
    bench: Any, page: Page, running: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(bench, running, epoch(1), usage(1, 0.6, 0.4))
    page.look(("loss",), ("pi_and_usage",))
    tell(bench, running, epoch(2))
    read: list[int] = []
    state = bench.store.state
    monkeypatch.setattr(bench.store, "state", lambda: read.append(1) or state())
    for module in (events, archive, load):
        monkeypatch.setattr(module, "select", lambda *given: pytest.fail("a query was put together, which costs more than to carry it out"))
    assert page.look(("loss",), ("pi_and_usage",))["curves"]["loss"]["add"]
    assert len(read) == 1
    assert page.look(("loss",), ("pi_and_usage",))["curves"] == {}, "nor does a look that finds nothing new"


def test_an_epoch_changes_texts_and_adds_points_but_writes_no_part_and_no_phase(bench: Any, page: Page, running: Any) -> None:
    tell(bench, running, epoch(1))
    first = page.look(("loss",))
    tell(bench, running, epoch(2), epoch(3))
    second = page.look(("loss",))
    assert second["parts"] == {}
    assert second["phase"] == first["phase"]
    assert second["texts"]["metric-0"] != first["texts"]["metric-0"]
    assert second["texts"][f"epochs-{running.id}"] == "3"
    assert second["bar"]["words"].startswith("Epoch 3 of 50")
    added = second["curves"]["loss"]["add"]
    assert [(position, xs) for position, xs, _ in added] == [(0, [2, 3]), (1, [2, 3])]
    assert [ys for _, _, ys in added] == [[1.5, 1.0], [2.0, pytest.approx(4 / 3)]]


def test_a_panel_that_was_out_of_sight_gets_all_that_it_missed(bench: Any, page: Page, running: Any) -> None:
    tell(bench, running, epoch(1))
    page.look(("loss", "accuracy"))
    for number in range(2, 6):
        tell(bench, running, epoch(number))
        assert set(page.look(("accuracy",))["curves"]) <= {"accuracy"}
    (added, *_) = page.look(("loss", "accuracy"))["curves"]["loss"]["add"]
    assert added[1] == [2, 3, 4, 5]


def test_the_last_state_of_a_run_arrives_with_any_later_look(bench: Any, page: Page, running: Any) -> None:
    tell(bench, running, epoch(1))
    page.look(("loss",))
    tell(bench, running, epoch(2), NewEvent.now("ended", state="completed"))
    finish(bench, running, headline={"loss": 2.0})
    last = page.look(("loss",))
    assert not last["active"]
    assert last["phase"]["state"] == "completed"
    assert last["curves"]["loss"]["add"][0][1] == [2]
    assert {"metrics", "recent"} <= set(last["parts"])


@pytest.mark.parametrize("change", [{"smoothing": 0.5}, {"log": True}, {"dark": True}, {"narrow": True}])
def test_another_view_is_drawn_in_full(bench: Any, page: Page, running: Any, change: dict[str, Any]) -> None:
    tell(bench, running, epoch(1), epoch(2))
    page.look(("loss",))
    page.view = change
    figure = page.look(("loss",))["curves"]["loss"]["figure"]
    assert [trace["x"] for trace in figure["data"]] == [[1, 2], [1, 2]]
    assert page.look(("loss",))["curves"] == {}


def test_a_run_laid_over_appears_and_goes(bench: Any, page: Page, digits_model: Any) -> None:
    older = run_to(bench, queue(bench, digits_model), "running")
    tell(bench, older, epoch(1))
    finish(bench, older)
    tell(bench, run_to(bench, queue(bench, digits_model), "running"), epoch(1))
    page.view = {"overlay": [older.id]}
    answer = page.look(("loss",))
    assert [trace["name"] for trace in answer["curves"]["loss"]["figure"]["data"]] == ["Training", "Validation", "#1"]
    page.view = {}
    answer = page.look(("loss",))
    assert len(answer["curves"]["loss"]["figure"]["data"]) == 2
    assert "recent" in answer["parts"], "the button says what it does now"


def test_hidden_terms_leave_the_figure_and_stay_on_offer(bench: Any, page: Page, running: Any) -> None:
    tell(bench, running, epoch(1, train__loss=1.0, train__kl_z=0.5, train__kl_c=0.25))
    offered = page.look(("terms",))["terms"]["options"]
    assert {"kl_z", "kl_c"} <= {option["value"] for option in offered}
    page.view = {"hidden": ["kl_z"]}
    answer = page.look(("terms",))
    assert answer["terms"] is None
    assert len(answer["curves"]["terms"]["figure"]["data"]) == 1


def test_a_resumed_run_is_drawn_anew_without_what_it_superseded(bench: Any, page: Page, running: Any) -> None:
    tell(bench, running, epoch(1), epoch(2), epoch(3))
    page.look(("loss",))
    tell(bench, running, NewEvent.now("resumed", attempt=1, from_epoch=1), epoch(2, train__loss=9.0))
    figure = page.look(("loss",))["curves"]["loss"]["figure"]
    assert figure["data"][0]["x"] == [1, 2]
    assert figure["data"][0]["y"] == [3.0, 9.0]


def test_a_trace_that_has_grown_very_long_is_drawn_with_fewer_points(bench: Any, page: Page, running: Any) -> None:
    tell(bench, running, *(epoch(number) for number in range(1, 2 * MAX_POINTS + 2)))
    page.look(("loss",))
    page.curves["loss"]["points"] = 2 * MAX_POINTS + 1
    assert len(page.look(("loss",))["curves"]["loss"]["figure"]["data"][0]["x"]) <= MAX_POINTS + 1


def test_a_live_figure_is_drawn_once_an_epoch_and_only_in_sight(bench: Any, page: Page, running: Any, clock: list[float]) -> None:
    tell(bench, running, epoch(1), usage(1, 0.6, 0.4))
    assert page.look()["figures"] == {}
    assert "figure" in page.look(figures=("pi_and_usage",))["figures"]["pi_and_usage"]
    tell(bench, running, NewEvent.now("progress", epoch=2, total=50, fraction=0.5))
    assert page.look(figures=("pi_and_usage",))["figures"] == {}
    tell(bench, running, epoch(2), usage(2, 0.5, 0.5))
    clock[0] += figures_module.SHARED_SECONDS
    assert "pi_and_usage" in page.look(figures=("pi_and_usage",))["figures"]


def test_a_line_of_the_log_writes_the_log_alone(bench: Any, page: Page, running: Any) -> None:
    page.look()
    tell(bench, running, NewEvent.now("log", level="info", message="halfway"))
    answer = page.look()
    assert set(answer["parts"]) == {"log-lines"}
    assert "halfway" in str(answer["parts"]["log-lines"]["children"])


def test_pages_that_look_at_one_moment_are_told_the_same_and_it_is_put_together_once(
    bench: Any, client: Any, digits_model: Any, running: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    for name in ("metrics_strip", "notices", "recent_runs", "log_lines"):
        make = getattr(look_module, name)
        monkeypatch.setattr(look_module, name, lambda *given, make=make, name=name, **more: made.append(name) or make(*given, **more))
    tell(bench, running, epoch(1), usage(1, 0.6, 0.4))
    first, second, other = (Page(client, digits_model.id) for _ in range(3))
    other.target |= {"run": running.id, "latest": False}
    assert first.look(("loss",)) == second.look(("loss",))
    assert sorted(made) == ["log_lines", "metrics_strip", "notices", "recent_runs"]
    assert other.look(("loss",))["parts"]["metrics"] != first.look()["parts"].get("metrics")
    assert made[4:] == ["metrics_strip"], "a page of the run itself does not name it once more"
    tell(bench, running, epoch(2), usage(2, 0.5, 0.5))
    assert first.look(("loss",)) == second.look(("loss",))
    assert made[5:] == ["notices"], "an epoch changes no more than texts of the others"
    checkpoint(bench, running)
    tell(bench, running, epoch(3, train__loss=1.0, validation__accuracy=0.5))
    texts = first.look()["texts"]
    assert texts[f"epochs-{running.id}"] == "3"
    assert made[6:] == ["metrics_strip", "notices"], "another metric stands in the strip"
    assert list(texts) == list(second.look()["texts"])
    finish(bench, running)
    first.look()
    assert sorted(made[8:]) == ["metrics_strip", "recent_runs"]


def test_a_look_while_the_store_is_away_is_answered_in_words(digits_model: Any) -> None:
    def away() -> Any:
        raise StoreError("The disk of the store is full.")

    status, text = answered(away, json.dumps({"model": digits_model.id}).encode())
    assert status == 500
    assert json.loads(text)["error"]["message"] == "The disk of the store is full."


def test_a_page_without_runs_gets_the_words_that_it_shows(page: Page) -> None:
    answer = page.look(("loss",), ("pi_and_usage",))
    assert (answer["phase"], answer["active"], answer["bar"]) == ({"run": None}, False, None)
    assert "Not trained yet" in str(answer["parts"]["metrics"]["children"])


@pytest.mark.parametrize(
    "said", [None, [], {}, {"model": 3}, {"model": "m", "more": 1}, {"model": "m", "view": {"smoothing": 1.0}}, {"model": "m", "curves": {"x": {"seq": "a"}}}]
)  # fmt: skip
def test_what_no_page_says_is_a_400_in_words(client: Any, said: Any) -> None:
    answer = client.post(ADDRESS, json=said)
    assert answer.status_code == 400
    assert "reload" in answer.json()["error"]["message"]


def test_another_origin_cannot_look(client: Any, digits_model: Any) -> None:
    answer = client.post(ADDRESS, json={"model": digits_model.id}, headers={"origin": "http://evil.example"})
    assert answer.status_code == 403
