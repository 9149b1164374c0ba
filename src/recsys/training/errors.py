"""What goes wrong in a trial, with its code, its stage and what to do."""

from __future__ import annotations

from collections.abc import Mapping

from workbench.runs.failures import RunFailure

HINTS: Mapping[str, str] = {
    "CONFIG_INVALID": "Correct the listed fields.",
    "DATA_MISSING": "Restore the dataset, or run the test again with current data.",
    "DATA_CHANGED": "Restore the dataset's files, or run the test again with current data.",
    "SPLIT_EMPTY": "Choose another window or other fractions.",
    "SPLIT_NO_TIMESTAMP": "Choose the timestamp column of the dataset, or a split that needs none.",
    "VOCAB_EMPTY": "Lower the minimum frequency.",
    "DOMAIN": "Switch the logarithm off.",
    "CODEGEN_INVALID": "Please report this with the two configurations.",
    "NON_FINITE": "Lower the learning rate to a tenth, or clip gradients.",
    "OUT_OF_MEMORY": "Choose a smaller batch or smaller embeddings.",
    "DIVERGED": "Lower the learning rate to a tenth, or clip gradients.",
    "NO_TEST_ROWS": "Choose another split.",
}
"""What to do by code."""


class TrialError(RunFailure):
    """A trial that cannot go on; the message says what is wrong, `code`, `stage` and `hint` the rest."""

    def __init__(self, code: str, message: str, *, stage: str = "", hint: str = "") -> None:
        super().__init__(message, code=code, stage=stage, hint=hint or HINTS.get(code, ""))
