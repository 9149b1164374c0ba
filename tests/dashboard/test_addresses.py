"""Ids in addresses: no fixed address is taken for a record, and no record is hidden behind a fixed address."""

from __future__ import annotations

import re

from dashboard.pages.registry import all_pages
from workbench.ids import ADDRESS_WORDS

_VARIABLE = re.compile(r"<\w+>")


def test_every_word_that_stands_where_an_id_does_is_kept_from_ids() -> None:
    addresses = [page.path_template.strip("/").split("/") for page in all_pages()]
    before_ids = {tuple(parts[:place]) for parts in addresses for place, part in enumerate(parts) if _VARIABLE.fullmatch(part)}
    words = {
        part
        for parts in addresses
        for place, part in enumerate(parts)
        if tuple(parts[:place]) in before_ids and not _VARIABLE.fullmatch(part)
    }
    assert "new" in words
    assert words <= ADDRESS_WORDS
