"""The bundle of a run: what is written is read back, what does not fit is refused, errors are those that were measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.traffic.bundles import bundle
from traffic.bundle import KEPT_VALUES, TrafficBundle, load, load_errors, windows_kept
from traffic.metrics.bootstrap import paired_difference
from traffic.metrics.scores import scores
from workbench.arrays import array_specs
from workbench.artefacts import ArtefactError, pack_arrays, unpack_arrays


def test_a_bundle_reads_back_as_it_was_written(tmp_path: Path) -> None:
    made = bundle(targets=2)
    made.save(tmp_path / "diagnostics.npz")
    found = load(tmp_path / "diagnostics.npz")
    assert found.facts == made.facts
    for name in array_specs(TrafficBundle):
        np.testing.assert_array_equal(getattr(found, name), getattr(made, name))


def test_errors_are_read_alone_and_give_the_metrics_that_were_measured(tmp_path: Path) -> None:
    made = bundle()
    made.save(tmp_path / "diagnostics.npz")
    found = load_errors(tmp_path / "diagnostics.npz")
    own = scores(made.evaluation("model"))
    assert scores(found.of("model")) == own
    size, truth = made.origins[:, None] + np.arange(1, 13), made.truth
    error = np.abs(made.forecast[..., 0] - truth[size][..., 0])[:, 2]
    assert own["test/masked_mae@null=nan/h3"] == pytest.approx(np.nanmean(error), rel=1e-5)
    difference = paired_difference(found.of("model"), found.of("last_value"))
    assert difference.value < 0


def test_arrays_of_another_shape_are_refused_with_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="forecast has 3 entries along N, but by_sensor says 4"):
        bundle(forecast=bundle().forecast[:, :, :3])
    with pytest.raises(ValueError, match="beyond"):
        bundle(origins=bundle().origins + 1)


def test_a_torn_foreign_or_later_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "diagnostics.npz"
    with pytest.raises(ArtefactError, match="There are no diagnostics"):
        load(path)
    bundle().save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ArtefactError, match="not a readable array file"):
        load(path)
    content = unpack_arrays(whole)
    path.write_bytes(pack_arrays(content | {"schema_version": np.int32(99)}))
    with pytest.raises(ArtefactError, match="schema 99"):
        load(path)
    del content["forecast"]
    path.write_bytes(pack_arrays(content))
    with pytest.raises(ArtefactError, match="lack forecast"):
        load(path)
    assert load_errors(path).facts.methods[0] == "model"


def test_of_many_windows_only_the_last_are_kept() -> None:
    assert windows_kept(2_000, 12, 40, 1) == 2_000
    kept = windows_kept(10_419, 12, 325, 1, 5)
    assert 0 < kept * 12 * 325 * 6 <= KEPT_VALUES
    assert windows_kept(10, 12, 10_000_000, 1) == 1
