"""What OpenAPI says of recommenders: every field of a request is described, every answer is typed, every example works."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator
from starlette.testclient import TestClient

from dashboard.server import create_server
from tests.dashboard.api.conftest import NoWorkers
from tests.support.acting import finish, run_to
from workbench.settings import Settings
from workbench.workbench import Workbench

RESOURCES = ("/api/feature-configs", "/api/model-configs", "/api/quick-tests", "/api/generate-trainer-code")
CHANGES = ("ChangeFeatureConfig", "ChangeModelConfig")
"""Bodies of which what is left out stays as it is."""


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """A workbench of the real families, whose runs stay queued."""
    opened = Workbench.open(Settings.load(home=Path(tmp_path_factory.mktemp("described"))))
    opened.runs.executor = NoWorkers()  # type: ignore[assignment]
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def client(bench: Workbench) -> TestClient:
    """A client of its server."""
    return TestClient(create_server(bench.settings, bench), base_url="http://127.0.0.1:8050", raise_server_exceptions=False)


@pytest.fixture(scope="module")
def api(client: TestClient) -> dict[str, Any]:
    """Its OpenAPI."""
    return client.get("/openapi.json").json()


def operations(api: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(method, path, operation) of the recommenders."""
    for path, item in api["paths"].items():
        if path.startswith(RESOURCES):
            for method, operation in item.items():
                yield method, path, operation


