from __future__ import annotations

import os
import re
from pathlib import Path

from starlette.testclient import TestClient

from dashboard.bundles import ADDRESS, Bundles
from dashboard.pages_app import ASSETS, PLOTLY


def test_a_page_loads_its_own_scripts_and_styles_as_one_file_each_which_browsers_keep(client: TestClient) -> None:
    page = client.get("/").text
    own = [link for link in re.findall(r'(?:src|href)="([^"]+)"', page) if link.startswith("/assets/") and "/boot/" not in link]
    together = [link for link in own if link.startswith(ADDRESS)]
    assert [link.rpartition(".")[2] for link in together] == ["css", "js"]
    assert set(own) - set(together) == {"/assets/favicon.svg"}
    for link in together:
        answer, kind = client.get(link), link.rpartition(".")[2]
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-type"].startswith({"css": "text/css", "js": "text/javascript"}[kind])
        whole = sum(path.stat().st_size for path in ASSETS.glob(f"*.{kind}"))
        assert 0.5 * whole < len(answer.content) < 1.1 * whole


def test_scripts_stand_after_react_and_before_what_draws(client: TestClient) -> None:
    sources = re.findall(r'<script src="([^"]+)"', client.get("/").text)
    own = next(place for place, source in enumerate(sources) if source.startswith(ADDRESS))
    assert any("react-dom" in source for source in sources[:own])
    assert not any("dash_renderer" in source for source in sources[:own])


def test_an_address_of_other_content_leads_nowhere(client: TestClient) -> None:
    for name in ("0000000000000000.js", "0000000000000000.css", "0000000000000000.txt", "js"):
        assert client.get(f"{ADDRESS}{name}").status_code == 404, name


def test_a_changed_file_changes_the_address_and_the_content(tmp_path: Path) -> None:
    first, second = tmp_path / "b.js", tmp_path / "a.js"
    first.write_text("two()")
    second.write_text("one()")
    bundles = Bundles(tmp_path)
    before = bundles.of("js")
    assert before.body == b"one()\n;\ntwo()"
    assert bundles.of("js") is before
    first.write_text("three()")
    os.utime(first, (0, 0))
    after = bundles.of("js")
    assert after.body.endswith(b"three()")
    assert after.address != before.address


def test_only_what_people_read_stays_behind(tmp_path: Path) -> None:
    script = "// Said.\nconst text = `a${b ? ` (${c})` : ''}`;\n"
    (tmp_path / "a.js").write_text(script)
    (tmp_path / "a.css").write_text("/* Said to people. */\n.a::before { content: '/*  no comment */'; width: calc(1px + 2px); }\n")
    assert Bundles(tmp_path).of("js").body.decode() == script, "a blank in a text within a text stays"
    assert Bundles(tmp_path).of("css").body.decode() == ".a::before{content:'/*  no comment */';width:calc(1px + 2px)}"


def test_plotly_is_named_where_figures_come_with_the_page_and_is_there(client: TestClient) -> None:
    assert PLOTLY not in client.get("/").text
    page = client.get("/runs/compare").text
    assert f'<link rel="preload" as="script" href="{PLOTLY}" data-plotly>' in page
    assert client.get(PLOTLY).status_code == 200
