"""What Today answers."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from app.api.access.schemas import Unit
from app.api.office.shapes import BothNames, DeskAlert
from app.api.schemas import Answer, Money, VillageName
from app.db.tables.alert_kinds import AlertLevel, DrawnBy


class LevelCounts(Answer):
    """Live alerts by level."""

    action: int = 0
    warning: int = 0
    watch: int = 0
    info: int = 0


class TodayAlerts(Answer):
    """Live alerts in figures, and those that deserve a visit first."""

    by_level: LevelCounts
    unassigned: int
    causes: dict[str, BothNames] = Field(description="Names of all causes that Today speaks of.")
    first: list[DeskAlert]


class LoanDue(Answer):
    """A loan account that is overdue or ends soon; days_left below 0: so many days ago."""

    facility_number: str
    parcel_id: str | None = Field(description="A parcel that backs it, the one with the highest alert first.")
    due_on: date
    days_left: int
    amount: Money | None = Field(description="Overdue amount, else what is owed; null: not known.")
    level: AlertLevel | None = Field(description="Highest level of a live alert on its parcels.")


class LoansDue(Answer):
    """The most pressing loans, and how many there are."""

    total: int
    lines: list[LoanDue]


class ClaimDue(Answer):
    """Notice to an insurer that has a last day."""

    alert: int
    parcel_id: str
    cause: str
    last_day: date
    days_left: int


class ClaimsDue(Answer):
    """The most pressing notices, and how many there are."""

    total: int
    lines: list[ClaimDue]


class PaperDue(Answer):
    """A paper that expires: a land right, a consent, an insurance policy or a paper of an application."""

    kind: BothNames
    subject: str = Field(description="Number of the farmer, policy or application; never a name.")
    parcel_id: str | None
    expires_on: date
    days_left: int


class PapersDue(Answer):
    """The papers that expire first, and how many there are."""

    total: int
    lines: list[PaperDue]


class WaitingLimit(Answer):
    """A limit that waits for a decision; null amounts: none stood, or none can be given."""

    number: int = Field(description="Of the proposal.")
    parcel_id: str | None
    subject: str
    before: Money | None
    to: Money | None
    proposed_by: str | None = Field(description="Login; null: a batch made it.")
    proposed_on: date


class WaitingLimits(Answer):
    """Limits that people asked for first, then the largest changes; and how many wait."""

    total: int
    lines: list[WaitingLimit]


class TodayVisit(Answer):
    """A parcel of the week's list."""

    rank: int
    parcel_id: str
    list_unit: str = Field(description="Code of the unit whose list it is on.")
    village: VillageName | None = Field(description="null where it is not known; the unit then stands for it.")
    unit: Unit | None = Field(description="null where the parcel is of no unit.")
    alert: int | None
    level: AlertLevel | None
    drawn_by: DrawnBy
    done: bool


class TodayVisits(Answer):
    """The visits of a week, within what the person sees."""

    week: str = Field(description="ISO week, like 2024-W24.")
    tasks: list[TodayVisit] = Field(description="In the order in which to drive.")
    way_m: float | None = Field(
        description="Metres as the crow flies of the rounds of what is left, each back to where it began; null: none."
    )


class TodayPage(Answer):
    """The first page of the office."""

    day: date
    alerts: TodayAlerts
    overdue: LoansDue
    maturing: LoansDue
    claims: ClaimsDue
    papers: PapersDue
    proposals: WaitingLimits
    visits: TodayVisits | None = Field(description="null: no list was drawn for the week.")
