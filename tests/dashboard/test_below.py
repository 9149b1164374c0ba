"""Below a path of the host name: what leaves for browsers has it, what is asked without it is told so, and no code goes round that."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from dashboard.below import Below, at, base, below, inside, is_own
from dashboard.markup import folded
from dashboard.pages.registry import all_pages
from tests.dashboard.conftest import ORIGIN
from workbench.settings import Settings
from workbench.workbench import Workbench

PATH = "/tools/trellis"
PAGE = {"accept": "text/html"}
ROOT = Path(__file__).parent.parent.parent
SOURCES = sorted((ROOT / "dashboard").rglob("*.py"))
SCRIPTS = sorted((ROOT / "assets").rglob("*.js"))
SHOWN = "..page.children...page-meta.data.."


def served(bench: Workbench, **settings: Any) -> TestClient:
    """A browser of a server that lies below the path."""
    from dashboard.server import create_server

    given = Settings.load(home=bench.settings.home, base_path=PATH, **settings)
    return TestClient(create_server(given, bench), base_url=ORIGIN, raise_server_exceptions=False, follow_redirects=False)


@pytest.fixture
def client(bench: Workbench) -> TestClient:
    return served(bench)


def shown(client: TestClient, path: str) -> dict[str, Any]:
    """What the page's callback answers a browser that is at an address, query included."""
    asked, _, query = path.partition("?")
    inputs = [("url", "pathname", PATH + asked), ("url", "search", f"?{query}" if query else ""), ("refresh", "data", None)]
    body = {
        "output": SHOWN,
        "outputs": [{"id": "page", "property": "children"}, {"id": "page-meta", "property": "data"}],
        "inputs": [{"id": id, "property": name, "value": value} for id, name, value in inputs],
        "changedPropIds": ["url.pathname"],
    }
    answer = client.post(f"{PATH}/_dash-update-component", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["response"]


def addresses(node: Any) -> Iterator[str]:
    """Every address of a link or a picture in an answer, of components and of folded elements alike."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name in ("href", "src") and isinstance(value, str):
                yield value
            yield from addresses(value)
    elif isinstance(node, list):
        for value in node:
            yield from addresses(value)


def test_an_address_becomes_the_browsers_once_and_only_if_it_is_this_servers() -> None:
    assert at("/runs") == "/runs"
    with below(PATH):
        assert at("/") == f"{PATH}/"
        assert at(at("/runs?a=/b")) == f"{PATH}/runs?a=/b"
        for other in ("https://example.org/runs", "//example.org", "#part", "?page=2", "", "data:image/png;base64,AA"):
            assert at(other) == other
        assert [inside(path) for path in (f"{PATH}/", f"{PATH}/runs", PATH, "/runs")] == ["/", "/runs", PATH, "/runs"]
    assert (base(), inside("/runs")) == ("", "/runs")


@pytest.mark.parametrize(
    "address", ["//example.org", "/\\example.org", "/\t/example.org", "/\n/example.org", "https://example.org", "", "runs"]
)
def test_an_address_that_a_browser_takes_for_anothers_is_none_of_this_servers(address: str) -> None:
    assert is_own("/datasets/a b")
    assert not is_own(address)


@pytest.mark.parametrize("page", [p.path_template for p in all_pages() if "<" not in p.path_template])
def test_every_link_and_picture_of_a_page_lies_below_the_path(client: TestClient, page: str) -> None:
    answer = shown(client, page)
    assert answer["page-meta"]["data"]["path"] == page
    found = list(addresses(answer))
    assert [address for address in found if not address.startswith((f"{PATH}/", "#", "data:", "https://"))] == []
    assert not any(address.startswith(PATH * 2) for address in found)


@pytest.mark.parametrize("tab", ["train", "explore", "data", "diagnose", "history", "export"])
def test_so_do_those_of_a_models_page(client: TestClient, digits_model: Any, tab: str) -> None:
    found = list(addresses(shown(client, f"/model/{digits_model.id}/{tab}")))
    assert f"{PATH}/model/{digits_model.id}/history" in found
    assert [address for address in found if not address.startswith((f"{PATH}/", "#", "data:"))] == []


def test_the_frame_asks_for_everything_below_the_path(client: TestClient) -> None:
    frame = client.get(f"{PATH}/", headers=PAGE)
    asked = re.findall(r'(?:href|src)="([^"]+)"', frame.text)
    assert len(asked) > 5
    assert [address for address in asked if not address.startswith(f"{PATH}/")] == []
    assert f'data-base="{PATH}"' in frame.text
    config = json.loads(re.findall(r'<script id="_dash-config"[^>]*>(.*?)</script>', frame.text)[0])
    assert config["requests_pathname_prefix"] == f"{PATH}/"
    for address in dict.fromkeys(asked):
        assert client.get(address).status_code == 200, address
    layout = client.get(f"{PATH}/_dash-layout").json()
    assert f"{PATH}/runs" in list(addresses(layout))
    assert client.get(f"{PATH}/runs", headers=PAGE).status_code == 200
    assert client.get(f"{PATH}/nowhere", headers=PAGE).status_code == 404


def test_without_a_path_addresses_are_as_they_are_written(bench: Workbench) -> None:
    from dashboard.server import create_server

    client = TestClient(create_server(bench.settings, bench), base_url=ORIGIN, follow_redirects=False)
    frame = client.get("/", headers=PAGE).text
    assert '<script src="/assets/boot/theme.js">' in frame
    assert 'data-base=""' in frame
    assert client.get("/tools/trellis/", headers=PAGE).status_code == 404
    assert folded_address("/runs") == "/runs"


def folded_address(address: str) -> str:
    from dash import dcc

    return folded(dcc.Link("Runs", href=address)).href


def test_what_is_folded_twice_gets_the_path_once_and_what_was_given_stays_as_it_is() -> None:
    from dash import dcc, html

    link: Any = dcc.Link("Runs", href="/runs")
    picture: Any = html.Img(src="/picture.png", id="picture")
    tree = html.Div([html.P(html.A("All", href="/")), link, picture], id="whole")
    with below(PATH):
        once = json.loads(json.dumps(folded(folded(tree)), default=lambda part: part.to_plotly_json()))
    assert sorted(addresses(once)) == [f"{PATH}/", f"{PATH}/picture.png", f"{PATH}/runs"]
    assert (link.href, picture.src) == ("/runs", "/picture.png")


@pytest.mark.parametrize("asked", ["/", "/runs", "/health", "/api/models", "/tools", "/tools/trellisother", "/tools/trellis%2Fruns/.."])
def test_what_lies_beside_the_path_is_a_404_that_says_where_trellis_is(client: TestClient, asked: str) -> None:
    program, person = client.get(asked), client.get(asked, headers=PAGE)
    assert (program.status_code, person.status_code) == (404, 404)
    assert f"Trellis is at {PATH}/ here" in program.json()["error"]["message"]
    assert "TRELLIS_BASE_PATH" in program.json()["error"]["hint"]
    assert f'<a href="{PATH}/">' in person.text
    assert client.post(asked, json={}).status_code == 404


def test_the_path_without_its_slash_leads_to_the_first_page(client: TestClient) -> None:
    answer = client.get(f"{PATH}?view=table", headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (307, f"{PATH}/?view=table")


def test_rest_is_described_and_leads_on_below_the_path(client: TestClient) -> None:
    made = client.post(f"{PATH}/api/models", json={"name": "First", "dataset": "digits", "sample": {"num_samples": 200}})
    assert made.status_code == 201
    assert made.headers["location"] == f"{PATH}/api/models/{made.json()['id']}"
    assert client.get(made.headers["location"]).status_code == 200
    assert client.get(f"{PATH}/openapi.json").json()["servers"] == [{"url": PATH}]
    docs = client.get(f"{PATH}/docs").text
    asked = re.findall(r'(?:href|src)="([^"]+)"', docs)
    assert [address for address in asked if client.get(address).status_code != 200] == []
    assert f"url: '{PATH}/openapi.json'" in client.get(f"{PATH}/docs/start.js").text
    assert f"{PATH}/api/nothing" in client.get(f"{PATH}/api/nothing").json()["error"]["message"]
    assert client.get(f"{PATH}/health").status_code == client.get(f"{PATH}/api/health").status_code == 200
    assert 'route="/health"' in client.get(f"{PATH}/api/metrics").text


def test_a_login_leads_back_below_the_path_with_a_cookie_for_it_alone(bench: Workbench) -> None:
    client = served(bench, token="correct horse battery")
    sent = client.get(f"{PATH}/runs?where=a", headers=PAGE)
    assert sent.headers["location"] == f"{PATH}/login?next=%2Fruns%3Fwhere%3Da"
    login = client.get(sent.headers["location"]).text
    asked = re.findall(r'(?:href|src)="([^"]+)"', login)
    assert f"{PATH}/assets/addresses.js" in asked
    assert [address for address in asked if client.get(address).status_code != 200] == []
    answer = client.post(f"{PATH}/login", json={"token": "correct horse battery"})
    assert "; Path=/tools/trellis;" in answer.headers["set-cookie"].replace("path", "Path")
    assert client.get(f"{PATH}/runs", headers=PAGE).status_code == 200
    assert client.get("/runs").status_code == 404


@pytest.mark.parametrize(
    ("sent", "got"),
    [
        ("/runs", f"{PATH}/runs"),
        (f"{ORIGIN}/docs?a=1", f"{ORIGIN}{PATH}/docs?a=1"),
        (ORIGIN, f"{ORIGIN}{PATH}/"),
        ("https://example.org/runs", "https://example.org/runs"),
        ("//example.org/runs", "//example.org/runs"),
        ("runs", "runs"),
    ],
)
def test_redirects_lead_below_the_path_and_those_to_elsewhere_stay(sent: str, got: str) -> None:
    async def answer(request: Request) -> Response:
        response = PlainTextResponse(request.url.path, 303, {"location": sent})
        response.set_cookie("one", "a/path=/x", path="/")
        response.set_cookie("two", "b", path="/own", secure=True)
        response.delete_cookie("three")
        return response

    app = Below(Starlette(routes=[Route("/{path:path}", answer)]), path=PATH)
    client = TestClient(app, base_url=ORIGIN, follow_redirects=False)
    found = client.get(f"{PATH}{PATH}")
    assert (found.text, found.headers["location"]) == (PATH, got)
    paths = {line.partition("=")[0]: line.lower().rpartition("path=")[2].partition(";")[0] for line in found.headers.get_list("set-cookie")}
    assert paths == {"one": PATH, "two": "/own", "three": PATH}


def test_the_page_of_what_ended_lies_below_the_path_for_programs_too() -> None:
    from dashboard.api.endings import _ending
    from workbench.notifying.message import test_message

    with below(PATH):
        assert _ending(test_message("test", ""), "/runs/run_1").page == f"{PATH}/runs/run_1"


def texts(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every text of a module but what documents it, those with values in them with a { in each one's place: (line, text)."""
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    parts = {id(value) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for value in node.values}
    for node in ast.walk(tree):
        if id(node) in documents | parts:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
        elif isinstance(node, ast.JoinedStr):
            yield node.lineno, "".join(str(value.value) if isinstance(value, ast.Constant) else "{" for value in node.values)


RAW = re.compile(r"""(?:href|src|action|url)\s*[=:(]\s*["']?/(?!/)""")
"""An address within text that is HTML or a script already."""


def test_no_text_that_is_html_already_has_an_address_of_its_own() -> None:
    assert [bool(RAW.search(text)) for text in ('<a href="/runs">', "{url: '/x'}", '<a href="{">')] == [True, True, False]
    found = [f"{path.name}:{line}" for path in SOURCES for line, text in texts(ast.parse(path.read_text())) if RAW.search(text)]
    assert found == []


def goes_round(tree: ast.AST) -> list[int]:
    """Lines that send a browser somewhere, or say what a link leads to, past what is folded and `shell.go`."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        given = [value.value for value in node.args if isinstance(value, ast.Constant)]
        sends = name == "set_props" and given[:1] == ["url"]
        written = name == "Output" and (given[1:2] in (["href"], ["src"]) or (given[:1] == ["url"] and given[1:2] != ["search"]))
        asks = name in ("Input", "State") and given[:2] in (["url", "pathname"], ["url", "href"])
        found += [node.lineno] if sends or written or asks else []
    return found


def test_callbacks_send_browsers_and_learn_where_they_are_in_one_place() -> None:
    assert goes_round(ast.parse('set_props("url", {})\nOutput("link", "href")\nOutput("url", "search")\nState("url", "href")')) == [1, 2, 4]
    found = {path.relative_to(ROOT / "dashboard").as_posix(): goes_round(ast.parse(path.read_text())) for path in SOURCES}
    assert {name: len(lines) for name, lines in found.items() if lines} == {"shell.py": 1, "shell_callbacks.py": 1}


LITERAL = re.compile(r"""["'`]/(?=[\w$?"'`])""")
"""Where an address begins in a script; the key / is written so, too."""
LED = re.compile(r"(?:\b(?:at|go|ask|to)\(|here\(\) [!=]== |startsWith\(|\bsplit\(|lastIndexOf\(|\) \|\| |\.key === |\[)$")
"""What stands before one that is used as it should be, and before what is none."""
USE = re.compile(r"\.(?:href|src) = |location\.(?:assign|replace)\(|\.open\(\"|\bfetch\(|replaceState\([^)]*\"/")
MADE = re.compile(r"\bat\(|\binside\(|ADDRESS|createObjectURL|= address;|= \(\.\.\.request\)")
"""What an address that is used comes from: `at`, constants made with it, or elements that the server drew."""
PAST = re.compile(r"location\.pathname|set_props\(\"url\"")


def astray(script: str) -> list[str]:
    """Lines of a script that use an address, or ask where the browser is, past `assets/addresses.js`."""
    lines = [(line.strip(), re.sub(r"(^|\s)//.*", "", line)) for line in script.splitlines()]
    return [
        line
        for line, code in lines
        if any(not LED.search(code[: literal.start()]) for literal in LITERAL.finditer(code))
        or (USE.search(code) and not MADE.search(code))
        or PAST.search(code)
    ]


@pytest.mark.parametrize(
    "line",
    [
        'fetch("/health");', "link.href = `/run/${id}`;", "link.href = told.page;", 'if (window.location.pathname === "x") go("/runs");',
        'location.assign("/");', "const address = `/runs?${query}`;", 'set_props("url", { href });', 'request.open("POST", place.dataset.sendTo);',
    ],
)  # fmt: skip
def test_a_script_that_goes_round_it_is_found(line: str) -> None:
    assert astray(line) == [line]
    assert astray(f'ask(`/explore/${{id}}`);\n// {line}\nlink.href = at(`/run/${{id}}`);\nif (here() === "/runs") go("/");') == []


def test_scripts_ask_and_go_by_one_function() -> None:
    found = {path.name: lines for path in SCRIPTS if path.name != "addresses.js" and (lines := astray(path.read_text()))}
    # a link on the page, and what REST tells, have the browser's address already
    assert sorted(found) == ["desktop.js", "leaving.js"]
    assert found["desktop.js"] == ["window.location.assign(ending.page);"]
    assert all("to.pathname" in line for line in found["leaving.js"])
