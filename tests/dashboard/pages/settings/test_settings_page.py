"""Settings and Help as trees of components."""

from __future__ import annotations

from typing import Any

from dashboard.pages import help as help_page
from dashboard.pages.settings.layout import identity, layout
from dashboard.pages.settings.ways import Told, told_by
from dashboard.pages.settings.ways import test_said as told_said
from tests.support.trees import having, text_of, with_id
from workbench.settings import Settings

NOBODY = Told("runs that ended")


def test_the_name_chosen_is_in_its_field_and_the_default_one_beside_it() -> None:
    tree = layout(identity("browser:0123456789abcdef", "Ann"), (), NOBODY)
    assert with_id(tree, "settings-name").value == "Ann"
    assert "browser 0123" in text_of(tree)


def test_every_setting_of_the_server_is_listed_and_no_secret_is_shown(tmp_path: Any) -> None:
    lines = Settings.load(home=tmp_path, token="correct horse battery staple").describe()
    text = text_of(layout(identity("browser:0123456789abcdef", ""), lines, NOBODY))
    assert all(line.variable in text for line in lines)
    assert "battery" not in text


def test_each_theme_is_a_button() -> None:
    tree = layout(identity("browser:0123456789abcdef", ""), (), NOBODY)
    assert [text_of(having(tree, data_theme_choice=key)).strip() for key in ("light", "dark", "auto")] == ["Light", "Dark", "As the system"]


def test_help_explains_the_words_the_pages_use() -> None:
    text = text_of(help_page.render(None))  # type: ignore[arg-type]
    for word in ("Architecture", "Interrupted", "K_eff", "tau", "Responsibilities"):
        assert word in text


def test_ways_to_be_told_are_listed_with_a_test_and_without_their_secrets(home: Any) -> None:
    assert "TRELLIS_NOTIFY_WEBHOOK" in text_of(layout(identity("browser:0123456789abcdef", ""), (), NOBODY))
    assert told_by(Settings.load(home=home)).ways == ()
    settings = Settings.load(
        home=home, notify_webhook="https://hooks.example/T0/SECRET-PART", notify_email="ann@example.org", smtp_host="mail.example"
    )
    tree = layout(identity("browser:0123456789abcdef", ""), (), told_by(settings))
    assert with_id(tree, "settings-notify-test") is not None
    text = text_of(tree)
    assert "hooks.example" in text
    assert "not signed" in text
    assert "ann@example.org" in text
    assert "SECRET-PART" not in text


def test_what_became_of_a_test_is_said_for_each_way() -> None:
    assert told_said({"webhook": "", "e-mail": "The mail server refused it."}) == "Sent by webhook. The mail server refused it."
