"""One site as its newest watch left it, with its plan and open alerts: for the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any, Final

from sqlalchemy import Connection, select

from app.db.tables import Alert, EnergySite, Parcel, Run, SiteStanding, Watch
from app.db.tables.alert_kinds import AlertStatus
from app.sites.plans import PlannedSite, planned_sites
from app.sites.stops import KnownStop, stops_of
from geo.errors import InputError
from geo.sites import SITES_SEASON
from scoring.sites.plan import MilestoneKind

_NEAR: Final = 3
_OVER: Final = (AlertStatus.CLOSED, AlertStatus.FALSE_ALARM)
_SAID: Final = ("as_of", "seen_on", "planned", "low", "share", "high", "standing", "milestones", "detail")


@dataclass(frozen=True, slots=True)
class ShownSite:
    """A site.

    Attributes:
        site: as it is planned.
        stops: spans in which it was not watched, the earliest first.
        standing: of its newest watch: columns of SiteStanding, run_id, rules_id and simulated; None before a watch.
        alerts: alerts of sites that are seen and not closed: id, cause, level, opened_on, changed_on.
    """

    site: PlannedSite
    stops: Sequence[KnownStop]
    standing: Mapping[str, Any] | None
    alerts: Sequence[Mapping[str, Any]]

    @property
    def stop(self) -> KnownStop | None:
        """The stop that no resumption ended; None: it is watched."""
        return next((each for each in self.stops if each.resumed_at is None), None)

    def milestones(self) -> list[dict[str, Any]]:
        """Planned milestones in order: kind, due, draws, and the looks (after, by) between which each was reached."""
        reached = {} if self.standing is None else self.standing["milestones"]
        order = list(MilestoneKind)
        return [
            {"kind": str(one.kind), "due": one.due, "draws": one.draws}
            | dict(zip(("after", "by"), reached.get(one.kind) or (None, None), strict=True))
            for one in sorted(self.site.plan.milestones, key=lambda each: order.index(each.kind))
        ]

    def as_dict(self) -> dict[str, Any]:
        """JSON of it."""
        standing = None
        if self.standing is not None:
            names = ("watch_id", "run_id", "rules_id", "simulated", *_SAID)
            standing = {name: _plain(self.standing[name]) for name in names if name != "milestones"}
        return {
            **self.site.as_dict(),
            "watched": self.stop is None,
            "stops": [each.as_dict() for each in self.stops],
            "standing": standing,
            "milestones": [{name: _plain(value) for name, value in one.items()} for one in self.milestones()],
            "alerts": [{name: _plain(value) for name, value in alert.items()} for alert in self.alerts],
        }


def show_site(connection: Connection, site_id: str, now: datetime, as_of: date | None = None) -> ShownSite:
    """A site as of its newest watch, or of the newest up to a day.

    Raises:
        InputError: there is no such site.
    """
    found = planned_sites(connection, now, Parcel.parcel_id == site_id, "all")
    if not found:
        raise _unknown(connection, site_id)
    stops = stops_of(connection, site_id)
    return ShownSite(found[0], stops, _standing(connection, site_id, as_of), _alerts(connection, site_id))


def _unknown(connection: Connection, site_id: str) -> InputError:
    known = connection.scalars(select(EnergySite.parcel_id)).all()
    near = get_close_matches(site_id, known, n=_NEAR, cutoff=0.5)
    remedy = f"Near it: {', '.join(near)}." if near else "`acreline sites list` shows all."
    return InputError("SITE_UNKNOWN", f"There is no site {site_id!r}.", remedy)


def _standing(connection: Connection, site_id: str, as_of: date | None) -> dict[str, Any] | None:
    wanted = (
        select(SiteStanding.__table__, Watch.run_id, Watch.rules_id, Run.simulated)
        .join(Watch, Watch.id == SiteStanding.watch_id)
        .join(Run, Run.run_id == Watch.run_id)
        .where(SiteStanding.parcel_id == site_id)
        .order_by(SiteStanding.as_of.desc(), Watch.recorded_at.desc(), Watch.id)
        .limit(1)
    )
    if as_of is not None:
        wanted = wanted.where(SiteStanding.as_of <= as_of)
    row = connection.execute(wanted).mappings().one_or_none()
    return None if row is None else dict(row)


def _alerts(connection: Connection, site_id: str) -> list[dict[str, Any]]:
    wanted = (
        select(Alert.id, Alert.cause, Alert.level, Alert.opened_on, Alert.changed_on)
        .where(Alert.parcel_id == site_id, Alert.season_id == SITES_SEASON.id)
        .where(Alert.ended_on.is_(None), Alert.status.not_in(_OVER))
        .order_by(Alert.cause, Alert.opened_on)
    )
    return [dict(row) for row in connection.execute(wanted).mappings()]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
