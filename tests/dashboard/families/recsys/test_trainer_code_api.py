"""Generated code over REST."""

from __future__ import annotations

import ast
import hashlib
from typing import Any

import pytest
from starlette.testclient import TestClient

from recsys.service import RecommenderService

HERE = "/api/generate-trainer-code/"


def test_the_code_of_a_pair_passes_its_checks_and_is_the_same_again(
    client: TestClient, feature_config: dict[str, Any], model_config: dict[str, Any]
) -> None:
    answer = client.post(HERE, json={"feature_config_id": feature_config["number"], "model_config_id": model_config["id"]})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    data = body["data"]
    assert body["success"]
    assert (data["is_valid"], data["validation_error"], data["error_line"]) == (True, None, None)
    assert data["code_hash"] == hashlib.sha256(data["trainer_code"].encode()).hexdigest()
    assert data["feature_config"] == {
        "id": feature_config["id"], "name": "Mine", "version": 1, "buyer_tensor_dim": 9, "product_tensor_dim": 8,
    }  # fmt: skip
    assert data["model_config"] == {
        "id": model_config["id"], "name": "Small", "model_type": "retrieval",
        "buyer_tower_summary": "128→64→32", "product_tower_summary": "128→64→32",
    }  # fmt: skip
    tops = [node.name for node in ast.parse(data["trainer_code"]).body if isinstance(node, ast.FunctionDef)]
    assert {"run_fn", "make_model", "export"} <= set(tops)
    assert "preprocessing_fn" in data["preprocessing_code"]
    again = client.post(HERE, json={"feature_config_id": feature_config["id"], "model_config_id": f"#{model_config['number']}"})
    assert again.json() == body


def test_a_changed_configuration_gives_other_code(client: TestClient, feature_config: dict[str, Any], model_config: dict[str, Any]) -> None:
    ask = {"feature_config_id": feature_config["id"], "model_config_id": model_config["id"]}
    before = client.post(HERE, json=ask).json()["data"]["code_hash"]
    client.put(f"/api/model-configs/{model_config['id']}/", json={"epochs": 7})
    assert client.post(HERE, json=ask).json()["data"]["code_hash"] != before


def test_a_rating_model_needs_a_rating_column(client: TestClient, service: RecommenderService, feature_config: dict[str, Any]) -> None:
    client.put(f"/api/feature-configs/{feature_config['id']}/", json={"target_column": None})
    rating = client.post("/api/model-configs/", json={"name": "Rates", "model_type": "ranking"}).json()
    ask = {"feature_config_id": feature_config["id"], "model_config_id": rating["id"]}
    refused = client.post(HERE, json=ask)
    assert refused.status_code == 422
    (field,) = refused.json()["error"]["fields"]
    assert (field["code"], field["path"]) == ("C-2", "rating_column")
    assert field["message"] == "Rating column required for ranking/multitask models"
    assert client.post(HERE, json=ask | {"rating_column": "stars"}).json()["data"]["is_valid"]
    assert client.post(HERE, json=ask | {"rating_column": "city"}).status_code == 422


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"feature_config_id": 9, "model_config_id": 1}, 404),
        ({"feature_config_id": 1, "model_config_id": "mc_0000000000000"}, 404),
        ({"feature_config_id": 1}, 422),
        ({"feature_config_id": True, "model_config_id": 1}, 422),
        ({"feature_config_id": 1, "model_config_id": 1, "wrong": 1}, 422),
    ],
)
def test_what_is_not_there_or_not_asked_well_is_refused(
    client: TestClient, feature_config: dict[str, Any], model_config: dict[str, Any], body: Any, status: int
) -> None:
    assert client.post(HERE, json=body).status_code == status
    assert client.post(f"{HERE}?wrong=1", json={"feature_config_id": 1, "model_config_id": 1}).status_code == 422
