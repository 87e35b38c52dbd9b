"""The visits of a week as one person takes them along: where to go, what to look for, and who may come too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from shapely.geometry.base import BaseGeometry
from sqlalchemy import ColumnElement, Connection, Select, select

from app.alerts.reach import unit_of_parcel
from app.alerts.visits.positions import outline_at
from app.alerts.visits.rounds import in_rounds, way_m
from app.alerts.visits.way import At
from app.alerts.words import WHOLE_PARCEL
from app.alerts.worklist.candidates import RulesAtHand
from app.alerts.worklist.workflow import WORKING
from app.book.decisions.people import Person
from app.book.villages import InVillage
from app.db.listed import listed_numbers
from app.db.rows import Row
from app.db.tables import Alert, OrgUnit, Parcel, User, Village, Visit, VisitList, VisitTask
from app.db.tables.alert_kinds import AlertLevel, AlertScope, DrawnBy, VisitOutcome
from scoring.alerts.rules import AlertRules
from scoring.wording import Text

#: A list that is older than this is over.
LIST_DAYS: Final = 28
#: Rules whose causes a form offers where no task names any.
_USUAL_RULES: Final = "growth-1"
#: Crockford's base 32: no letter in it is taken for another or for a figure; the last five signs only check.
_SIGNS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U"


@dataclass(frozen=True, slots=True)
class TaskAlert:
    """An alert as it stands now: number, key of its cause, level, scope, days when it opened and last changed."""

    number: int
    cause: str
    level: AlertLevel
    scope: AlertScope
    opened_on: date
    changed_on: date


@dataclass(frozen=True, slots=True)
class WeekTask:
    """One parcel of a week's list.

    Attributes:
        code: short code that stands on its sheet, with a sign that checks it.
        list_unit: code of the unit whose list it is on.
        rank: its place there.
        parcel_id: the parcel.
        village: where the parcel lies; None: not known.
        unit: code and name of the parcel's unit; None: of no unit.
        drawn: how it came on the list.
        done: whether somebody who got there has told of it.
        alert: what it is about; None: drawn by chance.
        title: of the alert's cause; None: without an alert, or its rules are not at hand.
        looks_for: what to look for.
        outline: of the parcel now (EPSG:4326); None without one.
    """

    code: str
    list_unit: str
    rank: int
    parcel_id: str
    village: InVillage | None
    unit: tuple[str, str] | None
    drawn: DrawnBy
    done: bool
    alert: TaskAlert | None
    title: Text | None
    looks_for: Text
    outline: BaseGeometry | None


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who may be the second officer: login, name, and codes of the units that they reach."""

    login: str
    display_name: str
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WeekAlong:
    """A week's visits within somebody's reach, as rounds.

    Attributes:
        week: its Monday; None: no list is drawn.
        tasks: in the order in which to drive.
        causes: names of causes by key.
        colleagues: who may come too.
        way_m: length of the rounds of what is left, see app.alerts.visits.rounds.way_m.
    """

    week: date | None
    tasks: Sequence[WeekTask]
    causes: Mapping[str, Text]
    colleagues: Sequence[Colleague]
    way_m: float | None


def week_along(
    connection: Connection,
    reach: ColumnElement[bool],
    person: Person,
    now: datetime,
    *,
    week: date | None = None,
    rules: RulesAtHand | None = None,
) -> WeekAlong:
    """The visits of a week, or of the newest list of the last four weeks.

    Args:
        connection: reads.
        reach: condition on Parcel: what the person sees.
        person: who takes them along.
        now: instant; outlines are those of it.
        week: Monday of the week; None: the newest.
        rules: alert rules at hand.
    """
    rules = RulesAtHand() if rules is None else rules
    monday = week or _newest(connection, reach, now.date())
    rows = [] if monday is None else _rows(connection, reach, monday)
    done = _done(connection, [row["id"] for row in rows])
    tasks = [_task(connection, row, row["id"] in done, rules, now) for row in rows]
    used = [rules(row["rules_id"]) for row in rows if row["alert_id"] is not None]
    places = _places(connection)
    ordered = in_rounds(tasks, places)
    causes = cause_titles([*used, rules(_USUAL_RULES)])
    return WeekAlong(monday, ordered, causes, _colleagues(connection, person), way_m(ordered, places))


def short_code(number: int) -> str:
    """A number in Crockford's base 32 with the sign that checks it: 1234 is "16J-D"."""
    figures, rest = "", number
    while rest or not figures:
        rest, figure = divmod(rest, 32)
        figures = _SIGNS[figure] + figures
    return f"{figures}-{_SIGNS[number % 37]}"


def _tasks(reach: ColumnElement[bool]) -> Select[date]:
    return (
        select(VisitList.week)
        .join(VisitTask, VisitTask.list_id == VisitList.id)
        .join(Parcel, Parcel.parcel_id == VisitTask.parcel_id)
        .where(reach)
    )


