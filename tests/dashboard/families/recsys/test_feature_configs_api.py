"""Feature configurations over REST."""

from __future__ import annotations

import ast
import hashlib
from typing import Any

import pytest
from starlette.testclient import TestClient

from recsys.service import RecommenderService
from tests.support.recommender_family import PLAIN, SALES, VISITS, features

HERE = "/api/feature-configs/"


def codes(answer: Any) -> list[tuple[str, str]]:
    return [(f["path"], f["code"]) for f in answer.json()["error"]["fields"]]


def test_rest_and_service_store_equal_records(client: TestClient, service: RecommenderService, feature_config: dict[str, Any]) -> None:
    other = service.features.create(actor="api", dataset_id=SALES, name="Two", document=features())
    own = service.features.get(feature_config["id"])
    differing = {"id", "number", "name", "created_at", "updated_at", "versions"}
    assert own.model_dump(exclude=differing) == other.model_dump(exclude=differing)
    assert (feature_config["buyer_tensor_dim"], feature_config["product_tensor_dim"]) == (9, 8)
    assert [w["dim"] for w in feature_config["tensor_dims"]["buyer"]["breakdown"]] == [8, 1]
    assert feature_config["target_column"]["column"] == "stars"


def test_a_new_configuration_has_an_address_and_a_version(client: TestClient) -> None:
    answer = client.post(HERE, json={"name": "Mine", "dataset_id": SALES, **features()})
    assert answer.headers["location"] == f"/api/feature-configs/{answer.json()['id']}"
    assert answer.headers["etag"].startswith('"1-')
    assert client.get(answer.headers["location"]).json() == answer.json()


def test_everything_wrong_is_told_at_once_with_its_rule(client: TestClient) -> None:
    bad = features()
    bad["buyer_model_features"][1]["column"] = "agee"
    answer = client.post(HERE, json={"name": "", "dataset_id": SALES, "wrong": 1, **bad})
    assert answer.status_code == 422
    found = codes(answer)
    assert all(code for _, code in found)
    assert {"name", "wrong"} <= {path for path, _ in found}
    assert any(path.startswith("buyer_model_features.1") for path, _ in found)


@pytest.mark.parametrize(
    ("body", "status", "path"),
    [
        ({"name": "x"}, 422, "dataset_id"),
        ({"name": "x", "dataset_id": "nowhere"}, 404, None),
        ({"name": "x", "dataset_id": PLAIN, "start_from": "smart_defaults"}, 422, "dataset_id"),
        ({"name": "x", "dataset_id": SALES, "clone_of": 1}, 422, "clone_of"),
        ({"start_from": "clone"}, 422, "clone_of"),
        ({"start_from": "clone", "clone_of": 77}, 404, None),
        ({"start_from": "clone", "clone_of": 1, "dataset_id": VISITS}, 422, "dataset_id"),
        ({"start_from": "clone", "clone_of": 1, "note": "x"}, 422, "note"),
        ({"start_from": "clone", "clone_of": True}, 422, None),
        ({"name": "mine", "dataset_id": SALES, **features()}, 409, "name"),
    ],
)
def test_what_cannot_be_made_is_refused(
    client: TestClient, feature_config: dict[str, Any], body: Any, status: int, path: str | None
) -> None:
    answer = client.post(HERE, json=body)
    assert answer.status_code == status, answer.text
    if path is not None:
        assert path in [f["path"] for f in answer.json()["error"]["fields"]]


def test_a_configuration_starts_from_defaults_or_from_another(client: TestClient, feature_config: dict[str, Any]) -> None:
    suggested = client.post(f"{HERE}smart-defaults/", json={"dataset_id": SALES}).json()
    smart = client.post(HERE, json={"name": "Smart", "dataset_id": SALES, "start_from": "smart_defaults"}).json()
    for name in ("buyer_model_features", "product_model_features", "buyer_model_crosses", "target_column", "buyer_tensor_dim"):
        assert smart[name] == (suggested | suggested["config"])[name]
    assert suggested["history"] is not None
    clone = client.post(HERE, json={"start_from": "clone", "clone_of": feature_config["number"], "target_column": None})
    assert (clone.status_code, clone.json()["name"], clone.json()["target_column"]) == (201, "Mine (copy)", None)
    copied = client.post(f"{HERE}{feature_config['id']}/clone/", json={"name": "Third"}).json()
    assert copied["content_hash"] == feature_config["content_hash"]
    assert client.post(f"{HERE}77/clone/").status_code == 404
    assert client.post(f"{HERE}smart-defaults/", json={"dataset_id": "nowhere"}).status_code == 404


