"""Browsers for tests: each visit has cookies and storage of its own, and most find the pages' scripts compiled.

Chromium keeps what it compiled of a script with its profile. A profile a test costs a second of processor time for each page; one that is
emptied between tests, all but its cache, costs half of that.
"""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, ViewportSize

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-gl=swiftshader", "--enable-unsafe-swiftshader",
]  # fmt: skip
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""Programs that are looked for. The first has the same engine without a window around it: a page costs two fifths less."""
KEPT = 2
"""Profiles that are kept: most tests need one person's browser or two."""


def chromium() -> str:
    """The path of the program. Absent: the test skips with a message, except in CI, where it must be there."""
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        message = "no Chromium was found; requirements/browser.sh installs one"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return found


@cache
def _usual_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def usual_port() -> int:
    """A free port, the same each time unless a server has it: what a profile compiled belongs to an address with its port.

    0, any port, while it is taken.
    """
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            free.bind(("127.0.0.1", _usual_port()))
        except OSError:
            return 0
    return _usual_port()


@dataclass
class Profile:
    """A person's browser on this machine, which one test at a time has."""

    context: BrowserContext
    taken: bool = False
    visited: set[str] = field(default_factory=set)

    def empty(self) -> None:
        """Close its pages; forget cookies and whatever pages kept."""
        blank, *pages = self.context.pages
        for page in pages:
            page.close()
        self.context.clear_cookies()
        devtools = self.context.new_cdp_session(blank)
        for origin in self.visited:
            devtools.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        devtools.detach()
        self.visited.clear()
        self.taken = False


@dataclass
class Browsers:
    """Browsers of one test process: kept profiles as long as there are some, then new ones."""

    playwright: Playwright
    folder: Path
    ends: ExitStack
    profiles: list[Profile] = field(default_factory=list)
    launched: Browser | None = None

    @contextmanager
    def lent(self) -> Iterator[Lent]:
        """For one test."""
        lent = Lent(self)
        try:
            yield lent
        finally:
            lent.end()

    def profile(self) -> Profile | None:
        """A kept profile that no page has; None if all are taken."""
        free = next((one for one in self.profiles if not one.taken), None)
        if free is None and len(self.profiles) < KEPT:
            context = self.playwright.chromium.launch_persistent_context(
                str(self.folder / f"profile-{len(self.profiles)}"), executable_path=chromium(), args=ARGUMENTS, reduced_motion="reduce"
            )
            self.ends.callback(context.close)
            self.profiles.append(free := Profile(context))
        if free is not None:
            free.taken = True
        return free

    def new_context(self) -> BrowserContext:
        """A browser that was never used."""
        if self.launched is None:
            self.launched = self.playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
            self.ends.callback(self.launched.close)
        return self.launched.new_context(reduced_motion="reduce")


@dataclass
class Lent:
    """The browsers of one test."""

    browsers: Browsers
    profiles: list[Profile] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def page(self, address: str, *, dark: bool, width: int) -> Page:
        """An empty page, about to go to `address`, of a browser that no other page of the test shares."""
        profile = self.browsers.profile()
        if profile is None:
            context = self.browsers.new_context()
            self.contexts.append(context)
        else:
            context = profile.context
            self.profiles.append(profile)
            parts = urlsplit(address)
            profile.visited.add(f"{parts.scheme}://{parts.netloc}")
        page = context.new_page()
        page.set_viewport_size(ViewportSize(width=width, height=800))
        page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
        return page

    def end(self) -> None:
        """Give them back, emptied."""
        for context in self.contexts:
            context.close()
        for profile in self.profiles:
            profile.empty()
