"""The rows behind a portfolio, for a file: no names of people, and no numbers that stand for one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection, RowMapping, Select, select

from app.book.portfolio.contracts import Account, Line, contracts_of
from app.book.portfolio.cuts import Cut
from app.book.portfolio.graves import grave_parcels
from app.book.portfolio.ground import ground
from app.book.portfolio.parts import parts_of
from app.db.tables.kinds import LoanClass

#: Text, number, exact number, day, yes or no; None: not known.
Cell: TypeAlias = str | int | float | Decimal | date | bool | None
#: Amount in whole units of minor units and a currency.
Major: TypeAlias = Callable[[int, str], Decimal]


class Rows(StrEnum):
    """Lists that can be taken out."""

    PARCELS = "parcels"
    FACILITIES = "facilities"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table for a file.

    Attributes:
        title: name of the sheet.
        columns: names of the columns.
        rows: cells in their order; read once.
    """

    title: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Cell]]


PARCEL_COLUMNS: Final = (
    "parcel_id", "unit", "area_ha", "crop", "status", "grave_alert", "needs_visit", "currency", "proposed", "decided",
)  # fmt: skip
FACILITY_COLUMNS: Final = (
    "facility_number", "unit", "product", "status", "starts_on", "ends_on", "terms_in", "sanctioned",
    "accounts", "currency", "outstanding", "overdue", "days_overdue", "worst_class", "outstanding_unknown",
)  # fmt: skip
_CLASSES: Final = tuple(LoanClass)
_AT_ONCE: Final = 5_000


def rows_of(connection: Connection, cut: Cut, rows: Rows, major: Major) -> Sheet:
    """The list of a cut. It is read as it is written, so the connection stays open until then.

    Args:
        connection: database.
        cut: part of the book and day.
        rows: which list.
        major: amount in whole units from minor units and currency.
    """
    if rows is Rows.PARCELS:
        return Sheet(rows.value, PARCEL_COLUMNS, _parcels(connection, cut, major))
    return Sheet(rows.value, FACILITY_COLUMNS, _facilities(connection, cut, major))


def _parcels(connection: Connection, cut: Cut, major: Major) -> Iterator[Sequence[Cell]]:
    graves = frozenset(grave_parcels(connection, cut))
    land, parts = ground(connection, cut), parts_of(cut)
    wanted = (
        select(land, parts.c.currency, parts.c.proposed, parts.c.decided, parts.c.visit)
        .outerjoin(parts, parts.c.parcel_id == land.c.parcel_id)
        .order_by(land.c.parcel_id, parts.c.currency)
    )
    for row in _stream(connection, wanted):
        money = [_major(row[name], row["currency"], major) for name in ("proposed", "decided")]
        seen = [row[name] for name in ("parcel_id", "unit", "area_ha", "crop", "status")]
        yield [*seen, row["parcel_id"] in graves, bool(row["visit"]), row["currency"], *money]


def _facilities(connection: Connection, cut: Cut, major: Major) -> Iterator[Sequence[Cell]]:
    contracts = contracts_of(connection, cut)
    owed: dict[int, dict[str, list[Account]]] = {}
    for account in contracts.accounts:
        owed.setdefault(account.line, {}).setdefault(account.currency, []).append(account)
    for line in contracts.lines.values():
        for currency, accounts in owed.get(line.id, {line.currency: []}).items():
            yield [*_terms(line, major), *_owing(currency, accounts, major)]


def _terms(line: Line, major: Major) -> list[Cell]:
    said = [line.number, line.unit, line.product, str(line.status), line.starts_on, line.ends_on, line.currency]
    return [*said, _major(line.limit_minor, line.currency, major)]


def _owing(currency: str, accounts: Sequence[Account], major: Major) -> list[Cell]:
    """Sums of the accounts of a contract in one currency; unknown amounts are counted, never taken for zero."""
    known = [each.outstanding_minor for each in accounts if each.outstanding_minor is not None]
    overdue = [each.overdue_minor for each in accounts if each.overdue_minor is not None]
    days = max((each.days_overdue for each in accounts if each.days_overdue is not None), default=None)
    classes = [each.loan_class for each in accounts if each.loan_class is not None]
    worst = max(classes, key=_CLASSES.index, default=None)
    sums = [_major(sum(some), currency, major) if some else None for some in (known, overdue)]
    return [len(accounts), currency, *sums, days, None if worst is None else str(worst), len(accounts) - len(known)]


def _stream(connection: Connection, wanted: Select[*tuple[Any, ...]]) -> Iterator[RowMapping]:
    found = connection.execution_options(yield_per=_AT_ONCE).execute(wanted)
    yield from found.mappings()


def _major(minor: Any, currency: str | None, major: Major) -> Decimal | None:
    return None if minor is None or currency is None else major(int(minor), currency)
