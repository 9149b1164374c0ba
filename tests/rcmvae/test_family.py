"""The family's declaration: complete, resolvable, and light enough for the web process."""

from __future__ import annotations

import subprocess
import sys

import pytest

from rcmvae.family import FAMILY
from workbench.families import ImportString, family

HEAVY = ("jax", "flax", "optax", "scipy", "sklearn", "pandas", "polars", "tensorflow", "plotly", "dash")
PROGRAM = f"""
import sys
import rcmvae.family
from workbench.values import validate
model = rcmvae.family.RCMVAE
for source in rcmvae.family.FAMILY.datasets:
    for preset in model.presets:
        found = validate(model, model.apply_preset(preset, source.facts), source.facts)
        if found.built is not None:
            model.parameter_count(found.resolved), model.operations_per_epoch(found.resolved, source.facts.n_train)
digits = rcmvae.family.FAMILY.dataset("digits").loader.load()(None)
rcmvae.family.FAMILY.draw_sample.load()(digits, model.sample(num_samples="auto"))
print(",".join(name for name in {HEAVY} if name in sys.modules))
"""


def test_the_family_is_registered_under_its_name() -> None:
    assert family("rcmvae") is FAMILY


def test_declaring_validating_counting_and_sampling_import_no_heavy_package() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@pytest.mark.parametrize("target", [FAMILY.draw_sample, *(d.loader for d in FAMILY.datasets)], ids=lambda t: t.target)
def test_what_the_declaration_names_exists(target: ImportString) -> None:
    assert callable(target.load())


def test_facts_of_the_built_in_datasets_are_known_before_loading() -> None:
    facts = {d.id: d.facts for d in FAMILY.datasets}
    assert (facts["digits"].n, facts["digits"].n_train, facts["digits"].n_test) == (1797, 1437, 360)
    assert (facts["mnist"].n, facts["mnist"].n_train, facts["mnist"].n_test) == (70_000, 60_000, 10_000)
    assert (facts["fashion_mnist"].n, facts["fashion_mnist"].n_train, facts["fashion_mnist"].n_test) == (70_000, 60_000, 10_000)
    assert {d.id: d.needs_download for d in FAMILY.datasets} == {"digits": False, "mnist": True, "fashion_mnist": True}
