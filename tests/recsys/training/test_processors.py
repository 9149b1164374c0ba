"""As how many devices the processor counts."""

from __future__ import annotations

import pytest

from recsys.training.processors import processor_devices

FLAG = "--xla_force_host_platform_device_count"


@pytest.mark.parametrize(
    ("flags", "count"),
    [
        ("", 1),
        (f"{FLAG}=4", 4),
        (f"--xla_dump_to=/tmp {FLAG}=8 {FLAG}=2", 2),
        (f"{FLAG}=0", 1),
        (f"{FLAG}=", 1),
    ],
)
def test_the_processor_is_as_many_devices_as_the_last_flag_says(flags: str, count: int) -> None:
    assert processor_devices(flags) == count
