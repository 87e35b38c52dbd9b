"""Sums of a portfolio: one row per group, amounts by currency and never across."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import CTE, Connection, Integer, case, cast, func, literal, select

from app.book.portfolio.contracts import Contracts, add_contracts, contracts_of, plots_of
from app.book.portfolio.cuts import By, Cut
from app.book.portfolio.graves import grave_parcels
from app.book.portfolio.ground import ground, key_of
from app.book.portfolio.groups import Group, Groups, whole
from app.book.portfolio.parts import parts_of
from app.db.listed import listed


def portfolio(connection: Connection, cut: Cut, by: By) -> list[Group]:
    """Groups of a cut, the one of no key last."""
    groups, graves = Groups(), grave_parcels(connection, cut)
    if by in (By.CROP, By.STATUS):
        _by_parcel(connection, groups, cut, by, graves)
    else:
        contracts = contracts_of(connection, cut)
        plots = plots_of(connection, cut, contracts.lines)
        if by is By.BRANCH:
            _by_parcel(connection, groups, cut, by, graves)
        else:
            _by_contract(connection, groups, cut, _keys(contracts, plots, by), frozenset(graves))
        alerted = frozenset(graves)
        add_contracts(groups, contracts, by, {line for parcel, line in plots if parcel in alerted})
    return sorted(groups.found.values(), key=lambda each: (each.key is None, each.key))


def _by_parcel(connection: Connection, groups: Groups, cut: Cut, by: By, graves: Sequence[str]) -> None:
    """Groups by what the parcels themselves have, added up by the database."""
    land = ground(connection, cut)
    key = key_of(land, by)
    alerted = case((land.c.parcel_id.in_(listed(connection, graves)), 1), else_=0) if graves else literal(0)
    counts = select(key, func.count(), func.sum(land.c.area_ha), func.sum(cast(alerted, Integer))).group_by(key)
    for name, count, area, grave in connection.execute(counts):
        group = groups.of(name)
        group.parcels, group.area_ha, group.at_risk = count, float(area or 0.0), int(grave or 0)
    _amounts(connection, groups, cut, land, by)


def _amounts(connection: Connection, groups: Groups, cut: Cut, land: CTE, by: By) -> None:
    key, parts = key_of(land, by), parts_of(cut)
    sums = func.sum(parts.c.proposed), func.sum(parts.c.decided), func.sum(parts.c.visit)
    wanted = select(key, parts.c.currency, *sums).select_from(land).join(parts, parts.c.parcel_id == land.c.parcel_id)
    for name, currency, proposed, decided, visits in connection.execute(wanted.group_by(key, parts.c.currency)):
        amounts = groups.money(name, currency)
        amounts.proposed, amounts.decided = whole(proposed), whole(decided)
        groups.of(name).needs_visit += int(visits)


def _keys(contracts: Contracts, plots: Iterable[tuple[str, int]], by: By) -> dict[str, set[str | None]]:
    """Groups of each parcel that backs a contract: it counts once in each."""
    of_line = contracts.keys(by)
    found: dict[str, set[str | None]] = {}
    for parcel, line in plots:
        found.setdefault(parcel, set()).update(of_line.get(line, ()))
    return found


def _by_contract(
    connection: Connection, groups: Groups, cut: Cut, keys: Mapping[str, set[str | None]], graves: frozenset[str]
) -> None:
    """Groups by what contracts have, over the parcels that back them."""
    land, parts = ground(connection, cut), parts_of(cut)
    reached = set()
    for parcel, area in connection.execute(select(land.c.parcel_id, land.c.area_ha)):
        reached.add(parcel)
        for key in keys.get(parcel, ()):
            group = groups.of(key)
            group.parcels += 1
            group.area_ha += area or 0.0
            group.at_risk += parcel in graves
    for row in connection.execute(select(parts)).mappings():
        for key in keys.get(row["parcel_id"], ()) if row["parcel_id"] in reached else ():
            _add_part(groups, key, row)


def _add_part(groups: Groups, key: str | None, row: Mapping[Any, Any]) -> None:
    amounts = groups.money(key, row["currency"])
    groups.of(key).needs_visit += row["visit"]
    if row["proposed"] is not None:
        amounts.proposed = (amounts.proposed or 0) + int(row["proposed"])
    if row["decided"] is not None:
        amounts.decided = (amounts.decided or 0) + int(row["decided"])
