"""A plan of one solar site, 2024."""

from __future__ import annotations

from datetime import date

import shapely

from geo.sites import SiteType
from scoring.sites.plan import Milestone, MilestoneKind, SitePlan


def plan(row: int = 1, site_id: str = "a", west: float = 75.0, **changed: object) -> SitePlan:
    """A square of about a kilometre with three milestones."""
    given: dict[str, object] = {
        "kind": SiteType.SOLAR,
        "capacity_mw": 50.0,
        "outline": shapely.box(west, 15.0, west + 0.01, 15.01),
        "milestones": (
            Milestone(MilestoneKind.CLEARED, date(2024, 1, 1), 0.2),
            Milestone(MilestoneKind.BUILDING, date(2024, 3, 1), 0.3),
            Milestone(MilestoneKind.COMPLETE, date(2024, 12, 1), 0.5),
        ),
    }
    return SitePlan(row=row, site_id=site_id, **(given | changed))  # type: ignore[arg-type]
