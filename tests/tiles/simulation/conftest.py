"""A small simulated season, written once per test session."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tiles.simulation.county import CountyPlan
from tiles.simulation.mosaic import Layout
from tiles.simulation.season import SimulatedSeason, write_season

DAYS = (
    date(2023, 12, 3),
    date(2024, 2, 11),
    date(2024, 4, 15),
    date(2024, 6, 25),
    date(2024, 8, 19),
    date(2024, 10, 28),
)


@pytest.fixture(scope="session")
def small_plan() -> CountyPlan:
    return replace(CountyPlan(), size_px=128, days=DAYS, parcels=90, layout=Layout(block_ha=8.0, plot_ha=0.8))


@pytest.fixture(scope="session")
def small_season(small_plan: CountyPlan, tmp_path_factory: pytest.TempPathFactory) -> SimulatedSeason:
    return write_season(tmp_path_factory.mktemp("season"), plan=small_plan)
