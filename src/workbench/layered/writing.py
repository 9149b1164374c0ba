"""`resolved_config.yaml`: a complete configuration as a file, each value with its source beside it."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from workbench.fields import AUTO
from workbench.layered.lines import lines_of
from workbench.layered.provenance import Leaf
from workbench.layered.resolved import ResolvedConfig
from workbench.layered.scalars import yaml_text
from workbench.runs.frameworks import runtime_of

_HEAD = """\
# A complete configuration: every value, and after it who set it. `trellis train` on this file makes the same model again.
"""


def resolved_yaml(config: ResolvedConfig, more: Mapping[str, Any]) -> str:
    """The configuration as YAML text, with the entries `more` in its block `meta`."""
    lines = [_HEAD + "layer: experiment", f"family: {config.entry.family}", "meta:"]
    lines += _plain_lines({**_meta(config), **more}, 1)
    lines += _sections(config)
    return "\n".join(lines) + "\n"


def versions(framework: str) -> dict[str, str]:
    """Versions of Trellis, Python and what a framework's models run on; what is not installed is left out. Imports nothing."""
    found = {"trellis": _version("trellis"), "python": platform.python_version()}
    found |= {package: _version(package) for package in runtime_of(framework).packages}
    return {name: number for name, number in found.items() if number is not None}


def _meta(config: ResolvedConfig) -> dict[str, Any]:
    from workbench.families import family

    return {
        "fingerprint": config.sha256,
        "architecture_sha256": config.architecture_sha256,
        "versions": versions(family(config.entry.family).framework),
        "files": {used.shown: used.sha256 for used in config.files if used.entry},
        "overrides": list(config.overrides),
        "variant": config.variant,
        "auto": [".".join(path) for path, leaf in config.leaves.items() if leaf.given == AUTO and leaf.value != AUTO],
    }


def _plain_lines(values: Mapping[str, Any], depth: int) -> Iterator[str]:
    indent = "  " * depth
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield f"{indent}{yaml_text(name)}:"
            yield from _plain_lines(value, depth + 1)
        else:
            yield f"{indent}{yaml_text(name)}: {'{}' if isinstance(value, Mapping) else yaml_text(value)}"


def _sections(config: ResolvedConfig) -> Iterator[str]:
    for line in lines_of(config):
        text = "  " * line.depth + line.text
        yield text if line.leaf is None else f"{text:<46}  # {_said(line.leaf)}"


def _said(leaf: Leaf) -> str:
    last = leaf.chain[-1]
    words = str(last.source)
    if last.note:
        words += f": {last.note}"
    return words + ("; does not apply" if leaf.idle else "")


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
