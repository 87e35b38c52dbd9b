"""Loans that fall due or are overdue as of a day, each beside what was seen of its crop."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection, func, or_, select

from app.alerts.loans.plot_crops import Term, known_crops
from app.alerts.reach import units_below
from app.book.loans.imports import day_start
from app.book.loans.positions import holds
from app.book.refresh.facts import Moment
from app.db.listed import listed_numbers
from app.db.rows import chunked
from app.db.tables import ContractPlot, Drawdown, Facility, LoanAccount, Party, Role, Sublimit
from app.db.tables.kinds import RoleKind
from geo.errors import InputError
from scoring.lending.stages import Account, LoanCrop, Stage, loan_crop, loan_stage
from scoring.pack_relief import Collection
from scoring.pack_schema import Pack
from scoring.wording.stages import STAGES

#: Areas of a plot in the order in which one stands for it.
_AREAS: Final = ("contracted_area_ha", "measured_area_ha", "certified_area_ha", "net_area_ha")


@dataclass(frozen=True, slots=True)
class LoanAtStage:
    """A loan that falls due or is overdue.

    Attributes:
        account_number: of the core system.
        facility_number: of its contract.
        farmer_id: of the borrower; None where not known.
        currency: ISO 4217.
        outstanding_minor: None where not known.
        due_on: None where not known.
        told_on: day of the file that the account's figures come from.
        stage: where it stands.
        crop: what was seen of its crop.
    """

    account_number: str
    facility_number: str
    farmer_id: str | None
    currency: str
    outstanding_minor: int | None
    due_on: date | None
    told_on: date
    stage: Stage
    crop: LoanCrop

    def text(self, language: str) -> str:
        """What was seen and what a person may do next, in "en" or "zh"."""
        said = STAGES[self.stage.code]
        facts = {"on": self.crop.on, "due_on": self.due_on, "harvest_on": self.crop.harvest_on}
        return (said.en if language == "en" else said.zh).format_map(facts)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON; days are ISO, amounts minor units, null is not known."""
        return {
            "account_number": self.account_number,
            "facility_number": self.facility_number,
            "farmer_id": self.farmer_id,
            "currency": self.currency,
            "outstanding_minor": self.outstanding_minor,
            "due_on": _iso(self.due_on),
            "told_on": self.told_on.isoformat(),
            "overdue": self.stage.overdue,
            "days": self.stage.days,
            "reminder": self.stage.reminder,
            "code": self.stage.code,
            "path": str(self.stage.path),
            "crop": str(self.crop.state),
            "crop_on": _iso(self.crop.on),
            "harvest_on": _iso(self.crop.harvest_on),
            "plots": {str(state): count for state, count in self.crop.plots.items()},
            "en": self.text("en"),
            "zh": self.text("zh"),
        }


def loan_stages(
    connection: Connection,
    moment: Moment,
    pack: Pack,
    *,
    unit: str | None = None,
    markers: pd.DataFrame | None = None,
    facility: str | None = None,
) -> list[LoanAtStage]:
    """Loans that fall due within the pack's reminders or are overdue, those overdue longest first.

    Args:
        connection: database; it is read only.
        moment: the local day, and the instant by which people had done what counts.
        pack: the bank's policy, with [collection].
        unit: code of a unit; loans of borrowers of it and of units below it, and of borrowers of no unit.
        markers: of scoring.seasons.field_marks, beside the database.
        facility: number of a contract; only its loans.

    Raises:
        InputError: the pack has no [collection], or there is no such unit.
    """
    collection = _collection(pack)
    units = None if unit is None else units_below(connection, unit)
    accounts = _accounts(connection, moment.day, collection, units, facility)
    plots = _plots(connection, sorted({row["line"] for row in accounts}), moment.day)
    parcels = [parcel for own in plots.values() for parcel in own]
    known = known_crops(connection, parcels, moment.day, moment.at, markers)
    found = []
    for row in accounts:
        own = plots.get(row["line"], {})
        term = Term(row["opened_on"], row["due_on"])
        crop = loan_crop(known.crop_of(parcel, area, term) for parcel, area in own.items())
        stage = loan_stage(Account(row["due_on"], row["days_overdue"]), crop, collection, moment.day)
        if stage is not None:
            found.append(_at_stage(row, stage, crop))
    return sorted(found, key=_order)


