from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from recsys.codegen.tensor_keys import keys_of_fitted
from recsys.features.apply import apply, apply_tower
from recsys.features.config import TOWERS, FeatureConfig, Tower
from recsys.features.fit import fit
from recsys.training.legacy_keras import keras, tf
from recsys.training.local_transform import LocalTransformOutput
from recsys.training.raw_columns import raw_arrays
from tests.recsys.training import everything

ROWS = 300


@pytest.fixture(scope="module")
def transform(tmp_path_factory: pytest.TempPathFactory) -> LocalTransformOutput:
    return LocalTransformOutput(everything.fitted(), everything.SCHEMA, tmp_path_factory.mktemp("terms"))


@pytest.fixture(scope="module")
def layer(transform: LocalTransformOutput) -> Any:
    return transform.transform_features_layer()


def request_of(transform: LocalTransformOutput, *towers: Tower) -> dict[str, np.ndarray]:
    columns = {name: column for tower in towers for name, column in transform.raw_columns(tower).items()}
    return raw_arrays(columns, everything.table(), everything.histories())


def expected(*towers: Tower) -> dict[str, np.ndarray]:
    fitted, keys = everything.fitted(), keys_of_fitted(everything.fitted())
    tensors = apply(fitted, everything.table(), everything.histories())
    both = {"buyer": tensors.buyer, "product": tensors.product}
    return {k: a for tower in towers for k, a in everything.by_key(keys, tower, both[tower]).items()}


def assert_equal(found: dict[str, Any], wanted: dict[str, np.ndarray]) -> None:
    assert found.keys() == wanted.keys()
    for name, array in wanted.items():
        got = np.asarray(found[name])
        assert got.dtype == array.dtype, name
        if array.dtype == np.int64 or name.endswith("_mask"):
            np.testing.assert_array_equal(got, array, err_msg=name)
        else:
            np.testing.assert_allclose(got, array, rtol=0, atol=1e-6, err_msg=name)


def tensors(raw: dict[str, np.ndarray], rows: slice = slice(None)) -> dict[str, Any]:
    return {name: tf.constant(array[rows]) for name, array in raw.items()}


def test_the_layer_gives_the_tensors_of_the_numpy_path(transform: LocalTransformOutput, layer: Any) -> None:
    assert_equal(layer(tensors(request_of(transform, *TOWERS))), expected(*TOWERS))


@pytest.mark.parametrize("tower", TOWERS)
def test_a_tower_is_served_without_the_columns_of_the_other(
    transform: LocalTransformOutput, layer: Any, tower: Tower
) -> None:
    assert_equal(layer(tensors(request_of(transform, tower))), expected(tower))


def test_columns_of_shape_b_by_1_and_batches_of_any_size_give_the_same(
    transform: LocalTransformOutput, layer: Any
) -> None:
    raw, wanted = request_of(transform, *TOWERS), expected(*TOWERS)
    columns = {n: a if a.ndim == 2 else a[:, None] for n, a in raw.items()}
    for rows in (slice(0, 1), slice(7, 44), slice(0, 0)):
        assert_equal(layer(tensors(columns, rows)), {name: array[rows] for name, array in wanted.items()})


def test_a_request_without_the_columns_of_any_tower_is_refused(layer: Any) -> None:
    with pytest.raises(
        ValueError, match=r"no tower has all its columns: buyer lacks 'user', .*; product lacks"
    ):
        layer({"price": tf.constant([1.0])})


def test_text_is_escaped_and_null_as_in_the_numpy_path(layer: Any, transform: LocalTransformOutput) -> None:
    frame = everything.table().with_columns(
        pl.Series(everything.HOSTILE, (everything.TERMS * 30)[:ROWS], dtype=pl.String)
    )
    raw = request_of(transform, "buyer")
    raw[everything.HOSTILE] = np.array([t or "" for t in frame[everything.HOSTILE]], object)
    fitted = everything.fitted()
    wanted = apply_tower(fitted, "buyer", frame, everything.histories())
    keys = keys_of_fitted(fitted)
    assert_equal(layer(tensors(raw)), everything.by_key(keys, "buyer", wanted))


def test_numbers_come_in_any_type_of_number(layer: Any, transform: LocalTransformOutput) -> None:
    raw = tensors(request_of(transform, *TOWERS), slice(0, 4))
    raw["visits"] = tf.constant([3.0, 1.0, float("nan"), 0.0], tf.float64)
    wanted = layer(raw)
    for other in (
        tf.constant([3, 1, -(2**63), 0], tf.int64),
        tf.constant([3.0, 1.0, float("nan"), 0.0], tf.float32),
        tf.SparseTensor([[0, 0], [1, 0], [3, 0]], tf.constant([3, 1, 0], tf.int64), [4, 1]),
    ):
        found = layer(raw | {"visits": other})
        for name in ("buyer_visits_norm", "buyer_visits_bucket"):
            np.testing.assert_array_equal(found[name], wanted[name])


def test_times_are_refused_as_floats_and_terms_as_fractions(
    layer: Any, transform: LocalTransformOutput
) -> None:
    raw = tensors(request_of(transform, "buyer"), slice(0, 1))
    with pytest.raises(TypeError, match="times come as whole seconds in int64, not as float32"):
        layer(raw | {"when": tf.constant([1.7e9])})
    with pytest.raises(TypeError, match="terms come as text or whole numbers, not as float32"):
        layer(raw | {"code": tf.constant([1.5])})