def _newest(connection: Connection, reach: ColumnElement[bool], day: date) -> date | None:
    span = (VisitList.week <= day, VisitList.week > day - timedelta(days=LIST_DAYS))
    found: date | None = connection.scalar(_tasks(reach).where(*span).order_by(VisitList.week.desc()).limit(1))
    return found


def _rows(connection: Connection, reach: ColumnElement[bool], week: date) -> list[Row]:
    """Tasks of a week; a parcel that two lists ask for stands there once."""
    about = (Alert.cause, Alert.level, Alert.scope, Alert.opened_on, Alert.changed_on, Alert.rules_id)
    own = (VisitTask.id, VisitTask.rank, VisitTask.parcel_id, VisitTask.alert_id, VisitTask.drawn)
    units = {unit.id: (unit.code, unit.name) for unit in _units(connection)}
    where = (Village.code.label("village_code"), Village.name.label("village"), unit_of_parcel().label("unit_id"))
    wanted = (
        _tasks(reach)
        .outerjoin(Alert, Alert.id == VisitTask.alert_id)
        .outerjoin(Village, Village.code == Parcel.village_code)
        .where(VisitList.week == week)
    )
    columns = wanted.with_only_columns(*own, *about, VisitList.org_unit_id, *where)
    found: dict[str, Row] = {}
    for row in connection.execute(columns.order_by(VisitList.id, VisitTask.rank)).mappings():
        named = dict(row) | {"list_unit": units[row["org_unit_id"]][0], "unit": units.get(row["unit_id"])}
        found.setdefault(row["parcel_id"], named)
    return list(found.values())


def _done(connection: Connection, tasks: Sequence[int]) -> frozenset[int]:
    wanted = select(Visit.task_id).where(
        Visit.task_id.in_(listed_numbers(connection, tasks)), Visit.outcome != VisitOutcome.NOT_REACHED
    )
    return frozenset(number for number in connection.scalars(wanted) if number is not None)


def _task(connection: Connection, row: Row, done: bool, rules: RulesAtHand, now: datetime) -> WeekTask:
    at_hand = None if row["alert_id"] is None else rules(row["rules_id"])
    rule = None if at_hand is None else at_hand.causes.get(row["cause"])
    return WeekTask(
        code=short_code(row["id"]),
        list_unit=row["list_unit"],
        rank=row["rank"],
        parcel_id=row["parcel_id"],
        village=None if row["village"] is None else InVillage(row["village_code"], row["village"]),
        unit=row["unit"],
        drawn=row["drawn"],
        done=done,
        alert=None if row["alert_id"] is None else _alert(row),
        title=None if rule is None else rule.title,
        looks_for=WHOLE_PARCEL if rule is None else rule.looks_for,
        outline=outline_at(connection, row["parcel_id"], now),
    )


def _alert(row: Row) -> TaskAlert:
    return TaskAlert(row["alert_id"], row["cause"], row["level"], row["scope"], row["opened_on"], row["changed_on"])


def cause_titles(used: Iterable[AlertRules | None]) -> dict[str, Text]:
    """Titles of causes by key, of those rules that are at hand."""
    return {key: rule.title for rules in used if rules is not None for key, rule in rules.causes.items()}


def _units(connection: Connection) -> Sequence[Any]:
    return connection.execute(select(OrgUnit.id, OrgUnit.parent_id, OrgUnit.code, OrgUnit.name)).all()


def _places(connection: Connection) -> dict[str, At]:
    """Where units are, of those whose place is known."""
    rows = connection.execute(select(OrgUnit.code, OrgUnit.longitude, OrgUnit.latitude))
    return {code: (lon, lat) for code, lon, lat in rows if lon is not None and lat is not None}


def _colleagues(connection: Connection, person: Person) -> list[Colleague]:
    """People who reach something of what a person reaches: of the own unit, of those above it and of those below."""
    rows = _units(connection)
    codes, parents = {row.id: row.code for row in rows}, {row.id: row.parent_id for row in rows}
    above = {row.id: set(_upward(row.id, parents)) for row in rows}
    own = next(number for number, code in codes.items() if code == person.unit)
    below = [number for number in codes if own in above[number]]
    wanted = select(User.login, User.display_name, User.org_unit_id).where(
        User.active, User.role.in_(WORKING), User.id != person.id
    )
    found = [
        Colleague(login, name, tuple(sorted(codes[number] for number in below if unit in above[number])))
        for login, name, unit in connection.execute(wanted.order_by(User.login))
    ]
    return [each for each in found if each.units]


def _upward(number: int, parents: Mapping[int, int | None]) -> Iterator[int]:
    """A unit and all above it."""
    at: int | None = number
    while at is not None:
        yield at
        at = parents[at]
