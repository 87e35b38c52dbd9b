"""Counts and sums of the book against those of the last loan file of each source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, func, select

from app.db.tables import Facility, LoanAccount, LoanImport

#: Sums that the book can give again: of accounts, and of the facilities behind them.
_OF_ACCOUNTS: Final = ("principal", "outstanding", "overdue")
_OF_LINES: Final = (("sanctioned", Facility.limit_minor), ("drawing", Facility.drawing_minor))


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that is not the file's.

    Attributes:
        currency: of the figure.
        figure: loans, outstanding_minor, outstanding_unknown, ...
        file: as the last file had it; None: it had none.
        book: as the book has it.
    """

    currency: str
    figure: str
    file: int | None
    book: int | None


@dataclass(frozen=True, slots=True)
class Reconciled:
    """A source beside its last file.

    Attributes:
        source: whose files they are.
        as_of: day of the last one.
        loans: that it held.
        differences: none where the book gives it again.
    """

    source: str
    as_of: date
    loans: int
    differences: tuple[Difference, ...]


def reconcile(connection: Connection) -> tuple[Reconciled, ...]:
    """Every source in the order of their names, against the last file that was imported of it."""
    last: dict[str, Any] = {}
    rows = connection.execute(select(LoanImport.__table__).order_by(LoanImport.as_of, LoanImport.id)).mappings()
    for row in rows:
        last[row["source"]] = row
    return tuple(_reconciled(connection, last[source]) for source in sorted(last))


def _reconciled(connection: Connection, row: Any) -> Reconciled:
    found = _book(connection, row["source"])
    said: dict[str, dict[str, int | None]] = row["totals"]
    differences = [
        Difference(currency, figure, said.get(currency, {}).get(figure), found.get(currency, {}).get(figure))
        for currency in sorted(set(said) | set(found))
        for figure in found.get(currency, said.get(currency, {}))
        if said.get(currency, {}).get(figure) != found.get(currency, {}).get(figure)
    ]
    return Reconciled(row["source"], row["as_of"], row["loans"], tuple(differences))


def _book(connection: Connection, source: str) -> dict[str, dict[str, int | None]]:
    sums: list[ColumnElement[Any]] = [func.count()]
    for name in _OF_ACCOUNTS:
        column = getattr(LoanAccount, f"{name}_minor")
        sums += [func.sum(column), func.count(column)]
    for _, column in _OF_LINES:
        sums += [func.sum(column), func.count(column)]
    rows = connection.execute(
        select(LoanAccount.currency, *sums)
        .outerjoin(Facility, Facility.id == LoanAccount.facility_id)
        .where(LoanAccount.source == source, LoanAccount.valid_to.is_(None))
        .group_by(LoanAccount.currency)
    )
    return {currency: _figures(loans, figures) for currency, loans, *figures in rows}


def _figures(loans: int, figures: list[Any]) -> dict[str, int | None]:
    names = (*_OF_ACCOUNTS, *(name for name, _ in _OF_LINES))
    said: dict[str, int | None] = {"loans": loans}
    for place, name in enumerate(names):
        whole, known = figures[2 * place], figures[2 * place + 1]
        said |= {f"{name}_minor": None if whole is None else int(whole), f"{name}_unknown": loans - known}
    return said
