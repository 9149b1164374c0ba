"""What people may do: four roles, each of which includes those before it."""

from __future__ import annotations

from typing import Literal, get_args

Role = Literal["read", "label", "train", "administer"]
"""read: look at everything. label: also label, and keep views. train: also create, change, train and delete. administer: also people and the server."""

ROLES: tuple[Role, ...] = get_args(Role)

WORDS: dict[Role, str] = {
    "read": "looks at everything",
    "label": "also labels, and saves views",
    "train": "also creates, changes, trains and deletes",
    "administer": "also sees to users and the server",
}
"""What each of them adds, for people who give one."""


def includes(have: Role, need: Role) -> bool:
    """Whether someone of the role `have` may do what needs the role `need`."""
    return ROLES.index(have) >= ROLES.index(need)
