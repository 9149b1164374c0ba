"""Python and the installed packages, beside what Trellis is pinned to and tested with."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from workbench.doctor.finding import Finding, fault, ok, warning

PINS = Path(__file__).parents[3] / "requirements" / "runtime.txt"
"""Beside the source, in a checkout."""

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
_NAMED = 8
_AGAIN = "Install them anew: requirements/bootstrap.sh runtime."


def python() -> Finding:
    """Python's own version, which the pins are for."""
    has = platform.python_version()
    if sys.version_info[:2] != (3, 11):
        return fault(
            "python", f"Python is {has}; Trellis is made for 3.11.", "Run it with the Python of its own environment, .venv/bin/python."
        )
    return ok("python", f"Python {has} at {sys.executable}.")


def packages(pins: Path = PINS) -> Finding:
    """Every package that Trellis is pinned to; missing ones are a fault, others than the pinned ones a warning."""
    if not pins.is_file():
        return ok("packages", "No pins lie beside the source, so versions were not compared.")
    wanted = dict(_PIN.findall(pins.read_text("utf-8")))
    missing, other = [], []
    for name, pinned in wanted.items():
        has = installed(name)
        if has is None:
            missing.append(f"{name} {pinned}")
        elif has != pinned:
            other.append(f"{name} {has} instead of {pinned}")
    return _judged(missing, other, f"All {len(wanted)} packages are those of requirements/runtime.txt.")


def _judged(missing: list[str], other: list[str], well: str) -> Finding:
    facts: Mapping[str, object] = {"missing": missing, "other": other}
    if missing:
        return fault("packages", f"{_count(missing)} missing: {_some(missing)}.", _AGAIN, **facts)
    if other:
        return warning("packages", f"{_count(other)} of another version: {_some(other)}.", _AGAIN, **facts)
    return ok("packages", well)


def installed(name: str) -> str | None:
    """The version of an installed package, or None."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _count(names: list[str]) -> str:
    return "1 package is" if len(names) == 1 else f"{len(names)} packages are"


def _some(names: list[str]) -> str:
    return ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")


def examine() -> Iterator[Finding]:
    """Python, then the packages."""
    yield python()
    yield packages()