def test_what_is_suggested_is_made_when_its_config_is_posted_as_it_is(client: TestClient) -> None:
    for name in ("Sales: smart defaults", "Sales: smart defaults (2)"):
        suggested = client.post(f"{HERE}smart-defaults/", json={"dataset_id": SALES}).json()
        answer = client.post(HERE, json=suggested["config"])
        assert answer.status_code == 201, answer.text
        made = answer.json()
        assert (made["name"], made["dataset_id"]) == (name, SALES)
        assert made["tensor_dims"] == {tower: suggested[tower] for tower in ("buyer", "product")}
    smart = client.post(HERE, json={"name": "Smart", "dataset_id": SALES, "start_from": "smart_defaults"}).json()
    assert smart["content_hash"] == made["content_hash"]


def test_widths_are_told_of_whatever_can_be_read(client: TestClient) -> None:
    whole = features(dim=16)
    dims = client.post(f"{HERE}calculate-dims/", json=whole).json()
    assert (dims["buyer_tensor_dim"], dims["product"]["total"]) == (17, 16)
    whole["buyer_model_features"][0] = 3
    assert client.post(f"{HERE}calculate-dims/", json=whole).json()["buyer"] == {"total": 1, "breakdown": [{"name": "age_norm", "dim": 1}]}
    assert client.post(f"{HERE}calculate-dims/", json={}).json()["buyer_tensor_dim"] == 0


def test_checking_says_what_storing_would_be_refused_for(client: TestClient, feature_config: dict[str, Any]) -> None:
    ask = {"dataset_id": SALES, "name": "Mine", **features()}
    found = client.post(f"{HERE}validate/", json=ask).json()
    assert (found["is_valid"], [(i["code"], i["path"]) for i in found["issues"]]) == (False, [("F-21", "name")])
    assert client.post(f"{HERE}validate/", json=ask | {"exclude_id": feature_config["id"]}).json()["is_valid"]
    assert client.post(f"{HERE}validate/", json=ask | {"dataset_id": "nowhere"}).status_code == 404
    assert client.post(f"{HERE}validate/", json={}).status_code == 422


def test_names_are_free_or_taken_within_a_dataset(client: TestClient, feature_config: dict[str, Any]) -> None:
    def free(**query: Any) -> bool:
        return client.get(f"{HERE}check-name/", params={"name": " MINE", **query}).json()["available"]

    assert not free(dataset_id=SALES)
    assert free(dataset_id=VISITS)
    assert free(dataset_id=SALES, exclude_id=feature_config["number"])


def test_versions_conflict_are_listed_and_restored(client: TestClient, feature_config: dict[str, Any]) -> None:
    here = f"{HERE}{feature_config['id']}/"
    changed = client.put(here, json={"target_column": None, "version": 1})
    assert (changed.status_code, changed.json()["version"], changed.headers["etag"][:3]) == (200, 2, '"2-')
    assert changed.json()["buyer_model_features"] == feature_config["buyer_model_features"]
    late = client.put(here, json={"target_column": {"column": "price"}}, headers={"If-Match": '"1"'})
    assert (late.status_code, late.json()["error"]["current_version"], codes(late)) == (409, 2, [("version", "VERSION_CONFLICT")])
    assert [v["version"] for v in client.get(f"{here}versions/").json()["items"]] == [2, 1]
    back = client.post(f"{here}versions/1/restore/", headers={"If-Match": '"2"'}).json()
    assert (back["version"], back["content_hash"]) == (3, feature_config["content_hash"])
    assert client.post(f"{here}versions/1/restore/", json={"version": 1}).status_code == 409
    assert client.post(f"{here}versions/7/restore/").status_code == 404


