"""The plans of simulated sites as a lender would hand them over, and the truth that only tests look at."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from geo.sites import Mounting
from tiles.simulation.catalogue import SIMULATED_FLAG
from tiles.simulation.sites.asked import AskedSite, SitesPlan
from tiles.simulation.sites.hydro import HydroWorks
from tiles.simulation.sites.placed import Placed
from tiles.simulation.sites.solar import SolarWorks
from tiles.simulation.sites.wind import WindWorks

#: Decimals of a degree in the file: about a centimetre.
_DIGITS: Final = 7
_CURVE_POINTS: Final = 12
_STEADY_DAYS: Final = 75
#: Of rows on fixed stands, as all simulated farms have; within what plants of China are reported to hold.
_MW_BY_HA: Final = 0.7
#: Country of the land that is simulated, by ISO 3166-1.
_COUNTRY: Final = "CN"
_MW_BY_TURBINE: Final = 5.0
_HYDRO_MW: Final = 4.0
#: Level of the lowest ground of a valley over the sea, m; heights of works count from there.
_BASE_M: Final = 42.0
_LEVELS: Final = 7
#: Draw-downs that each milestone releases.
_DRAWS: Final = {"cleared": 0.1, "being_built": 0.3, "complete": 0.4, "steady": 0.2}


def write_plans(path: Path, plan: SitesPlan, placed: Sequence[Placed]) -> None:
    """Write plans as GeoJSON with the columns of docs/sites.md; the same plan gives the same bytes."""
    features = [_feature(plan, one) for one in placed]
    collection = {"type": "FeatureCollection", SIMULATED_FLAG: True, "features": features}
    path.write_text(json.dumps(collection, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def write_truth(path: Path, days: Sequence[date], placed: Sequence[Placed]) -> None:
    """Write what is true on each day: site_id, date, share (0 to 1), outside_m2 (Parquet)."""
    parts = [
        pd.DataFrame(
            {
                "site_id": one.asked.site_id,
                "date": list(days),
                "share": one.share_on(days),
                "outside_m2": one.outside_m2_on(days),
            }
        )
        for one in placed
    ]
    pd.concat(parts, ignore_index=True).to_parquet(path, index=False)


def _feature(plan: SitesPlan, placed: Placed) -> dict[str, Any]:
    asked, built = placed.asked, placed.built_m2
    points = [_degrees(plan, asked, shapely.Point(at)) for at in placed.points]
    planned = {
        "site_id": asked.site_id,
        "type": str(asked.kind),
        "name": asked.name,
        "capacity_mw": _capacity(placed),
        "built_ha": None if built is None else round(built / 1e4, 3),
        **{kind: day.isoformat() for kind, day in _milestones(placed).items()},
        **{f"draws_{kind}": draws for kind, draws in _DRAWS.items() if kind in _milestones(placed)},
        "curve": "; ".join(f"{day}={share:.4f}" for day, share in _curve(placed)),
        "permits": f"SIM-{asked.begins.year}-{asked.site_id}",
        "points": "; ".join(f"{one.x} {one.y}" for one in points) or None,
        "levels": "; ".join(f"{level}={area}" for level, area in _levels(placed)) or None,
        "mounting": str(Mounting.FIXED) if isinstance(placed.planned, SolarWorks) else None,
        "country": _COUNTRY,
    }
    return {"type": "Feature", "properties": planned, "geometry": mapping(_degrees(plan, asked, placed.border))}


def _degrees(plan: SitesPlan, asked: AskedSite, shape: BaseGeometry) -> Any:
    """A shape of a window in degrees."""
    to_degrees = Transformer.from_crs(plan.epsg, 4326, always_xy=True)
    west, north = plan.left_m + asked.window.column * 10.0, plan.top_m - asked.window.row * 10.0

    def moved(xy: Any) -> Any:
        lon, lat = to_degrees.transform(west + xy[:, 0], north - xy[:, 1])
        return np.round(np.stack([lon, lat], axis=1), _DIGITS)

    return shapely.transform(shape, moved)


def _capacity(placed: Placed) -> float:
    match placed.planned:
        case WindWorks():
            return _MW_BY_TURBINE * len(placed.points)
        case SolarWorks():
            return round((placed.built_m2 or 0.0) / 1e4 * _MW_BY_HA, 1)
    return _HYDRO_MW


def _milestones(placed: Placed) -> dict[str, date]:
    """Planned days by kind of milestone, in their order."""
    complete = placed.asked.planned
    end = {"complete": complete, "steady": complete + timedelta(days=_STEADY_DAYS)}
    match placed.planned:
        case SolarWorks() as solar:
            cleared = min(np.sort(solar.cleared)[len(solar.cleared) // 2], solar.begun.min())
            return {"cleared": cleared.item(), "being_built": solar.begun.min().item(), **end}
        case WindWorks() as wind:
            return {"being_built": wind.begun.min().item(), **end}
        case HydroWorks() as hydro:
            return {"cleared": hydro.stripped[1].item(), "being_built": hydro.levels[0].item(), **end}


def _curve(placed: Placed) -> list[tuple[date, float]]:
    """Points of the planned S-curve from 0 to 1: days rise, shares never fall."""
    first, last = _milestones(placed)["being_built"], placed.asked.planned
    steps = np.unique(np.linspace(0, (last - first).days, _CURVE_POINTS).round().astype(int))
    days = [first + timedelta(days=int(step)) for step in steps]
    shares = np.maximum.accumulate(placed.planned_on(days))
    shares[0], shares[-1] = 0.0, 1.0
    return list(zip(days, np.round(shares, 4).tolist(), strict=True))


def _levels(placed: Placed) -> list[tuple[float, float]]:
    """Level over the sea in metres and hectares of water at it, both rising; none but of a reservoir."""
    if not isinstance(placed.planned, HydroWorks):
        return []
    works = placed.planned
    heights = np.linspace(0.0, works.full_m * 1.05, _LEVELS)
    area_ha = [(works.heights < at).mean() * works.border.size / 100.0 for at in heights]
    return [(round(_BASE_M + float(at), 2), round(float(ha), 3)) for at, ha in zip(heights, area_ha, strict=True)]
