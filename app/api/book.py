"""The rows behind the answers: one loaded run in the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Engine, Row, Select, and_, case, func, or_, select

from app.db.migrate import check_current
from app.db.queries import get_parcel, get_run
from app.db.tables import CreditLimit, ParcelObservation
from app.db.tables.kinds import SubjectKind
from app.db.views import Box, ParcelDetail, RunDetail
from geo.errors import DataError, InputError
from geo.status import Status

Rows: TypeAlias = Sequence[Row[*tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class LimitSums:
    """Sums over the parcels of a run; amounts count the smallest unit of the currency.

    Attributes:
        parcels: rows of the run.
        area_ha: their area.
        with_amount: parcels that have an amount.
        amount_minor: sum of amounts; None where no parcel has one.
        low_minor: sum of lower ends.
        high_minor: sum of upper ends.
        needs_visit: parcels that somebody should see.
    """

    parcels: int
    area_ha: float
    with_amount: int
    amount_minor: int | None
    low_minor: int | None
    high_minor: int | None
    needs_visit: int


@dataclass(frozen=True, slots=True)
class Book:
    """One run of a database.

    Attributes:
        engine: the database.
        run: the run, which never changes once loaded.
        box: west, south, east, north of all outlines, degrees.
        currency: ISO 4217 code of all its amounts.
    """

    engine: Engine
    run: RunDetail
    box: Box
    currency: str

    def parcel(self, parcel_id: str) -> ParcelDetail:
        """All about one parcel; InputError PARCEL_UNKNOWN where the run has no such parcel."""
        found = get_parcel(self.engine, self.run.summary.run_id, parcel_id)
        if found is None:
            raise InputError("PARCEL_UNKNOWN", f"The run has no parcel {parcel_id!r}.", "Search for it by another id.")
        return found

    def states(self) -> Rows:
        """One row per parcel, ordered by parcel_id: what colours the map."""
        seen = ParcelObservation
        columns = (seen.parcel_id, seen.status, seen.crop, seen.crop_prob, seen.vigour_pct, seen.area_ha)
        return self._rows(
            select(*columns, CreditLimit.amount_minor, CreditLimit.needs_visit)
            .outerjoin(CreditLimit, self._its_limit())
            .where(seen.run_id == self.run.summary.run_id)
            .order_by(seen.parcel_id)
        )

    def crop_counts(self) -> list[tuple[str | None, int]]:
        """Best guesses with their number of parcels, the most frequent first; None for parcels without a guess."""
        seen, count = ParcelObservation, func.count()
        wanted = select(seen.crop, count).where(seen.run_id == self.run.summary.run_id).group_by(seen.crop)
        return [(crop, number) for crop, number in self._rows(wanted.order_by(count.desc(), seen.crop))]

    def sums(self) -> LimitSums:
        """Area and money of all parcels."""
        line, seen = CreditLimit, ParcelObservation
        ground = select(func.count(), func.sum(seen.area_ha)).where(seen.run_id == self.run.summary.run_id)
        money = select(
            func.count(line.amount_minor),
            func.sum(line.amount_minor),
            func.sum(line.low_minor),
            func.sum(line.high_minor),
            func.sum(case((line.needs_visit, 1), else_=0)),
        ).where(self._parcel_limits())
        parcels, area_ha = self._rows(ground)[0]
        with_amount, amount, low, high, needs_visit = self._rows(money)[0]
        return LimitSums(
            parcels=parcels,
            area_ha=float(area_ha or 0),
            with_amount=with_amount,
            amount_minor=_whole(amount),
            low_minor=_whole(low),
            high_minor=_whole(high),
            needs_visit=_whole(needs_visit) or 0,
        )

    def search(self, text: str, at_most: int) -> Rows:
        """Parcels whose parcel or farmer number holds a text, whatever the case."""
        seen, wanted = ParcelObservation, text.lower()
        holds = (func.lower(column).contains(wanted, autoescape=True) for column in (seen.parcel_id, seen.farmer_id))
        return self._rows(
            select(seen.parcel_id, seen.farmer_id, seen.status, seen.crop, seen.area_ha)
            .where(seen.run_id == self.run.summary.run_id, or_(*holds))
            .order_by(seen.parcel_id)
            .limit(at_most)
        )

    def status_counts(self) -> list[tuple[Status, int]]:
        """Statuses that occur with their number of parcels, in the order of Status."""
        return [(status, self.run.statuses[status]) for status in Status if status in self.run.statuses]

    def _rows(self, wanted: Select[*tuple[Any, ...]]) -> Rows:
        with self.engine.connect() as connection:
            return connection.execute(wanted).all()

    def _parcel_limits(self) -> Any:
        of_run = CreditLimit.run_id == self.run.summary.run_id
        return and_(of_run, CreditLimit.subject_kind == SubjectKind.PARCEL)

    def _its_limit(self) -> Any:
        return and_(self._parcel_limits(), CreditLimit.subject_id == ParcelObservation.parcel_id)


def _whole(total: object) -> int | None:
    """Sum of integers as one (PostgreSQL sums them as decimals); None for the sum of nothing."""
    return None if total is None else int(str(total))


def open_book(engine: Engine, run_id: str) -> Book:
    """The rows of a run.

    Raises:
        DataError: the database is not at this Acreline's revision, or the run has no outline or no limits.
        InputError: the run was never loaded.
    """
    check_current(engine)
    run = get_run(engine, run_id)
    if run is None:
        raise InputError("RUN_NOT_LOADED", f"The database does not hold run {run_id}.", "Run the season again.")
    with engine.connect() as connection:
        currency = connection.scalar(select(CreditLimit.currency).where(CreditLimit.run_id == run_id).limit(1))
    if run.box is None or currency is None:
        raise DataError("RUN_EMPTY", f"Run {run_id} has no outline or no limit to show.", "Check the parcels file.")
    return Book(engine, run, run.box, currency)
