"""The file of histograms."""

from __future__ import annotations

from pathlib import Path

from recsys.histograms import Binned, append, lines, parsed, read

LAYER = {
    "name": "buyer_dense_1/kernel",
    "weights": {"low": -1.0, "high": 1.0, "counts": [1, 0, 2, 5], "norm": 2.5},
    "gradients": None,
}


def test_epochs_come_back_in_their_order_and_one_that_was_trained_again_counts_once(tmp_path: Path) -> None:
    path = tmp_path / "h"
    assert read(path) == ()
    for epoch, norm in ((1, 1.0), (5, 2.0), (10, 3.0), (5, 4.0)):
        append(
            path, epoch, [LAYER | {"gradients": {"low": 0.0, "high": 2.0, "counts": [3, 1], "norm": norm}}]
        )
    found = read(path)
    assert [epoch.epoch for epoch in found] == [1, 5, 10]
    gradients = [epoch.layers[0].gradients for epoch in found]
    assert [binned.norm for binned in gradients if binned] == [1.0, 4.0, 3.0]
    assert found[0].layers[0].weights == Binned(-1.0, 1.0, (1, 0, 2, 5), 2.5)
    assert parsed(lines(found)) == found


def test_a_line_that_was_cut_short_takes_nothing_from_the_others(tmp_path: Path) -> None:
    path = tmp_path / "h"
    append(path, 1, [LAYER])
    append(path, 2, [LAYER])
    path.write_text(path.read_text()[:-20])
    (epoch,) = read(path)
    assert epoch.epoch == 1
    assert epoch.layers[0].gradients is None


def test_bins_are_of_equal_width_and_end_where_the_numbers_do() -> None:
    assert Binned(-1.0, 1.0, (1, 0, 2, 5), 2.5).edges == [-1.0, -0.5, 0.0, 0.5, 1.0]
    assert Binned(0.1, 0.7, (1,) * 3, 1.0).edges[-1] == 0.7
