"""Downloads from a real server on loopback: whole, broken off, wrong, refused, and two at once."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from tests.support.mirror import Mirror, leftovers, serving
from workbench.datasets import DatasetError
from workbench.download import fetch

CONTENT = np.random.default_rng(0).integers(0, 256, 300_000, dtype=np.uint8).tobytes()
LIMIT = 1_000_000


def verify(path: Path) -> None:
    if path.read_bytes() != CONTENT:
        raise DatasetError("not what was published")


def test_a_file_is_fetched_whole_and_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[str, int, int | None]] = []
    with serving(Mirror({"/a": CONTENT})) as mirror:
        path = fetch([mirror.address + "a"], tmp_path / "deep" / "a", verify, max_bytes=LIMIT, progress=lambda *step: told.append(step))
    assert path.read_bytes() == CONTENT
    assert leftovers(path.parent) == []
    assert told[-1] == ("a", len(CONTENT), len(CONTENT))
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)


def test_a_file_that_is_there_is_not_fetched_again(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"already")
    with serving(Mirror({"/a": CONTENT})) as mirror:
        fetch([mirror.address + "a"], tmp_path / "a", verify, max_bytes=LIMIT)
    assert mirror.requests == []
    assert (tmp_path / "a").read_bytes() == b"already"


def test_a_broken_transfer_goes_on_where_it_broke_off(tmp_path: Path) -> None:
    with serving(Mirror({"/a": CONTENT}, break_after=100_000, breaks=2)) as mirror:
        path = fetch([mirror.address + "a"], tmp_path / "a", verify, max_bytes=LIMIT)
    assert [asked for _, asked in mirror.requests] == ["", "bytes=100000-", "bytes=200000-"]
    assert path.read_bytes() == CONTENT


def test_a_transfer_that_kept_breaking_is_resumed_by_a_later_call(tmp_path: Path) -> None:
    with serving(Mirror({"/a": CONTENT}, break_after=50_000, breaks=3)) as mirror:
        with pytest.raises(DatasetError, match="broke off after 150,000 of 300,000 bytes"):
            fetch([mirror.address + "a"], tmp_path / "a", verify, max_bytes=LIMIT)
        assert not (tmp_path / "a").exists()
        assert len(leftovers(tmp_path)) == 1
        path = fetch([mirror.address + "a"], tmp_path / "a", verify, max_bytes=LIMIT)
    assert mirror.requests[-1] == ("/a", "bytes=150000-")
    assert path.read_bytes() == CONTENT
    assert leftovers(tmp_path) == []


def test_a_server_without_ranges_starts_over(tmp_path: Path) -> None:
    with serving(Mirror({"/a": CONTENT}, break_after=100_000, ranges=False)) as mirror:
        path = fetch([mirror.address + "a"], tmp_path / "a", verify, max_bytes=LIMIT)
    assert path.read_bytes() == CONTENT


def test_a_leftover_that_is_already_whole_is_verified_and_kept(tmp_path: Path) -> None:
    with serving(Mirror({"/a": CONTENT}, break_after=50_000, breaks=3)) as mirror:
        with pytest.raises(DatasetError):
            fetch([mirror.address + "a"], tmp_path / "a", verify, max_bytes=LIMIT)
        (tmp_path / leftovers(tmp_path)[0]).write_bytes(CONTENT)
        path = fetch([mirror.address + "a"], tmp_path / "a", verify, max_bytes=LIMIT)
    assert path.read_bytes() == CONTENT


def test_a_leftover_of_another_content_is_thrown_away_and_fetched_anew(tmp_path: Path) -> None:
    with serving(Mirror({"/a": CONTENT}, break_after=50_000, breaks=3)) as mirror:
        with pytest.raises(DatasetError):
            fetch([mirror.address + "a"], tmp_path / "a", verify, max_bytes=LIMIT)
        (tmp_path / leftovers(tmp_path)[0]).write_bytes(b"x" * 150_000)
        path = fetch([mirror.address + "a"], tmp_path / "a", verify, max_bytes=LIMIT)
    assert path.read_bytes() == CONTENT


def test_wrong_content_is_never_given_the_files_name(tmp_path: Path) -> None:
    with serving(Mirror({"/a": CONTENT[::-1]})) as mirror, pytest.raises(DatasetError, match="not what was published"):
        fetch([mirror.address + "a"], tmp_path / "a", verify, max_bytes=LIMIT)
    assert not (tmp_path / "a").exists()
    assert leftovers(tmp_path) == []


def test_the_next_mirror_is_tried_after_a_refusal_or_wrong_content(tmp_path: Path) -> None:
    with serving(Mirror({})) as empty, serving(Mirror({"/a": b"wrong"})) as wrong, serving(Mirror({"/a": CONTENT})) as good:
        path = fetch([m.address + "a" for m in (empty, wrong, good)], tmp_path / "a", verify, max_bytes=LIMIT)
        assert (len(empty.requests), len(wrong.requests), len(good.requests)) == (1, 1, 1)
    assert path.read_bytes() == CONTENT


def test_a_busy_server_is_asked_again(tmp_path: Path) -> None:
    with serving(Mirror({"/a": CONTENT}, status=503, refusals=2)) as mirror:
        fetch([mirror.address + "a"], tmp_path / "a", verify, max_bytes=LIMIT)
    assert len(mirror.requests) == 3


def test_a_server_that_sends_too_much_is_cut_off(tmp_path: Path) -> None:
    with serving(Mirror({"/a": CONTENT})) as mirror, pytest.raises(DatasetError, match="sends more than 1,000 bytes"):
        fetch([mirror.address + "a"], tmp_path / "a", verify, max_bytes=1000)
    assert leftovers(tmp_path) == []


def test_when_no_mirror_helps_every_reason_is_named_and_what_to_do(tmp_path: Path) -> None:
    with serving(Mirror({})) as empty:
        gone = "http://127.0.0.1:9/a"
        with pytest.raises(DatasetError) as caught:
            fetch([empty.address + "a", gone, "file:///etc/hostname"], tmp_path / "a", verify, max_bytes=LIMIT)
    words = str(caught.value)
    assert f"{empty.address}a: the server answered 404" in words
    assert f"{gone}: no connection" in words
    assert "only http and https" in words
    assert "TRELLIS_DATA" in words


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DatasetError, match=r"could not be written to .*file"):
        fetch(["http://127.0.0.1:9/a"], tmp_path / "file" / "a", verify, max_bytes=LIMIT)


def test_two_that_want_the_same_file_fetch_it_once(tmp_path: Path) -> None:
    with serving(Mirror({"/a": CONTENT})) as mirror:
        threads = [
            threading.Thread(target=fetch, args=([mirror.address + "a"], tmp_path / "a", verify), kwargs={"max_bytes": LIMIT})
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(mirror.requests) == 1
    assert (tmp_path / "a").read_bytes() == CONTENT
