"""Shapes that several pages of the office share."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from app.alerts.worklist.exposure import Basis, LoanPart
from app.alerts.worklist.listing import Listed
from app.api.answers import money
from app.api.schemas import Answer, Money
from app.db.tables.alert_kinds import AlertLevel, AlertScope, AlertStatus
from scoring.wording import Text


class BothNames(Answer):
    """What something is called in both languages."""

    en: str
    zh: str


class DeskLoan(Answer):
    """A parcel's part of one facility; amount null: not known."""

    facility_number: str
    basis: Basis = Field(description="Which amount of the facility it is a part of.")
    amount: Money | None
    plots: int = Field(description="Parcels that back the facility together.")


class DeskAlert(Answer):
    """An alert as a list has it; null: not known, or nobody."""

    number: int
    parcel_id: str
    unit: str | None
    cause: str
    season_id: str
    opened_on: date
    changed_on: date
    ended_on: date | None = Field(description="Day from which the imagery shows it no longer; null: it still does.")
    level: AlertLevel
    scope: AlertScope
    status: AlertStatus
    assigned_to: str | None
    stopped_on: date | None = Field(
        description="Day from which its energy site is watched no more, so that no watch will end it; null: none such."
    )
    severity: float | None
    probability: float | None
    at_risk: float | None
    exposure: Money | None
    expected_loss: Money | None
    loans: list[DeskLoan]


def names_of(text: Text) -> BothNames:
    """A text in both languages."""
    return BothNames(en=text.en, zh=text.zh)


def loan_answer(part: LoanPart) -> DeskLoan:
    """A part of a loan."""
    amount = money(part.amount_minor, part.currency)
    return DeskLoan(facility_number=part.facility_number, basis=part.basis, amount=amount, plots=part.plots)


def alert_answer(alert: Listed) -> DeskAlert:
    """An alert of the list."""
    stands, currency = alert.standing, alert.currency
    return DeskAlert(
        number=alert.number,
        parcel_id=alert.parcel_id,
        unit=alert.unit,
        cause=alert.cause,
        season_id=alert.season_id,
        opened_on=alert.opened_on,
        changed_on=stands.changed_on,
        ended_on=stands.ended_on,
        level=stands.level,
        scope=stands.scope,
        status=stands.status,
        assigned_to=alert.assigned_to,
        stopped_on=alert.stopped_on,
        severity=stands.severity,
        probability=stands.probability,
        at_risk=alert.at_risk,
        exposure=None if currency is None else money(alert.exposure_minor, currency),
        expected_loss=None if currency is None else money(alert.expected_loss_minor, currency),
        loans=[loan_answer(part) for part in alert.loans],
    )
