"""A watch taken into the database: its row, alerts by key, and the lines of their histories that are new.

A watch of a later day adds what happened since. A watch of an earlier day than one on record, over parcels that both
have, is a replay: it is compared (app.alerts.watches.replaying) and nothing is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, select, update

from app.alerts.watches.evidence import Chips, evidence_of, taken_back
from app.alerts.watches.history import History
from app.db.listed import listed, listed_numbers
from app.db.rows import Row, chunked
from app.db.tables import Alert, AlertEvent, ParcelObservation, Watch
from app.db.tables.alert_kinds import AlertEventKind, AlertStatus
from geo.errors import InputError
from geo.sites import SITES_SEASON

#: Why a watch ends an alert that it does not find.
NOT_FOUND: Final = "not found again"
SEASON_OVER: Final = "its season is over"
FOUND_AGAIN: Final = "found again"
ROSE_AGAIN: Final = "rose after it was closed"

#: More withdrawn alerts than this, and than this share of those seen, are refused unless accepted.
_FEW: Final = 10
_SHARE: Final = 0.2

_CLOSED: Final = (AlertStatus.CLOSED, AlertStatus.FALSE_ALARM)
_PICTURED: Final = (AlertEventKind.OPENED, AlertEventKind.RAISED)
_Event = tuple[AlertEventKind, date]


@dataclass(frozen=True, slots=True)
class WatchRow:
    """What is recorded of a watch.

    Attributes:
        id: hash of all that it rests on.
        run_id: its run.
        as_of: its day.
        season_id: of the run.
        rules_id: of the alert rules.
        rules_hash: their content.
        inputs_hash: of what was known.
        code_version: of this program.
        causes: causes that it looked for: alerts of others are left as they are.
        unjudged: parcels of the run that it could not judge: their alerts are left as they are.
        counts: parcels and judged, by number.
        created_by: number of the user who asked; None: a timer.
        accept_withdrawals: withdraw alerts that are not found again, however many they are.
    """

    id: str
    run_id: str
    as_of: date
    season_id: str
    rules_id: str
    rules_hash: str
    inputs_hash: str
    code_version: str
    causes: frozenset[str]
    counts: Mapping[str, int]
    unjudged: frozenset[str] = frozenset()
    created_by: int | None = None
    accept_withdrawals: bool = False


@dataclass(slots=True)
class _Changes:
    """What is to be written, by what it is written to."""

    fresh: list[Row]
    ended: list[Row]
    changed: list[Row]
    events: list[Row]

    def counts(self) -> dict[str, int]:
        kinds = Counter(str(event["kind"]) for event in self.events)
        told = ("opened", "raised", "lowered", "ended", "withdrawn", "reopened")
        return {kind: kinds[kind] for kind in told}


def is_recorded(connection: Connection, watch_id: str) -> bool:
    """Whether a watch is on record."""
    return connection.scalar(select(Watch.id).where(Watch.id == watch_id)) is not None


def record_watch(
    connection: Connection, watch: WatchRow, history: History, chips: Mapping[str, Chips], now: datetime
) -> dict[str, int]:
    """Write a watch that is not on record and that none of a later day follows.

    Args:
        connection: transaction that writes; the run is in the database.
        watch: the watch.
        history: what it tells, of parcels of its run.
        chips: pictures by key of the alert.
        now: instant.

    Returns:
        The counts of its row: those given, and new lines of history by kind.

    Raises:
        InputError: it would withdraw more than a few of the alerts that are seen: other calendars or rules than the
            last time are likelier than that many errors.
    """
    known = _known_alerts(connection, watch)
    written = _known_events(connection, [row.id for row in known.values()])
    changes = _Changes([], [], [], [])
    _tell(changes, watch, history, chips, known, written, now)
    _take_back(changes, watch, history, known, written)
    counts = {**watch.counts, **changes.counts()}
    if not watch.accept_withdrawals:
        _refuse_many(counts["withdrawn"], sum(row.ended_on is None for row in known.values()))
    connection.execute(insert(Watch), [_watch_row(watch, counts, now)])
    _write(connection, watch, changes, now)
    return counts


def _refuse_many(withdrawn: int, seen: int) -> None:
    if withdrawn > max(_FEW, _SHARE * seen):
        raise InputError(
            "WATCH_WITHDRAWS",
            f"This watch would withdraw {withdrawn:,} of {seen:,} alerts that the last one saw.",
            "Name the calendars, rules and run of the last watch, or accept it with --accept-withdrawals.",
        )


def _known_alerts(connection: Connection, watch: WatchRow) -> dict[str, Any]:
    """Alerts of the run's parcels that a watch may touch, by key: those of its season, and any that is still seen.

    A parcel may be a site and a field at once: a watch of sites leaves alerts of crops as they are, and the reverse.
    """
    own = select(ParcelObservation.parcel_id).where(ParcelObservation.run_id == watch.run_id)
    columns = (Alert.id, Alert.key, Alert.parcel_id, Alert.cause, Alert.season_id, Alert.level, Alert.ended_on)
    of_sites = Alert.season_id == SITES_SEASON.id
    wanted = select(*columns, Alert.status).where(
        Alert.parcel_id.in_(own),
        (Alert.season_id == watch.season_id) | Alert.ended_on.is_(None),
        of_sites if watch.season_id == SITES_SEASON.id else ~of_sites,
    )
    return {row.key: row for row in connection.execute(wanted)}


def _known_events(connection: Connection, alerts: Sequence[int]) -> dict[int, set[_Event]]:
    """Kind and day of the lines that watches have written."""
    found: dict[int, set[_Event]] = {}
    for chunk in chunked(alerts):
        wanted = select(AlertEvent.alert_id, AlertEvent.kind, AlertEvent.happened_on).where(
            AlertEvent.alert_id.in_(listed_numbers(connection, chunk)), AlertEvent.watch_id.is_not(None)
        )
        for alert_id, kind, day in connection.execute(wanted):
            found.setdefault(alert_id, set()).add((kind, day))
    return found


def _tell(
    changes: _Changes,
    watch: WatchRow,
    history: History,
    chips: Mapping[str, Chips],
    known: Mapping[str, Any],
    written: Mapping[int, set[_Event]],
    now: datetime,
) -> None:
    """Add what the history says and the database does not have."""
    new = list(_new_rows(history, known, written))
    rose = {history.keys[row] for row in new if history.kinds[row] == AlertEventKind.RAISED}
    latest = {history.keys[row]: row for row in new if history.kinds[row] in _PICTURED}
    for row, said in zip(new, history.rows(new), strict=True):
        key = history.keys[row]
        pictures = chips.get(key) if latest.get(key) == row else None
        changes.events.append(_event(history, row, evidence_of(said, watch.run_id, pictures)))
    moved = {history.keys[row] for row in new}
    again = [key for key, stand in history.stands.items() if key in known and known[key].ended_on != stand.ended_on]
    states = history.states([*dict.fromkeys([*sorted(moved), *again])])
    named = history.rows([history.stands[key].last for key in states])
    for (key, state), told in zip(states.items(), named, strict=True):
        if key in known:
            _move(changes, watch, known[key], state, written, rose=key in rose)
        else:
            changes.fresh.append(_fresh(key, told, state, watch, now))


def _new_rows(history: History, known: Mapping[str, Any], written: Mapping[int, set[_Event]]) -> Iterator[int]:
    for row, (key, kind, day) in enumerate(zip(history.keys, history.kinds, history.days, strict=True)):
        if key not in known or (kind, day) not in written.get(known[key].id, set()):
            yield row


def _move(
    changes: _Changes,
    watch: WatchRow,
    alert: Any,
    state: dict[str, Any],
    written: Mapping[int, set[_Event]],
    *,
    rose: bool,
) -> None:
    """A known alert as it stands now; one that people closed and that rises again is open again."""
    back = rose and alert.status in _CLOSED
    seen_again = alert.ended_on is not None and state["ended_on"] is None
    opened = {"status": AlertStatus.OPEN, "closed_at": None} if back else {}
    row = {"alert": alert.id, **state, "run_id": watch.run_id, **opened}
    (changes.changed if state["ended_on"] is None else changes.ended).append(row)
    if (back or seen_again) and (AlertEventKind.REOPENED, watch.as_of) not in written.get(alert.id, set()):
        why = ROSE_AGAIN if back else FOUND_AGAIN
        changes.events.append(_own_event(alert.key, AlertEventKind.REOPENED, state["level"], why, watch))


def _take_back(
    changes: _Changes,
    watch: WatchRow,
    history: History,
    known: Mapping[str, Any],
    written: Mapping[int, set[_Event]],
) -> None:
    """End the alerts that are seen on record, that this watch looked for, and that it does not find."""
    for key, alert in known.items():
        if alert.ended_on is not None or key in history.stands:
            continue
        over = alert.season_id != watch.season_id
        if not over and (alert.cause not in watch.causes or alert.parcel_id in watch.unjudged):
            continue
        kind = AlertEventKind.ENDED if over else AlertEventKind.WITHDRAWN
        changes.ended.append({"alert": alert.id, "ended_on": watch.as_of, "changed_on": watch.as_of})
        if (kind, watch.as_of) not in written.get(alert.id, set()):
            why = SEASON_OVER if over else NOT_FOUND
            changes.events.append(_own_event(key, kind, alert.level, why, watch))


def _event(history: History, row: int, evidence: dict[str, Any]) -> Row:
    said = {"key": history.keys[row], "kind": history.kinds[row], "happened_on": history.days[row]}
    return {**said, "level": history.levels[row], "evidence": evidence}


def _own_event(key: str, kind: AlertEventKind, level: Any, why: str, watch: WatchRow) -> Row:
    evidence = taken_back(why, watch.run_id, (watch.rules_id, watch.rules_hash))
    return {"key": key, "kind": kind, "happened_on": watch.as_of, "level": level, "evidence": evidence}


def _fresh(key: str, row: Mapping[str, Any], state: dict[str, Any], watch: WatchRow, now: datetime) -> Row:
    named = {name: row[name] for name in ("cause", "season_id", "opened_on")}
    own = {"key": key, "parcel_id": row["subject_id"], "run_id": watch.run_id, "recorded_at": now}
    return {**state, **named, **own, "status": AlertStatus.OPEN}


def _watch_row(watch: WatchRow, counts: Mapping[str, int], now: datetime) -> Row:
    names = ("id", "run_id", "as_of", "season_id", "rules_id", "rules_hash", "inputs_hash", "code_version")
    own = {name: getattr(watch, name) for name in names}
    return {**own, "counts": dict(counts), "created_by_id": watch.created_by, "recorded_at": now}


def _write(connection: Connection, watch: WatchRow, changes: _Changes, now: datetime) -> None:
    """Ends first: of a parcel's alerts of one cause one may be open, and another may take its place."""
    _update(connection, changes.ended)
    _update(connection, changes.changed)
    _insert(connection, Alert, changes.fresh)
    ids = _ids(connection, [event["key"] for event in changes.events])
    shared = {"watch_id": watch.id, "recorded_at": now}
    rows = [{**event, **shared, "alert_id": ids[event["key"]]} for event in changes.events]
    _insert(connection, AlertEvent, [{name: row[name] for name in row if name != "key"} for row in rows])


def _insert(connection: Connection, table: type[Alert | AlertEvent], rows: Sequence[Row]) -> None:
    """Insert rows, many to a statement: asking for numbers back makes it so, and spares a round for each row."""
    for chunk in chunked(rows):
        connection.execute(insert(table).returning(table.id), list(chunk)).close()


def _update(connection: Connection, rows: Sequence[Row]) -> None:
    """Change alerts; one statement for the rows that name the same columns."""
    alike: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        alike.setdefault(tuple(name for name in row if name != "alert"), []).append(row)
    for names, own in alike.items():
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
        moved = update(Alert).where(Alert.id == bindparam("alert")).values(values)
        for chunk in chunked(own):
            bound = [{"alert": row["alert"], **{f"new_{name}": row[name] for name in names}} for row in chunk]
            connection.execute(moved, bound)


def _ids(connection: Connection, keys: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for chunk in chunked(sorted(set(keys))):
        wanted = select(Alert.key, Alert.id).where(Alert.key.in_(listed(connection, chunk)))
        found |= {row.key: row.id for row in connection.execute(wanted)}
    return found