def test_ragged_and_padded_histories_give_the_same(layer: Any, transform: LocalTransformOutput) -> None:
    raw = tensors(request_of(transform, "buyer"), slice(0, 3))
    name = next(n for n, c in transform.raw_columns("buyer").items() if c.form == "items")
    assert name == "item_history_2"
    items = [["i1", "i2", "i3", "i4", "i5", "zzz"], [], ["i7"]]
    padded = tf.constant([["", *row, "", *[""] * (6 - len(row))] for row in items])
    found = [layer(raw | {name: each}) for each in (tf.ragged.constant(items), padded)]
    vocabulary = {term.decode(): n for n, term in enumerate(transform.vocabulary_by_name("product_item"))}
    unknown = layer(tensors(request_of(transform, "product"), slice(0, 1)) | {"item": tf.constant(["zzz"])})
    last = int(unknown["product_item"][0])
    rows = [[*(vocabulary[f"i{n}"] for n in (3, 4, 5)), last], [0] * 4, [vocabulary["i7"], 0, 0, 0]]
    for each in found:
        assert each["buyer_item_history"].numpy().tolist() == rows
        assert each["buyer_item_history_mask"].numpy().tolist() == [[1] * 4, [0] * 4, [1, 0, 0, 0]]


def test_values_a_billionth_apart_stay_on_their_sides_of_an_edge(tmp_path: Path) -> None:
    # quantiles of two rows: the edge is halfway
    feature = {"column": "x", "data_type": "numeric", "transforms": {"bucketize": {"buckets": 2}}}
    config = FeatureConfig.model_validate({"buyer_model_features": [feature]})
    fitted = fit(config, pl.DataFrame({"x": [1.0, 1.0 + 2e-9]}))
    made = LocalTransformOutput(fitted, {"x": "numeric"}, tmp_path).transform_features_layer()
    found = made({"x": tf.constant([1.0, 1.0 + 1e-9, 1.0 + 2e-9], tf.float64)})
    assert found["buyer_x_bucket"].numpy().tolist() == [0, 1, 1]


def test_a_vocabulary_without_terms_hashes_everything(tmp_path: Path) -> None:
    embedding = {"min_frequency": 9, "oov_buckets": 4}
    feature = {"column": "x", "data_type": "text", "transforms": {"embedding": embedding}}
    config = FeatureConfig.model_validate({"buyer_model_features": [feature]})
    rows = pl.DataFrame({"x": ["a", "b", None, "c", "d"]})
    fitted = fit(config, rows)
    made = LocalTransformOutput(fitted, {"x": "text"}, tmp_path).transform_features_layer()
    found = made({"x": tf.constant(["a", "b", "", "c", "d"])})["buyer_x"].numpy()
    np.testing.assert_array_equal(found, np.asarray(apply_tower(fitted, "buyer", rows)["x"]))


RELOAD = """
import json, sys
import numpy as np
import tensorflow as tf
folder = sys.argv[1]
requests = json.load(open(folder + "/requests.json"))
signature = tf.saved_model.load(folder + "/buyer").signatures["serving_default"]
types = {name: spec.dtype for name, spec in signature.structured_input_signature[1].items()}
answers = signature(**{name: tf.constant(v, types[name]) for name, v in requests["buyer"].items()})
products = tf.saved_model.load(folder + "/product")
answers |= products({n: tf.constant(v, requests["types"][n]) for n, v in requests["product"].items()})
np.savez(folder + "/answers.npz", **{name: tensor.numpy() for name, tensor in answers.items()})
print(sorted(name for name in sys.modules if name.partition(".")[0] in ("recsys", "workbench")))
"""


def test_saved_models_answer_the_same_in_a_fresh_process_without_trellis_or_its_files(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "terms"
    transform = LocalTransformOutput(everything.fitted(), everything.SCHEMA, folder)
    specs = transform.raw_feature_spec()
    raw = {n: a if a.ndim == 2 else a[:, None] for n, a in request_of(transform, *TOWERS).items()}

    module: Any = tf.Module()
    module.layer = transform.transform_features_layer()
    # arguments of a signature are identifiers
    places = {f"c{n}": column for n, column in enumerate(transform.raw_columns("buyer"))}

    @tf.function
    def serve(**given: Any) -> Any:
        return module.layer({places[place]: tensor for place, tensor in given.items()})

    types = {
        place: tf.TensorSpec([None, None if specs[column].shape[0] > 1 else 1], specs[column].dtype, place)
        for place, column in places.items()
    }
    tf.saved_model.save(module, str(tmp_path / "buyer"), serve.get_concrete_function(**types))

    columns = transform.raw_columns("product")
    inputs = {
        c: keras.Input(specs[c].shape, dtype=specs[c].dtype, name=f"c{n}") for n, c in enumerate(columns)
    }
    model = keras.Model(inputs, transform.transform_features_layer()(inputs))
    assert_equal(model({c: tf.constant(raw[c]) for c in columns}), expected("product"))
    tf.saved_model.save(model, str(tmp_path / "product"))

    requests = {
        "buyer": {place: raw[column].tolist() for place, column in places.items()},
        "product": {column: raw[column].tolist() for column in columns},
        "types": {column: specs[column].dtype.name for column in columns},
    }
    (tmp_path / "requests.json").write_text(json.dumps(requests))
    shutil.rmtree(folder)
    command = [sys.executable, "-I", "-c", RELOAD, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.strip() == "[]"
    with np.load(tmp_path / "answers.npz") as found:
        assert_equal(dict(found), expected(*TOWERS))
