"""`trellis features`: made from everything that it can be made from, changed, and refused with every reason."""

from __future__ import annotations

import io
from typing import Any

import pytest

from tests.support.recommender_family import features


def test_smart_defaults_are_what_defaults_shows(trellis: Any, told: Any) -> None:
    made = told("features", "create", "--data", "sales", "--target", "stars")
    assert (made["name"], made["number"], made["version"]) == ("Sales: smart defaults", 1, 1)
    shown = told("features", "defaults", "sales")
    assert {**made["config"], "target_column": None} == shown["config"]
    assert (shown["dims"], shown["left_out"]) == (made["dims"], [])
    assert shown["history"]["data_type"] == "history"
    assert made["config"]["target_column"]["column"] == "stars"
    with_history = told("features", "create", "--data", "sales", "--history", "--name", "H")
    added = with_history["config"]["buyer_model_features"][-1]
    assert (added["column"], added["data_type"]) == ("product", "history")
    assert with_history["dims"]["buyer"]["total"] - made["dims"]["buyer"]["total"] == 8, (
        "7 products have 8 dimensions"
    )
    refused = trellis("features", "create", "--data", "visits", "--history", "--name", "H2")
    assert (refused.code, refused.out) == (1, "")
    assert "no timestamp" in refused.err


@pytest.mark.parametrize("command", [("defaults", "sales"), ("show", "1")])
def test_what_is_told_as_json_makes_the_same_when_piped_into_create(
    trellis: Any, told: Any, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    made = told("features", "create", "--data", "sales")
    answer = trellis("features", *command, "--json")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(answer.out.encode())))
    again = told("features", "create", "--data", "sales", "--file", "-")
    assert again["name"] == "From standard input"
    assert again["content_hash"] == made["content_hash"]


def test_what_is_told_as_json_of_a_model_makes_the_same_when_piped_into_create(
    trellis: Any, told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = told("recommenders", "create", "--preset", "minimal")
    answer = trellis("recommenders", "show", "1", "--json")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(answer.out.encode())))
    again = told("recommenders", "create", "--file", "-")
    assert again["content_hash"] == made["content_hash"]


def test_a_file_of_json_or_yaml_makes_the_same(told: Any, document: Any) -> None:
    whole = features()
    made = told("features", "create", "--data", "sales", "--file", document(whole, "Mine.json"))
    assert made["name"] == "Mine"
    yaml = """
buyer_model_features:
  - {column: customer, data_type: text, is_primary_id: true, transforms: {embedding: {embedding_dim: 8}}}
  - {column: age, data_type: numeric, transforms: {normalize: {range: "[-1,1]"}}}
product_model_features:
  - {column: product, data_type: text, is_primary_id: true, transforms: {embedding: {embedding_dim: 8}}}
target_column: {column: stars}
"""
    again = told("features", "create", "--data", "sales", "--file", document(yaml, "same.yaml"))
    assert again["content_hash"] == made["content_hash"]


def test_a_table_says_what_each_tensor_adds(trellis: Any, told: Any, document: Any) -> None:
    made = told("features", "create", "--data", "sales", "--file", document(features(dim=16)))
    shown = trellis("features", "show", made["number"]).out
    lines = [line.split() for line in shown.splitlines()]
    assert ["Buyer", "customer", "16"] in lines
    assert ["Buyer", "age_norm", "1"] in lines
    assert ["Buyer", "total", "17"] in lines
    assert ["Product", "total", "16"] in lines
    assert told("features", "dims", "document") == told(
        "features", "dims", "--file", document(features(dim=16))
    )
    listed = trellis("features").out.splitlines()[1].split()
    assert listed == ["#1", "document", "Sales", "17", "16", "stars", "1"]


def test_it_is_found_by_id_number_and_name(trellis: Any, told: Any, document: Any) -> None:
    file = document(features())
    ids = [
        told("features", "create", "--data", "sales", "--file", file, "--name", n)["id"] for n in ("A", "1")
    ]
    for reference in (ids[0], "#1", "a", " A "):
        assert told("features", "show", reference)["id"] == ids[0]
    assert told("features", "show", "#2")["id"] == ids[1]
    either = trellis("features", "show", "1")
    assert either.code == 1
    assert "#1 or #2" in either.err
    missing = trellis("features", "show", "AB")
    assert (missing.code, missing.out) == (1, "")
    assert "There is no feature config 'AB'" in missing.err


