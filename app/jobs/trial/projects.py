"""What the made-up bank knows of energy sites beside their plans: companies, their loans, red lines and meters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import box

from app.book.parties.party_file import Entry
from app.db.tables.kinds import PartyKind
from app.sites.meters import GivenReading
from geo.utm import utm_epsg
from scoring.sites.plan import SitePlan

#: A red line reaches so far into the site that it touches, beyond it, and past its south edge, m.
_INTO_M: Final = 60.0
_BEYOND_M: Final = 220.0
_PAST_M: Final = 30.0
#: Mean output over rated power of a solar farm on the plain, by month.
_SOLAR_LOAD: Final = (0.10, 0.11, 0.14, 0.16, 0.17, 0.17, 0.16, 0.15, 0.14, 0.13, 0.10, 0.09)


@dataclass(frozen=True, slots=True)
class Project:
    """A loan of a company for one site; amounts are yuan. Companies, like all else here, are nobody's."""

    site_id: str
    company: str
    name: str
    unit: str
    loan: str
    facility: str
    sanctioned: int
    outstanding: int
    opened_on: date
    due_on: date


PROJECTS: Final = (
    Project(
        "SIM-SOLAR-2", "C-001", "东岗新能源有限公司 Donggang New Energy", "010", "LP-0001", "P-2026-0001",
        24_000_000, 9_600_000, date(2026, 1, 12), date(2036, 1, 11),
    ),
    Project(
        "SIM-WIND-1", "C-002", "黄坡风力发电有限公司 Huangpo Wind Power", "010", "LP-0002", "P-2025-0002",
        110_000_000, 77_000_000, date(2025, 11, 3), date(2037, 11, 2),
    ),
)  # fmt: skip


def company_entries() -> list[Entry]:
    """The companies as parties."""
    return [
        Entry(line, each.company, PartyKind.ORGANISATION, each.unit, each.name)
        for line, each in enumerate(PROJECTS, start=1)
    ]


def project_file() -> pd.DataFrame:
    """Loans of the companies: text columns as app/jobs/trial/data/projects.toml reads them."""
    rows = [
        {
            "loan": each.loan,
            "facility": each.facility,
            "company": each.company,
            "product": "project",
            "sanctioned": str(each.sanctioned),
            "drawing": str(each.sanctioned),
            "outstanding": str(each.outstanding),
            "overdue": "0",
            "days_overdue": "0",
            "rate_percent": "3.55",
            "opened_on": each.opened_on.isoformat(),
            "due_on": each.due_on.isoformat(),
            "class": "正常",
        }
        for each in PROJECTS
    ]
    return pd.DataFrame(rows)


def red_lines(plans: Sequence[SitePlan], touched: str) -> gpd.GeoDataFrame:
    """Two red lines (EPSG:4490: line_id, name): one over the east edge of a site, one that touches none."""
    outlines = gpd.GeoSeries({plan.site_id: plan.outline for plan in plans}, crs=4326)
    centre = outlines[touched].centroid
    metres = outlines.to_crs(utm_epsg(centre.x, centre.y))
    _, south, east, north = metres[touched].bounds
    west_of_all, _, _, north_of_all = metres.total_bounds
    over = box(east - _INTO_M, south - _PAST_M, east + _BEYOND_M, (south + north) / 2.0)
    apart = box(west_of_all, north_of_all + _BEYOND_M, west_of_all + _BEYOND_M, north_of_all + 2.0 * _BEYOND_M)
    named = {
        "line_id": ["JBNT-12", "STBH-03"],
        "name": ["基本农田 12 号 Basic farmland 12 (simulated)", "生态保护 3 号 Protected ground 3 (simulated)"],
    }
    return gpd.GeoDataFrame(named, geometry=[over, apart], crs=metres.crs).to_crs(4490)


def readings(plan: SitePlan, first: date, last: date, rng: np.random.Generator) -> list[GivenReading]:
    """Energy that a solar farm fed in by whole month between two days, as its meter would say."""
    power_kw = 1000.0 * (plan.capacity_mw or 0.0)
    found: list[GivenReading] = []
    start = first
    while (end := _month_end(start)) <= last:
        hours = 24.0 * ((end - start).days + 1)
        load = _SOLAR_LOAD[start.month - 1] * float(rng.normal(1.0, 0.06))
        said = end + timedelta(days=3)
        energy = round(power_kw * hours * load)
        found.append(GivenReading(len(found) + 1, plan.site_id, start, end, energy, "Grid meter (made up)", said))
        start = end + timedelta(days=1)
    return found


def _month_end(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
