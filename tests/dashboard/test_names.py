"""Display names."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.names import choose_name, clean, read_names
from workbench.actors import actor_name

ME = "browser:0123456789abcdef"


def test_actors_have_words_even_without_a_name() -> None:
    assert actor_name(ME) == "browser 0123"
    assert actor_name("user:ann") == "ann (command line)"
    assert actor_name("api") == "REST"
    assert actor_name("worker") == "a worker"
    assert actor_name("trellis") == "trellis"


def test_a_chosen_name_is_kept_and_can_be_taken_away(tmp_path: Path) -> None:
    assert choose_name(tmp_path, ME, "  Ann   Lee ") == "Ann Lee"
    assert read_names(tmp_path) == {ME: "Ann Lee"}
    assert actor_name(ME, read_names(tmp_path)) == "Ann Lee"
    assert choose_name(tmp_path, ME, "  ") == ""
    assert read_names(tmp_path) == {}


def test_names_are_short_and_hold_nothing_that_cannot_be_printed() -> None:
    assert clean("a\x00b\n" + "c" * 100) == "a b " + "c" * 36


@pytest.mark.parametrize("actor", ["api", "browser:../../etc/passwd", "browser:", "user:ann", "browser:0123456789ABCDEF"])
def test_only_a_browser_can_choose_a_name(tmp_path: Path, actor: str) -> None:
    with pytest.raises(ValueError, match="only a browser"):
        choose_name(tmp_path, actor, "Ann")
    assert list(tmp_path.iterdir()) == []
