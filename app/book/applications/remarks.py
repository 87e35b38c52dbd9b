"""Notes on applications: they are kept for good, so they name nobody."""

from __future__ import annotations

from sqlalchemy import Connection

from app.alerts.worklist.remarks import required_note
from app.book.applications.drafting import plots_of
from app.book.applications.files import Filed


def plain_note(connection: Connection, filed: Filed, text: str) -> str:
    """A note as it may be kept; InputError where there is none, or it names the borrower or somebody else's number."""
    parcels = [plot.parcel_id for plot in plots_of(connection, filed.id)]
    return required_note(connection, text, parcels, [filed.party_id])
