"""Sums of the book as an answer, and as a sheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Final

from sqlalchemy import Connection, select

from app.api.answers import money
from app.api.portfolio.cutting import major
from app.api.portfolio.schemas import Portfolio, PortfolioGroup, PortfolioMoney
from app.book.portfolio.cuts import By, Cut
from app.book.portfolio.groups import Amounts, Group
from app.book.portfolio.rows import Cell, Sheet
from app.book.portfolio.sums import portfolio
from app.db.tables import OrgUnit

_AMOUNTS: Final = tuple(each.name for each in fields(Amounts) if each.name != "unknown")
_COUNTS: Final = ("parcels", "area_ha", "at_risk", "needs_visit", "facilities", "accounts")
_AREA_DIGITS: Final = 4


def portfolio_answer(connection: Connection, cut: Cut, by: By, today: date) -> Portfolio:
    """Groups with the names of units."""
    groups = portfolio(connection, cut, by)
    names = _unit_names(connection, groups) if by is By.BRANCH else {}
    return Portfolio(by=by, day=cut.day, today=today, groups=[_group(each, names) for each in groups])


def portfolio_sheet(connection: Connection, cut: Cut, by: By) -> Sheet:
    """One row per group and currency; counts stand in the first row of a group only, so that columns can be added."""
    columns = (by.value, *_COUNTS, "currency", *(_column(name) for name in _AMOUNTS), "outstanding_unknown")
    return Sheet("portfolio", columns, _rows(portfolio(connection, cut, by)))


def _rows(groups: Sequence[Group]) -> Iterator[Sequence[Cell]]:
    for group in groups:
        counts: list[Cell] = [getattr(group, name) for name in _COUNTS]
        sums_of: list[tuple[str | None, Amounts]] = [*sorted(group.amounts.items())] or [(None, Amounts())]
        for currency, amounts in sums_of:
            sums = [_exact(getattr(amounts, name), currency) for name in _AMOUNTS]
            yield [group.key, *counts, currency, *sums, amounts.unknown]
            counts = [None] * len(_COUNTS)


def _column(name: str) -> str:
    return "outstanding_at_risk" if name == "at_risk" else name


def _exact(minor: int | None, currency: str | None) -> Decimal | None:
    return None if minor is None or currency is None else major(minor, currency)


def _group(group: Group, names: Mapping[str, str]) -> PortfolioGroup:
    return PortfolioGroup(
        key=group.key,
        name=None if group.key is None else names.get(group.key),
        parcels=group.parcels,
        area_ha=round(group.area_ha, _AREA_DIGITS),
        at_risk=group.at_risk,
        needs_visit=group.needs_visit,
        facilities=group.facilities,
        accounts=group.accounts,
        money=[_money(currency, amounts) for currency, amounts in sorted(group.amounts.items())],
    )


def _money(currency: str, amounts: Amounts) -> PortfolioMoney:
    sums = {name: money(getattr(amounts, name), currency) for name in _AMOUNTS}
    return PortfolioMoney(currency=currency, unknown=amounts.unknown, **sums)


def _unit_names(connection: Connection, groups: Sequence[Group]) -> dict[str, str]:
    codes = [group.key for group in groups if group.key is not None]
    return {code: name for code, name in connection.execute(select(OrgUnit.code, OrgUnit.name).where(OrgUnit.code.in_(codes)))}  # fmt: skip  # noqa: C416,E501
