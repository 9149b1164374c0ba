"""The machine in words: what decides a number's size, and nothing that names the host or its folders."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil


def describe(packages: Sequence[str] = ()) -> dict[str, str]:
    """CPU, cores, memory, system, Python and the versions of `packages`, as label -> value."""
    facts = {
        "CPU": _cpu_model(),
        "cores": str(os.cpu_count() or 1),
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
    }
    for package in packages:
        try:
            facts[package] = version(package)
        except PackageNotFoundError:
            facts[package] = "not installed"
    return facts


def load_average() -> float:
    """Processes running or waiting, averaged over the last minute."""
    return round(os.getloadavg()[0], 2)


def share_in_use(seconds: float = 2.0) -> float:
    """Share of all cores (0 to 1) that other processes use, watched for `seconds` during which this one sleeps."""
    return round(psutil.cpu_percent(interval=seconds) / 100.0, 2)


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
