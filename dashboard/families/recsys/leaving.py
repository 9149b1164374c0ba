"""REST for what a completed quick test leads to: a full run, or a file to take along."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import IO, Any, ClassVar

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field, StrictInt

from dashboard.acting import needs
from dashboard.api.dependencies import Bench, Body, KeyInPath, acting_as, set_version
from dashboard.api.errors import ERRORS
from dashboard.api.idempotency import IDEMPOTENT, IdempotentRoute
from dashboard.api.schemas import Documented, Setting
from dashboard.api.views import RunView, run_view
from dashboard.families.recsys.quick_test_views import PromotedModel, promoted_view
from dashboard.families.recsys.requests import NO_QUERY, Name, Service
from dashboard.families.recsys.start_body import Confirm, Split, told_as_asked
from recsys.model.training import Training
from recsys.services.exporting import export_name
from recsys.trial import TestedIn, TrialSettings

router = APIRouter(prefix="/quick-tests", tags=["quick tests"], responses=ERRORS, route_class=IdempotentRoute)

_CHUNK = 2**18


class PromoteQuickTest(Body, Documented):
    """How a full run differs from the test; what is left out is as it was tested."""

    settings_of: ClassVar[Mapping[str, Setting]] = {
        "epochs": Setting(Training, "epochs", inherits=True),
        **{name: Setting(TrialSettings, name, inherits=True) for name in ("sample_percent", "sample_unit")},
    }

    name: Name | None = Field(None, description="The model's; left out: the test's own, or those of its configurations.")
    epochs: StrictInt | None = None
    split: Split | None = Field(None, description="A strategy in it begins from its own defaults, not from what the test said.")
    sample_percent: Any = None
    sample_unit: Any = None
    confirm: Confirm = False

    @classmethod
    def examples(cls) -> list[dict[str, Any]]:
        return [{"name": "Retail, in full", "epochs": 20, "sample_percent": 100}]


class Promotion(BaseModel):
    """A model that was made of a test, and its first run."""

    promoted_from: TestedIn
    promoted_model: PromotedModel
    run: RunView


@router.post("/{test_id}/promote", status_code=201, dependencies=[IDEMPOTENT, NO_QUERY])
@needs("train")
def promote_quick_test(
    bench: Bench, service: Service, test_id: KeyInPath, response: Response, body: PromoteQuickTest | None = None
) -> Promotion:
    """Make a model of what a completed test tried, and queue its first run: the same code, as long and on as many rows as is asked for."""
    asked = body or PromoteQuickTest.model_validate({})
    told = {name: getattr(asked, name) for name in ("sample_percent", "sample_unit")}
    settings = {name: value for name, value in told.items() if value is not None} | (asked.split.settings() if asked.split else {})
    test = service.tests.get(test_id)
    with told_as_asked():
        run = service.tests.promote(
            actor=acting_as(), key=test.id, name=asked.name, epochs=asked.epochs, settings=settings, confirmed=asked.confirm
        )
    state = bench.state()
    response.headers["Location"] = f"/api/runs/{run.id}"
    set_version(response, state.versions.get(run.id, 0))
    return Promotion(
        promoted_from=TestedIn(id=test.id, number=test.number), promoted_model=promoted_view(state.models[run.subject.id]),
        run=run_view(state, state.runs[run.id], bench.runs.obstacle(run)),
    )  # fmt: skip


@router.get(
    "/{test_id}/export",
    dependencies=[NO_QUERY],
    response_class=StreamingResponse,
    responses={200: {"content": {"application/zip": {}}, "description": "The test as one zip file."}},
)
def export_quick_test(bench: Bench, service: Service, test_id: KeyInPath) -> StreamingResponse:
    """A test that has ended, as one zip file: model, embeddings, vocabularies, code, snapshot, figures, report, and a manifest."""
    test = service.tests.get(test_id)
    with ExitStack() as stack:
        # a file without a name: it is gone when the answer is, or the server
        file = stack.enter_context(tempfile.TemporaryFile(dir=bench.settings.home))
        service.tests.export(test.id, file)
        stack.pop_all()
    headers = {"Content-Length": str(file.tell()), "Content-Disposition": f'attachment; filename="{export_name(test)}"'}
    return StreamingResponse(_read(file), media_type="application/zip", headers=headers)


def _read(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while piece := file.read(_CHUNK):
            yield piece
