"""Settings of JAX for a process, in one place."""

from __future__ import annotations

from pathlib import Path

import jax


def configure_jax(cache_dir: Path | str | None) -> None:
    """Keep compiled programs in `cache_dir`, whatever their size or compile time, so that a later process starts faster.

    JAX's own thresholds would skip nearly every program of models as small as these. None switches the cache off.
    """
    jax.config.update("jax_compilation_cache_dir", None if cache_dir is None else str(cache_dir))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
