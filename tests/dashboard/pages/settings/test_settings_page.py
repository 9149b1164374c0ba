"""Settings and Help as trees of components."""

from __future__ import annotations

from typing import Any

from dashboard.pages import help as help_page
from dashboard.pages.settings.layout import layout
from tests.support.trees import having, text_of, with_id
from workbench.settings import Settings


def test_the_name_chosen_is_in_its_field_and_the_default_one_beside_it() -> None:
    tree = layout("browser:0123456789abcdef", "Ann", ())
    assert with_id(tree, "settings-name").value == "Ann"
    assert "browser 0123" in text_of(tree)


def test_every_setting_of_the_server_is_listed_and_no_secret_is_shown(tmp_path: Any) -> None:
    lines = Settings.load(home=tmp_path, token="correct horse battery staple").describe()
    text = text_of(layout("browser:0123456789abcdef", "", lines))
    assert all(line.variable in text for line in lines)
    assert "battery" not in text


def test_each_theme_is_a_button() -> None:
    tree = layout("browser:0123456789abcdef", "", ())
    assert [text_of(having(tree, data_theme_choice=key)).strip() for key in ("light", "dark", "auto")] == ["Light", "Dark", "As the system"]


def test_help_explains_the_words_the_pages_use() -> None:
    text = text_of(help_page.render(None))  # type: ignore[arg-type]
    for word in ("Architecture", "Interrupted", "K_eff", "tau", "Responsibilities"):
        assert word in text
