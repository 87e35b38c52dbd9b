"""Last days of notice to insurers for many alerts at once; what stands beside one alert is in of_alert."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, func, or_, select, union

from app.alerts.loans.context import COVER_KINDS
from app.book.loans.imports import day_start
from app.book.loans.positions import holds
from app.db.listed import listed_numbers
from app.db.tables import Alert, ContractPlot, Insurance, InsuranceClaim, Role, Run
from app.db.tables.kinds import RoleKind
from scoring.lending.claim_notice import Loss, claim_notice
from scoring.pack_schema import Pack


@dataclass(frozen=True, slots=True)
class Deadline:
    """Notice to be given of a loss: number of the alert, its parcel and cause, the first last day of its policies."""

    alert: int
    parcel_id: str
    cause: str
    last_day: date


def deadlines(
    connection: Connection, alerts: Sequence[int], day: date, pack_of: Callable[[str], Pack | None]
) -> list[Deadline]:
    """Alerts whose loss is to be reported under a policy without a claim, by their last day, in one query.

    Args:
        connection: database; it is read only.
        alerts: numbers of alerts.
        day: local day as of which it is told; what the book was told of it or before counts.
        pack_of: pack of an id; None where it is not at hand. That of the run in which an alert was seen speaks.
    """
    first: dict[int, Deadline] = {}
    packs: dict[str, Pack | None] = {}
    for row in connection.execute(_covered(connection, alerts, day)):
        if row.policy_id not in packs:
            packs[row.policy_id] = pack_of(row.policy_id)
        last = _last_day(row, packs[row.policy_id], day)
        known = first.get(row.id)
        if last is not None and (known is None or last < known.last_day):
            first[row.id] = Deadline(row.id, row.parcel_id, row.cause, last)
    return sorted(first.values(), key=lambda each: (each.last_day, each.alert))


def _last_day(row: Any, pack: Pack | None, day: date) -> date | None:
    if pack is None or pack.claims is None:
        return None
    loss = Loss(row.cause, known_on=row.opened_on, seen_on=row.event_on)
    notice = claim_notice(pack.claims, loss, day, insurer=row.insurer, kind=str(row.kind))
    return None if notice is None else notice.last_day


def _covered(connection: Connection, alerts: Sequence[int], day: date) -> Select[*tuple[Any, ...]]:
    """Alerts with each insurer and kind of cover that holds on the day of the loss and has no claim."""
    after = day_start(day) + timedelta(days=1)
    happened = func.coalesce(Alert.event_on, Alert.opened_on)
    claimed = select(InsuranceClaim.id).where(InsuranceClaim.insurance_id == Insurance.id, holds(InsuranceClaim, after))
    pairs = union(*_pairs(connection, alerts, after)).subquery()
    return (
        select(Alert.id, Alert.parcel_id, Alert.cause, Alert.opened_on, Alert.event_on, Run.policy_id)
        .add_columns(Insurance.insurer, Insurance.kind)
        .join(pairs, pairs.c.alert_id == Alert.id)
        .join(Insurance, Insurance.id == pairs.c.insurance_id)
        .join(Run, Run.run_id == Alert.run_id)
        .where(Run.policy_id.is_not(None), ~claimed.exists())
        .where(or_(Insurance.starts_on.is_(None), Insurance.starts_on <= happened))
        .where(or_(Insurance.ends_on.is_(None), Insurance.ends_on >= happened))
        .distinct()
    )


def _pairs(connection: Connection, alerts: Sequence[int], after: datetime) -> Iterator[Select[int, int]]:
    """Alerts and policies of their parcels, else of contracts that those back, else of the contracts' borrowers."""
    pair = (
        select(Alert.id.label("alert_id"), Insurance.id.label("insurance_id"))
        .where(Alert.id.in_(listed_numbers(connection, alerts)), Insurance.kind.in_(COVER_KINDS))
        .where(holds(Insurance, after))
    )
    # Not IS NULL: SQLite would begin with that index, which most policies stand in, rather than with the alerts.
    plot, whole = ContractPlot, func.coalesce(Insurance.parcel_id, "") == ""
    personal = and_(whole, func.coalesce(Insurance.facility_id, 0) == 0)
    backs = and_(plot.parcel_id == Alert.parcel_id, holds(plot, after))
    borrows = and_(Role.facility_id == plot.facility_id, Role.kind == RoleKind.BORROWER, holds(Role, after))
    yield pair.join(Insurance, Insurance.parcel_id == Alert.parcel_id)
    yield pair.join(plot, backs).join(Insurance, and_(Insurance.facility_id == plot.facility_id, whole))
    yield (
        pair.join(plot, backs).join(Role, borrows).join(Insurance, and_(Insurance.party_id == Role.party_id, personal))
    )
