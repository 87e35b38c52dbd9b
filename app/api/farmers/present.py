"""The present day of an institution, and the policy that it works by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from app.api.office.desk import pack_at_hand
from app.book.refresh.facts import Moment
from app.db.tables import LimitBatch, Run
from scoring.pack_schema import Pack


@dataclass(frozen=True, slots=True)
class Present:
    """Today.

    Attributes:
        moment: local day by the calendar of the policy, and the instant.
        zone: of that calendar; UTC where no policy is at hand.
        pack: policy of the newest refresh, else of the newest run; None where neither is at hand.
    """

    moment: Moment
    zone: tzinfo
    pack: Pack | None


def present_of(connection: Connection, now: datetime, packs: Path | None) -> Present:
    """Today as the institution counts days.

    Args:
        connection: database.
        now: the instant.
        packs: folder of the bank's own policies.
    """
    pack = pack_at_hand(_policy(connection), packs)
    zone: tzinfo = UTC if pack is None or pack.calendar is None else ZoneInfo(pack.calendar.time_zone)
    return Present(Moment(now.astimezone(zone).date(), now), zone, pack)


def _policy(connection: Connection) -> str | None:
    batch = select(LimitBatch.policy_id).order_by(LimitBatch.recorded_at.desc(), LimitBatch.id).limit(1)
    run = select(Run.policy_id).where(Run.policy_id.is_not(None)).order_by(Run.created_at.desc(), Run.run_id).limit(1)
    return connection.scalar(batch) or connection.scalar(run)
