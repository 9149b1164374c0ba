from __future__ import annotations

from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from recsys.codegen.blocks.softmax import log_frequencies
from recsys.codegen.tensor_keys import keys_of_fitted
from recsys.features.apply import apply, narrow
from recsys.features.config import TOWERS
from recsys.training.rows import LocalDataAccessor, target_constants
from tests.recsys.codegen.tiny import Data, data_of, features_of, prepared, sales


@pytest.fixture(scope="module")
def data() -> Data:
    return data_of("hostile")


def batches(
    data: Data, part: str, size: int, seed: int | None = None, accessor: Any = None
) -> list[dict[str, Any]]:
    options = SimpleNamespace(batch_size=size, num_epochs=1, shuffle=seed is not None, shuffle_seed=seed)
    found = (accessor or LocalDataAccessor(data.parts)).tf_dataset_factory([part], options)
    return [{name: values.numpy() for name, values in batch.items()} for batch in found]


def joined(parts: list[dict[str, Any]]) -> dict[str, np.ndarray]:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def test_rows_are_those_that_the_transforms_give_by_the_trainer_s_keys(data: Data) -> None:
    rows = data.division.rows("test")
    tensors = apply(data.done.fitted, data.table.frame[rows], data.done.histories(rows))
    columns = data.parts["test"].materialised()
    keys = keys_of_fitted(data.done.fitted)
    for tower in TOWERS:
        waiting = list(getattr(tensors, tower).values())
        for output in data.done.fitted.outputs(tower):
            for key in keys[tower, output.name]:
                if output.kind == "history":
                    continue
                np.testing.assert_array_equal(columns[key], waiting.pop(0), err_msg=key)
            if output.kind == "history":
                rows_key, mask_key = keys[tower, output.name]
                padded, mask = waiting.pop(0).padded()
                np.testing.assert_array_equal(columns[rows_key], padded)
                np.testing.assert_array_equal(columns[mask_key], mask)
        assert waiting == []
    wanted = data.table.frame[rows][data.done.features.target_column.column]  # type: ignore[union-attr]
    np.testing.assert_array_equal(columns["target_known"] > 0, wanted.is_not_null().to_numpy())
    assert 0 < columns["target_known"].sum() < len(rows)
    np.testing.assert_allclose(columns["target_value"], wanted.fill_null(0).to_numpy(), rtol=1e-6)


def test_batches_in_order_hold_every_row_once_with_its_history(data: Data) -> None:
    wanted = data.parts["train"].materialised()
    parts = batches(data, "train", 64)
    assert [len(part["item_key"]) for part in parts] == [64] * 12 + [32]
    found = joined(parts)
    for name, array in wanted.items():
        told = np.char.encode(array, "utf-8").astype(object) if array.dtype.kind == "U" else array
        np.testing.assert_array_equal(found[name], told, err_msg=name)
    assert set(found) - set(wanted) == {"target_slope", "target_offset", "target_low", "target_high"}


def test_rows_of_tables_are_kept_as_int32_and_read_as_int64() -> None:
    data = data_of("hostile")
    keys = {key for named in keys_of_fitted(data.done.fitted).values() for key in named} | {"item_key"}
    table_rows = [key for key, array in data.parts["train"].columns.items() if array.dtype != np.float32]
    assert "item_key" in table_rows
    assert len(table_rows) > 2
    assert set(table_rows) <= keys
    found = joined(batches(data, "train", 64))
    whole = data.parts["train"].materialised()
    for key in table_rows:
        assert data.parts["train"].columns[key].dtype == np.int32, key
        assert found[key].dtype == whole[key].dtype == np.int64, key
    for history in data.parts["train"].histories.values():
        assert {array.dtype for array in (history.rows, history.start, history.length)} == {
            np.dtype(np.int32)
        }


def test_rows_of_tables_past_int32_stay_as_they_are() -> None:
    large = np.array([0, 2**31], np.int64)
    assert narrow(large) is large
    assert narrow(large - 1).dtype == np.int32


def test_a_part_of_which_a_dataset_is_made_is_in_memory_once() -> None:
    data = data_of("hostile")
    before = data.parts["train"].materialised()
    accessor = LocalDataAccessor(data.parts)
    batches(data, "train", 64, accessor=accessor)
    held, part = accessor._held["train"], data.parts["train"]
    for key, array in part.columns.items():
        assert np.shares_memory(array, np.asarray(memoryview(held._columns[key]))), key
    for keys, history in part.histories.items():
        for array, tensor in zip(
            (history.rows, history.start, history.length), held._histories[keys], strict=False
        ):
            assert np.shares_memory(array, np.asarray(memoryview(tensor))), keys
    after = part.materialised()
    assert set(after) == set(before)
    for key, array in before.items():
        np.testing.assert_array_equal(after[key], array, err_msg=key)


def test_shuffled_batches_follow_from_their_seed_and_reach_over_all_rows(data: Data) -> None:
    accessor = LocalDataAccessor(data.parts)
    first, again, other = (joined(batches(data, "train", 100, seed, accessor)) for seed in (3, 3, 4))
    for name, array in first.items():
        np.testing.assert_array_equal(again[name], array)
    assert not np.array_equal(first["item_id"], other["item_id"])
    assert Counter(first["item_id"]) == Counter(other["item_id"])
    plain = joined(batches(data, "train", 100))
    order = {
        (row, item): place
        for place, (row, item) in enumerate(zip(plain["item_key"], plain["item_id"], strict=True))
    }
    reached = [order[pair] for pair in zip(first["item_key"][:100], first["item_id"][:100], strict=True)]
    assert max(reached) > 700


@pytest.mark.parametrize("normalize", [True, False])
def test_the_constants_of_a_target_lead_back_to_its_own_units(normalize: bool) -> None:
    target = data_of("ids", normalize=normalize).done.fitted.target
    assert target is not None
    constants = target_constants(target)
    ratings = np.linspace(1, 5, 9)
    learnt = target.forward(ratings)
    assert (np.abs(learnt).max() < 4) == normalize
    back = learnt * constants["target_slope"] + constants["target_offset"]
    np.testing.assert_allclose(back, ratings, rtol=1e-6)
    assert (constants["target_low"], constants["target_high"]) == (1, 5)


def test_frequencies_of_items_are_train_counts_plus_one_with_one_place_for_unknown_items() -> None:
    data = prepared(sales(), features_of("ids"))
    path = Path(data.output.vocabulary_file_by_name("item_key_freq"))
    lines = [line.split(" ", 1) for line in path.read_text().splitlines()]
    train = Counter(data.table.frame["product_id"][data.division.parts.train].to_list())
    assert {item: int(count) for count, item in lines} == dict(train)
    found = log_frequencies(data.output)
    counts = np.array([train[item] for _, item in lines] + [0]) + 1
    np.testing.assert_allclose(found, np.log(counts / counts.sum()), rtol=1e-6)
    keys = data.parts["test"].columns["item_key"]
    items = data.division.item_ids[data.division.data.item[data.division.rows("test")]]
    for key, item in zip(keys, items, strict=True):
        assert found[key] == pytest.approx(np.log((train[item] + 1) / counts.sum()), rel=1e-5)
