"""What a portfolio is looked at through: a day, a person's part of the book, and what rows are grouped by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement

from app.book.loans.imports import day_start


class By(StrEnum):
    """What a portfolio is grouped by.

    BRANCH: unit of the parcel, of contracts that of the borrower.
    CROP: best guess of the newest run, where the parcel is decided.
    STATUS: whether a run decided the parcel, and if not why.
    CLASS: class of the loan, as the core system says.
    PRODUCT: of the contract.
    """

    BRANCH = "branch"
    CROP = "crop"
    STATUS = "status"
    CLASS = "class"
    PRODUCT = "product"


@dataclass(frozen=True, slots=True)
class Cut:
    """Part of the book as of a day.

    Attributes:
        day: local day; runs made, accounts told, decisions taken and alerts opened by it count.
        ends: instant at which that day ends, or the present of today: what was recorded by then counts.
        parcels: condition on Parcel.
        facilities: condition on Facility.
    """

    day: date
    ends: datetime
    parcels: ColumnElement[bool]
    facilities: ColumnElement[bool]

    @property
    def told(self) -> datetime:
        """End of the book-keeping day (app.book.loans.imports.day_start): rows that hold before it count."""
        return day_start(self.day) + timedelta(days=1)
