"""Made-up sites of each type: their plan, what looks measured, and how they look from above."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from app.db.tables.site_kinds import SiteStandingKind
from geo.runrecord import Scene
from geo.sites import Mounting, SiteMeasure, SiteType
from geo.utm import utm_epsg
from scoring.sites.capacity import capacity_json, capacity_of
from scoring.sites.following import reports_of
from scoring.sites.known import known_of
from scoring.sites.operation import Unseen
from scoring.sites.plan import Milestone, MilestoneKind, SitePlan, planned_share
from scoring.sites.share_built import whole_of
from tiles.facts import joint_hash

#: Pixels of a picture, and of the site's half width and height in it.
COLUMNS, ROWS, HALF_WIDTH, HALF_HEIGHT = 110, 90, 40, 28
_GREEN, _SOIL, _PANEL, _WATER = (92, 118, 64), (168, 142, 104), (38, 48, 82), (34, 66, 92)
_UNSEEN = {
    SiteType.SOLAR: (Unseen.SOILING, Unseen.OUTAGE, Unseen.CRACKED_MODULES, Unseen.GRID_CONNECTION, Unseen.POWER),
    SiteType.WIND: (Unseen.BLADE_DAMAGE, Unseen.OUTAGE, Unseen.GRID_CONNECTION, Unseen.POWER),
    SiteType.HYDRO: (Unseen.WATER_DEPTH, Unseen.OUTAGE, Unseen.GRID_CONNECTION, Unseen.POWER),
    SiteType.RESERVOIR: (Unseen.WATER_DEPTH,),
}


@dataclass(frozen=True)
class MadeUpSite:
    """A site that began a year before it is watched; all days are relative to `as_of`, the day of the last watch.

    late_days: by how many days it is built later than planned. said: put before every text that people read. place:
    longitude and latitude of its middle. stated: its plan says how panels are held, and the country.
    """

    kind: SiteType = SiteType.SOLAR
    site_id: str = ""
    as_of: date = date(2026, 11, 9)
    late_days: int = 90
    standing: SiteStandingKind = SiteStandingKind.WARNING
    simulated: bool = True
    said: str = ""
    place: tuple[float, float] = (115.61, 33.37)
    facility: str = ""
    stated: bool = True

    @property
    def name(self) -> str:
        return self.site_id or f"{self.said}{self.kind}-1"

    def day(self, before: int) -> date:
        """Day so many days before the last watch."""
        return self.as_of - timedelta(days=before)

    @cached_property
    def epsg(self) -> int:
        return utm_epsg(*self.place)

    @cached_property
    def origin(self) -> tuple[float, float]:
        """Upper left corner of the picture, m in UTM."""
        x, y = Transformer.from_crs(4326, self.epsg, always_xy=True).transform(*self.place)
        return float(round(x / 10) * 10 - COLUMNS * 5), float(round(y / 10) * 10 + ROWS * 5)

    def lonlat(self, column: float, row: float) -> tuple[float, float]:
        """Longitude and latitude of a place of the picture, in pixels from its upper left corner."""
        left, top = self.origin
        back = Transformer.from_crs(self.epsg, 4326, always_xy=True)
        lon, lat = back.transform(left + column * 10, top - row * 10)
        return float(lon), float(lat)

    @cached_property
    def places(self) -> list[tuple[float, float]]:
        """Turbines, or the dam, in pixels."""
        if self.kind is SiteType.WIND:
            return [(20.0, 30.0), (45.0, 55.0), (70.0, 28.0), (92.0, 60.0)]
        return [(COLUMNS / 2, ROWS / 2 + HALF_HEIGHT)] if self.kind is not SiteType.SOLAR else []

    @cached_property
    def outline(self) -> BaseGeometry:
        points = [self.lonlat(*place) for place in self.places]
        if self.kind is SiteType.WIND:
            return shapely.MultiPoint(points)
        ends = ((-1, -1), (1, -1), (1, 1), (-1, 1))
        return shapely.Polygon([self.lonlat(COLUMNS / 2 + x * HALF_WIDTH, ROWS / 2 + y * HALF_HEIGHT) for x, y in ends])

    @cached_property
    def plan(self) -> SitePlan:
        due = ((MilestoneKind.CLEARED, 300, 0.1), (MilestoneKind.BUILDING, 240, 0.3),
               (MilestoneKind.COMPLETE, 10, 0.5), (MilestoneKind.STEADY, -80, 0.1))  # fmt: skip
        water = self.kind in (SiteType.HYDRO, SiteType.RESERVOIR)
        return SitePlan(
            row=1,
            site_id=self.name,
            kind=self.kind,
            capacity_mw=None if self.kind is SiteType.RESERVOIR else 40.0,
            outline=self.outline,
            milestones=tuple(Milestone(kind, self.day(before), draws) for kind, before, draws in due),
            facility=self.facility,
            permits=(f"{self.said}发改能源〔2025〕12", f"{self.said}EIA 2025-7"),
            points=tuple(self.lonlat(*place) for place in self.places) if water else (),
            built_ha=None if self.kind is SiteType.WIND else 36.0,
            levels=((610.0, 0.0), (620.0, 12.0), (630.0, 30.0), (640.0, 44.0)) if water else (),
            mounting=Mounting.FIXED if self.kind is SiteType.SOLAR and self.stated else Mounting.UNKNOWN,
            country="CN" if self.stated else "",
        )

    @cached_property
    def days(self) -> list[date]:
        """Looks, every ten days; one in six is too cloudy."""
        days = [self.day(before) for before in range(400, -1, -10)]
        return [] if self.standing is SiteStandingKind.UNSEEN else [d for n, d in enumerate(days) if n % 6 != 4]

    def true_share(self, day: date) -> float:
        """Share that is built: the plan, later."""
        return float(planned_share(self.plan, np.array([np.datetime64(day - timedelta(days=self.late_days), "D")]))[0])

    def scenes(self, until: date) -> list[Scene]:
        names = [(day, f"S2A_T50SMB_{day:%Y%m%d}T030541_L2A") for day in self.days if day <= until]
        return [Scene(name, "05.11", joint_hash([self.name, name])) for _, name in names]

    def looks(self, until: date) -> pd.DataFrame:
        """Rows of SITE_LOOKS up to a day."""
        rows = [row for number, day in enumerate(self.days) if day <= until for row in self._rows(number, day)]
        columns = ["site_id", "measure", "date", "known_at", "value", "error", "clear_share", "source_hash"]
        return pd.DataFrame(rows, columns=columns)

    def _rows(self, number: int, day: date) -> list[tuple[Any, ...]]:
        scene = self.scenes(day)[-1]
        known = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        share, off = self.true_share(day), (-1) ** number * 0.012
        clear = 0.7 if number % 5 == 2 else 1.0
        return [
            (self.name, str(measure), day, known, max(value + off * whole, 0.0), error, clear, joint_hash([scene.hash]))
            for measure, value, whole, error in self._measured(share)
        ]

    def _measured(self, share: float) -> list[tuple[SiteMeasure, float, float, float]]:
        """(measure, value, whole, standard error) of one look."""
        if self.kind is SiteType.SOLAR:
            panels = (SiteMeasure.PANELS, share * 360_000, 360_000.0, 9_000.0)
            return [panels, (SiteMeasure.PANELS_OUTSIDE, 2_400.0 * share, 0.0, 600.0),
                    (SiteMeasure.CLEARED, min(1.0, share * 3) * 448_000, 0.0, 9_000.0)]  # fmt: skip
        if self.kind is SiteType.WIND:
            return [(SiteMeasure.PADS, 4 * min(1.0, 1.5 * share), 0.0, 0.25),
                    (SiteMeasure.ROADS, 21_000 * share, 0.0, 4_000.0),
                    (SiteMeasure.TURBINES, 4 * max(0.0, 2 * share - 1), 0.0, 0.4)]  # fmt: skip
        return [(SiteMeasure.WATER, share * 360_000, 360_000.0, 8_000.0),
                (SiteMeasure.CLEARED, min(1.0, share * 5) * 6_000, 0.0, 900.0)]  # fmt: skip

    def curve(self, until: date) -> list[tuple[date, float, float, float]]:
        """Day of the look, and the share with its bounds (low, share, high), as reports up to a day stated them."""
        whole = whole_of(self.plan, 448_000.0)
        if whole is None or not self.days:
            return []
        told = reports_of(self.kind, whole, known_of(self.looks(until), self.name), until)
        by_look = {report.seen_on: report.progress for report in told}
        return [
            (day, float(one.low[0]), float(one.share[0]), float(one.high[0])) for day, one in sorted(by_look.items())
        ]

    def milestones(self, until: date) -> dict[str, list[str | None] | None]:
        """Between which looks milestones were reached, as standings hold it."""
        found: dict[str, list[str | None] | None] = {}
        for kind, least in zip(MilestoneKind, (0.01, 0.03, 0.95, 2.0), strict=True):
            seen = [day for day in self.days if day <= until]
            done = [day for day in seen if self.true_share(day) >= least]
            before = [day for day in seen if day not in done]
            found[kind] = [before[-1].isoformat() if before else None, done[0].isoformat()] if done else None
        return found

    @property
    def failure(self) -> dict[str, str] | None:
        """Why no look tells anything of it; None: some do."""
        said = f"No scene shows site {self.name!r} free of clouds. Wait for a clear day."
        return None if self.days else {"code": "SITES_NO_SCENES", "message": said}

    def detail(self, until: date) -> dict[str, Any]:
        """What a standing adds by type."""
        said: dict[str, Any] = {"unseen": [str(one) for one in _UNSEEN[self.kind]], "curve": [], "measures": {},
                                "capacity": None, "places": [], "water": None, "over_permit": None,
                                "failure": self.failure}  # fmt: skip
        days = [day for day in self.days if day <= until]
        if not days:
            return said
        said["curve"] = [[day.isoformat(), *three] for day, *three in self.curve(until)]
        latest = self.looks(until).drop_duplicates("measure", keep="last")
        said["measures"] = {
            row.measure: {"day": row.date.isoformat(), "value": row.value, "low": max(row.value - 1.645 * row.error, 0),
                          "high": row.value + 1.645 * row.error, "clear": row.clear_share}
            for row in latest.itertuples()
        }  # fmt: skip
        return said | self._own_detail(said["measures"], self.true_share(days[-1]))

    def _own_detail(self, measures: dict[str, Any], share: float) -> dict[str, Any]:
        if self.kind is SiteType.SOLAR:
            ground = measures["panels_m2"]["value"]
            held = capacity_of(ground, self.plan.mounting, self.plan.country) if ground > 0 else None
            return {"capacity": held and capacity_json(held, None)}
        if self.kind is SiteType.WIND:
            chances = [(min(0.95, 1.4 * share), None if n == 3 else 0.8 * share) for n in range(len(self.places))]
            points = [self.lonlat(*place) for place in self.places]
            told = [
                {"lon": lon, "lat": lat, "pad": pad, "tower": tower}
                for (lon, lat), (pad, tower) in zip(points, chances, strict=True)
            ]
            return {"places": told, "over_permit": [0, 1]}
        water = measures["water_m2"]
        level = {"level_m": 617.3, "level_low_m": 616.2, "level_high_m": 618.1}
        area = {"area_m2": water["value"], "area_low_m2": water["low"], "area_high_m2": water["high"]}
        return {"water": {"day": water["day"], **area, **level}}

    def picture(self, day: date) -> np.ndarray:
        """(ROWS, COLUMNS, 3) uint8 true colour of a day."""
        rng = np.random.default_rng(day.toordinal())
        image = np.tile(np.array(_GREEN, dtype=np.float64), (ROWS, COLUMNS, 1))
        share, middle = self.true_share(day), (ROWS // 2, COLUMNS // 2)
        inside = np.s_[
            middle[0] - HALF_HEIGHT : middle[0] + HALF_HEIGHT, middle[1] - HALF_WIDTH : middle[1] + HALF_WIDTH
        ]
        if self.kind is SiteType.WIND:
            for column, row in self.places:
                if share > 0.1:
                    image[int(row) - 3 : int(row) + 3, int(column) - 3 : int(column) + 3] = _SOIL
        else:
            image[inside] = _SOIL if share > 0 else _GREEN
            built = int(2 * HALF_WIDTH * share)
            left = middle[1] - HALF_WIDTH
            colour = _PANEL if self.kind is SiteType.SOLAR else _WATER
            image[middle[0] - HALF_HEIGHT : middle[0] + HALF_HEIGHT, left : left + built] = colour
        return np.clip(image + rng.normal(0, 5, image.shape), 1, 255).astype(np.uint8)

    def built(self, until: date) -> gpd.GeoDataFrame:
        """What is built as of a day: rows of footprints.geojson."""
        share = self.true_share(until)
        if share == 0 or not self.days:
            return gpd.GeoDataFrame({"site_id": [], "kind": []}, geometry=[], crs=4326)
        left, top, right = COLUMNS / 2 - HALF_WIDTH, ROWS / 2 - HALF_HEIGHT, COLUMNS / 2 - HALF_WIDTH + 80 * share
        corners = ((left, top), (right, top), (right, top + 2 * HALF_HEIGHT), (left, top + 2 * HALF_HEIGHT))
        shape = shapely.Polygon([self.lonlat(*corner) for corner in corners])
        return gpd.GeoDataFrame({"site_id": [self.name], "kind": ["inside"]}, geometry=[shape], crs=4326)
