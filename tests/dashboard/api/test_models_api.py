"""REST for models: what is created is what was asked for, and what is refused changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient


def problems(answer: Any) -> dict[str, str]:
    """Field -> message of an error answer."""
    return {f["path"]: f["message"] for f in answer.json()["error"]["fields"]}


def test_a_created_model_is_found_at_its_location_with_its_version_as_etag(client: TestClient) -> None:
    answer = client.post(
        "/api/models", json={"dataset": "digits", "name": "mine", "tags": ["a"], "config": {"latent_dim": 3, "learning_rate": 0.01}}
    )
    assert answer.status_code == 201
    found = client.get(answer.headers["location"])
    assert found.json() == answer.json()
    assert found.headers["etag"] == f'"{found.json()["version"]}"'
    assert found.json()["architecture"]["latent_dim"] == 3
    assert found.json()["training"]["learning_rate"] == 0.01
    assert ["Prior", "Mixture (12 components)"] in found.json()["architecture_summary"]


@pytest.mark.parametrize("body", [{}, {"name": "x"}, {"family": "rcmvae"}], ids=["nothing", "a name", "a family"])
def test_a_model_for_no_data_is_refused_with_what_is_missing(client: TestClient, body: dict[str, Any]) -> None:
    answer = client.post("/api/models", json=body)
    assert answer.status_code == 422
    assert "name a dataset" in problems(answer)["dataset"]
    assert client.get("/api/models").json()["total"] == 0


def test_a_preset_that_is_for_a_dataset_needs_no_other(client: TestClient) -> None:
    answer = client.post("/api/models", json={"preset": "semi_supervised_digits"})
    assert answer.status_code == 201, answer.text
    assert answer.json()["dataset_id"] == "digits"


def test_a_name_of_blanks_is_none(client: TestClient, model: dict[str, Any]) -> None:
    assert "not a blank" in problems(client.post("/api/models", json={"dataset": "digits", "name": "  "}))["name"]
    for method, path in (("PATCH", ""), ("POST", "/clone")):
        assert client.request(method, f"/api/models/{model['id']}{path}", json={"name": " \t"}).status_code == 422


def test_a_preset_gives_the_values_that_are_not_given(client: TestClient) -> None:
    answer = client.post("/api/models", json={"preset": "semi_supervised_digits", "config": {"architecture": {"latent_dim": 5}}})
    assert answer.status_code == 201, answer.text
    assert answer.json()["architecture"]["latent_dim"] == 5
    assert answer.json()["architecture"]["latent_layout"] == "decentralized"


def test_an_unknown_preset_names_the_closest_one(client: TestClient) -> None:
    answer = client.post("/api/models", json={"preset": "semi_supervised_digit"})
    assert answer.status_code == 422
    assert "semi_supervised_digits" in answer.json()["error"]["hint"]


@pytest.mark.parametrize(
    ("config", "field", "words"),
    [
        ({"learning_rat": 1}, "learning_rat", "did you mean learning_rate"),
        ({"latent_dim": 0, "encoder_type": "conv"}, "latent_dim", "1 to 512"),
        ({"num_components": 8}, "num_components", "10 classes, 8 components"),
        (
            {"prior_type": "geometric_mog", "geometric_arrangement": "grid", "num_components": 10},
            "num_components",
            "9 or 16 rather than 10",
        ),
        ({"use_heteroscedastic_decoder": True}, "use_heteroscedastic_decoder", "reconstruction_loss"),
        ({"decoder_conditioning": "none"}, "decoder_conditioning", "component"),
    ],
)
def test_a_config_that_cannot_be_built_is_refused_at_its_field_and_leaves_nothing(
    client: TestClient, config: dict[str, Any], field: str, words: str
) -> None:
    answer = client.post("/api/models", json={"dataset": "digits", "config": config})
    assert answer.status_code == 422
    assert words in problems(answer)[field]
    assert client.get("/api/models").json()["total"] == 0


def test_more_labelled_than_total_samples_is_refused_with_both_numbers(client: TestClient) -> None:
    answer = client.post("/api/models", json={"dataset": "digits", "sample": {"num_samples": 100, "num_labeled": 200}})
    assert answer.status_code == 422
    message = problems(answer)["sample.num_labeled"]
    assert "100" in message
    assert "200" in message
    assert client.get("/api/models").json()["total"] == 0


def test_an_unknown_body_field_names_the_closest_one(client: TestClient) -> None:
    answer = client.post("/api/models", json={"nam": "x"})
    assert answer.status_code == 422
    assert answer.json()["error"]["hint"] == "Did you mean name?"


def test_a_structural_field_cannot_be_changed_and_nothing_of_the_request_is_applied(client: TestClient, model: dict[str, Any]) -> None:
    change = {"name": "second", "training": {"learning_rate": 0.5, "latent_dim": 8, "hidden_dims": [4]}}
    answer = client.patch(f"/api/models/{model['id']}", json=change)
    assert answer.status_code == 422
    assert "cannot change after creation" in answer.json()["error"]["message"]
    assert set(problems(answer)) == {"latent_dim", "hidden_dims"}
    assert client.get(f"/api/models/{model['id']}").json() == model


def test_name_note_tags_and_settings_change_together(client: TestClient, model: dict[str, Any]) -> None:
    change = {"name": "second", "note": "why", "tags": ["t"], "training": {"learning_rate": 0.5}}
    answer = client.patch(f"/api/models/{model['id']}", json=change, headers={"If-Match": f'"{model["version"]}"'})
    assert answer.status_code == 200, answer.text
    changed = answer.json()
    assert (changed["name"], changed["note"], changed["tags"], changed["training"]["learning_rate"]) == ("second", "why", ["t"], 0.5)
    assert changed["changed"] == ["learning_rate"]


def test_of_two_writers_with_the_same_version_the_second_gets_a_conflict(client: TestClient, model: dict[str, Any]) -> None:
    seen = {"If-Match": f'"{model["version"]}"'}
    assert client.patch(f"/api/models/{model['id']}", json={"note": "mine"}, headers=seen).status_code == 200
    refused = client.patch(f"/api/models/{model['id']}", json={"note": "theirs"}, headers=seen)
    assert refused.status_code == 409
    assert client.get(f"/api/models/{model['id']}").json()["note"] == "mine"


def test_a_name_that_is_taken_is_a_conflict(client: TestClient, model: dict[str, Any]) -> None:
    assert client.post("/api/models", json={"dataset": "digits", "name": model["name"]}).status_code == 409


def test_a_deleted_model_is_gone_frees_its_name_and_comes_back_with_a_number(client: TestClient, model: dict[str, Any]) -> None:
    assert client.delete(f"/api/models/{model['id']}").status_code == 204
    assert client.get(f"/api/models/{model['id']}").status_code == 404
    assert client.post("/api/models", json={"dataset": "digits", "name": model["name"]}).status_code == 201
    assert client.post(f"/api/models/{model['id']}/restore").json()["name"] == f"{model['name']} (2)"


def test_a_clone_keeps_the_sample_and_changes_the_architecture(client: TestClient, model: dict[str, Any]) -> None:
    answer = client.post(f"/api/models/{model['id']}/clone", json={"config": {"latent_dim": 7}})
    assert answer.status_code == 201, answer.text
    assert answer.json()["architecture"]["latent_dim"] == 7
    assert answer.json()["sample"] == model["sample"]
    assert answer.json()["fingerprint"] != model["fingerprint"]


def test_a_repeated_request_with_one_idempotency_key_makes_one_model(client: TestClient) -> None:
    key = {"Idempotency-Key": "again"}
    first = client.post("/api/models", json={"dataset": "digits", "name": "once"}, headers=key)
    second = client.post("/api/models", json={"dataset": "digits", "name": "once"}, headers=key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert first.headers["location"] == second.headers["location"]
    assert client.get("/api/models").json()["total"] == 1
    assert client.post("/api/models", json={"dataset": "digits", "name": "other"}, headers=key).status_code == 409


def test_a_refused_request_frees_its_idempotency_key(client: TestClient) -> None:
    key = {"Idempotency-Key": "again"}
    assert client.post("/api/models", json={"dataset": "digits", "config": {"latent_dim": 0}}, headers=key).status_code == 422
    assert client.post("/api/models", json={"dataset": "digits", "config": {"latent_dim": 1}}, headers=key).status_code == 201


def test_lists_are_paged_without_repeats_and_sorted(client: TestClient) -> None:
    for name in ("c", "a", "b"):
        assert (
            client.post(
                "/api/models", json={"dataset": "digits", "name": name, "sample": {"num_samples": 60, "num_labeled": 20}}
            ).status_code
            == 201
        )
    first = client.get("/api/models", params={"limit": 2, "sort": "name"}).json()
    rest = client.get("/api/models", params={"limit": 2, "sort": "name", "cursor": first["next"]}).json()
    assert [m["name"] for m in first["items"] + rest["items"]] == ["a", "b", "c"]
    assert (first["total"], rest["next"]) == (3, None)
    assert client.get("/api/models", params={"sort": "nam"}).status_code == 422
    assert client.get("/api/models", params={"cursor": "nonsense"}).status_code == 422
    assert client.get("/api/models", params={"limit": 501}).status_code == 422


@pytest.mark.parametrize("id", ["..%2f..%2fetc%2fpasswd", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "model_0000000000000", "a" * 99])
def test_a_path_like_or_unknown_id_is_not_found(client: TestClient, id: str) -> None:
    assert client.get(f"/api/models/{id}").status_code == 404
    assert client.get(f"/api/runs/{id}").status_code == 404


def test_family_and_type_are_those_of_dataset_and_preset_unless_they_are_named(client: TestClient) -> None:
    made = client.post("/api/models", json={"dataset": "corridor", "preset": "xlstm_small"})
    assert made.status_code == 201, made.text
    assert (made.json()["family"], made.json()["model_type"]) == ("traffic", "xlstm")
    unnamed = client.post("/api/models", json={"dataset": "corridor"}).json()["error"]
    assert "several model types" in unnamed["message"]
    assert "lstm" in unnamed["hint"]
    wrong = client.post("/api/models", json={"dataset": "corridor", "preset": "xlstm_smal"}).json()["error"]
    assert wrong["hint"] == "Did you mean xlstm_small?"
