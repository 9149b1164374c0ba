"""The headline of a test's results."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.families.recsys.pages.tests import examples, headline, tables
from dashboard.families.recsys.pages.tests.code import module
from dashboard.live.panel import steps_list
from tests.support.trees import found, of_class, text_of
from workbench.families import Step


def test_what_must_be_beaten_comes_first_and_the_strongest_baseline_is_known(told: dict[str, Any]) -> None:
    recall, rmse = headline.headlines(told)
    assert [one.who for one in recall.against] == ["popularity", "ease"]
    assert recall.best is not None
    assert recall.best.who == "ease"
    assert rmse.best is not None
    assert rmse.best.who == "mean"


def test_an_interval_across_zero_may_be_no_difference_and_counts_as_below(told: dict[str, Any]) -> None:
    recall, rmse = headline.headlines(told)
    assert [one.verdict for one in recall.against] == ["may be none", "worse"]
    assert recall.below
    assert [one.verdict for one in rmse.against] == ["better"]  # an error that is lower
    assert not rmse.below


def test_nearness_to_the_oracle_is_a_share_of_recall_and_a_multiple_of_an_error(told: dict[str, Any]) -> None:
    recall, rmse = headline.headlines(told)
    assert (recall.of_oracle, rmse.of_oracle) == ("50 % of the oracle", "2.000 × the oracle's")


def test_without_an_oracle_nothing_is_said_of_one(told: dict[str, Any]) -> None:
    metrics = {who: figures for who, figures in told["metrics"].items() if who != "oracle"}
    recall, rmse = headline.headlines(told | {"metrics": metrics, "oracle_rmse": None})
    assert (recall.of_oracle, rmse.of_oracle, recall.oracle) == ("", "", None)


def test_the_intervals_lie_within_the_axis_with_zero_on_it(told: dict[str, Any]) -> None:
    drawn = headline.intervals(headline.headlines(told)[0])
    places = [float(part.style["left"].rstrip("%")) for part in found(drawn, lambda c: "left" in (getattr(c, "style", None) or {}))]
    assert len(places) == 6
    assert all(0 <= place <= 100 for place in places)
    low, high = -0.2, 0.03
    assert places[0] == pytest.approx(100 * (0 - low) / (high - low), abs=0.01)


def test_the_gravest_doubt_stands_first(told: dict[str, Any]) -> None:
    first, second = headline.warning_list(told["warnings"])
    assert "Not above popularity" in text_of(first)
    assert of_class(second, "note-info")


def test_a_doubt_with_a_mend_opens_a_test_without_it(told: dict[str, Any]) -> None:
    def doubt(severity: str, settings: dict[str, Any], without: list[str]) -> dict[str, Any]:
        action = {"words": "Do so", "settings": settings, "without_columns": without}
        return {"code": "W-08", "severity": severity, "message": "Doubtful", "action": action}

    doubts = [doubt("info", {}, []), doubt("medium", {"epochs": 10}, []), doubt("high", {"optimizer": "adam", "batch_size": 1024}, ["age"])]
    drawn = headline.warning_list(doubts, "store")
    buttons = [found(one, lambda c: type(c).__name__ == "Button") for one in drawn]
    assert [text_of(one[0]) if one else "" for one in buttons] == [
        "Open with optimiser Adam, batch size 1024, no “age”",
        "Open with epochs 10",
        "",
    ]
    # places in the list as it was kept, so that two doubts of one code are told apart
    assert [getattr(one[0], "data-id") for one in buttons if one] == ["2", "1"]
    assert all(not found(one, lambda c: type(c).__name__ == "Button") for one in headline.warning_list(doubts))


def test_a_recipe_that_is_advised_is_a_link_to_the_wizard_with_it() -> None:
    action = {"words": 'Start from the recipe "Best retrieval"', "settings": {}, "without_columns": []}
    (drawn,) = headline.warning_list([{"code": "W-08", "severity": "high", "message": "Below", "action": action}])
    assert [link.href for link in found(drawn, lambda c: hasattr(c, "href"))] == ["/recommenders/models/new?recipe=best_retrieval"]


def test_the_table_has_both_rules_and_says_why_a_figure_is_missing(told: dict[str, Any]) -> None:
    said = text_of(tables.metrics(told))
    for words in ("20.0 %", "30.0 %", "has no value: the target is not binary", "all items ranked", "follows “all products”"):
        assert words in said, words


def test_a_figure_of_lists_stands_where_seen_products_are_left_out(told: dict[str, Any]) -> None:
    rows = found(tables.metrics(told), lambda c: type(c).__name__ == "Tr" and text_of(c).startswith("nDCG@10 by user"))
    assert [text_of(cell) for cell in rows[0].children[1:]] == ["", "25.0 %"]


def test_steps_say_what_goes_on_and_what_failed() -> None:
    steps = [Step("Load the data", "done", 2.0), Step("Train", "running", 0.0)]
    assert text_of(steps_list(steps)) == "Load the data 2.0 s Train under way"
    assert "failed after 3.0 s" in text_of(steps_list([Step("Train", "failed", 3.0)]))
    assert text_of(steps_list([Step("Train", "failed", 0.0)])) == "Train failed", "whose worker is gone"
    assert "left after 3.0 s" in text_of(steps_list([Step("Train", "stopped", 3.0)]))


def test_the_verdict_says_in_a_sentence_what_the_model_beats_and_what_it_does_not(told: dict[str, Any]) -> None:
    recall, rmse = (text_of(headline.verdict(one)) for one in headline.headlines(told))
    assert recall == "Recall@10, all items of 20.0 % : worse than EASE; not surely different from Popularity."
    assert rmse == "RMSE of 1 : better than Mean rating."
    assert headline.listed(["a", "b", "c"]) == "a, b and c"


def test_an_example_customer_shows_hits_and_what_the_list_missed(told: dict[str, Any]) -> None:
    shown = examples.example(told["examples"][0])
    hits = found(shown, lambda c: getattr(c, "className", "") == "hit")
    assert [text_of(hit).split()[0] for hit in hits] == ["p4"]
    assert "Took, but is not recommended (1 of 2)" in text_of(shown)
    assert "and 3 before" in text_of(shown)


def test_an_example_says_whether_seen_products_may_be_listed_and_what_products_are(told: dict[str, Any]) -> None:
    one = told["examples"][0]
    everything = text_of(examples.example({**one, "seen": "all", "about": {"p3": "Shoes, Acme, 24.9", "p6": "Hats, Beta, 7"}}))
    assert "of all products as in the headline" in everything
    assert "Shoes, Acme, 24.9" in everything
    assert "Hats, Beta, 7" in everything
    assert "without products that the customer had" in text_of(examples.example({**one, "seen": "unseen"}))


def test_what_leaving_out_seen_products_means_is_said_at_the_figures(told: dict[str, Any]) -> None:
    model = [{"name": f"recall_at_10{end}", "value": 0.4, "protocol": "", "reason": ""} for end in ("", "_unseen")]
    assert "Products that a customer had" not in text_of(headline.cards(told))
    assert "products that a customer had before the test are not ranked" in text_of(tables.metrics({**told, "metrics": {"model": model}}))
    unseen = {"recall_at_10_unseen": told["lift"]["recall_at_10"]}
    assert "Products that a customer had" in text_of(headline.cards({**told, "lift": unseen}))


def test_a_module_can_be_copied_and_downloaded_and_keeps_every_line() -> None:
    source = "# made\nimport os\n\nprint(os)\n"
    shown = module("trainer.py", source, "/here")
    code = next(iter(found(shown, lambda c: getattr(c, "id", None) == "code-trainer")))
    assert "".join(line.children for line in code.children) == source
    assert found(shown, lambda c: getattr(c, "data-copy", None) == "code-trainer")
    assert found(shown, lambda c: getattr(c, "href", None) == "/here")


def test_example_customers_of_an_earlier_version_do_not_claim_the_headlines_rule(told: dict[str, Any]) -> None:
    one = {name: value for name, value in told["examples"][0].items() if name not in ("seen", "about")}
    assert examples.EARLIER in text_of(examples.example(one))
