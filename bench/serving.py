"""A Trellis server of its own for a benchmark, a browser to look at it, and the end of everything it started."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parent.parent
PATIENCE = 60.0
"""Seconds after which a server that does not answer is given up."""

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


class BrowserMissing(RuntimeError):
    """No browser to measure with; the message says how to get one."""


@dataclass(frozen=True)
class Server:
    """A running server. `started` and `answered` are epoch seconds: process start, and first answer with status 200."""

    process: subprocess.Popen[str]
    address: str
    started: float
    answered: float

    def megabytes(self) -> float:
        """Resident memory of the server process and its children."""
        root = psutil.Process(self.process.pid)
        return sum(p.memory_info().rss for p in (root, *root.children(recursive=True))) / 1e6


@contextmanager
def serving(home: Path, *, data: Path | None = None, more: Mapping[str, str] | None = None) -> Iterator[Server]:
    """A server on a free port with `home` as its home folder; afterwards it and its workers are gone.

    Args:
        data: the folder with real datasets; None for a server without one. more: further variables of its environment.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TRELLIS_")}
    environment |= {"TRELLIS_HOME": str(home), "TRELLIS_PORT": "0", "PYTHONUNBUFFERED": "1"}
    environment |= more or {}
    if data is not None:
        environment["TRELLIS_DATA"] = str(data)
    started = time.time()
    process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        address = address_of(process.stdout.readline())
        _wait_for(address)
        yield Server(process, address, started, time.time())
    finally:
        process.terminate()
        process.wait(timeout=30)
        if process.stdout is not None:
            process.stdout.close()
        end_workers(home)


def end_workers(home: Path) -> None:
    """End the workers of this home folder, those too that no store knows yet, and wait until they are gone."""
    ended = processes_of(home)
    for process in ended:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(ended, timeout=10)


def processes_of(home: Path) -> list[psutil.Process]:
    """All processes but this one that were started with this home folder."""
    return [process for process in psutil.process_iter() if _home_of(process) == str(home)]


def _home_of(process: psutil.Process) -> str | None:
    try:
        return process.environ().get("TRELLIS_HOME") if process.pid != os.getpid() else None
    except psutil.Error:
        return None


@contextmanager
def browser(*, width: int = 1280, height: int = 900) -> Iterator[Any]:
    """A Playwright page in headless Chromium that is installed on the machine. Raises BrowserMissing."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise BrowserMissing("playwright is not installed: pip install playwright") from error
    executable = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    with sync_playwright() as playwright:
        if executable is None and not Path(playwright.chromium.executable_path).exists():
            raise BrowserMissing("no Chromium on this machine: install it with `playwright install chromium`")
        arguments = ["--no-sandbox", "--use-gl=swiftshader", "--enable-unsafe-swiftshader"]
        chromium = playwright.chromium.launch(executable_path=executable, args=arguments)
        page = chromium.new_page(viewport={"width": width, "height": height})
        yield page
        chromium.close()


def address_of(line: str) -> str:
    """The address in a server's first line. Raises RuntimeError if it has none."""
    found = re.search(r"http://\S+", line)
    if not found:
        raise RuntimeError(f"the server did not start; it said {line.strip()!r}")
    return found.group()


def _wait_for(address: str) -> None:
    """Ask until the server answers with status 200."""
    until = time.time() + PATIENCE
    while time.time() < until:
        try:
            with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
                if answer.status == 200:
                    return
        except urllib.error.URLError:
            time.sleep(0.005)
    raise RuntimeError(f"no answer from {address} within {PATIENCE:g} s")
