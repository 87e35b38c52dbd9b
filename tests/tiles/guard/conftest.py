"""Real archives, loaded once."""

from __future__ import annotations

from pathlib import Path

import pystac
import pytest

from tests.tiles.guard.archives import every_archive
from tiles.guard.evidence import Sample
from tiles.guard.sampling import read_sample
from tiles.sources.base import with_band_keys


@pytest.fixture(scope="session")
def archives(shared_data: Path) -> dict[str, list[Sample]]:
    """Every real set of acquisitions by name, digital numbers without offset."""
    return every_archive(shared_data) | {"flanders": _flanders(shared_data)}


@pytest.fixture(scope="session")
def flanders(archives: dict[str, list[Sample]]) -> list[Sample]:
    return archives["flanders"]


def _flanders(data: Path) -> list[Sample]:
    catalogue = pystac.Catalog.from_file(str(data / "flanders-2019" / "catalog.json"))
    items = [item for item in catalogue.get_items(recursive=True) if "L2A" in item.id]
    samples = [read_sample(with_band_keys(item)) for item in items]
    return [sample for sample in samples if sample is not None]
