"""The rules of a feature configuration by the codes that REST gives, in the order of reports."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """What rule an issue is about."""

    NAME_REQUIRED = "F-20"
    NAME_TAKEN = "F-21"
    ID_MISSING = "F-22"
    UNKNOWN_COLUMN = "F-23"
    COLUMN_TWICE = "F-24"
    NO_TRANSFORM = "F-25"
    WRONG_TRANSFORM = "F-26"
    OUT_OF_RANGE = "F-27"
    UNKNOWN_FIELD = "UNKNOWN_FIELD"
    INVALID_VALUE = "INVALID_VALUE"
    CROSS_MEMBERS = "F-28"
    HISTORY_TABLE = "F-29"
    HISTORY_TIME = "F-30"
    TARGET = "F-31"
    LOG_DOMAIN = "F-32"
    TOWER_SIZE = "F-33"
    BOTH_TOWERS = "BOTH_TOWERS"
