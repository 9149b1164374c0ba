import numpy as np
import pytest

from rcmvae.diagnostics.channels import effective_components, entropy, free_channels, majority_classes, ownership


@pytest.mark.parametrize(
    ("usage", "mass", "claim", "free"),
    [
        (0.0, 0.0, -1, True),
        (0.0005, 9.0, -1, True),
        (0.3, 0.4, -1, True),
        (0.3, 0.5, -1, False),
        (0.001, 9.0, -1, False),
        (0.0, 0.0, 4, False),
    ],
    ids=["unused", "hardly used", "used without labels", "used with labels", "just used", "claimed"],
)
def test_a_channel_is_free_if_nobody_claims_it_and_it_is_unused_or_unlabelled(usage: float, mass: float, claim: int, free: bool) -> None:
    k = 10
    usages, masses, claims = np.full(k, 0.1), np.full(k, 5.0), np.full(k, 0)
    usages[3], masses[3], claims[3] = usage, mass, claim
    found = free_channels(usages, masses, claims, np.ones(k, bool))
    assert found[3] == free
    assert found.sum() == free


def test_with_many_channels_the_bound_on_usage_shrinks() -> None:
    usage = np.full(1000, 5e-4)
    assert not free_channels(usage, np.full(1000, 5.0), np.full(1000, -1), np.ones(1000, bool)).any()


def test_a_channel_that_a_curriculum_has_not_opened_is_not_free() -> None:
    active = np.array([True, True, False])
    assert free_channels(np.array([0.9, 0.1, 0.0]), np.zeros(3), np.array([0, -1, -1]), active).tolist() == [False, True, False]


def test_entropy_of_certain_and_even_distributions() -> None:
    np.testing.assert_allclose(entropy(np.array([[1.0, 0, 0, 0], [0.25, 0.25, 0.25, 0.25]])), [0, np.log(4)])
    assert effective_components(np.array([0.5, 0.5, 0])) == pytest.approx(2)


def test_ownership_leaves_out_unknown_images_and_marks_absent_classes() -> None:
    r = np.array([[1.0, 0], [0.5, 0.5], [0, 1]])
    found = ownership(r, np.array([0, 0, -1]), 2)
    np.testing.assert_allclose(found[0], [0.75, 0.25])
    assert np.isnan(found[1]).all()


def test_a_channel_without_mass_belongs_to_no_class() -> None:
    np.testing.assert_array_equal(majority_classes(np.array([[1.0, 0, 3], [2, 0, 0]])), [1, -1, 0])
