"""Where the gate of a tranche gets its signs from: a run's markers and looks, and the alerts of a watch or the book."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.cli.institution import institution

if TYPE_CHECKING:
    from datetime import date

    from app.jobs.field_signs import MarkRequest
    from app.jobs.planned import SignsOf
    from geo.season import Season
    from scoring.replay import Record
    from scoring.seasons.field_signs import FieldSigns

#: What only markers and looks can confirm.
_BY_MARKERS: Final = ("ploughed", "canopy_closed")


def signs_for(day: date, marks: MarkRequest | None, watch: Path | None, database: str | None) -> SignsOf:
    """What growth monitoring tells by a day, once the season and the policy are known.

    Args:
        day: local day.
        marks: run whose markers and looks count where a tranche asks for them; None where none is named.
        watch: folder of a watch, whose alerts count; None: those of the database.
        database: as given on the command line; without one, and without a setting, no alert counts.
    """

    def signs_of(season: Season, record: Record) -> FieldSigns:
        from app.jobs.field_signs import run_signs

        found = _alerts(day, watch, database)
        if marks is None or not any(tranche.needs in _BY_MARKERS for tranche in record.pack.tranches):
            return found
        return found.also(run_signs(marks, season, day, datetime.now(UTC), _planned(record)))

    return signs_of


def _planned(record: Record) -> dict[str, str]:
    """Main planned crop of each parcel that has one."""
    rows = record.inputs.parcels.select(["parcel_id", "crop"]).to_pylist()
    return {row["parcel_id"]: row["crop"] for row in rows if row["crop"] is not None}


def _alerts(day: date, watch: Path | None, database: str | None) -> FieldSigns:
    from app.jobs.field_signs import watch_signs
    from scoring.seasons.field_signs import FieldSigns

    if watch is not None:
        return watch_signs(watch, day)
    return FieldSigns() if database is None and not _set() else _of_book(day, database)


def _of_book(day: date, database: str | None) -> FieldSigns:
    from app.alerts.loans.standing import own_action_alerts
    from scoring.seasons.field_signs import signs_of_alerts

    with institution(database) as engine, engine.connect() as connection:
        return signs_of_alerts(own_action_alerts(connection, day))


def _set() -> bool:
    from app.settings import load_settings

    return load_settings().database_url is not None
