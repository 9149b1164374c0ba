"""The files that every family's models give: weights, configuration, report and figures."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import IO, TYPE_CHECKING

from workbench.commands.base import CommandError
from workbench.families import family
from workbench.families.exporting import Size
from workbench.layered.problems import LayeredError
from workbench.reporting import HTML_NAME
from workbench.runs.failures import RunFailure
from workbench.runs.preparing import checkpoint_file
from workbench.services.diagnosis import bundle_path, presented
from workbench.services.exports import Progress, copied
from workbench.services.layered import config_of
from workbench.state import ModelRecord, RunRecord, Weights

if TYPE_CHECKING:
    from workbench.workbench import Workbench

_FIGURE_BYTES = 60_000
"""What a figure comes to, as far as can be told before it is drawn."""
_PLOTLY_BYTES = 1_500_000
"""What plotly.js comes to when it is packed."""


def weights_of(model: ModelRecord) -> Weights:
    """The weights that a model uses. Raises CommandError for one that was never trained."""
    if model.weights is None:
        raise CommandError(f"{model.name} was never trained, so it has no weights.", "model", "Train it first.", code="conflict")
    return model.weights


def run_of(workbench: Workbench, model: ModelRecord) -> RunRecord:
    """The run that a model's weights are of. Raises CommandError."""
    return workbench.state().runs[weights_of(model).run_id]


def weights_size(workbench: Workbench, model: ModelRecord, part: str) -> Size:
    """The size of the checkpoint."""
    del part
    weights = weights_of(model)
    seen = workbench.artefacts.look(weights.path)
    if seen is None:
        raise CommandError("The file of the weights is missing.", "model", "Restore it from a backup, or train again.", code="conflict")
    note = f"Of run #{run_of(workbench, model).number}, epoch {weights.epoch}. SHA-256 {weights.sha256}"
    return Size(seen.size, exact=True, note=note)


def write_weights(workbench: Workbench, model: ModelRecord, out: IO[bytes], part: str, progress: Progress) -> None:
    """The checkpoint, byte for byte, once its content is what was written."""
    del part
    try:
        path = checkpoint_file(workbench.artefacts, weights_of(model))
    except RunFailure as error:
        raise CommandError(str(error), "model", code="conflict") from error
    copied(path, out, progress)


def _config(workbench: Workbench, model: ModelRecord) -> bytes:
    try:
        return config_of(workbench, model).to_yaml().encode()
    except LayeredError as error:
        raise CommandError(f"No file can describe this model: {error}", "model", code="conflict") from error


def config_size(workbench: Workbench, model: ModelRecord, part: str) -> Size:
    """The size of the file, which is made for it."""
    del part
    return Size(len(_config(workbench, model)), exact=True)


def write_config(workbench: Workbench, model: ModelRecord, out: IO[bytes], part: str, progress: Progress) -> None:
    """The model's configuration, each value with who set it."""
    del part
    out.write(_config(workbench, model))
    progress(1, 1)


def _report(workbench: Workbench, model: ModelRecord) -> Path:
    run = run_of(workbench, model)
    path = workbench.runs.artefact_path(run.id, HTML_NAME)
    if not path.is_file():
        hint = f"Compute its diagnostics, with which the report comes: trellis runs diagnose {run.number}"
        raise CommandError(f"Run #{run.number} has no report.", "model", hint, code="conflict")
    return path


def report_size(workbench: Workbench, model: ModelRecord, part: str) -> Size:
    """The size of the page."""
    del part
    return Size(_report(workbench, model).stat().st_size, exact=True)


def write_report(workbench: Workbench, model: ModelRecord, out: IO[bytes], part: str, progress: Progress) -> None:
    """The page as the run wrote it."""
    del part
    copied(_report(workbench, model), out, progress)


def figures_size(workbench: Workbench, model: ModelRecord, part: str) -> Size:
    """About what the figures come to."""
    del part
    run = run_of(workbench, model)
    if bundle_path(workbench, run) is None:
        hint = f"Compute them on the page Diagnose, or by: trellis runs diagnose {run.number}"
        raise CommandError(f"Run #{run.number} has no diagnostics.", "model", hint, code="conflict")
    return Size(_PLOTLY_BYTES + _FIGURE_BYTES * len(family(model.family).figures))


def write_figures(workbench: Workbench, model: ModelRecord, out: IO[bytes], part: str, progress: Progress) -> None:
    """Every figure that applies, one after the other; what does not apply, or breaks, says so in a list."""
    from plotly.offline import get_plotlyjs

    del part
    run, declared = run_of(workbench, model), family(model.family)
    bundle = presented(workbench, run).bundle
    resolved, held = workbench.models.resolved(run), declared.model(run.model_type).holds.run_payload.model_validate(run.payload)
    told = [f"Figures of {model.name}, run #{run.number}\n"]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("plotly.min.js", get_plotlyjs())
        for number, figure in enumerate(declared.figures):
            reason = figure.applies(resolved, held)
            if reason is None:
                try:
                    drawn = figure.draw.load()(bundle, dark=False)
                    page = drawn.to_html(
                        include_plotlyjs="plotly.min.js", full_html=True, config={"displaylogo": False, "showSendToCloud": False}
                    )
                    archive.writestr(f"{figure.name}.html", page)
                    archive.writestr(f"{figure.name}.json", drawn.to_json())
                except Exception as error:  # whatever a figure's own code raises costs no other
                    reason = f"it could not be drawn: {type(error).__name__}: {error}"
            told.append(f"{figure.title}: {figure.name}.html" if reason is None else f"{figure.title}: left out, {reason}")
            progress(number + 1, len(declared.figures))
        archive.writestr("figures.txt", "\n".join(told) + "\n")
