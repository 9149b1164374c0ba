"""Copies of artefacts on this machine: bounded in all, in use while somebody has their path, shared by processes."""

from __future__ import annotations

import contextlib
import gc
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from workbench.artefacts.cache import FileCache

KIB = 1024


def total(folder: Path) -> int:
    size = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                size += Path(parent, name).stat().st_size
    return size


def fill(cache: FileCache, key: str, size: int = KIB) -> Path:
    return cache.fill(key, "data.bin", size, lambda path: path.write_bytes(b"x" * size))


def test_what_was_used_longest_ago_goes_first_and_the_bound_holds(tmp_path: Path) -> None:
    cache = FileCache(tmp_path / "cache", 4 * KIB)
    for key in "abcd":
        fill(cache, key)
    assert cache.held("a", "data.bin")
    fill(cache, "e")
    assert cache.held("b", "data.bin") is None
    assert {key for key in "abcde" if cache.held(key, "data.bin")} == set("acde")
    assert total(tmp_path / "cache") == 4 * KIB


def test_a_copy_in_use_stays_even_beyond_the_bound_and_goes_afterwards(tmp_path: Path) -> None:
    cache = FileCache(tmp_path / "cache", KIB)
    mine = fill(cache, "mine")
    other = FileCache(tmp_path / "cache", KIB)
    fill(other, "theirs")
    assert mine.read_bytes() == b"x" * KIB
    del mine
    gc.collect()
    fill(other, "more")
    assert other.held("mine", "data.bin") is None
    assert total(tmp_path / "cache") == KIB


def test_a_file_larger_than_the_bound_is_copied_all_the_same(tmp_path: Path) -> None:
    cache = FileCache(tmp_path / "cache", KIB)
    assert fill(cache, "large", 8 * KIB).stat().st_size == 8 * KIB
    fill(cache, "small")
    assert cache.held("large", "data.bin") is None


def test_of_several_at_once_one_fetches(tmp_path: Path) -> None:
    fetched, got = [], []

    def fetch(path: Path) -> None:
        fetched.append(path)
        time.sleep(0.2)
        path.write_bytes(b"x")

    threads = [
        threading.Thread(target=lambda: got.append(FileCache(tmp_path, KIB).fill("key", "data.bin", 1, fetch).read_bytes()))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (got, len(fetched)) == ([b"x"] * 6, 1)


def test_a_fetch_that_fails_leaves_nothing_and_the_next_one_tries_again(tmp_path: Path) -> None:
    cache = FileCache(tmp_path, KIB)

    def broken(path: Path) -> None:
        path.write_bytes(b"half")
        raise ValueError("torn")

    with pytest.raises(ValueError, match="torn"):
        cache.fill("key", "data.bin", 8, broken)
    assert total(tmp_path) == 0
    assert fill(cache, "key").read_bytes() == b"x" * KIB


def test_what_a_killed_process_was_fetching_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / "dead").mkdir()
    (tmp_path / "dead" / f".{10 * KIB}.partial").write_bytes(b"half")
    cache = FileCache(tmp_path, 2 * KIB)
    fill(cache, "a")
    fill(cache, "b")
    assert not (tmp_path / "dead").exists()
    assert cache.held("a", "data.bin")


def test_using_a_copy_changes_no_time_that_others_know_it_by(tmp_path: Path) -> None:
    cache = FileCache(tmp_path, KIB)
    first = fill(cache, "a").stat().st_mtime_ns
    time.sleep(0.02)
    held = cache.held("a", "data.bin")
    assert held is not None
    assert held.stat().st_mtime_ns == first


FILLER = """
import random, sys
from pathlib import Path
from workbench.artefacts.cache import FileCache
folder, most, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
cache, draw = FileCache(folder, most), random.Random(seed)
for _ in range(400):
    key = draw.randrange(40)
    size = 1024 * (1 + key % 7)
    path = cache.fill(str(key), "data.bin", size, lambda partial: partial.write_bytes(bytes([key]) * size))
    assert path.read_bytes() == bytes([key]) * size
"""


def test_the_bound_holds_while_two_processes_fill_and_none_loses_a_copy_that_it_uses(tmp_path: Path) -> None:
    most, folder = 40 * KIB, tmp_path / "cache"
    running = [
        subprocess.Popen([sys.executable, "-c", FILLER, str(folder), str(most), str(seed)], env={**os.environ}, stderr=subprocess.PIPE)
        for seed in (1, 2)
    ]
    seen = 0
    while any(process.poll() is None for process in running):
        seen = max(seen, total(folder))
        time.sleep(0.002)
    for process in running:
        _, said = process.communicate()
        assert process.returncode == 0, said.decode()
    assert most / 2 < total(folder) <= most
    # what is in use when room is made stays: at most a copy of each
    assert seen <= most + 2 * 7 * KIB
