"""A painted solar farm, looked at as of two days with the same work folder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
import shapely

from app.jobs.progress import Silent
from app.jobs.sitewatch.asking import SiteWatchRequest
from app.jobs.sitewatch.files import SitesLooked
from app.jobs.sitewatch.looking import look_at_sites
from app.sites.plans import PlannedSite
from tests.app.jobs.sitewatch.painted import (
    LEFT_M,
    TOP_M,
    Painted,
    in_degrees,
    outline_of,
    planned,
    solar,
    write_painted,
)

DUE = (date(2024, 3, 1), date(2024, 8, 1))
EARLY, LATE = date(2024, 5, 31), date(2024, 9, 30)

Look = Callable[[SiteWatchRequest, list[PlannedSite]], SitesLooked]


@pytest.fixture(scope="session")
def look() -> Look:
    def at(request: SiteWatchRequest, sites: list[PlannedSite]) -> SitesLooked:
        return look_at_sites(request, sites, Silent(), lambda: datetime(2026, 11, 22, 12, tzinfo=UTC))

    return at


@pytest.fixture(scope="session")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Painted:
    return write_painted(tmp_path_factory.mktemp("farm"), solar, 64)


@pytest.fixture(scope="session")
def farm_site(farm: Painted) -> PlannedSite:
    border = outline_of(np.asarray(farm.works.inside) > 0.5)
    return planned("Farm 1/a", border, due=DUE, built_ha=farm.works.planned_m2 / 1e4)


@pytest.fixture(scope="session")
def sites(farm_site: PlannedSite) -> list[PlannedSite]:
    """The farm, one in Spain that no scene shows, and one whose past lies before the first scene."""
    away = planned("Far", in_degrees(shapely.box(450_000, 4_400_000, 450_300, 4_400_300), 32630), due=DUE)
    corner = in_degrees(shapely.box(LEFT_M, TOP_M - 200, LEFT_M + 200, TOP_M))
    early = planned("Early", corner, due=(date(2023, 7, 1), date(2024, 1, 1)))
    return [farm_site, away, early]


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sites") / "runs"


@pytest.fixture(scope="session")
def early_request(farm: Painted, runs: Path, scheduler: str) -> SiteWatchRequest:
    return SiteWatchRequest(catalog=str(farm.catalog), runs=runs, as_of=EARLY, scheduler=scheduler)


@pytest.fixture(scope="session")
def early(early_request: SiteWatchRequest, sites: list[PlannedSite], look: Look) -> SitesLooked:
    return look(early_request, sites)
