from __future__ import annotations

import numpy as np
import pytest

from recsys.data.schema import DataType
from recsys.training.raw_columns import NULL_TIME, raw_arrays, raw_columns
from tests.recsys.training import everything


def test_a_column_has_one_form_in_both_towers() -> None:
    read = raw_columns(everything.fitted(), everything.SCHEMA)
    forms = {name: column.form for name, column in read["buyer"].items()}
    assert forms == {
        "user": "text",
        everything.HOSTILE: "text",
        "price": "number",
        "visits": "number",
        "code": "text",
        "member": "text",
        "when": "time",
        "item_history_2": "items",
    }
    # numbers that the other tower reads as terms
    assert {read["product"][name].form for name in ("code", "member")} == {"text"}
    assert read["product"]["item_history"].form == "number"
    assert read["buyer"]["item_history_2"].length == 4


def test_rows_take_the_form_of_requests() -> None:
    read = raw_columns(everything.fitted(), everything.SCHEMA)
    frame = everything.table()
    found = raw_arrays(read["buyer"] | read["product"], frame, everything.histories())
    assert set(found["member"]) == {"true", "false", ""}
    assert set(found["code"]) == {"1", "20", "300", "-4", str(2**40), ""}
    assert "" in found[everything.HOSTILE]
    np.testing.assert_array_equal(
        np.isnan(found["visits"]), frame["visits"].is_null().to_numpy(), strict=True
    )
    np.testing.assert_array_equal(found["when"] == NULL_TIME, frame["when"].is_null().to_numpy())
    assert found["when"].dtype == np.int64
    taken = everything.histories()
    for row in range(20):
        at, length = int(taken.start[row]), int(taken.length[row])
        ids: list[str] = [taken.item_ids[int(n)] for n in taken.items[at : at + length]][-4:]
        wanted = [(item or "__missing__").replace("\n", "\\n") for item in ids]
        assert found["item_history_2"][row].tolist() == wanted + [""] * (4 - len(ids))


def test_what_does_not_fit_is_said() -> None:
    fitted = everything.fitted()
    without: dict[str, DataType] = {name: kind for name, kind in everything.SCHEMA.items() if name != "price"}
    with pytest.raises(ValueError, match='column "price", which price_norm reads, is not in the schema'):
        raw_columns(fitted, without)
    with pytest.raises(ValueError, match='column "when" is numeric: when_norm reads a time there'):
        raw_columns(fitted, {**everything.SCHEMA, "when": "numeric"})
    read = raw_columns(fitted, everything.SCHEMA)
    with pytest.raises(ValueError, match="item_history_2 needs the histories of these rows"):
        raw_arrays(read["buyer"], everything.table())
    with pytest.raises(ValueError, match="there are histories of 7 rows for 300 rows"):
        raw_arrays(read["buyer"], everything.table(), everything.histories(7))
