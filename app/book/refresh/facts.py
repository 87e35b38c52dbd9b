"""What the database knew on a day of land, debts, capacities and approved amounts.

Whole tables are read at once: a book has a million parcels.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select, true

from app.book.parties.consents import held
from app.db.base import Temporal
from app.db.tables import (
    BureauCheck,
    Consent,
    ContractPlot,
    CreditSubject,
    Decision,
    DecisionParcel,
    LandRight,
    Party,
    RepaymentCapacity,
)
from app.db.tables.kinds import BureauOutcome, ConsentPurpose, Outcome
from geo.errors import DataError
from scoring.pack_schema import Pack

_APPROVED: Final = (Outcome.APPROVED, Outcome.REDUCED)
#: A bureau that has nothing on a person says that there is no debt; an adverse report without a sum does not.
_NO_DEBT: Final = (BureauOutcome.CLEAR, BureauOutcome.NO_RECORD)


@dataclass(frozen=True, slots=True)
class Moment:
    """A day as the bank saw it.

    Attributes:
        day: local day.
        at: what was recorded by this instant counts, and what held at it: the day's end, or the present of today.
    """

    day: date
    at: datetime


@dataclass(frozen=True, slots=True)
class BookFacts:
    """What the database knew.

    Attributes:
        land: one row per plot: parcel_id, farmer_id (of who has the right, None where not linked), basis,
            certified_area_ha (NaN where unknown).
        debts: farmer_id, other_debt_minor (Int64; missing where the bureau could not answer).
        capacities: farmer_id, household_capacity_minor.
        approved: the last approved or reduced decision of each subject: kind, subject_id, decision_id, amount_minor.
        approved_parcels: its parts: decision_id, parcel_id, amount_minor.
    """

    land: pd.DataFrame
    debts: pd.DataFrame
    capacities: pd.DataFrame
    approved: pd.DataFrame
    approved_parcels: pd.DataFrame


def moment_of(day: date, pack: Pack, now: datetime) -> Moment:
    """A local day by the pack's calendar, up to the present."""
    zone = ZoneInfo("UTC" if pack.calendar is None else pack.calendar.time_zone)
    end = datetime.combine(day + timedelta(days=1), time(), zone) - timedelta(microseconds=1)
    return Moment(day, min(end, now))


def read_facts(connection: Connection, moment: Moment, pack: Pack, only: str | None = None) -> BookFacts:
    """What the database knew on a day.

    Args:
        connection: database.
        moment: the day.
        pack: the policy.
        only: number of the one farmer who is asked about; None: the whole book.

    Raises:
        DataError: an amount is in another currency than the pack's.
    """
    approved = _approved(connection, moment, only)
    facts = BookFacts(
        land=_land(connection, moment, only),
        debts=_debts(connection, moment, only),
        capacities=_capacities(connection, moment, only),
        approved=approved,
        approved_parcels=_approved_parcels(connection, approved, only),
    )
    named = (("debt", facts.debts), ("repayment capacity", facts.capacities), ("approved amount", approved))
    for what, frame in named:
        _check_currency(frame, what, pack.currency.code)
    return facts


def holds(table: type[Temporal], moment: Moment) -> ColumnElement[bool]:
    """Whether a row was known and valid."""
    return and_(
        table.recorded_at <= moment.at,
        table.valid_from <= moment.at,
        or_(table.valid_to.is_(None), table.valid_to > moment.at),
    )


def _of(farmer: Any, only: str | None) -> ColumnElement[bool]:
    return true() if only is None else farmer == only


def _open_on(starts: Any, ends: Any, day: date) -> ColumnElement[bool]:
    return and_(starts <= day, or_(ends.is_(None), ends >= day))


def _vouched(table: Any, moment: Moment) -> ColumnElement[bool]:
    return and_(holds(table, moment), _open_on(table.as_of, table.expires_on, moment.day))


def _frame(connection: Connection, wanted: Select[*tuple[Any, ...]], columns: Iterable[str]) -> pd.DataFrame:
    return pd.DataFrame.from_records([tuple(row) for row in connection.execute(wanted)], columns=list(columns))


