"""Every registered family stands under the import rules."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from workbench.families import FAMILIES

ROOT = Path(__file__).resolve().parents[1]


def contracts() -> Mapping[str, Any]:
    """The import rules of pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]


def missing(package: str, rules: Mapping[str, Any], others: set[str]) -> list[str]:
    """What the import rules leave open about a family's package."""
    found = rules["contracts"]
    core = [c for c in found if "workbench" in c["source_modules"]]
    own = [c for c in found if package in c["source_modules"]]
    dashboard = [c for c in found if "dashboard" in c["source_modules"]]
    said = []
    if package not in rules["root_packages"]:
        said.append(f"{package} is no root package")
    if not any(package in c["forbidden_modules"] for c in core):
        said.append(f"workbench may import {package}")
    must_not = {"dashboard", "dash", *others}
    if not any(must_not <= set(c["forbidden_modules"]) for c in own):
        said.append(f"{package} may import one of {', '.join(sorted(must_not))}")
    if not any(f"{package}.training" in c["forbidden_modules"] for c in dashboard):
        said.append(f"dashboard may import the training of {package}")
    return said


PACKAGES = {target.partition(":")[0].partition(".")[0] for target in FAMILIES.values()}


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_every_registered_family_stands_under_the_import_rules(package: str) -> None:
    assert missing(package, contracts(), PACKAGES - {package}) == []


def test_a_family_that_no_rule_names_is_seen() -> None:
    assert missing("novel", contracts(), PACKAGES) == [
        "novel is no root package",
        "workbench may import novel",
        "novel may import one of dash, dashboard, rcmvae, recsys, traffic",
        "dashboard may import the training of novel",
    ]
