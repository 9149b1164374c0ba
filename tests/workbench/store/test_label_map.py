from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workbench.store.label_map import LabelMap, label_value

INDEX = st.integers(0, 5000)
VALUE = st.one_of(st.none(), st.builds(label_value, st.integers(0, 9), st.sampled_from(["given", "person", "imported"])))
CHANGES = st.lists(st.dictionaries(INDEX, VALUE, max_size=20), max_size=10)


@given(CHANGES)
def test_a_label_map_does_what_a_dict_does(changes: list[dict]) -> None:
    plain: dict = {}
    labels = LabelMap()
    for change in changes:
        before, frozen = labels, dict(labels)
        labels = labels.updated(change)
        assert dict(before) == frozen  # the earlier map stays as it was
        plain |= change
        plain = {index: value for index, value in plain.items() if value is not None}
        assert dict(labels) == plain
        assert len(labels) == len(plain)
        assert labels == plain


def test_labels_that_are_not_there() -> None:
    labels = LabelMap({3: label_value(1, "given")})
    assert 3 in labels
    assert 4 not in labels
    assert labels.get(5000) is None
    assert repr(labels) == "LabelMap(1 labels)"


def test_untouched_blocks_are_shared_with_the_earlier_map() -> None:
    labels = LabelMap({i: label_value(i % 10, "given") for i in range(5000)})
    changed = labels.updated({0: label_value(9, "person")})
    shared = [key for key in labels._blocks if labels._blocks[key] is changed._blocks[key]]
    assert len(shared) == len(labels._blocks) - 1
