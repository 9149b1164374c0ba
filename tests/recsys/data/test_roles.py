"""What columns are taken for, by their names and their values."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from recsys.data.dependence import determined_by
from recsys.data.roles import Candidate, is_id_name, suggest_roles
from recsys.data.schema import DataType, Role
from recsys.data.shop_params import BUILT_IN
from recsys.data.shops import ROLES, load
from recsys.data.upload import read_import


def suggested(*columns: str, given: dict[str, Role] | None = None, **types: DataType) -> dict[str, Role]:
    made = [Candidate(name, types.get(name, "text"), False, 5, 1000) for name in columns]
    return suggest_roles(made, given or {})


@pytest.mark.parametrize(
    ("user", "item"),
    [
        ("customer_id", "product_id"),
        ("userId", "movieId"),
        ("User ID", "Item ID"),
        ("buyer_key", "sku"),
        ("userid", "itemid"),
        ("user_code", "product_sku"),
    ],
)
def test_ids_are_found_by_their_names(user: str, item: str) -> None:
    assert suggested(user, item, "x") == {user: "user_id", item: "item_id", "x": "context"}


def test_the_plainest_id_wins_and_others_are_attributes() -> None:
    found = suggested(
        "customer_zip", "customer_id", "product_code", "product_id", "product_name", "customer_age"
    )
    assert found == {
        "customer_zip": "user_attribute", "customer_id": "user_id", "product_code": "item_attribute",
        "product_id": "item_id", "product_name": "item_attribute", "customer_age": "user_attribute",
    }  # fmt: skip


def test_a_column_with_many_values_is_an_identifier_unless_it_holds_fractions() -> None:
    many = [
        Candidate("user", "text", False, 500, 1000),
        Candidate("product", "numeric", True, 101, 1000),
        Candidate("product_price", "numeric", False, 900, 1000),
        Candidate("session", "text", False, 900, 1000),
    ]
    assert suggest_roles(many, {}) == {
        "user": "user_id", "product": "item_id", "product_price": "item_attribute", "session": "ignore"
    }  # fmt: skip


def test_outcomes_times_and_lists() -> None:
    found = suggested(
        "rating", "total_amount", "wasPurchased", "when", "tags", when="temporal", tags="list_text"
    )
    assert found == {
        "rating": "outcome", "total_amount": "outcome", "wasPurchased": "outcome", "when": "timestamp", "tags": "ignore"
    }  # fmt: skip
    two = suggested("sent", "paid", sent="temporal", paid="temporal")
    assert two == {"sent": "context", "paid": "context"}


def test_what_a_person_chose_stays_and_is_given_to_nobody_else() -> None:
    found = suggested(
        "user_id",
        "who",
        "when",
        "then",
        given={"who": "user_id", "when": "timestamp"},
        when="temporal",
        then="temporal",
    )
    assert found == {"user_id": "user_attribute", "who": "user_id", "when": "timestamp", "then": "context"}


def test_names_of_ids() -> None:
    assert all(map(is_id_name, ["id", "order_id", "orderId", "post code", "ZIP", "sku"]))
    assert not any(map(is_id_name, ["paid", "idea", "zipper", "", "__"]))


def test_columns_that_an_id_determines_are_found() -> None:
    frame = pl.DataFrame(
        {
            "item": ["a", "b", "a", "b", "a", None],
            "kind": ["x", "y", "x", "y", None, "z"],
            "price": [1, 2, 1, 3, 1, 9],
            "same": [1] * 6,
        }
    )
    assert determined_by(frame, "item", ["kind", "price", "same"]) == {"kind"}
    assert determined_by(frame.with_row_index(), "index", ["kind"]) == set()
    assert determined_by(frame, "item", []) == set()


def test_the_simulated_shop_is_recognised_from_its_csv(tmp_path: Path) -> None:
    load().frame.write_csv(tmp_path / "sales.csv")
    read = read_import(tmp_path / "sales.csv")
    assert isinstance(read.content, Path)
    read.content.unlink()
    found = {entry["column"]: entry["role"] for entry in read.manifest.about["columns"]}
    # by its name the customer's revenue so far is an outcome, which it is not
    assert found == {**ROLES, "customer_revenue_90d": "outcome"}
    assert read.manifest.content_sha256 == load().manifest.content_sha256
    assert load().manifest.source == BUILT_IN