def _collection(pack: Pack) -> Collection:
    if pack.collection is None:
        raise InputError(
            "COLLECTION_NONE", f"The policy {pack.id!r} does not say when loans are called to mind.",
            "See [collection] in docs/policy.md.",
        )  # fmt: skip
    return pack.collection


def _accounts(
    connection: Connection, day: date, collection: Collection, units: Sequence[int] | None, facility: str | None
) -> list[Mapping[Any, Any]]:
    """Live accounts that may be at a stage, with their contract and borrower, once each."""
    after = day_start(day) + timedelta(days=1)
    account = LoanAccount
    line = func.coalesce(account.facility_id, Sublimit.facility_id).label("line")
    borrower = (
        select(Role.facility_id, func.min(Role.party_id).label("party_id"))
        .where(Role.kind == RoleKind.BORROWER, holds(Role, after))
        .group_by(Role.facility_id)
        .subquery()
    )
    wanted = (
        select(account.__table__, line, Facility.number, Party.farmer_id)
        .outerjoin(Drawdown, Drawdown.id == account.drawdown_id)
        .outerjoin(Sublimit, Sublimit.id == Drawdown.sublimit_id)
        .join(Facility, Facility.id == line)
        .outerjoin(borrower, borrower.c.facility_id == Facility.id)
        .outerjoin(Party, Party.id == borrower.c.party_id)
        .where(holds(account, after), or_(account.outstanding_minor.is_(None), account.outstanding_minor > 0))
        .where(or_(account.due_on <= day + timedelta(days=max(collection.remind_days)), account.days_overdue > 0))
        .order_by(account.account_number)
    )
    if units is not None:
        wanted = wanted.where(or_(Party.org_unit_id.is_(None), Party.org_unit_id.in_(units)))
    if facility is not None:
        wanted = wanted.where(Facility.number == facility)
    return list(connection.execute(wanted).mappings())


def _plots(connection: Connection, lines: Sequence[int], day: date) -> dict[int, dict[str, float]]:
    """Area (ha) of each parcel by contract; all count alike where one of a contract has none."""
    plot = ContractPlot
    found: dict[int, dict[str, float | None]] = defaultdict(dict)
    for chunk in chunked(lines):
        rows = connection.execute(
            select(plot.__table__)
            .where(plot.facility_id.in_(listed_numbers(connection, chunk)))
            .where(holds(plot, day_start(day) + timedelta(days=1)))
            .order_by(plot.id)
        ).mappings()
        for row in rows:
            area = next((row[name] for name in _AREAS if row[name]), None)
            found[row["facility_id"]][row["parcel_id"]] = area
    return {line: _weights(own) for line, own in found.items()}


def _weights(areas: Mapping[str, float | None]) -> dict[str, float]:
    known = all(area is not None for area in areas.values())
    return {parcel: float(area) if known and area is not None else 1.0 for parcel, area in areas.items()}


def _at_stage(row: Mapping[Any, Any], stage: Stage, crop: LoanCrop) -> LoanAtStage:
    names = ("account_number", "farmer_id", "currency", "outstanding_minor", "due_on")
    said = {name: row[name] for name in names}
    return LoanAtStage(**said, facility_number=row["number"], told_on=row["as_of"], stage=stage, crop=crop)


def _order(loan: LoanAtStage) -> tuple[bool, int, str]:
    days = loan.stage.days or 0
    return not loan.stage.overdue, -days if loan.stage.overdue else days, loan.account_number


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
