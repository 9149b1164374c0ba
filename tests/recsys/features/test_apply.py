from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np
import polars as pl
import pytest

from recsys.features.apply import Arrays, apply, apply_tower
from recsys.features.config import TOWERS, FeatureConfig
from recsys.features.fit import fit
from recsys.features.fitted import Fitted
from recsys.features.hashing import fingerprint64
from recsys.features.histories import ItemHistories
from recsys.features.numbers import Scale
from recsys.features.outputs import tower_outputs
from tests.recsys.features.examples import retail, rich, table


def one(column: str, data_type: str, **transforms: Any) -> FeatureConfig:
    """A config with one buyer feature."""
    feature = {"column": column, "data_type": data_type, "transforms": transforms}
    return FeatureConfig.model_validate({"buyer_model_features": [feature]})


def applied(
    config: FeatureConfig, train: dict[str, list], rows: dict[str, list] | None = None, **schema: Any
) -> Arrays:
    """The buyer tower's arrays of some rows after fitting on others."""
    frame = pl.DataFrame(train, schema_overrides=schema)
    fitted = fit(config, frame)
    return apply_tower(
        fitted, "buyer", frame if rows is None else pl.DataFrame(rows, schema_overrides=schema)
    )


def values(arrays: Arrays, name: str) -> np.ndarray:
    found = arrays[name]
    assert isinstance(found, np.ndarray)
    return found


def test_terms_become_rows_by_hand() -> None:
    train = {"id": ["b", "b", "a", None, "", "007", "7"]}
    arrays = applied(
        one("id", "text", embedding={"oov_buckets": 3}),
        train,
        {"id": ["b", None, "", "a", "7", "007", "new"]},
    )
    # by count, then bytewise, both falling: __missing__ 2 and b 2, then a, 7, 007
    unknown = 5 + int(fingerprint64(["new"])[0]) % 3
    assert values(arrays, "id").tolist() == [0, 1, 1, 2, 3, 4, unknown]
    assert values(arrays, "id").dtype == np.int64


def test_integer_ids_are_the_same_terms_in_any_type() -> None:
    config = one("id", "text", embedding={})
    whole = applied(config, {"id": [1, 2, 2, 3, 3, 3]})
    as_float = applied(config, {"id": [1.0, 2.0, 2.0, 3.0, 3.0, 3.0]})
    as_text = applied(config, {"id": ["1", "2", "2", "3", "3", "3"]})
    assert (
        values(whole, "id").tolist()
        == values(as_float, "id").tolist()
        == values(as_text, "id").tolist()
        == [2, 1, 1, 0, 0, 0]
    )


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("[-1,1]", [-1, -1 + math.log(4) / math.log(4), 1, -1, 1, 0, -1]),
        ("[0,1]", [0, math.log(4) / math.log(16), 1, 0, 1, 0.5, 0]),
        ("z_score", [-math.sqrt(1.5), 0, math.sqrt(1.5), -10, 10, 0, -10]),
    ],
)
def test_a_logarithm_comes_before_the_scale_and_values_outside_its_domain_are_the_least(
    kind: str, expected: list[float]
) -> None:
    config = one("x", "numeric", normalize={"range": kind}, log_transform=True, null_flag=True)
    arrays = applied(config, {"x": [0.0, 3.0, 15.0]}, {"x": [0.0, 3.0, 15.0, -1.0, 1e30, None, -7.0]})
    np.testing.assert_allclose(values(arrays, "x_norm"), expected, atol=1e-6)
    assert values(arrays, "x_null").tolist() == [0, 0, 0, 0, 0, 1, 0]


def test_nan_is_null_in_every_transform_of_a_number() -> None:
    config = one("x", "numeric", normalize={}, bucketize={"buckets": 2}, null_flag=True)
    arrays = applied(config, {"x": [0.0, 2.0, float("nan"), None]})
    assert values(arrays, "x_norm").tolist() == [-1.0, 1.0, 0.0, 0.0]
    assert values(arrays, "x_bucket").tolist() == [0, 1, 2, 2]
    assert values(arrays, "x_null").tolist() == [0.0, 0.0, 1.0, 1.0]
    assert values(arrays, "x_null").dtype == np.float32


