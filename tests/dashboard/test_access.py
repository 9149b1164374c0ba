"""Once there are users, nobody comes in without being one, and nobody does what their role does not allow."""

from __future__ import annotations

import json
import re
import time
from html import unescape
from typing import Any

import pytest
from argon2 import PasswordHasher
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from dashboard import access, limits
from dashboard.acting import declared
from dashboard.context import actor
from dashboard.login import ENDED_WORDS
from dashboard.pages_app import create_pages
from tests.dashboard.conftest import ORIGIN
from workbench.people import passwords
from workbench.people.people import People
from workbench.people.records import FAILURES
from workbench.workbench import Workbench

PAGE = {"accept": "text/html"}
PASSWORD = "correct horse battery"
LOCAL = "user:ann"
SAMPLE = {"num_samples": 200}


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a hash costs is tested elsewhere."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", lambda: hasher)


@pytest.fixture
def people(bench: Workbench) -> People:
    """Ann, an administrator, and one user of each other role, all with the same password."""
    bench.people.add(by=LOCAL, name="ann", role="administer", display_name="Ann Ames", password=PASSWORD)
    for name, role in (("ted", "train"), ("lea", "label"), ("rob", "read")):
        bench.people.add(by=LOCAL, name=name, role=role, password=PASSWORD)
    return bench.people


@pytest.fixture
def server(bench: Workbench) -> Any:
    from dashboard.server import create_server

    return create_server(bench.settings, bench)


def visitor(server: Any) -> TestClient:
    return TestClient(server, base_url=ORIGIN, raise_server_exceptions=False, follow_redirects=False)


def as_user(server: Any, name: str) -> TestClient:
    """A browser in which a user is logged in."""
    made = visitor(server)
    assert made.post("/login", json={"name": name, "password": PASSWORD}).status_code == 200
    return made


def told(page: str) -> dict[str, Any] | None:
    """What the frame says of who is logged in."""
    found = re.search(r'<meta name="trellis-person" content="([^"]*)">', page)
    return json.loads(unescape(found.group(1))) if found else None


def test_without_users_everybody_comes_in_as_before(server: Any) -> None:
    client = visitor(server)
    assert client.get("/", headers=PAGE).status_code == 200
    assert told(client.get("/").text) is None
    assert client.get("/api/models").status_code == 200
    assert client.post("/api/views", json={"name": "Mine", "query": {}}).status_code == 201


