"""How an RCM-VAE appears in layered configuration files."""

from __future__ import annotations

from workbench.families import ImportString, Layered

LAYERED = Layered(
    name="RCMVAE",
    key="rcmvae",
    factory=ImportString("rcmvae.building:build"),
    seeds=("training.random_seed", "model.rcmvae.init_seed"),
)
