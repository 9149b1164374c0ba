"""A table's roles said otherwise after its import."""

from __future__ import annotations

from pathlib import Path

import pytest

from recsys.data.facts import TableFacts
from recsys.data.options import TableAmendments, TableOptions
from recsys.data.upload import amended, opened, read_import
from workbench.datasets import DatasetError, ReadImport

ROLES = {"client": "user_id", "thing": "item_id"}


@pytest.fixture
def read(tmp_path: Path) -> ReadImport:
    lines = [f"c{row % 7},p{row % 5},{row % 3},{'' if row == 4 else f'r{row % 4}'}" for row in range(120)]
    path = tmp_path / "orders.csv"
    path.write_text("\n".join(["client,thing,stars,region", *lines]))
    return read_import(path, TableOptions(roles=ROLES))


def test_figures_follow_the_roles_and_other_columns_keep_theirs(read: ReadImport) -> None:
    assert isinstance(read.content, Path)
    before = TableFacts.of(read.manifest)
    assert (before.users, before.items, before.dropped) == (7, 5, 0)
    manifest = amended(read.content, read.manifest, TableAmendments(roles={"region": "item_id"}))
    after = TableFacts.of(manifest)
    assert (after.users, after.items, after.dropped) == (7, 4, 1)
    assert after.roles == {**before.roles, "region": "item_id", "thing": "ignore"}
    assert [notice.code for notice in after.notices] == ["DS_DROPPED"]
    assert manifest.content_sha256 == read.manifest.content_sha256
    assert opened(read.content, manifest).interactions.item.max() == 3


def test_there_and_back_is_where_one_began(read: ReadImport) -> None:
    assert isinstance(read.content, Path)
    there = amended(read.content, read.manifest, TableAmendments(roles={"region": "item_id"}))
    before = TableFacts.of(read.manifest)
    back = TableAmendments(roles={"thing": "item_id", "region": before.roles["region"]})
    assert TableFacts.of(amended(read.content, there, back)) == before


@pytest.mark.parametrize(
    ("roles", "code", "words"),
    [
        ({"regoin": "item_id"}, "DS_COLUMNS", '"regoin"'),
        ({"client": "timestamp"}, "DS_ROLES", "it holds text, expected temporal"),
        ({"region": "item_id", "stars": "item_id"}, "DS_ROLES", "cannot all be the item_id"),
    ],
)
def test_roles_that_do_not_fit_are_refused(
    read: ReadImport, roles: dict[str, str], code: str, words: str
) -> None:
    assert isinstance(read.content, Path)
    with pytest.raises(DatasetError, match=words) as caught:
        amended(read.content, read.manifest, TableAmendments(roles=roles))
    assert caught.value.code == code


def test_a_column_of_long_texts_does_not_become_an_id(tmp_path: Path) -> None:
    lines = [f"c{row % 7},p{row % 5},{'x' * 20_000 if row == 3 else 'y'}{row % 4}" for row in range(120)]
    path = tmp_path / "orders.csv"
    path.write_text("\n".join(["client,thing,note", *lines]))
    read = read_import(path, TableOptions(roles=ROLES))
    assert isinstance(read.content, Path)
    with pytest.raises(DatasetError, match=r"row 4 has 20,001 characters") as caught:
        amended(read.content, read.manifest, TableAmendments(roles={"note": "item_id"}))
    assert (caught.value.code, caught.value.where) == ("DS_TOO_LARGE", "note")
