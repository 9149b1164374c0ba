"""The rules of a model configuration by the codes that REST gives, in the order of reports."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """What rule an issue is about."""

    BUYER_EMPTY = "M-40"
    PRODUCT_EMPTY = "M-41"
    SHARED_TOWERS = "M-42"
    HEAD_REQUIRED = "M-43"
    HEAD_END = "M-44"
    WEIGHTS = "M-45"
    OUTPUT_SMALL = "M-46"
    OUTPUT_LARGE = "M-47"
    SIGMOID = "M-48"
    INVALID_VALUE = "M-49"
    NOT_APPLICABLE = "M-51"
    APPROX_UNAVAILABLE = "APPROX_UNAVAILABLE"
    NAME = "M-50"
