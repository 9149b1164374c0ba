"""Reconstructions of one image by the model, which a process beside this one runs."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from rcmvae.explore.neighbours import space_of
from rcmvae.explore.pictures import images_of
from workbench.families import family

if TYPE_CHECKING:
    from workbench.workbench import Workbench

_MODEL = "rcmvae.explore.reconstruct"


@dataclass(frozen=True)
class Reconstructions:
    """What the decoder makes of one image.

    Attributes:
        names: `selected`, `weighted`, `runner_up`, as many as there are; with a prior without components `weighted` alone.
        components: the selected one and the runner-up. pixels: uint8 (n, H, W, C), in the order of `names`.
    """

    names: tuple[str, ...]
    components: tuple[int, ...]
    pixels: np.ndarray


def reconstructions_of(workbench: Workbench, model_id: str, row: int) -> Reconstructions:
    """The image of a dataset row as the model's present weights give it back.

    Raises CommandError for a model without weights, or a row that is no training or validation image of it.
    """
    space_of(workbench, model_id).position(row)
    image, framework = images_of(workbench, model_id)[row], family(workbench.models.get(model_id).family).framework
    found: Any = workbench.beside(f"{_MODEL}:reconstruct", model_id, image, framework=framework)
    images = {"selected": found.selected if found.components else None, "weighted": found.weighted, "runner_up": found.runner_up}
    there = {name: decoded for name, decoded in images.items() if decoded is not None}
    return Reconstructions(tuple(there), found.components, np.stack(list(there.values())))


def make_ready(workbench: Workbench, model_id: str) -> None:
    """Have the process beside this one load a model whose images will soon be looked at. Waits for nothing, and raises nothing."""
    record = workbench.models.get(model_id)
    if workbench.apart is None or record.weights is None:
        return
    begun = workbench.kept.of(_Begun)
    if begun.add(record.id):
        arguments = (workbench, record.id, family(record.family).framework, begun)
        threading.Thread(target=_make_ready, args=arguments, name="explore-ready", daemon=True).start()


class _Begun:
    """Models that are being loaded, so that ten pages that open ask once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids: set[str] = set()

    def add(self, model_id: str) -> bool:
        """Whether it was not among them yet; it is now."""
        with self._lock:
            new = model_id not in self._ids
            self._ids.add(model_id)
            return new

    def remove(self, model_id: str) -> None:
        """It is loaded, or could not be."""
        with self._lock:
            self._ids.discard(model_id)


def _make_ready(workbench: Workbench, model_id: str, framework: str, begun: _Begun) -> None:
    try:
        workbench.beside(f"{_MODEL}:ready", model_id, framework=framework)
    except Exception:  # whatever it is, whoever asks for a reconstruction is told
        return
    finally:
        begun.remove(model_id)
