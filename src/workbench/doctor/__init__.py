"""What is wrong with an installation, and how to mend it. Looks at everything, mends and makes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.doctor import broker, devices, files, packages, places, port, store
from workbench.doctor.finding import Finding, Level
from workbench.settings import Settings

__all__ = ["Finding", "Level", "examine"]


def examine(settings: Settings) -> Iterator[Finding]:
    """Every finding, in the order in which things need one another."""
    yield from packages.examine()
    yield from places.examine(settings)
    yield port.port(settings)
    yield from _kept(settings)
    yield from broker.examine(settings)
    yield files.use(settings)
    yield from devices.devices(settings)


def _kept(settings: Settings) -> Iterator[Finding]:
    """The store and the files that it names."""
    try:
        opened = store.opened(settings)
    except store.Unopened as error:
        yield error.finding
        yield from files.without_store(settings)
        return
    try:
        found = list(store.examine(opened, settings.host_name))
        yield from found
        if not any(each.check == "store" and each.level == "fault" for each in found):
            yield from files.examine(opened, settings)
    finally:
        opened.close()