def test_changes_make_versions_that_can_be_looked_at_and_gone_back_to(
    trellis: Any, told: Any, document: Any
) -> None:
    told("features", "create", "--data", "sales", "--file", document(features()))
    assert told("features", "edit", 1, "--target", "none")["version"] == 2
    assert told("features", "edit", 1, "--name", "Other")["version"] == 2
    assert [v["version"] for v in told("features", "versions", "Other")] == [2, 1]
    (change,) = told("features", "versions", 1, "--since", 1)
    assert (change["pointer"], change["before"]["column"], change["after"]) == (
        "/target_column",
        "stars",
        None,
    )
    table = trellis("features", "versions", 1, "--since", 1).out
    assert "/target_column" not in table
    assert [cell.strip() for cell in table.splitlines()[-1].split("  ") if cell.strip()] == [
        "Target of the features",
        "column stars",
        "none",
    ]
    assert trellis("features", "versions", 1, "--since", 2).out.strip() == "Nothing changed."
    assert trellis("features", "edit", 1, "--target", "stars", "--expected-version", 1).code == 1
    back = told("features", "restore", 1, "--version", 1)
    assert (back["version"], back["config"]["target_column"]["column"]) == (3, "stars")


def test_it_is_cloned_deleted_and_brought_back(trellis: Any, told: Any, document: Any) -> None:
    made = told("features", "create", "--data", "sales", "--file", document(features()), "--name", "F")
    copy = told("features", "clone", "F")
    assert (copy["name"], copy["content_hash"]) == ("F (copy)", made["content_hash"])
    elsewhere = told(
        "features", "create", "--clone", "F (copy)", "--data", "visits", "--target", "price", "--name", "F"
    )
    assert elsewhere["dataset_id"] == "visits"
    assert "#1 or #3" in trellis("features", "show", "F").err
    assert trellis("features", "delete", "#1").code == 0
    assert [r["number"] for r in told("features", "list", "--data", "sales")] == [2]
    assert told("features", "show", "F")["number"] == 3
    assert told("features", "restore", 1)["name"] == "F"


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"buyer_model_features": []}, "F-22", "customer id"),
        ({"target_column": {"column": "city"}}, "F-31", "numeric"),
        ({"target_column": {"column": "age"}}, "F-31", "feature"),
    ],
)
def test_what_is_refused_is_said_with_its_code_and_changes_nothing(
    trellis: Any, told: Any, document: Any, change: Any, code: str, words: str
) -> None:
    said = trellis("features", "create", "--data", "sales", "--file", document({**features(), **change}))
    assert (said.code, said.out) == (1, "")
    assert f"({code})" in said.err
    assert words in said.err
    assert told("features", "list") == []


def test_everything_wrong_is_said_at_once(trellis: Any, document: Any) -> None:
    whole = features(dim=3)
    whole["buyer_model_features"][1]["column"] = "agee"
    said = trellis("features", "create", "--data", "sales", "--file", document(whole))
    assert "3 things are wrong, and nothing was changed." in said.err
    assert said.err.count("embedding_dim must be between 4 and 1024 (F-27)") == 2
    assert 'Column "agee" is not in the dataset (did you mean "age"?) (F-23)' in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ((), 2, "--data is missing"),
        (("--data", "sales", "--from", "ids-32", "--clone", "1"), 2, "exclude each other"),
        (("--data", "sales", "--from", "ids-33"), 1, "Did you mean ids-32?"),
        (("--data", "sales", "--file", "/nowhere.json"), 1, "cannot be read"),
        (("--data", "plain"), 1, "set the columns' roles"),
        (("--data", "salse"), 1, "Did you mean sales?"),
    ],
)
def test_a_wrong_start_is_refused_in_a_sentence(trellis: Any, options: Any, code: int, words: str) -> None:
    said = trellis("features", "create", *options)
    assert (said.code, said.out) == (code, "")
    assert words in said.err


def test_a_file_that_is_no_document_is_refused_with_its_line(trellis: Any, document: Any) -> None:
    said = trellis("features", "create", "--data", "sales", "--file", document("a: [1,\nb", "broken.yaml"))
    assert said.code == 2
    assert "broken.yaml" in said.err


def test_shipped_features_are_listed_with_their_widths(trellis: Any, told: Any) -> None:
    assert "retail-104-72" in {s["name"] for s in told("features", "shipped")}
    row = next(line for line in trellis("features", "shipped").out.splitlines() if "retail-104-72" in line)
    assert row.split()[2:4] == ["104", "72"]
