"""`python -m bench` finds every benchmark and refuses unknown names."""

from __future__ import annotations

from bench.__main__ import main, scripts


def test_every_script_with_a_main_is_a_benchmark_and_nothing_else():
    assert {"throughput", "convolution", "server", "commands", "live"} <= set(scripts())
    assert not {"harness", "page", "machine", "workloads", "seeding", "torch_reference"} & set(scripts())


def test_an_unknown_name_is_refused_with_the_known_ones(capsys):
    assert main(["throughputs"]) == 2
    message = capsys.readouterr().err
    assert "throughputs" in message
    assert "convolution" in message
