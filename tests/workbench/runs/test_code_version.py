"""The commit is read from git's own files."""

import pytest

from workbench.runs.code_version import code_version, commit_of

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def checkout(tmp_path):
    git = tmp_path / ".git"
    (git / "refs" / "heads").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    return tmp_path


def test_a_branch_is_followed_to_its_commit(checkout):
    (checkout / ".git/refs/heads/main").write_text(COMMIT + "\n")
    assert commit_of(checkout / "src" / "file.py") == COMMIT


def test_a_packed_branch_is_found(checkout):
    (checkout / ".git/packed-refs").write_text(f"# pack-refs\n{'f' * 40} refs/heads/other\n{COMMIT} refs/heads/main\n")
    assert commit_of(checkout / "file.py") == COMMIT


def test_a_detached_head_is_the_commit(checkout):
    (checkout / ".git/HEAD").write_text(COMMIT)
    assert commit_of(checkout / "file.py") == COMMIT


def test_without_a_checkout_or_a_commit_there_is_none(checkout, tmp_path):
    assert commit_of(checkout / "file.py") is None
    assert commit_of(tmp_path.parent / "elsewhere" / "file.py") is None


def test_the_version_starts_with_the_released_one():
    assert code_version().startswith("0.")
