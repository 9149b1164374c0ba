"""What needs much memory, or is heavy to import, done by processes that a server keeps beside it for a while."""

from workbench.apart.calling import Apart, Cancelled

__all__ = ["Apart", "Cancelled"]
