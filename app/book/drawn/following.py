"""What is asked of workers once parcels came in: their season from imagery, and the map's outlines made anew."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select

from app.book.drawn.registering import Giver
from app.db.tables import OrgUnit
from app.db.tables.office_kinds import JobKind
from app.queue.asking import Wanted, ask

#: Outlines are made for all that came in within this time.
_GATHERED: Final = timedelta(seconds=20)


def ask_for_season(connection: Connection, giver: Giver, now: datetime) -> int:
    """Number of the job that looks at all parcels of the unit that no run has seen as they are now."""
    wanted = Wanted(
        kind=JobKind.PARCELS_OBSERVE,
        asked={"unit": giver.unit},
        unique_key=f"season of {giver.unit}"[:128],
        org_unit_id=giver.unit_id,
        asked_by_id=giver.user_id,
        alike_running=False,
    )
    return ask(connection, wanted, now)


def ask_for_outlines(connection: Connection, giver: Giver, now: datetime) -> int:
    """Number of the job that makes the outlines that people of the unit, and of those above it, see."""
    wanted = Wanted(
        kind=JobKind.OUTLINES,
        asked={"units": _up_from(connection, giver.unit_id)},
        unique_key=f"outlines of {giver.unit}"[:128],
        org_unit_id=giver.unit_id,
        asked_by_id=giver.user_id,
        not_before=now + _GATHERED,
        alike_running=False,
    )
    return ask(connection, wanted, now)


def _up_from(connection: Connection, unit_id: int) -> list[str]:
    """Codes of a unit and of all above it."""
    codes: list[str] = []
    at: int | None = unit_id
    while at is not None:
        code, at = connection.execute(select(OrgUnit.code, OrgUnit.parent_id).where(OrgUnit.id == at)).one()
        codes.append(code)
    return codes