def test_truth_values_and_whole_numbers_are_numbers() -> None:
    config = one("x", "numeric", normalize={"range": "[0,1]"})
    assert values(applied(config, {"x": [True, False, None, True]}), "x_norm").tolist() == pytest.approx(
        [1, 0, 2 / 3, 1]
    )
    assert values(applied(config, {"x": [2, 4, 6]}), "x_norm").tolist() == [0, 0.5, 1]


def test_times_are_normalised_on_seconds_since_the_first_and_null_has_no_phase() -> None:
    times = [dt.datetime(2024, 2, 29, 12), dt.datetime(2024, 3, 1, 12), None, dt.datetime(2024, 3, 2, 12)]
    config = one(
        "t",
        "temporal",
        normalize={},
        bucketize={"buckets": 2},
        cyclical={"monthly": True, "daily": True},
        null_flag=True,
    )
    arrays = applied(config, {"t": times})
    np.testing.assert_allclose(values(arrays, "t_norm"), [-1, 0, 0, 1], atol=1e-7)
    assert values(arrays, "t_bucket").tolist() == [0, 1, 2, 1]
    assert values(arrays, "t_null").tolist() == [0, 0, 1, 0]
    angle = 2 * math.pi * np.array([28.5 / 29, 0.5 / 31, 0.0, 1.5 / 31])
    known = np.array([1, 1, 0, 1])
    np.testing.assert_allclose(values(arrays, "t_monthly_sin"), np.sin(angle) * known, atol=1e-6)
    np.testing.assert_allclose(values(arrays, "t_monthly_cos"), np.cos(angle) * known, atol=1e-6)
    np.testing.assert_allclose(values(arrays, "t_daily_cos"), [-1, -1, 0, -1], atol=1e-7)
    assert list(arrays) == [
        "t_norm",
        "t_bucket",
        "t_monthly_sin",
        "t_monthly_cos",
        "t_daily_sin",
        "t_daily_cos",
        "t_null",
    ]


def test_two_times_a_second_apart_differ_after_every_transform_that_can_tell() -> None:
    times = [
        dt.datetime(2024, 5, 5, 1, 2, 3),
        dt.datetime(2024, 5, 5, 1, 2, 4),
        dt.datetime(2024, 5, 5, 1, 2, 5),
    ]
    arrays = applied(one("t", "temporal", normalize={}, cyclical={"daily": True}), {"t": times})
    assert values(arrays, "t_norm").tolist() == [-1.0, 0.0, 1.0]
    assert len(set(values(arrays, "t_daily_sin").tolist())) == 3


def test_a_cross_hashes_each_rows_tokens_joined_by_the_unit_separator() -> None:
    members = [
        {"column": "a", "type": "text"},
        {"column": "x", "type": "numeric", "crossing_buckets": 2},
        {"column": "t", "type": "temporal", "crossing_buckets": 2},
    ]
    crosses = [
        {"features": members, "hash_bucket_size": 997},
        {"features": members[:2][::-1], "hash_bucket_size": 997},
    ]
    config = FeatureConfig.model_validate({"buyer_model_crosses": crosses})
    train = {
        "a": ["u", "v", None, "", "é"],
        "x": [0.0, 10.0, 10.0, None, 0.0],
        "t": [dt.datetime(2024, 1, day) if day else None for day in (1, 2, 3, 0, 1)],
    }
    arrays = applied(config, train)
    # edges: x at 5; t at the median of days 1, 1, 2, 3, half a day after the first
    tokens = ["u\x1f0\x1f0", "v\x1f1\x1f1", "__missing__\x1f1\x1f1", "__missing__\x1f2\x1f2", "é\x1f0\x1f0"]
    assert values(arrays, "a_x_x_x_t_cross").tolist() == [int(h) % 997 for h in fingerprint64(tokens)]
    pairs = ["0\x1fu", "1\x1fv", "1\x1f__missing__", "2\x1f__missing__", "0\x1fé"]
    assert values(arrays, "x_x_a_cross").tolist() == [int(h) % 997 for h in fingerprint64(pairs)]


