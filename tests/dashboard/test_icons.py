from __future__ import annotations

import gzip
import io
import re
from base64 import b64decode
from pathlib import Path

import pytest
from fontTools.subset import Subsetter
from fontTools.ttLib import TTFont
from starlette.testclient import TestClient

from dashboard import icons
from dashboard.icons import Icons, with_icons
from dashboard.pages_app import ASSETS
from dashboard.static import bootstrap_folder

WHOLE = bootstrap_folder() / "font" / "fonts" / "bootstrap-icons.woff"
PAGES = ASSETS.parent / "dashboard"
FIRST_VISIT_BYTES = 550_000
"""What a first visit may take packed, before Plotly: well below the 600 kB promised, so that the next feature fits."""


def test_an_icon_counts_as_used_however_a_source_writes_its_name(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text('icon("sort-up"), icon_name="moon"\n')
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "b.js").write_text('made("i", "bi bi-lock ms-1"); const ICONS = { info: \'info-circle\', other: `x-lg` };\n')
    (tmp_path / "c.md").write_text('"trash"')
    assert Icons(tmp_path).used() == ["info-circle", "lock", "moon", "sort-up", "x-lg"]


def test_no_source_puts_the_name_of_an_icon_together() -> None:
    made_up = re.compile(r"""icon(?:_button)?\(f["']|icon_name=f["']|bi-[a-z0-9-]+\$\{|bi-\$\{[^}]*\}-|bi-[a-z0-9-]+\{|bi-\{[^}]*\}-""")
    sources = [*PAGES.rglob("*.py"), *ASSETS.rglob("*.js")]
    assert [str(path) for path in sources if made_up.search(path.read_text("utf-8"))] == []


def test_the_style_sheet_has_the_rules_of_used_icons_alone(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("'moon'")
    text = Icons(tmp_path).stylesheet()
    assert re.findall(r"\.bi-([a-z0-9-]+)::before\{", text) == ["moon"]
    assert "display:inline-block" in text
    assert re.findall(r"url\((.{11})", text) == ['"data:font/'], "nothing else is loaded"
    packed = re.findall(r"base64,([^\"]+)", text)
    assert len(packed) == 1
    assert b64decode(packed[0])[:4] == b"wOFF"


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many icons each cut font had, in the order in which they were cut."""
    seen: list[int] = []
    monkeypatch.setattr(icons, "with_icons", lambda font, codes: (seen.append(len(codes)), with_icons(font, codes))[1])
    return seen


def test_the_next_start_finds_the_sheet_and_cuts_none(tmp_path: Path, cut: list[int]) -> None:
    source, kept = tmp_path / "a.js", tmp_path / "cache" / "icons.css"
    source.write_text("'moon'")
    first = Icons(tmp_path, kept=kept).stylesheet()
    assert first == Icons(tmp_path).stylesheet()
    assert cut == [1, 1]
    assert Icons(tmp_path, kept=kept).stylesheet() == first
    assert cut == [1, 1]
    source.write_text("'moon', 'sun'")
    assert ".bi-sun::before" in Icons(tmp_path, kept=kept).stylesheet()
    assert cut == [1, 1, 2]


@pytest.mark.parametrize("damaged", [b"", b"\xff", b"/* */\n", None], ids=["empty", "not text", "of other things", "cut short"])
def test_a_damaged_sheet_is_made_anew(tmp_path: Path, cut: list[int], damaged: bytes | None) -> None:
    (tmp_path / "a.js").write_text("'moon'")
    kept = tmp_path / "icons.css"
    whole = Icons(tmp_path, kept=kept).stylesheet()
    kept.write_bytes(kept.read_bytes()[:-9] if damaged is None else damaged)
    assert Icons(tmp_path, kept=kept).stylesheet() == whole
    assert Icons(tmp_path, kept=kept).stylesheet() == whole
    assert cut == [1, 1]


def test_a_sheet_that_cannot_be_kept_is_served_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("'moon'")
    (tmp_path / "file").touch()
    assert ".bi-moon::before" in Icons(tmp_path, kept=tmp_path / "file" / "icons.css").stylesheet()


def test_a_font_has_the_wanted_outlines_alone_and_refuses_what_it_does_not_have() -> None:
    codes = [0xF102, 0xF104]
    with TTFont(io.BytesIO(with_icons(WHOLE, codes))) as small, TTFont(WHOLE) as whole:
        names = [font.getBestCmap() or {} for font in (small, whole)]
        assert sorted(names[0]) == codes
        for code in codes:
            drawn = [font["glyf"][of[code]].getCoordinates(font["glyf"])[0] for font, of in zip((small, whole), names, strict=True)]
            assert list(drawn[0]) == list(drawn[1])
        assert small["head"].modified == whole["head"].modified, "its address would change with every start"
    with pytest.raises(Subsetter.MissingUnicodesSubsettingError):
        with_icons(WHOLE, [0x41])


def test_a_first_visit_is_small_when_packed(client: TestClient) -> None:
    page = client.get("/").text
    scripts = re.findall(r'<script src="([^"]+)"', page)
    sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)
    addresses = ["/", *scripts, *sheets, "/_dash-dependencies", "/_dash-layout"]
    fonts = set()
    sizes = {}
    for address in addresses:
        body = client.get(address).content
        if address in sheets:
            fonts.update(re.findall(rb"url\([\"']?(?!data:)([^\"')]+\.woff2?[^\"')]*)", body))
        sizes[address] = len(gzip.compress(body, 9))
    assert not fonts, "fonts are loaded besides and not counted"
    # scripts of dcc that Dash loads with the frame's own components, and pictures
    assert len(scripts) > 8
    assert sum(sizes.values()) < FIRST_VISIT_BYTES, sizes
