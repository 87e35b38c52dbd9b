"""What was seen of the crops of plots as of a day: alerts, ends of stands, stands, and when a harvest is expected."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

import pandas as pd
from sqlalchemy import Connection, select

from app.alerts.loans.standing import StandingAlert, standing_alerts, visited, withdrawn
from app.book.loans.imports import day_start
from app.book.loans.positions import holds
from app.db.listed import listed
from app.db.rows import chunked
from app.db.tables import CropCycle, Run, SeasonObservation
from app.db.tables.alert_kinds import AlertLevel, AlertScope, VisitOutcome
from app.db.tables.kinds import CropOrigin
from geo.season import parse_season
from scoring.growth.markers.marker import OK
from scoring.lending.stages import FAILING, CropState, PlotCrop
from scoring.seasons.earlier import UNCROPPED

_TELLING: Final = (AlertLevel.WARNING, AlertLevel.ACTION)
_BORNE_OUT: Final = (VisitOutcome.CONFIRMED, VisitOutcome.PARTLY)
_FAILED: Final = {
    AlertScope.OWN: CropState.FAILED_OWN,
    AlertScope.REGIONAL: CropState.FAILED_REGIONAL,
    AlertScope.UNCLEAR: CropState.FAILED_UNCLEAR,
}
#: Outcomes of the marker of the harvest that say that the stand has ended.
_ENDED: Final = ("on_time", "early", "late")
_STANDING: Final = {"sowing": ("sown", "late"), "canopy": ("closed",), "harvest": ("standing",)}


@dataclass(frozen=True, slots=True)
class Term:
    """The time in which a crop belongs to a loan.

    Attributes:
        opened_on: first day of the loan.
        due_on: last day; None where not known.
    """

    opened_on: date
    due_on: date | None


@dataclass(frozen=True, slots=True)
class _Stand:
    """A stand that was seen: its first day and, once it has ended, its last."""

    start: date
    end: date | None


@dataclass(slots=True)
class Known:
    """What is known of parcels by a day; keys are parcel ids.

    Attributes:
        day: the day.
        failures: alerts that mean a failed crop.
        stands: stands of runs, the newest run last.
        expected: days on which somebody expects a harvest.
        marked: states that markers of a watch tell, with their days.
    """

    day: date
    failures: dict[str, list[StandingAlert]] = field(default_factory=lambda: defaultdict(list))
    stands: dict[str, list[_Stand]] = field(default_factory=lambda: defaultdict(list))
    expected: dict[str, list[date]] = field(default_factory=lambda: defaultdict(list))
    marked: dict[str, tuple[CropState, date]] = field(default_factory=dict)

    def crop_of(self, parcel_id: str, area_ha: float, term: Term) -> PlotCrop:
        """The crop of a plot in the term of a loan."""
        stand = self._stand(parcel_id, term)
        state, on = self._seen(parcel_id, stand, term)
        failed = self._failure(parcel_id, term, on if state == CropState.HARVESTED else None)
        if failed is not None:
            state, on = _FAILED[failed.stands.scope], failed.happened_on
        start = term.opened_on if stand is None else stand.start
        harvest = min((each for each in self.expected.get(parcel_id, ()) if each >= start), default=None)
        return PlotCrop(parcel_id, area_ha, state, on, harvest)

    def _seen(self, parcel_id: str, stand: _Stand | None, term: Term) -> tuple[CropState, date | None]:
        if stand is not None and stand.end is not None:
            return CropState.HARVESTED, stand.end
        marked = self.marked.get(parcel_id)
        if marked is not None and marked[1] >= term.opened_on:
            return marked
        return (CropState.NOT_SEEN, None) if stand is None else (CropState.GROWING, stand.start)

    def _stand(self, parcel_id: str, term: Term) -> _Stand | None:
        """The latest stand that began in the term or before it and had not ended when it began."""
        last = min(self.day, term.due_on or self.day)
        own = [
            stand
            for stand in self.stands.get(parcel_id, ())
            if stand.start <= last and (stand.end is None or stand.end >= term.opened_on)
        ]
        return max(own, key=lambda stand: stand.start, default=None)

    def _failure(self, parcel_id: str, term: Term, harvested: date | None) -> StandingAlert | None:
        """The gravest failure of the term; one after the harvest is of another crop."""
        own = [
            alert
            for alert in self.failures.get(parcel_id, ())
            if alert.happened_on >= term.opened_on and (harvested is None or alert.happened_on <= harvested)
        ]
        return max(own, key=lambda alert: (_TELLING.index(alert.stands.level), alert.happened_on), default=None)


def known_crops(
    connection: Connection, parcels: Sequence[str], day: date, at: datetime, markers: pd.DataFrame | None = None
) -> Known:
    """What is known of the crops of parcels by a day.

    Args:
        connection: database; it is read only.
        parcels: any number.
        day: local day; what happened by then counts.
        at: instant of that day's end, for what people did with alerts.
        markers: of scoring.seasons.field_marks as of that day or before, beside the database.
    """
    known = Known(day)
    for chunk in chunked(sorted(set(parcels))):
        for alert in _failures(connection, chunk, day, at):
            known.failures[alert.parcel_id].append(alert)
        _add_stands(connection, chunk, known)
        _add_expected(connection, chunk, known)
    if markers is not None:
        _add_markers(markers, known)
    return known


def _failures(connection: Connection, parcels: Sequence[str], day: date, at: datetime) -> Iterable[StandingAlert]:
    """Alerts of warning or action that mean a failed crop, and that nobody found wrong.

    One that the imagery no longer shows counts where it lasted to the end of its season, or a visit bore it out: the
    others recovered.
    """
    found = [
        alert
        for alert in standing_alerts(connection, day, parcels)
        if alert.cause in FAILING and alert.stands.level in _TELLING and not alert.false_alarm
    ]
    numbers = [alert.alert_id for alert in found]
    seen, back = visited(connection, numbers, at), withdrawn(connection, numbers, day)
    for alert in found:
        end, outcome = alert.stands.ended_on, seen.get(alert.alert_id)
        lasted = end is None or (end > parse_season(alert.season_id).end and alert.alert_id not in back)
        if outcome is not VisitOutcome.NOT_CONFIRMED and (lasted or outcome in _BORNE_OUT):
            yield alert


def _add_stands(connection: Connection, parcels: Sequence[str], known: Known) -> None:
    """Stands of the newest run of each parcel and season."""
    seen = SeasonObservation
    rows = connection.execute(
        select(seen.parcel_id, Run.season_id, seen.run_id, seen.crop, seen.sos, seen.eos)
        .join(Run, Run.run_id == seen.run_id)
        .where(seen.parcel_id.in_(listed(connection, parcels)), seen.sos.is_not(None), seen.sos <= known.day)
        .order_by(Run.created_at, Run.run_id, seen.cycle)
    ).all()
    newest = {(parcel, season): run for parcel, season, run, *_ in rows}
    for parcel, season, run, crop, start, end in rows:
        if newest[parcel, season] == run and crop not in UNCROPPED and start is not None:
            known.stands[parcel].append(_Stand(start, end if end is not None and end <= known.day else None))


def _add_expected(connection: Connection, parcels: Sequence[str], known: Known) -> None:
    """Days of harvest that somebody stated: of a crop that a loan file declares the last day of its season."""
    cycle = CropCycle
    rows = connection.execute(
        select(cycle.parcel_id, cycle.harvest_on, cycle.origin, cycle.season_id)
        .where(cycle.parcel_id.in_(listed(connection, parcels)))
        .where(holds(cycle, day_start(known.day) + timedelta(days=1)))
    )
    for parcel, harvest, origin, season in rows:
        if harvest is not None:
            known.expected[parcel].append(harvest)
        elif origin is CropOrigin.DECLARED:
            known.expected[parcel].append(parse_season(season).end)


def _add_markers(markers: pd.DataFrame, known: Known) -> None:
    for row in markers[markers.status == OK].to_dict("records"):
        if row["marker"] == "harvest" and row["outcome"] in _ENDED and not pd.isna(row["event_date"]):
            known.marked[row["parcel_id"]] = (CropState.HARVESTED, row["event_date"])
        elif row["outcome"] in _STANDING.get(row["marker"], ()):
            known.marked.setdefault(row["parcel_id"], (CropState.GROWING, row["as_of"]))
    due = markers[(markers.marker == "harvest") & markers.expected_from.notna()]
    for parcel, expected in zip(due.parcel_id, due.expected_from, strict=True):
        known.expected[str(parcel)].append(expected)
