from __future__ import annotations

from recsys.codegen.tensor_keys import history_column, keys_of_config, keys_of_fitted
from recsys.features.config import FeatureConfig
from recsys.features.fit import fit
from tests.recsys.features.examples import rich, table
from tests.recsys.training import everything


def test_keys_tell_the_tower_and_follow_the_order_of_its_inputs() -> None:
    keys = keys_of_config(FeatureConfig.model_validate(rich()))
    assert list(keys.items()) == [
        (("buyer", "customer_id"), ("buyer_customer_id",)),
        (("buyer", "customer_revenue_90d_norm"), ("buyer_customer_revenue_90d_norm",)),
        (("buyer", "customer_revenue_90d_bucket"), ("buyer_customer_revenue_90d_bucket",)),
        (("buyer", "trans_date_norm"), ("buyer_trans_date_norm",)),
        *(
            (
                ("buyer", f"trans_date_{cycle}"),
                tuple(f"buyer_trans_date_{cycle}_{part}" for part in ("sin", "cos")),
            )
            for cycle in ("yearly", "quarterly", "monthly", "weekly")
        ),
        (("buyer", "product_id_history"), ("buyer_product_id_history", "buyer_product_id_history_mask")),
        (("buyer", "city"), ("buyer_city",)),
        (("buyer", "customer_id_x_city_cross"), ("buyer_customer_id_x_city_cross",)),
        (("product", "product_id"), ("product_product_id",)),
        (("product", "category"), ("product_category",)),
        (("product", "sub_category"), ("product_sub_category",)),
        (("product", "category_x_sub_category_cross"), ("product_category_x_sub_category_cross",)),
    ]


def test_a_configuration_and_what_it_fits_have_the_same_keys() -> None:
    assert keys_of_fitted(everything.fitted()) == keys_of_config(everything.CONFIG)
    config = FeatureConfig.model_validate(rich())
    assert keys_of_fitted(fit(config, table())) == keys_of_config(config)


def test_one_column_in_both_towers_has_two_keys() -> None:
    keys = keys_of_config(everything.CONFIG)
    assert keys["buyer", "price_norm"] == ("buyer_price_norm",)
    assert keys["product", "price_norm"] == ("product_price_norm",)
    assert len({key for parts in keys.values() for key in parts}) == sum(map(len, keys.values()))


def test_a_history_comes_under_a_name_that_no_column_has() -> None:
    assert history_column("item_history", {"item"}) == "item_history"
    assert history_column("item_history", {"item_history", "item_history_2"}) == "item_history_3"
