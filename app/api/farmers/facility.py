"""One facility with what hangs on it and what backs it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping, or_, select
from sqlalchemy.orm import aliased

from app.alerts.loans.stages import LoanAtStage, loan_stages
from app.api.access.scope import Scope
from app.api.answers import decimal_text, money
from app.api.farmers.credit import guarantees_of, insurance_of, positions_of, unknown_position
from app.api.farmers.facility_schemas import (
    FacilityAccount,
    FacilityDrawdown,
    FacilityPage,
    FacilityParty,
    FacilityStage,
    FacilitySublimit,
)
from app.api.farmers.land import plots_of
from app.api.farmers.present import Present
from app.api.farmers.schemas import PlotOfContract
from app.api.schemas import Money
from app.book.loans.reach import unit_of_facility
from app.db.tables import ContractPlot, Drawdown, Facility, LoanAccount, OrgUnit, Parcel, Party, Role, Sublimit, User
from geo.errors import InputError

#: Rates are kept in millionths a year.
_PPM_PER_PERCENT = 4


def facility_row(connection: Connection, scope: Scope, number: str) -> RowMapping:
    """A facility of a scope.

    Raises:
        InputError: it is not there, or another branch's; the two are one to who asks.
    """
    unit = select(OrgUnit.code).where(OrgUnit.id == unit_of_facility()).scalar_subquery()
    wanted = select(Facility.__table__, unit.label("unit")).where(Facility.number == number, scope.facilities())
    row = connection.execute(wanted).mappings().one_or_none()
    if row is None:
        raise InputError("FACILITY_UNKNOWN", f"There is no facility {number!r}.", "Search for it by another number.")
    return row


def parties_of(connection: Connection, scope: Scope, facility_id: int) -> list[FacilityParty]:
    """Who has a part in a facility, those of the scope."""
    wanted = (
        select(Party.id, Party.farmer_id, Role.kind)
        .join(Role, Role.party_id == Party.id)
        .where(Role.facility_id == facility_id, Role.valid_to.is_(None), scope.parties())
        .order_by(Role.id)
    )
    return [
        FacilityParty(party_id=party, farmer_id=farmer, part=part) for party, farmer, part in connection.execute(wanted)
    ]


def facility_page(connection: Connection, scope: Scope, row: RowMapping, present: Present) -> FacilityPage:
    """Everything about a facility that a scope reaches."""
    number, own = row["number"], [row["id"]]
    names = ("number", "product", "status", "revolving", "starts_on", "ends_on", "unit")
    return FacilityPage(
        **{name: row[name] for name in names},
        as_of=present.moment.day,
        position=positions_of(connection, present.moment.day, own).get(number, unknown_position()),
        parties=parties_of(connection, scope, row["id"]),
        accounts=_accounts(connection, row["id"]),
        sublimits=_sublimits(connection, row["id"]),
        drawdowns=_drawdowns(connection, row["id"]),
        plots=_plots(connection, scope, row["id"]),
        guarantees=guarantees_of(connection, scope, own, None),
        insurance=insurance_of(connection, own, None),
        policy_id=None if present.pack is None else present.pack.id,
        stages=_stages(connection, number, present),
    )


def _accounts(connection: Connection, facility_id: int) -> list[FacilityAccount]:
    account = LoanAccount
    wanted = (
        select(account.__table__)
        .outerjoin(Drawdown, Drawdown.id == account.drawdown_id)
        .outerjoin(Sublimit, Sublimit.id == Drawdown.sublimit_id)
        .where(or_(account.facility_id == facility_id, Sublimit.facility_id == facility_id))
        .where(account.valid_to.is_(None))
        .order_by(account.account_number)
    )
    return [_account(row) for row in connection.execute(wanted).mappings()]


def _account(row: RowMapping) -> FacilityAccount:
    names = ("account_number", "product", "days_overdue", "loan_class", "opened_on", "due_on", "as_of")
    owed = ("principal", "outstanding", "overdue")
    amounts: dict[str, Any] = {name: money(row[f"{name}_minor"], row["currency"]) for name in owed}
    rate = row["rate_ppm"]
    percent = None if rate is None else f"{Decimal(rate).scaleb(-_PPM_PER_PERCENT):.2f}"
    return FacilityAccount(**{name: row[name] for name in names}, **amounts, rate_percent=percent)


def _sublimits(connection: Connection, facility_id: int) -> list[FacilitySublimit]:
    wanted = select(Sublimit.__table__).where(Sublimit.facility_id == facility_id, Sublimit.valid_to.is_(None))
    return [
        FacilitySublimit(purpose=row["purpose"], limit=_amount(row, "limit_minor"), drawable=row["drawable"])
        for row in connection.execute(wanted.order_by(Sublimit.id)).mappings()
    ]


def _drawdowns(connection: Connection, facility_id: int) -> list[FacilityDrawdown]:
    maker, checker = aliased(User), aliased(User)
    wanted = (
        select(Drawdown.__table__, Sublimit.purpose, maker.login.label("maker"), checker.login.label("checker"))
        .join(Sublimit, Sublimit.id == Drawdown.sublimit_id)
        .join(maker, maker.id == Drawdown.proposed_by_id)
        .outerjoin(checker, checker.id == Drawdown.approved_by_id)
        .where(Sublimit.facility_id == facility_id)
        .order_by(Drawdown.requested_at, Drawdown.id)
    )
    names = ("id", "purpose", "status", "requested_at", "paid_at")
    return [
        FacilityDrawdown(
            **{name: row[name] for name in names},
            amount=_amount(row, "amount_minor"),
            proposed_by=row["maker"],
            approved_by=row["checker"],
        )
        for row in connection.execute(wanted).mappings()
    ]


def _plots(connection: Connection, scope: Scope, facility_id: int) -> list[PlotOfContract]:
    """Plots within the scope: a parcel that another unit keeps is that unit's to show."""
    reached = select(Parcel.parcel_id).where(Parcel.parcel_id == ContractPlot.parcel_id, scope.parcels()).exists()
    return [
        plot for _, plot in plots_of(connection, (ContractPlot.facility_id == facility_id) & reached, "facility_id")
    ]


def _stages(connection: Connection, number: str, present: Present) -> list[FacilityStage] | None:
    if present.pack is None or present.pack.collection is None:
        return None
    return [_stage(each) for each in loan_stages(connection, present.moment, present.pack, facility=number)]


def _stage(loan: LoanAtStage) -> FacilityStage:
    said: dict[str, Any] = {language: loan.text(language) for language in ("en", "zh")}
    return FacilityStage(
        account_number=loan.account_number,
        overdue=loan.stage.overdue,
        days=loan.stage.days,
        code=loan.stage.code,
        crop=str(loan.crop.state),
        crop_on=loan.crop.on,
        harvest_on=loan.crop.harvest_on,
        **said,
    )


def _amount(row: RowMapping, name: str) -> Money:
    return Money(amount=decimal_text(row[name], row["currency"]), currency=row["currency"])