def test_a_cross_of_many_combinations_is_each_rows_own() -> None:
    rng = np.random.default_rng(0)
    a, b, c = (rng.integers(0, size, 3000) for size in (900, 800, 700))
    members = [{"column": name, "type": "text"} for name in "abc"]
    config = FeatureConfig.model_validate(
        {"buyer_model_crosses": [{"features": members, "hash_bucket_size": 10**6}]}
    )
    arrays = applied(config, {"a": a.tolist(), "b": b.tolist(), "c": c.tolist()})
    expected = fingerprint64([f"{i}\x1f{j}\x1f{k}" for i, j, k in zip(a, b, c, strict=True)]) % np.uint64(
        10**6
    )
    np.testing.assert_array_equal(values(arrays, "a_x_b_x_c_cross"), expected.astype(np.int64))


def whole() -> tuple[Fitted, pl.DataFrame, ItemHistories]:
    frame = table()
    config = FeatureConfig.model_validate(rich() | {"target_column": {"column": "user_rating"}})
    fitted = fit(config, frame, np.arange(250))
    rng = np.random.default_rng(0)
    start = rng.integers(0, 300, 400)
    ids = [f"P{n:03d}" for n in range(45)]
    return fitted, frame, ItemHistories(rng.integers(0, 45, 400), start, rng.integers(0, 90, 400), ids)


def part_of(histories: ItemHistories, rows: np.ndarray) -> ItemHistories:
    return ItemHistories(histories.items, histories.start[rows], histories.length[rows], histories.item_ids)


def dense(arrays: Arrays) -> dict[str, np.ndarray]:
    """Everything as arrays with a first axis of rows."""
    found: dict[str, np.ndarray] = {}
    for name, array in arrays.items():
        if isinstance(array, np.ndarray):
            found[name] = array
        else:
            found[name], found[f"{name} mask"] = array.padded()
    return found


@pytest.mark.parametrize("size", [1, 37, 400])
def test_batches_of_any_size_and_order_give_the_same_rows(size: int) -> None:
    fitted, frame, histories = whole()
    expected = apply(fitted, frame, histories)
    buyer, product = dense(expected.buyer), dense(expected.product)
    assert expected.target is not None
    order = np.random.default_rng(1).permutation(400)
    for at in range(0, 400, max(size, 29)):
        rows = order[at : at + size]
        got = apply(fitted, frame[rows], part_of(histories, rows))
        for name, array in {**dense(got.buyer), **dense(got.product)}.items():
            source = buyer if name in buyer else product
            np.testing.assert_array_equal(array, source[name][rows], err_msg=name)
        np.testing.assert_array_equal(got.target, expected.target[rows])


def test_arrays_have_the_names_order_types_and_bounds_of_what_was_fitted() -> None:
    fitted, frame, histories = whole()
    config = FeatureConfig.model_validate(rich())
    got = apply(fitted, frame, histories)
    for tower, arrays in zip(TOWERS, (got.buyer, got.product), strict=True):
        assert list(arrays) == [name for output in tower_outputs(config, tower) for name in output.arrays]
        rows = fitted.table_rows(tower)
        for name, array in arrays.items():
            assert len(array) == 400
            if not isinstance(array, np.ndarray):
                assert array.rows.max() < rows.get("product_id", 41)
            elif name in rows:
                assert array.dtype == np.int64
                assert 0 <= array.min() <= array.max() < rows[name]
            else:
                assert array.dtype == np.float32
                assert np.abs(array).max() <= 1


