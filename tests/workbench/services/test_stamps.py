"""Each host knows how its own files of a dataset looked, and takes nothing from what another one knows."""

import os

import pytest

from workbench.artefacts import FolderRoot
from workbench.services import stamps
from workbench.services.stamps import Stamps
from workbench.state import DatasetManifest, DatasetRecord


@pytest.fixture
def record():
    manifest = DatasetManifest.model_construct(content_sha256="a" * 64)
    return DatasetRecord.model_construct(id="dataset_1", manifest=manifest)


@pytest.fixture
def root(tmp_path):
    return FolderRoot(tmp_path / "artefacts")


def file_of(tmp_path, host):
    path = tmp_path / host / "data.csv"
    path.parent.mkdir()
    path.write_text("1,2,3")
    return path


def test_hosts_that_keep_their_files_elsewhere_do_not_forget_each_other(record, root, tmp_path):
    front, back = Stamps(root, "front"), Stamps(root, "back")
    mine, other = file_of(tmp_path, "front"), file_of(tmp_path, "back")
    assert not front.fit(record, [mine])
    front.keep(record, [mine])
    assert not back.fit(record, [other])
    back.keep(record, [other])
    assert front.fit(record, [mine])
    assert back.fit(record, [other])
    assert not front.fit(record, [other])


def test_a_file_that_was_changed_or_went_is_seen_and_one_that_was_touched_is_hashed_once(record, root, tmp_path, monkeypatch):
    seen, path = Stamps(root), file_of(tmp_path, "here")
    seen.keep(record, [path])
    os.utime(path, (1, 1))
    assert seen.fit(record, [path])
    monkeypatch.setattr(stamps, "_hash", lambda path: pytest.fail("it was hashed again"))
    assert seen.fit(record, [path])
    monkeypatch.undo()
    path.write_text("1,2,4")
    assert not seen.fit(record, [path])
    path.unlink()
    assert not seen.fit(record, [path])


def test_what_was_kept_of_another_content_says_nothing_and_the_list_of_hosts_has_an_end(record, root, tmp_path, monkeypatch):
    monkeypatch.setattr(stamps, "MOST_HOSTS", 2)
    path = file_of(tmp_path, "here")
    for host in ("one", "two", "three"):
        Stamps(root, host).keep(record, [path])
    assert [Stamps(root, host).fit(record, [path]) for host in ("one", "two", "three")] == [False, True, True]
    other = record.model_copy(update={"manifest": DatasetManifest.model_construct(content_sha256="b" * 64)})
    assert not Stamps(root, "two").fit(other, [path])