@pytest.mark.usefixtures("people")
def test_with_users_a_person_is_sent_to_the_login_page_and_a_program_is_refused(server: Any) -> None:
    client = visitor(server)
    answer = client.get("/runs?where=x", headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Fruns%3Fwhere%3Dx")
    page = client.get("/login").text
    assert 'id="name"' in page
    assert 'id="password"' in page
    assert client.get("/api/models").status_code == 401
    assert client.post("/_dash-update-component", json={}).status_code == 401
    assert client.post("/live-look", json={}).status_code == 401
    assert client.get("/openapi.json").status_code == 401
    assert client.get("/health").status_code == 200


def test_users_who_are_added_while_it_runs_close_the_door(server: Any, bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "LOOK_AGAIN_SECONDS", 0.05)
    client = visitor(server)
    assert client.get("/api/models").status_code == 200
    bench.people.add(by=LOCAL, name="ann", role="administer")
    assert client.post("/api/views", json={"name": "x", "query": {}}).status_code in (401, 403), "the store refuses it at once"
    time.sleep(0.1)
    assert client.get("/api/models").status_code == 401


@pytest.mark.usefixtures("people")
def test_a_login_gives_a_session_that_logging_out_ends(server: Any, bench: Workbench) -> None:
    client = as_user(server, "ann")
    cookie = next(c for c in client.cookies.jar if c.name == access.COOKIE)
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "lax"
    page = client.get("/", headers=PAGE).text
    found = told(page)
    assert found is not None
    assert (found["display_name"], found["role"], found["ids"]) == ("Ann Ames", "administer", {})
    secret = client.cookies[access.COOKIE]
    assert client.post("/logout").status_code == 200
    client.cookies.set(access.COOKIE, secret)
    answer = client.get("/", headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?why=ended&next=%2F")
    assert ENDED_WORDS in client.get(answer.headers["location"]).text
    assert bench.people.sessions.of(bench.people.get("ann").id) == []


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    "body", [{"name": "ann", "password": "wrong password"}, {"name": "nobody", "password": PASSWORD}, {"name": "", "password": ""}]
)
def test_a_wrong_login_says_the_same_whatever_is_wrong(server: Any, body: dict[str, str]) -> None:
    answer = visitor(server).post("/login", json=body)
    assert answer.status_code == 401
    assert answer.json()["error"]["message"] == "This name and password do not belong together."
    assert "set-cookie" not in answer.headers


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("content", [b"", b"[]", b'{"name": "ann"}', b'{"name": 1, "password": "x"}', b'{"token": "x"}', b"\xff"])
def test_a_malformed_login_is_told_so(server: Any, content: bytes) -> None:
    assert visitor(server).post("/login", content=content, headers={"content-type": "application/json"}).status_code == 422


def test_a_token_lets_a_program_in_as_its_owner(server: Any, people: People) -> None:
    ted = people.get("ted")
    token, secret = people.tokens.make(ted.id, "script", None)
    client = visitor(server)
    client.headers["authorization"] = f"Bearer {secret}"
    made = client.post("/api/views", json={"name": "Mine", "query": {}})
    assert made.status_code == 201
    assert client.post("/api/undo").json()["words"].startswith("Save")
    people.tokens.revoke(ted.id, token.id)
    assert client.get("/api/models").status_code == 401


def test_the_servers_own_token_goes_round_no_role(bench: Workbench, people: People) -> None:
    from pydantic import SecretStr

    from dashboard.server import create_server

    settings = bench.settings.model_copy(update={"token": SecretStr("the token of all")})
    client = visitor(create_server(settings, bench))
    assert client.get("/api/models", headers={"authorization": "Bearer the token of all"}).status_code == 401
    assert client.post("/login", json={"token": "the token of all"}).status_code == 422
    assert client.post("/login", json={"name": "rob", "password": PASSWORD}).status_code == 200
    assert client.get("/api/models").status_code == 200, "a user is not asked for the token as well"


def test_who_is_disabled_or_has_a_new_password_is_out_at_once(server: Any, people: People) -> None:
    ted, lea = as_user(server, "ted"), as_user(server, "lea")
    people.change("ted", by=LOCAL, disabled=True)
    people.set_password("lea", "another long password", by=LOCAL)
    assert ted.get("/api/models").status_code == lea.get("/api/models").status_code == 401


ALLOWED = {"rob": "read", "lea": "label", "ted": "train", "ann": "administer"}


@pytest.mark.usefixtures("people")
def test_rest_refuses_what_a_role_does_not_allow_and_names_the_one_that_does(server: Any) -> None:
    for name, statuses in {"rob": (403, 403), "lea": (201, 403), "ted": (201, 201)}.items():
        client = as_user(server, name)
        view = client.post("/api/views", json={"name": f"View of {name}", "query": {}})
        model = client.post("/api/models", json={"name": f"Model of {name}", "dataset": "digits", "sample": SAMPLE})
        assert (view.status_code, model.status_code) == statuses
        for answer, need in ((view, "label"), (model, "train")):
            if answer.status_code == 403:
                error = answer.json()["error"]
                assert error["code"] == "forbidden"
                assert f"“{need}”" in error["message"]
                assert f"“{ALLOWED[name]}”" in error["message"]
    assert as_user(server, "rob").get("/api/models").json()["total"] == 1


@pytest.mark.usefixtures("people")
def test_what_is_done_is_the_users_own_in_every_browser(server: Any, bench: Workbench) -> None:
    first, second, other = as_user(server, "ted"), as_user(server, "ted"), as_user(server, "ann")
    id = first.post("/api/models", json={"name": "Mine", "dataset": "digits", "sample": SAMPLE}).json()["id"]
    assert bench.history("model", id)[0].actor == bench.people.get("ted").actor
    assert other.post("/api/undo").status_code == 409, "what others did is not hers to undo"
    assert second.post("/api/undo").status_code == 200
    assert first.get("/api/models").json()["total"] == 0


def test_every_callback_declares_what_its_caller_must_be(server: Any, bench: Workbench) -> None:
    asked_by = pages_of(bench).asked_by
    silent = [f"{f.__module__}.{f.__qualname__}" for _, f in asked_by if declared(f) is None]
    assert len(asked_by) > 100
    assert not silent, f"say @needs(...) below @app.callback: {silent}"


def pages_of(bench: Workbench) -> Any:
    """The Dash app over a workbench."""
    from dashboard.background import JobManager
    from dashboard.bundles import Bundles
    from dashboard.context import AppContext
    from dashboard.pages_app import ASSETS

    manager = JobManager(bench.settings.cache / "background")
    return create_pages(AppContext(lambda: bench, bench.settings), manager, "s" * 64, Bundles(ASSETS))


OF_DASH = {
    "_dash-update-component",
    "_dash-layout",
    "_dash-dependencies",
    "_dash-component-suites",
    "_reload-hash",
    "_favicon.ico",
    "assets",
}


def test_every_address_that_pages_ask_past_dash_declares_it_too(bench: Workbench) -> None:
    app = pages_of(bench)
    silent = []
    for rule in app.server.url_map.iter_rules():
        function = app.server.view_functions[rule.endpoint]
        own = not str(rule.endpoint).startswith("/") or str(rule.endpoint).split(" ")[0] in ("GET", "POST", "PUT")
        first = rule.rule.strip("/").split("/")[0]
        if first not in OF_DASH and not first.startswith("_") and first not in ("", "<path:path>") and own and declared(function) is None:
            silent.append(rule.rule)
    assert not silent


@pytest.mark.usefixtures("people")
def test_every_route_that_may_change_something_declares_it_and_holds_to_it(server: Any) -> None:
    from dashboard.server import Rest

    client = as_user(server, "rob")
    rest = next(route for route in server.routes if isinstance(route, Rest))
    found = [
        (method, route)
        for route in routes_of(rest.made())
        for method in route.methods - {"GET", "HEAD"}
        if getattr(route, "endpoint", None) is not None
    ]
    assert len(found) > 50
    silent = [f"{method} {route.path}" for method, route in found if declared(route.endpoint) is None]
    assert not silent, f"say @needs(...) below the route: {silent}"
    for method, route in found:
        path = "/api" + re.sub(r"\{[^}]*\}", "1", route.path)
        need = declared(route.endpoint)
        assert need is not None
        status = client.request(method, path, json={}).status_code
        assert (status == 403) == (need.role != "read"), f"{method} {path}: {status}, declared for {need.role}"


def routes_of(app: Any) -> list[Any]:
    """The routes of an application below `/api`, those of routers within included."""
    found = []
    for route in app.routes:
        inner = getattr(route, "original_router", None)
        found += routes_of(inner) if inner is not None else [route] if isinstance(route, APIRoute) else []
    return found


def test_a_callback_is_refused_to_those_who_may_not_ask_it_with_a_sentence(server: Any, people: People, bench: Workbench) -> None:
    model = bench.models.create(
        actor=LOCAL, family="rcmvae", model_type="rcmvae", dataset_id="digits", values={}, sample=SAMPLE, name="Kept"
    )
    ask = {
        "output": "..models-changed.data...models-view.data...models-limit.data..",
        "outputs": [{"id": f"models-{name}", "property": "data"} for name in ("changed", "view", "limit")],
        "inputs": [{"id": "models-action", "property": "data", "value": {"action": "delete", "id": model.id}}],
        "state": [{"id": "models-limit", "property": "data", "value": 50}],
        "changedPropIds": ["models-action.data"],
    }
    answer = as_user(server, "lea").post("/_dash-update-component", json=ask).json()
    assert answer["sideUpdate"]["toast-inbox"]["data"][0]["message"] == "This needs the role “train”; yours is “label”."
    assert bench.state().models[model.id].deleted_at is None
    ask["inputs"][0]["value"] = {"action": "view", "id": "table"}
    assert '"table"' in as_user(server, "lea").post("/_dash-update-component", json=ask).text
    ask["inputs"][0]["value"] = {"action": "delete", "id": model.id}
    assert as_user(server, "ted").post("/_dash-update-component", json=ask).status_code == 200
    assert bench.state().models[model.id].deleted_at is not None


@pytest.mark.usefixtures("people")
def test_the_frame_says_what_is_out_of_use(server: Any) -> None:
    reader, trainer = told(as_user(server, "rob").get("/").text), told(as_user(server, "ted").get("/").text)
    assert reader is not None
    assert trainer is not None
    assert reader["ids"]["undo"] == "label"
    assert reader["ids"]["hub-start"] == reader["acts"]["models-action delete"] == reader["acts"]["shell-action stop-run"] == "train"
    assert "models-action view" not in reader["acts"]
    assert trainer["ids"] == {"settings-notify-test": "administer", "users-new-add": "administer"}
    assert trainer["acts"] == {"users-action *": "administer"}


@pytest.mark.usefixtures("people")
def test_wrong_logins_slow_down_who_guesses_and_nobody_else(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    paused: list[float] = []

    async def pause(seconds: float) -> None:
        paused.append(seconds)

    monkeypatch.setattr(limits.Limits.__init__, "__defaults__", (pause,))
    guessing = visitor(server)
    for _ in range(FAILURES):
        assert guessing.post("/login", json={"name": "ann", "password": "a wrong password"}).status_code == 401
    assert not paused
    answer = guessing.post("/login", json={"name": "ann", "password": "a wrong password"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "too_many_attempts")
    assert int(answer.headers["retry-after"]) > 0
    assert paused == [limits.PAUSE_SECONDS]
    assert guessing.post("/login", json={"name": "ann", "password": PASSWORD}).status_code == 200, "the right password still gets in"


def test_the_actor_of_a_page_is_the_user(bench: Workbench, people: People) -> None:
    from dashboard.acting import Acting, as_acting

    with as_acting(Acting(people.get("ted"), None)):
        assert actor() == people.get("ted").actor


@pytest.mark.usefixtures("people")
def test_over_tls_the_session_is_sent_over_nothing_else(server: Any) -> None:
    client = TestClient(server, base_url="https://127.0.0.1:8050", follow_redirects=False)
    answer = client.post("/login", json={"name": "ann", "password": PASSWORD})
    assert "; secure" in answer.headers["set-cookie"].lower()
    assert "; secure" not in visitor(server).post("/login", json={"name": "ann", "password": PASSWORD}).headers["set-cookie"].lower()


@pytest.mark.usefixtures("people")
def test_a_login_from_another_site_is_refused(server: Any) -> None:
    client = visitor(server)
    body = {"name": "ann", "password": PASSWORD}
    assert client.post("/login", json=body, headers={"origin": "https://evil.example"}).status_code == 403
    assert as_user(server, "ann").post("/logout", headers={"origin": "https://evil.example"}).status_code == 403


def test_whoever_labels_may_label_and_take_back_their_own_and_whoever_reads_may_not(server: Any, people: People, bench: Workbench) -> None:
    model = bench.models.create(
        actor=LOCAL, family="rcmvae", model_type="rcmvae", dataset_id="digits", values={}, sample=SAMPLE, name="Kept"
    )
    row = int(bench.models.read(model).train[-1])
    since = bench.state().version
    step = {"since": since, "steps": [{"key": "0123456789abcdef", "set": {str(row): 7}}]}
    refused = as_user(server, "rob").post(f"/explore/{model.id}/labels", json=step)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")
    assert as_user(server, "rob").get(f"/explore/{model.id}/labels").status_code == 200
    lea = as_user(server, "lea")
    assert lea.post(f"/explore/{model.id}/labels", json=step).status_code == 200
    assert bench.history("model", model.id)[0].actor == people.get("lea").actor
    curve = lea.post(f"/explore/{model.id}/curve", json={"draws": 1})
    assert curve.status_code == 403, "to train is another role's"
    assert lea.post("/api/undo").status_code == 200
    assert bench.store.labels_at(model.id, bench.state().version) == bench.store.labels_at(model.id, since)
