"""Groups of a portfolio as they fill: amounts by currency and never across."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Amounts:
    """Sums of one currency in minor units; None: nothing of it is known here.

    Attributes:
        sanctioned: of contracts.
        outstanding: of accounts, those where it is known.
        overdue: likewise.
        at_risk: outstanding of contracts that a parcel with a grave alert backs.
        proposed: parts of proposals that wait.
        decided: parts of the last approval of each subject.
        unknown: accounts whose outstanding amount is not known.
    """

    sanctioned: int | None = None
    outstanding: int | None = None
    overdue: int | None = None
    at_risk: int | None = None
    proposed: int | None = None
    decided: int | None = None
    unknown: int = 0


@dataclass(slots=True)
class Group:
    """One row of a portfolio.

    Attributes:
        key: unit, crop, state, class or product; None: of none.
        parcels: how many.
        area_ha: their area, hectares, of those where it is known.
        at_risk: parcels with a live alert of warning or action.
        needs_visit: parcels of proposals that ask for a visit.
        facilities: contracts; None where parcels are grouped by what contracts have not.
        accounts: likewise.
        amounts: by currency.
    """

    key: str | None
    parcels: int = 0
    area_ha: float = 0.0
    at_risk: int = 0
    needs_visit: int = 0
    facilities: int | None = None
    accounts: int | None = None
    amounts: dict[str, Amounts] = field(default_factory=dict)


class Groups:
    """Groups as they fill."""

    def __init__(self) -> None:
        """None yet."""
        self.found: dict[str | None, Group] = {}

    def of(self, key: str | None) -> Group:
        """The group of a key."""
        return self.found.setdefault(key, Group(key))

    def money(self, key: str | None, currency: str) -> Amounts:
        """Its amounts of a currency."""
        return self.of(key).amounts.setdefault(currency, Amounts())


def whole(amount: Any) -> int | None:
    """Sum as Python's integer: PostgreSQL gives decimals."""
    return None if amount is None else int(amount)