def resolved(api: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """A schema that may be named elsewhere."""
    return api["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema


def within(api: dict[str, Any], schema: dict[str, Any], name: str, seen: set[str]) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """(name, schema, whether it must be given) of every field at any depth, each type once."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        if name in seen:
            return
        seen.add(name)
    found = resolved(api, schema)
    for field, inner in found.get("properties", {}).items():
        yield f"{name}.{field}", inner, field in found.get("required", ())
        yield from within(api, inner, f"{name}.{field}", seen)
    for inner in (*found.get("anyOf", ()), *found.get("oneOf", ()), *([found["items"]] if "items" in found else ())):
        yield from within(api, inner, name, seen)
    if isinstance(found.get("additionalProperties"), dict):
        yield from within(api, found["additionalProperties"], name, seen)


def bodies(api: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(method, path, schema) of every request with a body."""
    for method, path, operation in operations(api):
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            given = [option for option in schema.get("anyOf", [schema]) if option.get("type") != "null"]
            yield method, path, given[0]


def arms(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """What a value may be, one by one."""
    return [
        arm for option in schema.get("anyOf", schema.get("oneOf", [schema])) for arm in (arms(option) if option is not schema else [option])
    ]


def is_typed(api: dict[str, Any], schema: dict[str, Any]) -> bool:
    """Whether a schema says of what type a value is."""
    return all(any(key in arm for key in ("type", "enum", "const", "$ref", "allOf")) for arm in arms(schema))


def fields_of_requests(api: dict[str, Any]) -> dict[str, tuple[dict[str, Any], bool]]:
    seen: set[str] = set()
    return {name: (schema, required) for m, p, body in bodies(api) for name, schema, required in within(api, body, f"{m} {p}", seen)}


def test_every_field_of_a_request_has_a_type_a_description_and_a_default_or_must_be_given(api: dict[str, Any]) -> None:
    found = fields_of_requests(api)
    assert {"Dense.units", "Embedding.min_frequency", "Split.train_days", "CreateModelConfig.optimizer", "Target.column"} <= set(found)
    assert [name for name, (schema, _) in found.items() if not is_typed(api, schema)] == []
    assert [name for name, (schema, _) in found.items() if not schema.get("description") and "$ref" not in schema] == []
    lacking = [
        name
        for name, (schema, required) in found.items()
        if not required and "default" not in schema and "$ref" not in schema and {"type": "null"} not in arms(schema)  # null is then the default
    ]  # fmt: skip
    assert [name for name in lacking if not name.startswith(CHANGES)] == []


def test_every_number_of_a_request_has_a_range(api: dict[str, Any]) -> None:
    bounds = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")
    numbers = {
        name: arm
        for name, (schema, _) in fields_of_requests(api).items()
        for arm in arms(schema)
        if arm.get("type") in ("integer", "number") and "const" not in arm
    }
    assert len(numbers) > 40
    assert [name for name, arm in numbers.items() if not any(bound in arm for bound in bounds)] == []


def test_what_is_described_is_what_is_checked(api: dict[str, Any], client: TestClient) -> None:
    learning_rate = resolved(api, {"$ref": "#/components/schemas/CreateModelConfig"})["properties"]["learning_rate"]
    assert (learning_rate["exclusiveMinimum"], learning_rate["maximum"], learning_rate["default"]) == (0, 10, 0.1)
    refused = client.post("/api/model-configs/validate", json={"name": "x", "learning_rate": 10.5}).json()
    assert [issue["path"] for issue in refused["issues"]] == ["learning_rate"]


def test_no_answer_is_an_object_of_which_nothing_is_known(api: dict[str, Any]) -> None:
    seen: set[str] = set()
    vague = []
    for _method, _path, operation in operations(api):
        for status, answer in operation["responses"].items():
            schema = answer.get("content", {}).get("application/json", {}).get("schema")
            if schema is None or not status.startswith("2"):
                continue
            for name, field, _ in within(api, schema, operation["operationId"], seen):
                loose = [arm for arm in arms(field) if arm.get("type") == "object" and not arm.get("properties")]
                if any(not isinstance(arm.get("additionalProperties"), dict) for arm in loose):
                    vague.append(name)
    assert vague == []


def answered(client: TestClient, api: dict[str, Any], method: str, path: str, address: str, example: Any) -> Any:
    """The answer to an example, which must be one of those that are described."""
    answer = client.request(method, address, json=example)
    assert answer.status_code in (200, 201), f"{method} {address} {example}: {answer.text}"
    described = api["paths"][path][method]["responses"][str(answer.status_code)]["content"]["application/json"]["schema"]
    Draft202012Validator({**described, "components": api["components"]}).validate(answer.json())
    return answer.json()


def test_every_example_works_and_its_answer_is_as_described(client: TestClient, bench: Workbench, api: dict[str, Any]) -> None:
    examples = {(m, p): found for m, p, body in bodies(api) if (found := resolved(api, body).get("examples"))}
    features, models, tests, code = RESOURCES
    in_order = [
        ("post", features, {}),
        ("post", models, {}),
        ("post", f"{features}/calculate-dims", {}),
        ("post", f"{features}/smart-defaults", {}),
        ("post", f"{features}/validate", {}),
        ("post", f"{models}/validate", {}),
        ("post", code, {}),
        ("post", f"{tests}/estimate", {}),
        ("post", tests, {}),
        ("post", f"{features}/{{config_id}}/clone", {"config_id": 1}),
        ("post", f"{models}/{{config_id}}/clone", {"config_id": 1}),
        ("put", f"{features}/{{config_id}}", {"config_id": 2}),
        ("put", f"{models}/{{config_id}}", {"config_id": 2}),
        ("post", f"{features}/{{config_id}}/versions/{{number}}/restore", {"config_id": 2, "number": 1}),
        ("post", f"{models}/{{config_id}}/versions/{{number}}/restore", {"config_id": 2, "number": 1}),
        ("post", f"{tests}/{{test_id}}/rerun", {"test_id": 1}),
        ("post", f"{tests}/{{test_id}}/promote", {"test_id": 1}),
    ]
    assert {(method, path) for method, path, _ in in_order} == set(examples) == {(method, path) for method, path, _ in bodies(api)}
    for method, path, place in in_order:
        if path.endswith("/promote"):
            test = next(run for run in bench.state().runs.values() if run.number == 1)
            finish(bench, run_to(bench, test, "running"))
        for example in examples[method, path]:
            answered(client, api, method, path, path.format(**place), example)
    for path, place in ((f"{features}/{{config_id}}/versions", {"config_id": 2}), (f"{models}/{{config_id}}/versions", {"config_id": 2}),
                        (f"{tests}/{{test_id}}", {"test_id": 1}), (tests, {}), (features, {}), (models, {}),
                        (f"{models}/presets", {}), (f"{models}/recipes", {}), (f"{models}/rating-head-presets", {}),
                        (f"{models}/loss-functions", {}), (f"{models}/optimizers", {})):  # fmt: skip
        answered(client, api, "get", path, path.format(**place), None)
