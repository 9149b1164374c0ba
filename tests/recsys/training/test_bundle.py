from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recsys.evaluation.comparing import Ranked, Results
from recsys.evaluation.ranks import Ranks
from recsys.training import bundle
from tests.recsys.figures import toy
from workbench.artefacts import ArtefactError

RESULTS = Results(
    ranked=[Ranked("model", "", Ranks(np.array([1.5, np.inf]), np.array([1.0, np.inf]), 9), None)]
)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    made = toy.make("retrieval")
    bundle.write(tmp_path / "b.npz", RESULTS, made.told, made.products)
    found = bundle.load(tmp_path / "b.npz")
    assert found.told == made.told
    assert found.ranks["model"].tolist() == [1.5, np.inf]
    assert found.unseen["model"].tolist() == [1.0, np.inf]
    assert found.products is not None
    assert made.products is not None
    for name in ("coordinates", "items", "values", "counts"):
        assert getattr(found.products, name).tolist() == getattr(made.products, name).tolist()
    assert found.products.explained == (0.5, 0.25)
    assert (found.products.attribute, found.products.total) == ("genre", toy.CANDIDATES)


def test_what_a_comparison_needs_is_read_without_the_rest(tmp_path: Path) -> None:
    made, ranks = toy.make("retrieval"), RESULTS.ranked[0].ranks
    both = Results(
        ranked=[*RESULTS.ranked, Ranked("popularity", "", ranks, None)],
        rows=np.array([3, 8]),
        users=np.array([0, 1]),
    )
    bundle.write(tmp_path / "b.npz", both, made.told, made.products)
    found = bundle.load_own(tmp_path / "b.npz")
    assert (list(found.ranks), list(found.unseen), found.products) == (["model"], ["model"], None)
    assert (found.rows["ranked"].tolist(), found.users["ranked"].tolist()) == ([3, 8], [0, 1])
    assert found.told == made.told
    assert list(bundle.load(tmp_path / "b.npz").ranks) == ["model", "popularity"]


def test_a_bundle_without_a_map_has_none(tmp_path: Path) -> None:
    bundle.write(tmp_path / "b.npz", RESULTS, {})
    assert bundle.load(tmp_path / "b.npz").products is None


def test_a_number_that_is_not_finite_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        bundle.write(tmp_path / "b.npz", RESULTS, {"loss": float("nan")})
    assert not (tmp_path / "b.npz").exists()


def test_a_file_that_is_no_bundle_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "b.npz"
    path.write_bytes(b"PK")
    with pytest.raises(ArtefactError, match=r"b\.npz"):
        bundle.load(path)
    bundle.write_atomic(path, bundle.pack_arrays({"actual": np.zeros(1)}))
    with pytest.raises(ArtefactError, match="damaged"):
        bundle.load(path)


def test_a_lift_of_before_it_was_named_by_its_rule_gets_that_name(tmp_path: Path) -> None:
    lift = {"recall_at_10": {"popularity": toy.lift(0.1, 0.0, 0.2)}, "rmse": {}}
    for seen, name in (("all", "recall_at_10"), ("unseen", "recall_at_10_unseen")):
        bundle.write(tmp_path / "b.npz", RESULTS, {"seen": seen, "lift": lift})
        assert list(bundle.load(tmp_path / "b.npz").told["lift"]) == [name, "rmse"]
