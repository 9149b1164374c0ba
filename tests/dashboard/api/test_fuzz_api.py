"""REST fuzzed against its own OpenAPI: whatever is sent, the answer is documented and never a failure of the server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from dashboard.api import install_api
from dashboard.server import create_server
from recsys.service import RecommenderService
from workbench.settings import Settings
from workbench.workbench import Workbench

EXAMPLES = 25
_SLOW = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)
KNOWN = ("model_id", "run_id", "dataset_id", "config_id", "test_id", "view_id", "sweep_id")
"""Names of records in paths."""
BODY_KEYS = {"model_id": "model_id", "feature_config_id": "config_id", "model_config_id": "config_id"}
"""Field of a body -> the known record that it names."""
HEADERS = {"Host": "127.0.0.1:8050"}


@pytest.fixture(scope="module")
def api_schema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The OpenAPI of a whole server on a home of its own, with a model and a stopped run to talk about."""
    from tests.dashboard.api.conftest import NoWorkers

    home = tmp_path_factory.mktemp("fuzzed")
    bench = Workbench.open(Settings.load(home=Path(home)))
    bench.runs.executor = NoWorkers()  # type: ignore[assignment]
    model = bench.models.create(actor="test", family="rcmvae", model_type="rcmvae", dataset_id="digits", values={}, name="known")
    run = bench.runs.start(actor="test", model_id=model.id)
    bench.runs.request_stop(actor="test", run_id=run.id)
    view = bench.views.create(actor="test", name="known", page="runs", query={"sort": "-seed"})
    sweep = bench.sweeps.create(actor="test", model_id=model.id, settings={"space": ["learning_rate=0.001..0.1"]}, name="known")
    bench.sweeps.stop(actor="test", sweep_id=sweep.id)
    service = RecommenderService(bench)
    features = service.features.create(
        actor="test", dataset_id="retail", name="known", document=service.features.smart_defaults("retail").config
    )
    towers = service.models.create(actor="test", name="known", document={})
    trial = service.tests.start(actor="test", feature_config=features.id, model_config=towers.id)
    service.tests.cancel(actor="test", key=trial.id)
    schema = schemathesis.openapi.from_asgi("/openapi.json", create_server(bench.settings, bench), headers=HEADERS)
    schema.config.update(headers=HEADERS)
    assert features.number == towers.number  # one number finds either, by the route that is asked
    known = {
        "model_id": model.id,
        "run_id": run.id,
        "dataset_id": "digits",
        "config_id": str(towers.number),
        "test_id": trial.id,
        "view_id": view.id,
        "sweep_id": sweep.id,
    }
    yield schema, known
    bench.close()


def operations() -> list[tuple[str, str, str]]:
    """Every (path, method) of the API about anything, and again about known records where it names one."""
    app = FastAPI()
    install_api(app, cast(Any, None))  # a description needs no store behind it
    described = app.openapi()
    methods = ("get", "post", "patch", "put", "delete")
    found = [(path, method) for path, item in described["paths"].items() for method in item if method in methods]
    return [(*one, "anything") for one in found] + [(*one, "known records") for one in found if names_a_record(described, *one)]


def names_a_record(described: dict[str, Any], path: str, method: str) -> bool:
    """Whether a request can be about a known record, by its path or a field of its body."""
    body = described["paths"][path][method].get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    while "$ref" in body:
        body = described["components"]["schemas"][body["$ref"].rpartition("/")[2]]
    return any(f"{{{name}}}" in path for name in KNOWN) or not BODY_KEYS.keys().isdisjoint(body.get("properties", {}))


@pytest.mark.parametrize(("path", "method", "about"), operations())
def test_any_request_gets_a_documented_answer(api_schema: Any, path: str, method: str, about: str) -> None:
    schema, known = api_schema

    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=_SLOW)
    @given(case=schema[path][method].as_strategy())
    def answered(case: Any) -> None:
        if about == "known records":
            for name in known.keys() & (case.path_parameters or {}).keys():
                case.path_parameters[name] = known[name]
            if isinstance(case.body, dict):
                for name in BODY_KEYS.keys() & case.body.keys():
                    case.body[name] = known[BODY_KEYS[name]]
        # Cursors, presets and configs have rules that no schema can say: a 422 for a well-formed request is right there.
        case.call_and_validate(headers=HEADERS, excluded_checks=[positive_data_acceptance])

    answered()
