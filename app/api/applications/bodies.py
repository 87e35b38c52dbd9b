"""What clients send about applications. `version` is that of the page they saw; amounts are decimal strings."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from app.api.access.schemas import MOST_NUMBER, Asked
from app.book.applications.drafting import MOST_PLOTS
from app.db.tables.kinds import BureauOutcome, ConsentPurpose, LandBasis, LandKind, PartyKind
from geo.area import UNITS

_NoNul = r"^[^\x00]*$"
Name = Annotated[str, Field(min_length=1, max_length=128, pattern=_NoNul)]
Amount = Annotated[str, Field(pattern=r"^\d{1,12}(\.\d{1,4})?$", description="Decimal string in whole units.")]
Area = Annotated[str, Field(pattern=r"^\d{1,7}(\.\d{1,6})?$", description="Decimal string.")]
AreaUnit = Annotated[str, Field(pattern=f"^({'|'.join(UNITS)})$")]
Text = Annotated[str, Field(max_length=2000, pattern=_NoNul)]
Version = Annotated[int, Field(ge=1, le=MOST_NUMBER)]
RowNumber = Annotated[int, Field(ge=1, le=MOST_NUMBER)]
SeasonId = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}/\d{4}-\d{2}-\d{2}$")]


class NewParty(Asked):
    """Somebody who is not in the book yet."""

    farmer_id: Name
    name: Name
    kind: PartyKind = PartyKind.PERSON
    phone: Annotated[str, Field(max_length=64, pattern=_NoNul)] | None = None
    address: Annotated[str, Field(max_length=500, pattern=_NoNul)] | None = None


class NewApplication(Asked):
    """Who borrows, and the policy that it is weighed by."""

    party_id: RowNumber
    policy_id: Name


class Seen(Asked):
    """Any change names the version that its page showed."""

    version: Version


class AskedFor(Seen):
    """What is asked for; what is left out stays."""

    policy_id: Name
    amount: Amount | None = None
    season_id: SeasonId | None = None


class PlotPlan(Asked):
    """A plot with one crop; without an area the whole plot."""

    parcel_id: Name
    cycle: Annotated[int, Field(ge=1, le=9)] = 1
    crop: Annotated[str, Field(min_length=1, max_length=64)]
    area: Area | None = None
    unit: AreaUnit = "ha"
    sowing_on: date | None = None
    harvest_on: date | None = None
    land_right_id: RowNumber | None = None


class PlotPlans(Seen):
    """All plots, in place of those so far."""

    plots: Annotated[list[PlotPlan], Field(max_length=MOST_PLOTS)]


class NewConsent(Seen):
    """What the borrower agreed to, and the signed paper where there is one."""

    purpose: ConsentPurpose
    text_version: Name
    language: Annotated[str, Field(pattern="^[a-z]{2}$")]
    expires_on: date | None = None
    paper_id: RowNumber | None = None


class BureauReport(Seen):
    """What the credit bureau answered; amounts that were not said are left out, never 0."""

    outcome: BureauOutcome
    debt: Amount | None = None
    overdue: Amount | None = None
    as_of: date
    expires_on: date | None = None
    paper_id: RowNumber | None = None


class Capacity(Seen):
    """What the household can repay in a year, as the officer reckons."""

    amount: Amount


class NewRight(Seen):
    """A certificate or lease of the borrower."""

    basis: LandBasis
    kind: LandKind
    starts_on: date
    ends_on: date | None = None
    area: Area | None = None
    unit: AreaUnit = "ha"


class Noted(Seen):
    """A change with a note: kept for good, so it names nobody."""

    note: Text


class Signed(Seen):
    """What the core system says of the signed contract."""

    number: Name
    starts_on: date
    ends_on: date
    revolving: bool = False


class Draw(Seen):
    """A draw-down."""

    amount: Amount


def decimal_of(text: str | None) -> Decimal | None:
    """The number of a decimal string."""
    return None if text is None else Decimal(text)
