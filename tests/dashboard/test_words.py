"""Words for people, over everything that they may read."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
MEND = re.compile(r"\b[Mm]end(ed|s|ing)?\b")


def texts(path: Path) -> Iterator[str]:
    """The texts of a module, without docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    said = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in said:
            yield node.value


def test_nothing_that_people_read_tells_them_to_mend() -> None:
    modules = [path for folder in ("src", "dashboard") for path in (ROOT / folder).rglob("*.py")]
    found = {f"{path.name}: {text}" for path in modules for text in texts(path) if MEND.search(text)}
    found |= {path.name for folder in ("assets", "docs") for path in (ROOT / folder).rglob("*.js") if MEND.search(path.read_text())}
    assert found == set()


FAMILY_WORDS = re.compile(
    r"(?<![-\w])(images?|labell?ed|labell?ing|class(es)?|samples?|prior|latent|digits?|semi_supervised\w*|accuracy)(?![-\w])", re.IGNORECASE
)
SHARED = ("pages/create", "pages/models", "pages/runs", "pages/settings", "pages/help", "components")


def test_pages_of_all_families_speak_no_familys_words() -> None:
    modules = [path for folder in SHARED for path in (ROOT / "dashboard" / folder).rglob("*.py") if path.name != "samples.py"]
    prose = ((path, text) for path in modules for text in texts(path) if " " in text.strip())
    assert {f"{path.name}: {text}" for path, text in prose if FAMILY_WORDS.search(text)} == set()


OF_A_FAMILY = "explore-"
"""How the names of scripts begin that only one family's page has."""


def test_scripts_of_the_pages_say_no_familys_words() -> None:
    scripts = [path for path in (ROOT / "assets").glob("*.js") if not path.name.startswith(OF_A_FAMILY)]
    quoted = re.compile(r"""(["'`])((?:(?!\1).)* (?:(?!\1).)*)\1""")
    said = {(path.name, text) for path in scripts for _, text in quoted.findall(path.read_text())}
    assert {f"{name}: {text}" for name, text in said if FAMILY_WORDS.search(text) and "querySelector" not in text} == set()
