"""Two configurations, value by value."""

from __future__ import annotations

from dataclasses import replace

from tests.workbench.layered.conftest import Files
from workbench.layered.diff import differences


def test_equal_configurations_do_not_differ(files: Files) -> None:
    one, two = files.experiment(""), files.experiment("")
    found = differences(one, two)
    assert (found.chosen, found.derived, found.versions) == ((), (), ())


def test_what_people_chose_and_what_follows_from_it_are_told_apart(files: Files) -> None:
    left = files.experiment("training: {max_epochs: 5}")
    right = files.experiment("allow_structural: [model.alpha.size]\nmodel: {alpha: {size: large}}")
    found = differences(left, right)
    assert [(d.key, d.left, d.right) for d in found.chosen] == [("model.alpha.size", "small", "large"), ("training.max_epochs", 5, 3)]
    assert (found.chosen[1].left_source, found.chosen[1].right_source) == ("experiments/x.yaml:2", "default(Training)")
    assert [(d.key, d.left, d.right) for d in found.derived] == [("model.alpha.outputs", 6, 9)]


def test_keys_that_only_one_model_has_are_differences(files: Files) -> None:
    left = files.experiment("")
    right = files.experiment("allow_structural: [model.name]\nmodel: {name: Beta}")
    missing = {d.key: (d.left, d.right_source) for d in differences(left, right).chosen if d.right is None}
    assert missing["model.alpha.width"] == (8, None)


def test_versions_are_compared_where_both_say_theirs(files: Files) -> None:
    config = files.experiment("")
    left, right = replace(config, versions={"jax": "1", "flax": "2"}), replace(config, versions={"jax": "2", "numpy": "3"})
    assert [(d.key, d.left, d.right) for d in differences(left, right).versions] == [("jax", "1", "2")]
