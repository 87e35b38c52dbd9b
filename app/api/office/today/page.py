"""Today, put together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from app.alerts.visits.along import WeekTask, week_along
from app.alerts.worklist.candidates import RulesAtHand
from app.alerts.worklist.listing import Listed, Wanted, list_alerts
from app.api.access.schemas import Unit
from app.api.office.desk import Desk
from app.api.office.naming import causes_of, village_name
from app.api.office.shapes import alert_answer
from app.api.office.today.claims import claims_due
from app.api.office.today.loans import maturing, overdue
from app.api.office.today.papers import papers_due
from app.api.office.today.schemas import LevelCounts, TodayAlerts, TodayPage, TodayVisit, TodayVisits
from app.api.office.today.waiting import waiting_limits
from app.db.tables.alert_kinds import AlertLevel

_FIRST: Final = 5
_RANKS: Final = {level: rank for rank, level in enumerate(AlertLevel)}


def today_page(desk: Desk, now: datetime) -> TodayPage:
    """What matters to a person on their day; now: instant of the outlines and the week's list."""
    rules = RulesAtHand()
    live = list_alerts(desk.connection, Wanted(unit=desk.unit), desk.day, rules=rules).alerts
    levels = _levels(live)
    return TodayPage(
        day=desk.day,
        alerts=_alerts(live, rules),
        overdue=overdue(desk, levels),
        maturing=maturing(desk, levels),
        claims=claims_due(desk, live),
        papers=papers_due(desk),
        proposals=waiting_limits(desk),
        visits=_visits(desk, now, rules),
    )


def _alerts(live: Sequence[Listed], rules: RulesAtHand) -> TodayAlerts:
    counts = Counter(each.standing.level for each in live)
    return TodayAlerts(
        by_level=LevelCounts(**{str(level): count for level, count in counts.items()}),
        unassigned=sum(each.assigned_to is None for each in live),
        causes=causes_of(rules, live),
        first=[alert_answer(each) for each in live[:_FIRST]],
    )


def _levels(live: Sequence[Listed]) -> Mapping[str, AlertLevel]:
    """Highest level of live alerts by parcel."""
    rising = sorted(live, key=lambda each: _RANKS[each.standing.level])
    return {each.parcel_id: each.standing.level for each in rising}


def _visits(desk: Desk, now: datetime, rules: RulesAtHand) -> TodayVisits | None:
    monday = desk.day - timedelta(days=desk.day.weekday())
    person, reach = desk.signed.person, desk.scope.parcels()
    along = week_along(desk.connection, reach, person, now, week=monday, rules=rules)
    if not along.tasks:
        return None
    year, week, _ = monday.isocalendar()
    return TodayVisits(week=f"{year}-W{week:02d}", tasks=[_visit(task) for task in along.tasks], way_m=along.way_m)


def _visit(task: WeekTask) -> TodayVisit:
    alert = task.alert
    return TodayVisit(
        rank=task.rank,
        parcel_id=task.parcel_id,
        list_unit=task.list_unit,
        village=village_name(task.village),
        unit=None if task.unit is None else Unit(code=task.unit[0], name=task.unit[1]),
        alert=None if alert is None else alert.number,
        level=None if alert is None else alert.level,
        drawn_by=task.drawn,
        done=task.done,
    )
