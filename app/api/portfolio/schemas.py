"""What the page of the portfolio is drawn from."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from app.api.schemas import Answer, Money
from app.book.portfolio.cuts import By


class PortfolioMoney(Answer):
    """Sums of one currency; null: nothing of it is known for this group."""

    currency: str
    sanctioned: Money | None = Field(description="Of contracts; not told by class.")
    outstanding: Money | None = Field(description="Of accounts whose amount is known.")
    overdue: Money | None
    at_risk: Money | None = Field(description="Outstanding of contracts that a parcel with a grave alert backs.")
    proposed: Money | None = Field(description="Parts of proposals that wait.")
    decided: Money | None = Field(description="Parts of the last approval of each subject.")
    unknown: int = Field(description="Accounts whose outstanding amount is not known: not in the sums.")


class PortfolioGroup(Answer):
    """One row."""

    key: str | None = Field(description="Unit, crop, state, class or product; null: of none.")
    name: str | None = Field(description="Name of a unit; null for the others.")
    parcels: int
    area_ha: float
    at_risk: int = Field(description="Parcels with a live alert of warning or action.")
    needs_visit: int = Field(description="Parcels of proposals that ask for a visit.")
    facilities: int | None = Field(description="null where contracts have no such key.")
    accounts: int | None
    money: list[PortfolioMoney]


class Portfolio(Answer):
    """The book within the reach of who asks, as of a day. Sums are by currency and never across."""

    by: By
    day: date
    today: date
    groups: list[PortfolioGroup]
