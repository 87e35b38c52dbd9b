"""A small untrained release and small labelled series."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
import torch

from geo.bands import BANDS
from models.card import Conformal, CropFact, ModelCard, NetworkFacts, Region, Tiling
from models.network import CropNet, NetworkSpec
from models.release import Release, save_release
from models.series.sample import SeriesSet, grid_days, no_radar

CLASSES = ("wheat", "maize", "grass")
SPEC = NetworkSpec(classes=len(CLASSES), width=16, queries=2, features=16, radar=8, decoder=(16, 16, 8))


def make_card(spec: NetworkSpec = SPEC, block_px: int = 32) -> ModelCard:
    box = {"west": 4.0, "south": 50.0, "east": 5.0, "north": 51.0}
    return ModelCard(
        name="CropNet",
        version="test",
        made_on=date(2026, 1, 1),
        weights_sha256="0" * 64,
        network=NetworkFacts(**spec.as_dict()),
        classes=CLASSES,
        temperature=1.0,
        conformal=Conformal(level=0.9, threshold=0.2, calibrated_on="nothing"),
        tiling=Tiling(block_px=block_px, halo_px=48, tolerance=1e-4),
        crops=tuple(CropFact(key=key, origin="real", real_series=1, simulated_series=0) for key in CLASSES),
        regions=(
            Region(name="county", simulated=True, crops=CLASSES, months=(5, 6), **box),
            Region(name="flanders", simulated=False, crops=("wheat",), months=(5, 6), **box),
        ),
        months=(5, 6),
        data=(),
        accuracy=(),
        accuracy_note="",
        limits=(),
        commands=(),
    )


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Random weights, context switched on, so that every part of the network counts."""
    torch.manual_seed(1)
    network = CropNet(SPEC)
    torch.nn.init.normal_(network.context.unet.segmentation_head[0].weight, std=0.05)
    return save_release(network.eval(), make_card(), tmp_path_factory.mktemp("release"))


@pytest.fixture(scope="session")
def labelled() -> SeriesSet:
    """Three crops that peak at different times, 60 series each, in six blocks."""
    rng = np.random.default_rng(0)
    crop = np.repeat(np.array(CLASSES, dtype=object), 60)
    peak = np.repeat([130.0, 220.0, 170.0], 60) + rng.normal(0, 8, len(crop))
    width = np.repeat([45.0, 40.0, 120.0], 60)
    green = np.exp(-(((grid_days()[None] - peak[:, None]) / width[:, None]) ** 2)) * rng.uniform(0.6, 1, (len(crop), 1))
    soil = np.array([0.08, 0.10, 0.13, 0.16, 0.19, 0.21, 0.23, 0.24, 0.30, 0.25])
    leaf = np.array([0.02, 0.05, 0.03, 0.09, 0.30, 0.40, 0.44, 0.45, 0.20, 0.09])
    values = soil + green[..., None] * (leaf - soil)
    values[rng.random(green.shape) < 0.3] = np.nan
    return SeriesSet(
        values=values.astype(np.float32),
        spread=np.full((len(crop), len(BANDS)), np.nan, dtype=np.float32),
        radar=no_radar(len(crop)),
        crop=crop,
        source=np.full(len(crop), "made-up", dtype=object),
        block=np.array([f"made-up:{number % 6}" for number in range(len(crop))], dtype=object),
        lonlat=np.tile([4.5, 50.5], (len(crop), 1)),
        simulated=np.zeros(len(crop), dtype=bool),
    )


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    return tmp_path / "work"
