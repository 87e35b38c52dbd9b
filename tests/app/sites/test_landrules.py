"""What lies under a site: what is built where that is known, layers of red lines, uses of the season before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import geopandas as gpd
import pytest
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Engine, true

from app.book.drawn.registering import Giver
from app.db.engine import writing
from app.db.tables.site_kinds import RedLineKind
from app.sites.landrules import footprints_of
from app.sites.plans import planned_sites
from app.sites.redlining import GivenLine, Layer, take_red_lines, withdraw
from app.sites.registering import take_plans
from geo.sites import SiteType
from scoring.sites.operation import Footprint, land_findings
from scoring.sites.plan import Milestone, MilestoneKind, SitePlan
from tests.app.book.made_up_book import Bank, open_bank

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
DUE = (Milestone(MilestoneKind.COMPLETE, date(2026, 12, 1)),)
BORDER = shapely.box(103.50, 36.0, 103.52, 36.01)
SITES = (
    SitePlan(1, "s-1", SiteType.SOLAR, 40.0, BORDER, DUE),
    SitePlan(2, "s-2", SiteType.SOLAR, 40.0, shapely.box(103.60, 36.0, 103.62, 36.01), DUE),
)
NOTHING = gpd.GeoDataFrame({"site_id": []}, geometry=[], crs=4326)
BORDER_M2 = 2_000_000


@dataclass(frozen=True)
class Halves:
    """Wheat in the west of a line, grass in the east of it, nothing known north of another."""

    season_end: date = date(2025, 10, 1)

    def shares(self, shape: BaseGeometry) -> Mapping[str, float]:
        west, east = shapely.box(100, 30, 103.51, 36.005), shapely.box(103.51, 30, 110, 36.005)
        return {key: shape.intersection(part).area / shape.area for key, part in (("wheat", west), ("grass", east))}


@pytest.fixture
def bank(engine: Engine) -> Bank:
    bank = open_bank(engine)
    with writing(engine) as connection:
        take_plans(connection, SITES, Giver.of(connection, bank.people["ada"].id, "001"), "ab" * 32, NOW)
    return bank


def draw(bank: Bank, *shapes: BaseGeometry, source: str = "land office") -> None:
    layer = Layer(RedLineKind.FARMLAND, source, date(2026, 2, 1))
    lines = [GivenLine(row, f"f-{row}", None, shape) for row, shape in enumerate(shapes, start=1)]
    with writing(bank.engine) as connection:
        take_red_lines(connection, lines, layer, bank.people["rita"], NOW)


def footprints(bank: Bank, built: gpd.GeoDataFrame = NOTHING, at: datetime = NOW, **more: Halves) -> list[Footprint]:
    with bank.engine.connect() as connection:
        sites = planned_sites(connection, at, true())
        return footprints_of(connection, sites, built, at, more.get("land_use"))


def test_many_small_plots_of_a_layer_count_together_and_common_ground_once(bank: Bank) -> None:
    draw(bank, *(shapely.box(103.50 + 0.001 * n, 36.0, 103.501 + 0.001 * n, 36.001) for n in range(10)))
    draw(bank, shapely.box(103.50, 36.0, 103.501, 36.01), shapely.box(103.50, 36.0, 103.501, 36.01), source="forestry")
    first, second = footprints(bank)
    assert first.area_m2 == pytest.approx(BORDER_M2, rel=0.01)
    assert first.red_lines_m2 == pytest.approx(
        {"land office: farmland": 0.05 * first.area_m2, "forestry: farmland": 0.05 * first.area_m2}, rel=1e-3
    )
    assert second.red_lines_m2 == {"land office: farmland": 0.0, "forestry: farmland": 0.0}
    found = land_findings([first, second], frozenset(), NOW.date())
    assert found.judged.tolist() == [True, True]
    assert found.raised.tolist() == [True, False]  # no plot alone passes two percent


def test_a_line_that_is_taken_back_clears_what_it_raised(bank: Bank) -> None:
    draw(bank, BORDER)
    with writing(bank.engine) as connection:
        withdraw(connection, "land office", None, bank.people["rita"], LATER)
    before, after = footprints(bank, at=LATER - timedelta(seconds=1)), footprints(bank, at=LATER)
    found = [land_findings([each[0]], frozenset(), LATER.date()) for each in (before, after)]
    assert [bool(each.raised[0]) for each in found] == [True, False]
    assert [bool(each.judged[0]) for each in found] == [True, True]


def test_without_any_line_or_use_nothing_is_judged(bank: Bank) -> None:
    first = footprints(bank)[0]
    assert (first.red_lines_m2, first.uses_m2, first.known_share, first.season_end) == ({}, {}, 0.0, NOW.date())
    assert not land_findings([first], frozenset({"wheat"}), NOW.date()).judged[0]


def test_what_is_built_takes_the_place_of_the_border(bank: Bank) -> None:
    draw(bank, shapely.box(103.51, 36.0, 103.52, 36.01))
    built = gpd.GeoDataFrame(
        {"site_id": ["s-1", "s-1", "s-2"], "kind": ["inside", "outside", "inside"]},
        geometry=[
            shapely.box(103.505, 36.0, 103.508, 36.01),
            shapely.box(103.5, 36.01, 103.501, 36.02),
            shapely.Point(103.61, 36.005),  # no ground: the border counts
        ],
        crs=4326,
    )
    first, second = footprints(bank, built, land_use=Halves())
    assert first.area_m2 == pytest.approx(0.2 * BORDER_M2, rel=0.01)
    assert first.red_lines_m2["land office: farmland"] == 0.0
    assert second.area_m2 == pytest.approx(BORDER_M2, rel=0.01)


def test_uses_are_areas_of_the_footprint_with_what_is_known_of_it(bank: Bank) -> None:
    first = footprints(bank, land_use=Halves())[0]
    assert first.uses_m2 == pytest.approx({"wheat": 0.25 * first.area_m2, "grass": 0.25 * first.area_m2}, rel=1e-6)
    assert first.known_share == pytest.approx(0.5)
    assert first.season_end == date(2025, 10, 1)
    found = land_findings([first], frozenset({"wheat"}), NOW.date())
    assert (bool(found.raised[0]), found.value[0], found.why[0]) == (True, pytest.approx(0.25), "prior_use")
