"""resolved_config.yaml: a run's settings as a file that makes the same model again, each value with its source."""

from __future__ import annotations

from workbench.runs.folder import folder_of
from workbench.services.layered import config_of
from workbench.state import RunRecord
from workbench.workbench import Workbench

RESOLVED_CONFIG = "resolved_config.yaml"


def write_config(workbench: Workbench, run: RunRecord) -> None:
    """Write the file into the run's folder, whole or not at all.

    Raises LayeredError for a record that is no valid configuration, ArtefactError, DiskFull.
    """
    meta = {
        "run": run.id,
        run.subject.kind: run.subject.id,
        "model_type": f"{run.family}/{run.model_type}",
        "model_fingerprint": run.fingerprint,
        "seed": run.seed,
        "journal": run.journal_seq,
        "code_version": run.code_version,
        "dataset_sha256": run.dataset.content_sha256 if run.dataset else None,
        "payload": run.payload,
    }
    workbench.artefacts.write_text(f"{folder_of(run.id)}/{RESOLVED_CONFIG}", config_of(workbench, run).to_yaml(meta))