def _land(connection: Connection, moment: Moment, only: str | None) -> pd.DataFrame:
    plot, right = ContractPlot, LandRight
    wanted = (
        select(plot.parcel_id, Party.farmer_id, right.basis, plot.certified_area_ha, right.certified_area_ha, right.id)
        .join(right, right.id == plot.land_right_id)
        .join(Party, Party.id == right.party_id)
        .where(holds(plot, moment), _vouched(right, moment), _of(Party.farmer_id, only))
        .where(_open_on(plot.starts_on, plot.ends_on, moment.day))
        .where(_open_on(right.starts_on, right.ends_on, moment.day))
        .order_by(plot.id)
    )
    frame = _frame(connection, wanted, ("parcel_id", "farmer_id", "basis", "certified_area_ha", "whole_ha", "right"))
    alone = ~frame.right.duplicated(keep=False)  # a paper's own area is that of its plot where it names one
    area = frame.certified_area_ha.astype(float)
    frame["certified_area_ha"] = area.where(area.notna() | ~alone, frame.whole_ha.astype(float))
    return frame.drop(columns=["whole_ha", "right"]).astype({"basis": "str"})


def _debts(connection: Connection, moment: Moment, only: str | None) -> pd.DataFrame:
    check = BureauCheck
    agreed = and_(
        Consent.purpose == ConsentPurpose.BUREAU,
        Consent.recorded_at <= moment.at,
        held(moment.at, moment.day),
    )
    wanted = (
        select(Party.farmer_id, check.debt_minor, check.currency, check.outcome)
        .join(Party, Party.id == check.party_id)
        .join(Consent, Consent.id == check.consent_id)
        .where(Party.farmer_id.is_not(None), _of(Party.farmer_id, only), _vouched(check, moment), agreed)
        .order_by(check.as_of, check.recorded_at, check.id)
    )
    frame = _last(_frame(connection, wanted, ("farmer_id", "other_debt_minor", "currency", "outcome")))
    debt = frame.other_debt_minor.astype("Int64")
    frame["other_debt_minor"] = debt.where(debt.notna() | ~frame.outcome.isin(_NO_DEBT), 0)
    return frame


def _capacities(connection: Connection, moment: Moment, only: str | None) -> pd.DataFrame:
    said = RepaymentCapacity
    wanted = (
        select(Party.farmer_id, said.capacity_minor, said.currency)
        .join(Party, Party.id == said.party_id)
        .where(Party.farmer_id.is_not(None), _of(Party.farmer_id, only), _vouched(said, moment))
        .order_by(said.as_of, said.recorded_at, said.id)
    )
    frame = _last(_frame(connection, wanted, ("farmer_id", "household_capacity_minor", "currency")))
    return frame.astype({"household_capacity_minor": "Int64"})


def _approved(connection: Connection, moment: Moment, only: str | None) -> pd.DataFrame:
    wanted = (
        select(CreditSubject.kind, CreditSubject.subject_id, Decision.id, Decision.amount_minor, Decision.currency)
        .join(CreditSubject, CreditSubject.id == Decision.credit_subject_id)
        .where(Decision.outcome.in_(_APPROVED), Decision.recorded_at <= moment.at)
        .where(CreditSubject.subject_id.is_not(None), _of(CreditSubject.subject_id, only))
        .order_by(Decision.decided_at, Decision.id)
    )
    frame = _frame(connection, wanted, ("kind", "subject_id", "decision_id", "amount_minor", "currency"))
    frame = frame.drop_duplicates(["kind", "subject_id"], keep="last").reset_index(drop=True)
    return frame.astype({"kind": "str", "subject_id": "str", "decision_id": "int64", "amount_minor": "Int64"})


def _approved_parcels(connection: Connection, approved: pd.DataFrame, only: str | None) -> pd.DataFrame:
    part = DecisionParcel
    wanted = select(part.decision_id, part.parcel_id, part.amount_minor)
    if only is not None:
        wanted = wanted.where(part.decision_id.in_(approved.decision_id.tolist()))
    frame = _frame(connection, wanted, ("decision_id", "parcel_id", "amount_minor"))
    return frame[frame.decision_id.isin(approved.decision_id)].astype({"amount_minor": "Int64"})


def _last(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop_duplicates("farmer_id", keep="last").reset_index(drop=True)


def _check_currency(frame: pd.DataFrame, what: str, currency: str) -> None:
    others = frame.currency[frame.currency.notna() & (frame.currency != currency)]
    if len(others):
        raise DataError(
            "CURRENCY_DIFFERS",
            f"{len(others)} subjects have a {what} in {others.iloc[0]}, and the policy counts in {currency}.",
            "Correct those rows, or refresh with the policy of that currency.",
        )
