"""Model configurations over REST."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from recsys.model.config import ModelConfig, document_of
from recsys.service import RecommenderService
from workbench.workbench import Workbench

HERE = "/api/model-configs/"
TWO_LAYERS = {
    "buyer_tower_layers": [{"type": "dense", "units": 128}],
    "product_tower_layers": [{"type": "dense", "units": 64}],
}


def codes(answer: Any) -> list[tuple[str, str]]:
    return [(f["path"], f["code"]) for f in answer.json()["error"]["fields"]]


def test_a_name_a_type_and_two_towers_make_a_configuration(client: TestClient, service: RecommenderService) -> None:
    answer = client.post(HERE, json={"name": "First", "model_type": "retrieval", **TWO_LAYERS})
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert answer.headers["location"] == f"/api/model-configs/{made['id']}"
    assert answer.headers["etag"].startswith('"1-')
    record = service.models.get(made["id"])
    assert document_of(record.recommender) == {name: made[name] for name in document_of(ModelConfig())}
    assert (made["buyer_tower_summary"], made["product_tower_summary"], made["rating_head_summary"]) == ("128", "64", "None")
    assert (made["buyer_layer_count"], made["product_layer_count"], made["towers_identical"]) == (1, 1, False)
    # 100·128+128, 50·64+64, and both projections to 32: 128·32+32, 64·32+32
    assert made["estimated_params"]["total"] == 12_928 + 3_264 + 4_128 + 2_080
    assert made["estimated_params"]["input_dims"] == {"buyer": 100, "product": 50}
    assert made["content_hash"] == record.content_hash


def test_rest_and_service_store_equal_records(client: TestClient, service: RecommenderService) -> None:
    document = {"model_type": "ranking", "epochs": 3, **TWO_LAYERS}
    one = client.post(HERE, json={"name": "One", "tags": ["a"], "note": "n", "description": "d", **document}).json()
    other = service.models.create(actor="api", name="Two", document=document, tags=("a",), note="n", description="d")
    own = service.models.get(one["id"])
    differing = {"id", "number", "name", "created_at", "updated_at", "versions"}
    assert own.model_dump(exclude=differing) == other.model_dump(exclude=differing)
    assert [v.content_hash for v in own.versions.values()] == [v.content_hash for v in other.versions.values()]


def test_everything_wrong_is_told_at_once_with_its_rule(client: TestClient) -> None:
    bad = {"buyer_tower_layers": [], "output_embedding_dim": 4, "epochs": 0, "optimiser": "adam"}
    answer = client.post(HERE, json=bad)
    assert answer.status_code == 422
    found = codes(answer)
    assert {("buyer_tower_layers", "M-40"), ("output_embedding_dim", "M-46"), ("epochs", "M-49"), ("optimiser", "M-49")} <= set(found)
    assert ("name", "M-50") in found


def test_a_name_that_is_taken_is_a_conflict(client: TestClient, model_config: dict[str, Any]) -> None:
    answer = client.post(HERE, json={"name": " SMALL "})
    assert (answer.status_code, codes(answer)) == (409, [("name", "M-50")])
    assert client.get(f"{HERE}check-name/", params={"name": "small"}).json() == {"available": False}
    mine = {"name": "small", "exclude_id": model_config["number"]}
    assert client.get(f"{HERE}check-name/", params=mine).json() == {"available": True}
    assert client.get(f"{HERE}check-name/").status_code == 422


def test_presets_stand_at_the_top_by_name(client: TestClient) -> None:
    presets = client.get(f"{HERE}presets/").json()
    assert list(presets) == ["minimal", "standard", "deep", "asymmetric", "regularized"]
    assert presets["standard"]["buyer_tower_summary"] == "128→64→32"
    assert [p["estimated_params"]["total"] for p in presets.values()] == [13_888, 40_128, 125_376, 81_792, 40_128]
    assert presets["standard"]["estimated_time"]["seconds"] is None
    assert presets["standard"]["estimated_time"]["text"] == "not calibrated yet"
    assert client.get(f"{HERE}presets/deep/").json() == presets["deep"]
    missing = client.get(f"{HERE}presets/standrad/")
    assert missing.status_code == 404
    assert missing.json()["error"]["hint"] == "Did you mean standard?"


def test_presets_are_told_for_the_widths_of_some_features(client: TestClient, feature_config: dict[str, Any]) -> None:
    found = client.get(f"{HERE}presets/minimal/", params={"feature_config_id": f"#{feature_config['number']}"}).json()
    # widths 9 and 8: 9·64+64 + 64·32+32 and 8·64+64 + 64·32+32
    assert found["estimated_params"]["total"] == 640 + 2_080 + 576 + 2_080
    assert client.get(f"{HERE}presets/", params={"feature_config_id": "9"}).status_code == 404


def test_a_known_rate_gives_a_duration(client: TestClient, bench: Workbench) -> None:
    from workbench.runs.rates import learn

    for rate in (1e9, 2e9, 4e9):
        learn(bench.settings.home, "recsys/recommender", rate)
    found = client.get(f"{HERE}presets/minimal/").json()["estimated_time"]
    # 6 · rows · (dense parameters + scores of a batch) · epochs, for 48,000 train rows, 4,096 rows a batch, 32 dimensions and 5 epochs
    work = 6 * 48_000 * (13_888 + 4_096 * 32) * 5
    assert found["stages"]["train"] == pytest.approx(4 + work / 2e9)
    assert found["seconds"] == pytest.approx(sum(found["stages"].values()))
    assert list(found["stages"]) == ["split", "fit_transforms", "generate", "check", "train", "evaluate", "baselines", "export"]
    # the interval is that of finished tests, and there is none yet
    assert (found["low"], found["high"], found["calibrated"]) == (None, None, False)


def test_catalogues_name_what_can_be_chosen(client: TestClient) -> None:
    heads = client.get(f"{HERE}rating-head-presets/").json()
    assert {key: head["rating_head_summary"] for key, head in heads.items()} == {
        "minimal": "64→1", "standard": "256→64→1", "deep": "512→256→64→1",
    }  # fmt: skip
    recipes = client.get(f"{HERE}recipes/").json()
    assert recipes["best_top10"]["config"]["output_embedding_dim"] == 64
    assert recipes["best_top10"]["features"] == "ids-64"
    assert list(client.get(f"{HERE}loss-functions/").json()) == ["mse", "mae", "huber", "binary_crossentropy"]
    assert client.get(f"{HERE}optimizers/").json()["adam"]["default_learning_rate"] == 0.005


@pytest.mark.parametrize("document", [{}, [], 3, None, "x", {"buyer_tower_layers": [3]}, {"exclude_id": {}}, {"exclude_id": "mc_x"}])
def test_checking_any_json_answers_200(client: TestClient, document: Any) -> None:
    answer = client.post(f"{HERE}validate/", json=document)
    assert answer.status_code == 200
    assert set(answer.json()) == {
        "is_valid", "issues", "buyer_tower_summary", "product_tower_summary", "rating_head_summary", "towers_identical", "estimated_params",
    }  # fmt: skip


def test_checking_says_what_storing_would_be_refused_for(client: TestClient, model_config: dict[str, Any]) -> None:
    found = client.post(f"{HERE}validate/", json={"name": "Small", "share_tower_weights": True, **TWO_LAYERS}).json()
    assert not found["is_valid"]
    assert [issue["code"] for issue in found["issues"]] == ["M-42", "M-50"]
    assert (found["buyer_tower_summary"], found["towers_identical"], found["estimated_params"]) == ("128", False, None)
    good = client.post(f"{HERE}validate/", json={"name": "Small", "exclude_id": model_config["id"], "model_type": "ranking"}).json()
    assert good["is_valid"]
    assert good["rating_head_summary"] == "256→64→1"
    # towers at 100/50, and the head on both vectors: 64·256+256 + 256·64+64 + 64·1+1
    assert good["estimated_params"]["total"] == 40_128 + 33_153


def test_a_configuration_is_read_by_id_and_by_number(client: TestClient, model_config: dict[str, Any]) -> None:
    for key in (model_config["id"], model_config["number"], f"%23{model_config['number']}"):
        for end in ("", "/"):
            answer = client.get(f"{HERE}{key}{end}")
            assert (answer.status_code, answer.json()) == (200, model_config)
    for key in ("9", "mc_0000000000000", "..%2fx", "0"):
        assert client.get(f"{HERE}{key}/").status_code == 404


def test_an_update_meant_for_another_version_is_a_conflict_that_says_the_current_one(
    client: TestClient, model_config: dict[str, Any]
) -> None:
    here = f"{HERE}{model_config['id']}/"
    first = client.put(here, json={"epochs": 3, "version": 1})
    assert (first.status_code, first.json()["version"], first.headers["etag"][:3]) == (200, 2, '"2-')
    assert first.json()["optimizer"] == "adam"
    for late in (client.put(here, json={"epochs": 4, "version": 1}), client.put(here, json={"epochs": 4}, headers={"If-Match": '"1"'})):
        error = late.json()["error"]
        assert (late.status_code, error["code"], error["current_version"]) == (409, "VERSION_CONFLICT", 2)
        assert codes(late) == [("version", "VERSION_CONFLICT")]
    assert client.put(here, json={"epochs": 4}).json()["version"] == 3
    assert client.put(f"{HERE}9/", json={"epochs": 4}).status_code == 404


def test_a_deletion_meant_for_another_version_is_a_conflict(client: TestClient, model_config: dict[str, Any]) -> None:
    here = f"{HERE}{model_config['id']}/"
    client.put(here, json={"epochs": 3})
    late = client.delete(here, headers={"If-Match": '"1"'})
    assert (late.status_code, late.json()["error"]["code"], late.json()["error"]["current_version"]) == (409, "VERSION_CONFLICT", 2)
    assert client.delete(here, headers={"If-Match": "two"}).status_code == 422
    assert client.delete(here, headers={"If-Match": client.get(here).headers["etag"]}).status_code == 204


def test_an_architecture_that_a_test_has_used_stays(
    client: TestClient, model_config: dict[str, Any], feature_config: dict[str, Any]
) -> None:
    start = {"feature_config_id": feature_config["id"], "model_config_id": model_config["id"]}
    assert client.post("/api/quick-tests/", json=start).status_code == 201
    here = f"{HERE}{model_config['id']}/"
    refused = client.put(here, json={"output_embedding_dim": 64})
    assert (refused.status_code, refused.json()["error"]["fields"][0]["path"]) == (409, "output_embedding_dim")
    assert client.post(f"{here}clone/").status_code == 201
    assert "cannot change once a test has used it" in refused.json()["error"]["message"]
    assert client.put(here, json={"epochs": 2}).status_code == 200
    assert client.delete(here).status_code == 409
    (listed,) = client.get(f"{here}quick-tests/").json()["items"]
    assert (listed["number"], listed["model_config_id"]) == (1, model_config["id"])


def test_clones_are_numbered_and_deleted_ones_are_gone(client: TestClient, model_config: dict[str, Any]) -> None:
    names = [client.post(f"{HERE}{model_config['id']}/clone/").json()["name"] for _ in range(2)]
    assert names == ["Small (copy)", "Small (copy) (2)"]
    named = client.post(f"{HERE}1/clone/", json={"name": "Other"})
    assert (named.status_code, named.json()["name"]) == (201, "Other")
    assert client.delete(f"{HERE}{model_config['id']}/").status_code == 204
    assert client.get(f"{HERE}{model_config['id']}/").status_code == 404
    assert client.post(f"{HERE}{model_config['id']}/clone/").status_code == 404


def test_versions_are_listed_and_restored(client: TestClient, model_config: dict[str, Any]) -> None:
    here = f"{HERE}{model_config['id']}/"
    client.put(here, json={"epochs": 9})
    assert [v["version"] for v in client.get(f"{here}versions/").json()["items"]] == [2, 1]
    back = client.post(f"{here}versions/1/restore/", json={"version": 2})
    assert (back.status_code, back.json()["epochs"], back.json()["version"]) == (200, 5, 3)
    assert back.json()["content_hash"] == model_config["content_hash"]
    assert client.post(f"{here}versions/1/restore/", json={"version": 2}).status_code == 409
    assert client.post(f"{here}versions/8/restore/").status_code == 404


def test_lists_are_filtered_and_paged(client: TestClient, model_config: dict[str, Any]) -> None:
    client.post(HERE, json={"name": "Rates", "model_type": "ranking", "optimizer": "adagrad"})

    def listed(**query: Any) -> list[str]:
        return [item["name"] for item in client.get(HERE, params=query).json()["items"]]

    assert listed() == ["Rates", "Small"]
    assert listed(model_type="ranking") == ["Rates"]
    assert listed(optimizer="adam") == ["Small"]
    assert listed(q="sma") == listed(q="#1") == ["Small"]
    first = client.get(HERE, params={"limit": 1, "sort": "name"}).json()
    assert (first["total"], [i["name"] for i in first["items"]]) == (2, ["Rates"])
    assert listed(limit=1, sort="name", cursor=first["next"]) == ["Small"]
    assert client.get(HERE, params={"sort": "nam"}).status_code == 422


def test_unknown_query_parameters_are_refused_everywhere(client: TestClient, model_config: dict[str, Any]) -> None:
    here = f"{HERE}{model_config['id']}/"
    for address in (HERE, here, f"{here}versions/", f"{HERE}presets/", f"{HERE}recipes/", f"{here}quick-tests/"):
        answer = client.get(address, params={"wrong": "1"})
        assert answer.status_code == 422, address
        assert [f["path"] for f in answer.json()["error"]["fields"]] == ["wrong"]


def test_a_key_that_is_sent_twice_makes_one_configuration(client: TestClient) -> None:
    key = {"Idempotency-Key": "again"}
    first, second = (client.post(HERE, json={"name": "Once"}, headers=key) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert client.get(HERE).json()["total"] == 1
    assert client.post(HERE, json={"name": "Other"}, headers=key).status_code == 409


def test_a_name_that_somebody_else_changed_is_not_written_over(client: TestClient, model_config: dict[str, Any]) -> None:
    here = f"{HERE}{model_config['id']}/"
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
