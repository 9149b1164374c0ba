"""`trellis recommenders`: model configurations from presets, recipes, files and settings, and their code."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from recsys.model.recipes import RECIPES
from tests.support.recommender_family import features


@pytest.fixture
def pair(told: Any, document: Any) -> tuple[str, str]:
    """The names of a feature configuration and of a model configuration."""
    told("features", "create", "--data", "sales", "--file", document(features()), "--name", "F")
    told("recommenders", "create", "--preset", "minimal", "--set", "epochs=2", "--name", "M")
    return "F", "M"


def test_a_preset_brings_towers_and_settings_go_over_it(told: Any, trellis: Any) -> None:
    made = told(
        "recommenders", "create", "--preset", "standard", "--set", "epochs=3", "--set", "clipnorm=null"
    )
    assert (made["name"], made["number"]) == ("Standard", 1)
    assert made["buyer_tower_summary"] == "128→64→32"
    values = made["values"]
    assert (values["epochs"], values["clipnorm"], values["optimizer"]) == (3, None, "adam")
    assert made["estimated_params"]["total"] == 40_128, "as worked out by hand for inputs 100 and 50"
    row = trellis("recommenders").out.splitlines()[1].split()
    assert row == ["#1", "Standard", "Retrieval", "128→64→32", "adam", "0.005", "3", "40,128"]


def test_a_recipe_is_made_as_it_is_listed(trellis: Any, told: Any) -> None:
    made = told("recommenders", "create", "--recipe", "best_multitask")
    listed = next(r for r in told("recommenders", "recipes") if r["recipe"] == "best_multitask")
    assert made["values"] == listed["values"]
    assert made["rating_head_summary"] == "256→64→1"
    said = trellis("recommenders", "create", "--recipe", "best_retrieval")
    assert RECIPES["best_retrieval"].expectation in said.err


def test_parameters_are_counted_for_the_features_that_are_named(trellis: Any, told: Any, pair: Any) -> None:
    chosen, model = pair
    shown = told("recommenders", "show", model, "--features", chosen)
    by_hand = (9 * 64 + 64) + (64 * 32 + 32) + (8 * 64 + 64) + (64 * 32 + 32)
    assert shown["estimated_params"]["total"] == by_hand
    assert shown["embedding_params"] == (12 + 1) * 8 + (7 + 1) * 8, (
        "12 customers and 7 products, and one row for others"
    )
    words = trellis("recommenders", "show", model, "--features", chosen).out
    assert f"{by_hand:,} (" in words
    assert "100 and 50 assumed" in trellis("recommenders", "show", model).out


def test_layers_can_be_set_and_a_file_can_hold_all(told: Any, document: Any) -> None:
    layers = '[{"type": "dense", "units": 16}, {"type": "dropout", "rate": 0.1}]'
    made = told("recommenders", "create", "--set", f"buyer_tower_layers={layers}", "--name", "Own")
    assert (made["buyer_tower_summary"], made["towers_identical"]) == ("16", False)
    again = told("recommenders", "create", "--file", document(made["values"], "Again.json"))
    assert (again["name"], again["content_hash"]) == ("Again", made["content_hash"])


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--set", "output_embedding_dim=4"), ["at least 8 (M-46)"]),
        (("--set", "epochs=0", "--set", "epoch=1"), ["epochs must be between 1 and 500", 'Unknown field "epoch"']),
        (("--set", "buyer_tower_layers=[]"), ["Buyer tower must have at least one layer (M-40)"]),
        (("--set", "share_tower_weights=true", "--preset", "asymmetric"), ["identical tower architectures (M-42)"]),
        (("--preset", "standart"), ["There is no preset 'standart'.", "Did you mean standard?"]),
        (("--recipe", "standard"), ["There is no recipe 'standard'."]),
        (("--name", " "), ["Name is required (M-50)"]),
    ],
)  # fmt: skip
def test_what_is_refused_is_said_and_changes_nothing(
    trellis: Any, told: Any, options: Any, expected: list[str]
) -> None:
    said = trellis("recommenders", "create", *options)
    assert (said.code, said.out) == (1, "")
    for words in expected:
        assert words in said.err
    assert told("recommenders", "list") == []


def test_options_that_exclude_each_other_are_wrong_usage(trellis: Any) -> None:
    assert trellis("recommenders", "create", "--preset", "deep", "--recipe", "best_top10").code == 2
    assert trellis("recommenders", "create", "--set", "epochs").code == 2
    assert trellis("recommenders", "edit", "1").code == 2


def test_after_a_test_the_architecture_stays_and_the_rest_changes(trellis: Any, told: Any, pair: Any) -> None:
    told("recommenders", "edit", "M", "--set", "output_embedding_dim=16")
    told("quick-tests", "start", *pair)
    refused = trellis("recommenders", "edit", "M", "--set", "output_embedding_dim=32")
    assert refused.code == 1
    assert "cannot change once a test has used it" in refused.err
    assert "Clone" in refused.err
    assert told("recommenders", "edit", "M", "--set", "learning_rate=0.01")["version"] == 3
    assert trellis("recommenders", "restore", "M", "--version", 1).code == 1
    (change,) = told("recommenders", "versions", "M", "--since", 2)
    assert (change["pointer"], change["after"]) == ("/training/learning_rate", 0.01)
    table = trellis("recommenders", "versions", "M", "--since", 1).out
    assert "Learning rate" in table
    assert "Embedding size" in table
    assert "/" not in table.replace("relu", "")
    assert "locked" in trellis("recommenders", "show", "M").out
    copy = told("recommenders", "clone", "M", "--name", "Free")
    assert told("recommenders", "edit", copy["number"], "--set", "output_embedding_dim=32")["version"] == 2


def test_the_code_is_two_modules_that_say_what_they_were_made_from(
    trellis: Any, told: Any, pair: Any
) -> None:
    chosen, model = pair
    both = told("recommenders", "code", model, chosen)
    assert [both[name]["problem"] for name in ("trainer", "preprocessing")] == [None, None]
    printed = trellis("recommenders", "code", model, chosen).out
    assert printed == both["trainer"]["source"]
    defined = {
        node.name for node in ast.parse(printed).body if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    assert {"run_fn", "BuyerModel", "ProductModel", "RetrievalModel"} <= defined
    assert "EPOCHS = 2\n" in printed
    assert '# Features: "F (fc_' in printed
    other = trellis("recommenders", "code", model, chosen, "--preprocessing").out
    assert "preprocessing_fn" in {n.name for n in ast.parse(other).body if isinstance(n, ast.FunctionDef)}
    assert told("recommenders", "code", model, chosen) == both


def test_code_of_a_pair_that_does_not_fit_is_refused_with_the_reason(
    trellis: Any, told: Any, document: Any
) -> None:
    told("features", "create", "--data", "sales", "--file", document(features(target=None)), "--name", "F")
    told("recommenders", "create", "--set", "model_type=ranking", "--name", "R")
    refused = trellis("recommenders", "code", "R", "F")
    assert (refused.code, refused.out) == (1, "")
    assert "Rating column required for ranking/multitask models (C-2)" in refused.err
    assert "RankingModel" in trellis("recommenders", "code", "R", "F", "--rating-column", "stars").out


def test_presets_are_listed_with_heads(told: Any, trellis: Any) -> None:
    found = told("recommenders", "presets")
    assert list(found["towers"]) == ["minimal", "standard", "deep", "asymmetric", "regularized"]
    assert found["heads"]["deep"]["rating_head_layers"][0] == {
        "type": "dense", "units": 512, "activation": "relu", "l2_reg": 0.001,
    }  # fmt: skip
    assert "512→256→64→1" in trellis("recommenders", "presets").out