def test_a_target_is_zero_and_unknown_where_it_is_missing_and_absent_without_its_column() -> None:
    fitted, frame, histories = whole()
    got = apply(fitted, frame, histories)
    assert got.target is not None
    assert got.known is not None
    assert got.target.dtype == np.float32
    assert np.flatnonzero(~got.known).tolist() == [4]
    assert got.target[4] == 0
    ratings = frame["user_rating"].to_numpy()[:250]
    mean, std = np.nanmean(ratings), np.nanstd(ratings)
    np.testing.assert_allclose(got.target[:4], (ratings[:4] - mean) / std, rtol=1e-5)
    without = apply(fitted, frame.drop("user_rating"), histories)
    assert without.target is None
    assert without.known is None


def test_a_tower_needs_no_column_of_the_other() -> None:
    fitted, frame, histories = whole()
    products = frame.select("product_id", "category", "sub_category")
    np.testing.assert_array_equal(
        values(apply_tower(fitted, "product", products), "product_id"),
        values(apply(fitted, frame, histories).product, "product_id"),
    )
    buyers = frame.select("customer_id", "customer_revenue_90d", "trans_date", "city")
    assert list(apply_tower(fitted, "buyer", buyers, histories)) == list(
        apply(fitted, frame, histories).buyer
    )


def test_rows_of_nulls_alone_are_rows_like_others() -> None:
    fitted, frame, _ = whole()
    nulls = frame.clear(3)
    empty = ItemHistories(np.array([], np.int64), np.zeros(3, np.int64), np.zeros(3, np.int64), [])
    arrays = apply(fitted, nulls, empty)
    for name, array in {**dense(arrays.buyer), **dense(arrays.product)}.items():
        assert np.isfinite(array).all(), name
    assert dense(arrays.buyer)["product_id_history mask"].sum() == 0
    assert values(arrays.buyer, "trans_date_weekly_cos").tolist() == [0, 0, 0]


def test_no_rows_are_no_rows() -> None:
    fitted, frame, histories = whole()
    got = apply(fitted, frame.clear(), part_of(histories, np.array([], np.int64)))
    assert {len(array) for array in (*got.buyer.values(), *got.product.values())} == {0}


def test_what_rows_lack_is_said() -> None:
    fitted, frame, histories = whole()
    with pytest.raises(ValueError, match="product_id_history needs the histories"):
        apply(fitted, frame)
    with pytest.raises(ValueError, match="histories of 400 rows for 10 rows"):
        apply(fitted, frame.head(10), histories)
    with pytest.raises(ValueError, match='column "city" is not in these rows'):
        apply(fitted, frame.drop("city"), histories)


def test_one_column_in_both_towers_keeps_two_sets_of_statistics() -> None:
    document = retail()
    both = {
        "column": "customer_revenue_90d",
        "data_type": "numeric",
        "transforms": {"normalize": {"range": "z_score"}},
    }
    document["product_model_features"].append(both)
    frame = table()
    fitted = fit(FeatureConfig.model_validate(document), frame)
    got = apply(fitted, frame)
    buyer, product = (values(arrays, "customer_revenue_90d_norm") for arrays in (got.buyer, got.product))
    assert abs(buyer).max() <= 1 < abs(product).max()


def test_applying_reads_what_was_fitted_from_its_json() -> None:
    fitted, frame, histories = whole()
    again = apply(Fitted.model_validate_json(fitted.model_dump_json()), frame, histories)
    expected = apply(fitted, frame, histories)
    for name, array in dense(expected.buyer).items():
        np.testing.assert_array_equal(dense(again.buyer)[name], array)


def test_a_scale_is_float32_of_the_float64_formula() -> None:
    frame = table()
    fitted = fit(FeatureConfig.model_validate(retail()), frame)
    scale = next(o.scale for o in fitted.buyer if o.kind == "norm" and o.name == "customer_revenue_90d_norm")
    assert isinstance(scale, Scale)
    raw = frame["customer_revenue_90d"].fill_null(scale.mean).to_numpy()
    expected = (2 * (raw - raw.min()) / (raw.max() - raw.min()) - 1).astype(np.float32)
    np.testing.assert_allclose(
        values(apply(fitted, frame).buyer, "customer_revenue_90d_norm"), expected, rtol=1e-6, atol=1e-7
    )
