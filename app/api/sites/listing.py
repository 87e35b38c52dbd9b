"""The list of sites, and the row of one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import shapely

from app.api.office.desk import Desk
from app.api.sites.reading import Seen, sites_seen, stopped_count
from app.api.sites.schemas import ListedSite, NextMilestone, SiteList
from app.db.tables.site_kinds import SiteStandingKind
from app.sites.plans import stated_mounting
from geo.sites import SiteType
from scoring.sites.plan import Milestone, MilestoneKind

#: Borders of the list are drawn to this, degrees: about ten metres. Their corners have so many decimals.
_COARSE: Final = 1e-4
_PLACES: Final = 5


@dataclass(frozen=True, slots=True)
class Which:
    """Which sites are asked for; None and an empty text: any.

    Attributes:
        kind: what is built.
        standing: how they stand.
        q: part of the id, the name or the number of the facility, whatever the case.
        stopped: those that are no longer watched, instead of those that are.
    """

    kind: SiteType | None = None
    standing: SiteStandingKind | None = None
    q: str = ""
    stopped: bool = False

    def fits(self, seen: Seen) -> bool:
        """Whether a site is one of them but for its standing."""
        text = self.q.strip().casefold()
        named = (seen.site.plan.site_id, seen.name or "", seen.facility or "")
        kind = self.kind is None or seen.site.plan.kind is self.kind
        return kind and any(text in name.casefold() for name in named)


def site_list(desk: Desk, which: Which, now: datetime) -> SiteList:
    """Sites of a person's part of the book."""
    seen = sites_seen(desk.connection, desk.scope, now, stopped=which.stopped)
    fitting = [each for each in seen if which.fits(each)]
    found = Counter(standing_of(each) for each in fitting)
    days = [each.standing["as_of"] for each in seen if each.standing is not None]
    return SiteList(
        as_of=max(days, default=None),
        counts={kind: found[kind] for kind in SiteStandingKind},
        stopped=stopped_count(desk.connection, desk.scope, now),
        sites=[_listed(each) for each in fitting if which.standing in (None, standing_of(each))],
    )


def _listed(seen: Seen) -> ListedSite:
    plain = shapely.transform(shapely.simplify(seen.site.plan.outline, _COARSE), lambda at: at.round(_PLACES))
    return ListedSite(**row_facts(seen), outline=json.loads(shapely.to_geojson(plain)))


def standing_of(seen: Seen) -> SiteStandingKind:
    """How a site stands; unseen where no watch was made."""
    return SiteStandingKind.UNSEEN if seen.standing is None else SiteStandingKind(seen.standing["standing"])


def milestones_in_order(seen: Seen) -> list[Milestone]:
    """Planned milestones in the order in which they are reached."""
    order = list(MilestoneKind)
    return sorted(seen.site.plan.milestones, key=lambda each: order.index(each.kind))


def between_looks(seen: Seen) -> Mapping[str, tuple[str | None, str | None]]:
    """By kind of milestone the last look that does not show it, and the first that does, as the newest watch says."""
    said: Mapping[str, Any] = {} if seen.standing is None else seen.standing["milestones"]
    return {kind: (None, None) if looks is None else (looks[0], looks[1]) for kind, looks in said.items()}


def row_facts(seen: Seen) -> dict[str, Any]:
    """Fields of SiteRow."""
    plan, said = seen.site.plan, seen.standing
    code, name = seen.unit or (None, None)
    inside = plan.outline.representative_point()
    shares = ("as_of", "seen_on", "planned", "low", "share", "high")
    return {
        "site_id": plan.site_id,
        "name": seen.name,
        "kind": plan.kind,
        "unit_code": code,
        "unit_name": name,
        "capacity_mw": plan.capacity_mw,
        "mounting": stated_mounting(plan),
        "country": plan.country or None,
        "area_ha": round(seen.site.area_ha, 4),
        "complete_due": next(each.due for each in plan.milestones if each.kind is MilestoneKind.COMPLETE),
        "facility": seen.facility,
        "standing": standing_of(seen),
        "unseen_because": None if said is None else said["unseen_because"],
        **{field: None if said is None else said[field] for field in shares},
        **_milestones(seen),
        "alerts": seen.alerts,
        "ended_on": None if seen.ended_at is None else seen.ended_at.date(),
        "lon": round(inside.x, 6),
        "lat": round(inside.y, 6),
    }


def _milestones(seen: Seen) -> dict[str, Any]:
    """Which are reached, and the first planned one that is not."""
    looks = between_looks(seen)
    reached = [kind for kind in MilestoneKind if looks.get(kind, (None, None))[1] is not None]
    ahead = [each for each in milestones_in_order(seen) if each.kind not in reached]
    return {"reached": reached, "next": NextMilestone(kind=ahead[0].kind, due=ahead[0].due) if ahead else None}