def test_the_code_is_a_module_that_passes_its_checks(client: TestClient, feature_config: dict[str, Any]) -> None:
    here = f"{HERE}{feature_config['id']}/generated-code/"
    found = client.get(here).json()
    assert (found["is_valid"], found["validation_error"], found["error_line"]) == (True, None, None)
    functions = [node.name for node in ast.parse(found["preprocessing_code"]).body if isinstance(node, ast.FunctionDef)]
    assert "preprocessing_fn" in functions
    assert found["code_hash"] == hashlib.sha256(found["preprocessing_code"].encode()).hexdigest()
    assert client.get(here).json() == found
    assert client.get(f"{HERE}9/generated-code/").status_code == 404


def test_lists_are_filtered_and_deleted_ones_are_gone(client: TestClient, feature_config: dict[str, Any]) -> None:
    other = client.post(HERE, json={"name": "Other", "dataset_id": VISITS, **features()}).json()

    def listed(**query: Any) -> list[str]:
        return [item["name"] for item in client.get(HERE, params=query).json()["items"]]

    assert listed() == ["Other", "Mine"]
    assert listed(dataset_id=VISITS) == listed(q="oth") == listed(q="#2") == ["Other"]
    assert client.delete(f"{HERE}{other['number']}/").status_code == 204
    assert (listed(), client.get(f"{HERE}{other['id']}/").status_code) == (["Mine"], 404)
    assert client.get(f"{HERE}{feature_config['id']}/quick-tests/").json() == {"items": [], "total": 0, "next": None}
    for address in (HERE, f"{HERE}{feature_config['id']}/", f"{HERE}{feature_config['id']}/versions/"):
        assert client.get(address, params={"wrong": 1}).status_code == 422


def test_a_deletion_meant_for_another_version_is_a_conflict(client: TestClient, feature_config: dict[str, Any]) -> None:
    here = f"/api/feature-configs/{feature_config['id']}/"
    client.put(here, json={"target_column": None})
    late = client.delete(here, headers={"If-Match": '"1"'})
    assert (late.status_code, late.json()["error"]["code"], late.json()["error"]["current_version"]) == (409, "VERSION_CONFLICT", 2)
    assert client.delete(here, headers={"If-Match": '"2"'}).status_code == 204


def test_data_that_features_are_of_is_in_use_and_says_by_whom(client: TestClient, feature_config: dict[str, Any]) -> None:
    refused = client.delete("/api/datasets/sales/")
    error = refused.json()["error"]
    assert (refused.status_code, error["code"]) == (409, "IN_USE")
    assert error["message"] == "The dataset Sales is used by Mine."
    client.delete(f"/api/feature-configs/{feature_config['id']}/")
    late = client.delete("/api/datasets/sales/", headers={"If-Match": '"0"'})
    assert (late.status_code, late.json()["error"]["code"]) == (409, "VERSION_CONFLICT")
    assert client.delete("/api/datasets/sales/").status_code == 204


def test_a_name_that_somebody_else_changed_is_not_written_over(client: TestClient, feature_config: dict[str, Any]) -> None:
    here = f"{HERE}{feature_config['id']}/"
    seen = client.get(here).headers["etag"]
    theirs = client.put(here, json={"name": "Theirs"}, headers={"If-Match": seen})
    assert (theirs.status_code, theirs.json()["version"]) == (200, 1)
    assert theirs.headers["etag"] == client.get(here).headers["etag"] != seen
    for ask in (
        lambda: client.put(here, json={"description": "mine"}, headers={"If-Match": seen}),
        lambda: client.delete(here, headers={"If-Match": seen}),
        lambda: client.post(f"{here}versions/1/restore/", headers={"If-Match": seen}),
    ):
        late = ask()
        error = late.json()["error"]
        assert (late.status_code, error["code"], error["current_version"]) == (409, "VERSION_CONFLICT", 1)
        assert "no longer those that you read" in error["message"]
    assert client.get(here).json()["name"] == "Theirs"
    # a version alone is of what the configuration says
    assert client.put(here, json={"description": "mine"}, headers={"If-Match": '"1"'}).status_code == 200
    assert client.put(here, json={"note": "mine"}, headers={"If-Match": client.get(here).headers["etag"]}).status_code == 200
