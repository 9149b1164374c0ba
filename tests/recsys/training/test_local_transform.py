from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recsys.codegen.tensor_keys import keys_of_fitted
from recsys.features.apply import apply
from recsys.features.config import FeatureConfig
from recsys.features.fit import fit
from recsys.training.legacy_keras import tf
from recsys.training.local_transform import LocalTransformOutput
from tests.recsys.features.examples import SCHEMA, rich, table
from tests.recsys.training import everything


@pytest.fixture(scope="module")
def transform(tmp_path_factory: pytest.TempPathFactory) -> LocalTransformOutput:
    return LocalTransformOutput(everything.fitted(), everything.SCHEMA, tmp_path_factory.mktemp("terms"))


def test_vocabularies_are_told_by_name(transform: LocalTransformOutput) -> None:
    terms = transform.vocabulary_by_name("buyer_user")
    assert transform.vocabulary_size_by_name("buyer_user") == len(terms) == 20
    counted = [line.split(b" ", 1) for line in transform.vocabulary_by_name("buyer_user_freq")]
    assert [term for _, term in counted] == terms
    assert transform.vocabulary_size_by_name("buyer_user_freq") == 20
    users = everything.table()["user"].to_list()[:200]
    assert [int(count) for count, _ in counted] == [users.count(term.decode()) for term in terms]
    assert Path(transform.vocabulary_file_by_name("buyer_user")).read_bytes().split() == terms


def test_limits_of_vocabularies_are_those_of_the_configuration(transform: LocalTransformOutput) -> None:
    assert transform.num_buckets_for_transformed_feature("buyer_user") == 20 + 5
    hostile = "buyer_a__b____c_____1__import_os__"
    rare = [int(line.split()[0]) for line in transform.vocabulary_by_name(f"{hostile}_freq")]
    assert min(rare) >= 2
    assert transform.num_buckets_for_transformed_feature(hostile) == len(rare) + 3
    history = transform.num_buckets_for_transformed_feature("buyer_item_history")
    assert history == transform.num_buckets_for_transformed_feature("product_item")
    assert transform.num_buckets_for_transformed_feature("product_price_x_gro_e_cross") == 5000


def test_other_names_are_refused(transform: LocalTransformOutput) -> None:
    for asked in (
        transform.vocabulary_by_name,
        transform.vocabulary_size_by_name,
        transform.vocabulary_file_by_name,
    ):
        with pytest.raises(ValueError, match="there is no vocabulary 'user'; there are buyer_user, buyer_"):
            asked("user")
    with pytest.raises(ValueError, match="'buyer_price_norm' has no table; tables have buyer_user, "):
        transform.num_buckets_for_transformed_feature("buyer_price_norm")


def test_the_transformed_spec_has_the_layers_tensors_in_the_order_of_the_towers(
    transform: LocalTransformOutput,
) -> None:
    spec = transform.transformed_feature_spec()
    fitted, keys = everything.fitted(), keys_of_fitted(everything.fitted())
    tensors = apply(fitted, everything.table(), everything.histories())
    wanted = everything.by_key(keys, "buyer", tensors.buyer) | everything.by_key(
        keys, "product", tensors.product
    )
    assert list(spec) == list(wanted)
    for name, array in wanted.items():
        assert spec[name].dtype == tf.as_dtype(array.dtype), name
        assert tuple(spec[name].shape) == array.shape[1:], name
        if array.dtype == np.int64:
            assert array.max() < transform.num_buckets_for_transformed_feature(name), name


def test_raw_columns_default_to_null(transform: LocalTransformOutput) -> None:
    spec = transform.raw_feature_spec()
    nulls = {
        name: tf.constant(np.reshape(np.array(column.default_value, object), (1, -1)).tolist(), column.dtype)
        for name, column in spec.items()
    }
    found = transform.transform_features_layer()(nulls)
    fitted, keys = everything.fitted(), keys_of_fitted(everything.fitted())
    nothing = everything.histories(1)
    nothing.length[:] = 0
    wanted = apply(fitted, everything.table().clear(1), nothing)
    for tower, arrays in (("buyer", wanted.buyer), ("product", wanted.product)):
        for name, array in everything.by_key(keys, tower, arrays).items():
            np.testing.assert_allclose(found[name], array, atol=1e-6, err_msg=name)


def test_the_simulated_shops_configuration_has_its_tables(tmp_path: Path) -> None:
    config = FeatureConfig.model_validate(rich())
    frame = table()
    made = LocalTransformOutput(fit(config, frame), {c.column: c.data_type for c in SCHEMA.columns}, tmp_path)
    assert made.vocabulary_size_by_name("product_category") == 4
    assert made.num_buckets_for_transformed_feature("buyer_customer_revenue_90d_bucket") == 99 + 2
    assert made.num_buckets_for_transformed_feature("buyer_customer_id_x_city_cross") == 5000
    assert made.raw_feature_spec()["trans_date"].dtype == tf.int64
    assert made.vocabulary_size_by_name("buyer_city") == 9 + 1
