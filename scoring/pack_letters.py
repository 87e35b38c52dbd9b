"""What a pack says to those who get a letter: whose bank writes, and how to object."""

from __future__ import annotations

from datetime import date, timedelta

from pydantic import Field

from scoring.pack_values import Strict
from scoring.wording import Text


class Lender(Strict):
    """Who writes: the bank and the office that answers for the limit."""

    name: Text
    office: Text | None = None
    example: bool = False


class Objection(Strict):
    """How a farmer gets an explanation and a person's review, and where the right to them comes from.

    `right` says the right in plain words, `who` whom to turn to, `how` by which ways. An objection is in time within
    `days` after the day of the letter, and is answered within `answer_days`, where they are stated.
    """

    right: Text
    who: Text
    how: Text
    days: int = Field(ge=1, le=3650)
    answer_days: int | None = Field(default=None, ge=1, le=3650)
    cites: str
    example: bool = False

    def last_day(self, day: date) -> date:
        """Last day on which an objection to what was told on a day is in time, days of rest not regarded."""
        return day + timedelta(days=self.days)
