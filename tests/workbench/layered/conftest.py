"""Configuration files of a test's own, on a family made for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import layered_family
from workbench import families
from workbench.layered.files import Library
from workbench.layered.problems import LayeredError
from workbench.layered.resolve import resolve
from workbench.layered.resolved import ResolvedConfig

MODEL = "model: {name: Alpha}\n"
DATA = "data: {dataset: tiny}\n"


@pytest.fixture
def family(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The family with the models Alpha and Beta as the only one."""
    layered_family.register(monkeypatch)
    yield
    families.family.cache_clear()


class Files:
    """A configuration root with files, and what resolves from them."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def basics(self) -> None:
        """`models/m.yaml`, `data/d.yaml` and `training/t.yaml`: enough to resolve."""
        self.write("models/m.yaml", MODEL)
        self.write("data/d.yaml", DATA)
        self.write("training/t.yaml", "")

    def resolve(self, *names: str, **more: Any) -> ResolvedConfig:
        return resolve([self.root / name for name in names], library=Library(self.root), **more)

    def experiment(self, text: str, **more: Any) -> ResolvedConfig:
        """An experiment on the basics: its body is `text`."""
        self.basics()
        self.write("experiments/x.yaml", "includes: [../models/m.yaml, ../data/d.yaml, ../training/t.yaml]\n" + text)
        return self.resolve("experiments/x.yaml", **more)


@pytest.fixture
def files(tmp_path: Path, family: None) -> Files:
    """An empty configuration root."""
    return Files(tmp_path.resolve())


def refused(action: Callable[[], Any]) -> LayeredError:
    """The error that `action` must raise."""
    with pytest.raises(LayeredError) as caught:
        action()
    return caught.value
