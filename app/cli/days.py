"""Days on the command line that must not be to come."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

from app.cli.run import day
from geo.errors import InputError

_FURTHEST: Final = timedelta(hours=14)  # the first place on earth where a day begins


def past_day(text: str | None, option: str) -> date | None:
    """Day that an option names, today or before; None where it is not given; InputError for any other."""
    if text is None:
        return None
    named, now = day(text, option), datetime.now(UTC)
    if named > (now + _FURTHEST).date():
        raise InputError(
            "AS_OF_AHEAD", f"{option} {named} lies after today, {now.date()}.", "Name today or a day before."
        )
    return named
