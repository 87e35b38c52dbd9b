"""Notices to insurers that have a last day: of live alerts on parcels that a policy covers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from app.alerts.loans.deadlines import Deadline, deadlines
from app.alerts.worklist.listing import Listed
from app.api.office.desk import Desk, pack_at_hand
from app.api.office.today.schemas import ClaimDue, ClaimsDue

#: Days for which a notice that was missed is still shown.
_PASSED_DAYS: Final = 7
_SHOWN: Final = 10


def claims_due(desk: Desk, live: Sequence[Listed]) -> ClaimsDue:
    """Notices by their last day, those just missed too; one line for an alert, by its first last day."""
    numbers = [each.number for each in live]
    found = deadlines(desk.connection, numbers, desk.day, lambda policy: pack_at_hand(policy, desk.packs))
    due = [each for each in found if each.last_day >= desk.day - timedelta(days=_PASSED_DAYS)]
    return ClaimsDue(total=len(due), lines=[_line(desk, each) for each in due[:_SHOWN]])


def _line(desk: Desk, due: Deadline) -> ClaimDue:
    left = (due.last_day - desk.day).days
    return ClaimDue(alert=due.alert, parcel_id=due.parcel_id, cause=due.cause, last_day=due.last_day, days_left=left)
