"""A bank of two branches with a run of parcels: two of the first branch, two of the second, the others of nobody."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import Connection, Engine, insert, select, update

from app.db.engine import writing
from app.db.loading import load_run
from app.db.tables import Alert, AlertEvent, OrgUnit, Parcel, Watch
from tests.app.db.made_up import made_up_run

NOW = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
DAY = date(2026, 11, 20)
HASH = "ab" * 32
UNITS = {"head": 1, "north": 2, "south": 3}


def build_bank(engine: Engine) -> None:
    """Units head, north and south; parcels p000 to p005 of run-1, of which p005 has no outline."""
    load_run(engine, *made_up_run("run-1").tables, now=NOW)
    kinds = {"head": "head_office", "north": "branch", "south": "branch"}
    with writing(engine) as connection:
        for code, number in UNITS.items():
            parent = None if code == "head" else UNITS["head"]
            unit = {"id": number, "code": code, "name": code, "kind": kinds[code], "parent_id": parent}
            connection.execute(insert(OrgUnit).values(**unit, valid_from=NOW, recorded_at=NOW))
        for code, names in {"north": ("p000", "p001"), "south": ("p002", "p003")}.items():
            connection.execute(update(Parcel).where(Parcel.parcel_id.in_(names)).values(org_unit_id=UNITS[code]))


def watch(connection: Connection, run_id: str = "run-1") -> None:
    """A watch of a run that found nothing."""
    row = {"id": "watch-1", "run_id": run_id, "as_of": DAY, "season_id": "2018-10-01/2019-10-31", "rules_id": "r"}
    hashes = {"rules_hash": HASH, "inputs_hash": HASH}
    connection.execute(insert(Watch).values(**row, **hashes, code_version="0", counts={}, recorded_at=NOW))


def alert(connection: Connection, parcel_id: str, level: str, cause: str = "flood", *, ended: bool = False) -> None:
    """An alert of a parcel, with its first line of history."""
    row = {
        "key": f"{parcel_id}/{cause}",
        "parcel_id": parcel_id,
        "cause": cause,
        "season_id": "2018-10-01/2019-10-31",
        "level": level,
        "scope": "own",
        "opened_on": DAY,
        "changed_on": DAY,
        "ended_on": DAY if ended else None,
        "status": "open",
        "run_id": "run-1",
        "rules_id": "r",
        "rules_hash": HASH,
        "recorded_at": NOW,
    }
    connection.execute(insert(Alert).values(row))
    number = connection.scalars(select(Alert.id).where(Alert.key == row["key"])).one()
    said = {"kind": "opened", "happened_on": DAY, "level": level, "evidence": {}, "watch_id": "watch-1"}
    connection.execute(insert(AlertEvent).values(alert_id=number, **said, recorded_at=NOW))
