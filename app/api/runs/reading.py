"""Runs and watches of a person's part of the book, from the database and from the record that each run left in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, func, select

from app.api.access.scope import Scope
from app.api.runs.schemas import RunFailure, RunLine, RunOutput, RunPage, RunScene, WatchLine
from app.api.schemas import StatusCount
from app.artefacts.runs import RunShelf
from app.db.listed import listed
from app.db.tables import Alert, AlertEvent, Parcel, ParcelObservation, Run, Watch
from app.db.tables.alert_kinds import AlertEventKind
from geo.errors import InputError
from geo.sites import SITES_SEASON

_COLUMNS: Final = ("run_id", "season_id", "season_start", "season_end", "created_at", "policy_id", "policy_hash", "model_hash", "simulated")  # fmt: skip  # noqa: E501
#: Parameters of a run that are shown: none of them is a path.
_SHOWN: Final = ("catalog", "parcels", "season", "policy", "policy_in_force", "datum", "masking", "reflectance", "radar", "tiles", "model")  # fmt: skip  # noqa: E501


def runs_of(connection: Connection, scope: Scope, shelf: RunShelf, most: int) -> list[RunLine]:
    """Runs with parcels in a scope, the newest first."""
    wanted = select(Run.__table__).order_by(Run.created_at.desc(), Run.run_id)
    counts = _counts(connection, scope)
    rows = [row for row in connection.execute(wanted).mappings() if row["run_id"] in counts]
    return [_line(row, counts[row["run_id"]], shelf) for row in rows[:most]]


def run_page(connection: Connection, scope: Scope, shelf: RunShelf, run_id: str) -> RunPage:
    """A run.

    Raises:
        InputError: there is none of that id with parcels in the scope.
    """
    row = connection.execute(select(Run.__table__).where(Run.run_id == run_id)).mappings().one_or_none()
    counts = {} if row is None else _counts(connection, scope, run_id)
    if row is None or run_id not in counts:
        raise InputError("RUN_UNKNOWN", f"There is no run {run_id!r}.", "The list of runs names those there are.")
    record = row["record"]
    return RunPage(
        line=_line(row, counts[run_id], shelf),
        code_version=record.get("code_version", ""),
        parameters={name: _named(value) for name, value in record.get("parameters", {}).items() if name in _SHOWN},
        inputs=record.get("inputs", {}),
        scenes=[RunScene(**each) for each in record.get("scenes", ())],
        failures=[RunFailure(**each) for each in _reached(connection, scope, record.get("failures", ()))],
        outputs=_outputs(record.get("outputs", {}), shelf.find(run_id)),
    )


def watches_of(connection: Connection, scope: Scope, most: int) -> list[WatchLine]:
    """Watches over runs with parcels in a scope, the newest first, with what they found in the scope."""
    reached = {run: sum(each.count for each in counts) for run, counts in _counts(connection, scope).items()}
    wanted = select(Watch.__table__).where(Watch.run_id.in_(sorted(reached)))
    newest = wanted.order_by(Watch.as_of.desc(), Watch.recorded_at.desc(), Watch.id).limit(most)
    names = ("id", "run_id", "as_of", "season_id", "rules_id", "code_version", "recorded_at")
    rows = connection.execute(newest).mappings().all()
    found = _changes(connection, scope, [row["id"] for row in rows])
    return [
        WatchLine(**{name: row[name] for name in names}, parcels=reached[row["run_id"]], counts=found[row["id"]])
        for row in rows
    ]


def _changes(
    connection: Connection, scope: Scope, watches: Sequence[str]
) -> defaultdict[str, dict[AlertEventKind, int]]:
    """Lines that watches wrote into the history of alerts in a scope, by watch and kind."""
    wanted = (
        select(AlertEvent.watch_id, AlertEvent.kind, func.count())
        .join(Alert, Alert.id == AlertEvent.alert_id)
        .join(Parcel, Parcel.parcel_id == Alert.parcel_id)
        .where(AlertEvent.watch_id.in_(listed(connection, watches)), scope.parcels())
        .group_by(AlertEvent.watch_id, AlertEvent.kind)
        .order_by(AlertEvent.watch_id, AlertEvent.kind)
    )
    found: defaultdict[str, dict[AlertEventKind, int]] = defaultdict(dict)
    for watch, kind, count in connection.execute(wanted):
        found[str(watch)][kind] = count
    return found


def _counts(connection: Connection, scope: Scope, run_id: str | None = None) -> dict[str, list[StatusCount]]:
    """Parcels of a scope by run and state."""
    seen = ParcelObservation
    wanted = (
        select(seen.run_id, seen.status, func.count())
        .join(Parcel, Parcel.parcel_id == seen.parcel_id)
        .where(scope.parcels())
        .group_by(seen.run_id, seen.status)
        .order_by(seen.run_id, seen.status)
    )
    if run_id is not None:
        wanted = wanted.where(seen.run_id == run_id)
    found: dict[str, list[StatusCount]] = {}
    for run, status, count in connection.execute(wanted):
        found.setdefault(run, []).append(StatusCount(status=status, count=count))
    return found


def _reached(connection: Connection, scope: Scope, failures: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """Failures but those of parcels outside the scope: a run over sites names each site that it could not see."""
    subjects = sorted({each["subject"] for each in failures})
    outside = select(Parcel.parcel_id).where(Parcel.parcel_id.in_(listed(connection, subjects)), ~scope.parcels())
    hidden = set(connection.scalars(outside))
    return [each for each in failures if each["subject"] not in hidden]


def _line(row: RowMapping, counts: list[StatusCount], shelf: RunShelf) -> RunLine:
    record: Mapping[str, Any] = row["record"]
    return RunLine(
        **{name: row[name] for name in _COLUMNS},
        parcels=sum(each.count for each in counts),
        by_status=counts,
        scenes=len(record.get("scenes", ())),
        failures=len(record.get("failures", ())),
        files=shelf.find(row["run_id"]) is not None,
        of_sites=row["season_id"] == SITES_SEASON.id,
    )


def _outputs(hashes: Mapping[str, str], folder: Path | None) -> list[RunOutput]:
    return [RunOutput(name=name, hash=digest, bytes=_size(folder, name)) for name, digest in sorted(hashes.items())]


def _size(folder: Path | None, name: str) -> int | None:
    file = None if folder is None else folder / name
    return file.stat().st_size if file is not None and file.is_file() else None


def _named(value: Any) -> Any:
    """A parameter without the folders that a path names: where files lie is nobody's business here."""
    return Path(value).name if isinstance(value, str) and value.startswith(("/", "~", "..")) else value
