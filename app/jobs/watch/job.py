"""A run watched as of a day: findings, alerts, pictures, files, and the database last. No loan or limit is touched."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
from sqlalchemy import Engine

from app.alerts.watches.chips import Drawn
from app.alerts.watches.history import History
from app.alerts.watches.recording import WatchRow, is_recorded, record_watch
from app.alerts.watches.replaying import Replay, compare, later_watch
from app.db.engine import writing
from app.jobs.lock import sole_user
from app.jobs.progress import Reporter
from app.jobs.watch.asking import Asked, WatchRequest, check_request
from app.jobs.watch.beside import read_beside
from app.jobs.watch.book import read_book
from app.jobs.watch.earlier import Earlier
from app.jobs.watch.files import PIXELS_FOLDER, Told, WatchFolder, write_condition, write_watch
from app.jobs.watch.looks import read_looks
from app.jobs.watch.parts import judge_parts, read_parts
from app.jobs.watch.pictures import draw, shown
from app.jobs.watch.sources import Sources, inputs_hash, open_sources, watched_causes
from app.jobs.watch.summary import Done, Watched, WatchSummary, summary_of
from geo.files import fingerprint
from scoring.alerts.state import state_of
from scoring.growth.calendars.gaps import CalendarGap
from scoring.growth.condition import parcel_condition

#: Raised where the same inputs and rules would give other alerts.
_VERSION: Final = 1
_ID_DIGITS: Final = 16
_SAID_GAPS: Final = 3

Open = Callable[[Asked], Engine]


def watch_run(
    request: WatchRequest, database: Open | None, report: Reporter, clock: Callable[[], datetime]
) -> WatchSummary:
    """Watch a run; the same request again does nothing.

    Killed at any moment, the same request goes on: finished parts are kept, the files of a watch count once its
    manifest is written, and the database is written in one transaction at the end.

    Args:
        request: what was asked.
        database: opens the database, which holds the run; None: nothing is recorded (a dry run needs none).
        report: told of progress.
        clock: the clock.

    Raises:
        InputError: the day, the rules or a calendar cannot be used, or hardly a look was known.
        DataError: the folder holds no finished run, or a file of it is damaged.
    """
    started = time.monotonic()
    asked = check_request(request, clock())
    if request.dry_run or database is None:
        with tempfile.TemporaryDirectory() as aside:
            watched, told = _look(asked, WatchFolder(Path(aside)), report)
        return _summary("dry run", WatchFolder(request.folder), watched, told, None, None, started)
    engine = database(asked)
    try:
        with sole_user(request.folder):
            folder = WatchFolder(request.folder)
            watched, told = _look(asked, folder, report)
            done, new, replay = _record(engine, watched, told, report, clock)
            return _summary(done, folder, watched, told, new, replay, started)
    finally:
        engine.dispose()


def watch_id(asked: Asked, known: str, history: str | None = None) -> str:
    """Day and hash of all that a watch rests on: 20190610-9c0f3a5be1d27a44.

    Args:
        asked: the request.
        known: hash of what was known (app.jobs.watch.sources.inputs_hash).
        history: hash of earlier seasons; None without them.
    """
    request = asked.request
    taken = [request.known_by, request.known_after] if request.known_by == "sensed" else [request.known_by]
    parts = (_VERSION, version("acreline"), asked.record.run_id, asked.rules.content_hash, known, taken)
    earlier = () if history is None else (history,)
    return f"{request.as_of:%Y%m%d}-{fingerprint(*parts, *earlier)[:_ID_DIGITS]}"


def _look(asked: Asked, folder: WatchFolder, report: Reporter) -> tuple[Watched, Told]:
    """What is known, and what the watch tells of it: from its files where they are whole."""
    watched = _known(asked, report)
    told = folder.told(watched.watch_id)
    if told is None:
        told = _tell(watched, folder, report)
    folder.finish()
    return watched, told


def _known(asked: Asked, report: Reporter) -> Watched:
    report.begin("Read", 2)
    one = asked.calendars[0].id if asked.request.calendars and len(asked.calendars) == 1 else None
    book = read_book(asked.request.run, one)
    report.advance("Read")
    looks = read_looks(asked.request, book.parcel_ids)
    report.end("Read", f"{len(book):,} parcels, {looks.known:,} clear looks known, the last of {looks.last or '-'}")
    gaps = book.gaps(asked.calendars, asked.season)
    report.begin("Calendars", 1)
    report.end("Calendars", _said(gaps))
    beside = read_beside(asked, book)
    known = inputs_hash(asked, book, looks.looks, beside)
    earlier = Earlier.read(asked, book.parcel_ids)
    named = watch_id(asked, known, earlier.digest)
    return Watched(asked, named, known, book, looks, gaps, watched_causes(beside), beside, earlier)


def _said(gaps: tuple[CalendarGap, ...]) -> str:
    """Gaps in a line: they are judged by their curves and neighbours alone."""
    if not gaps:
        return "one for every crop"
    first = "; ".join(
        f"{gap.crop or 'no crop'}{f' in {gap.region}' if gap.region else ''}, {gap.parcels:,} parcels, "
        f"{gap.area_ha:,.1f} ha ({gap.why})"
        for gap in gaps[:_SAID_GAPS]
    )
    more = f"; and {len(gaps) - _SAID_GAPS} more" if len(gaps) > _SAID_GAPS else ""
    parcels = sum(gap.parcels for gap in gaps)
    return f"none for {parcels:,} parcels, which are judged without: {first}{more}"


def _tell(watched: Watched, folder: WatchFolder, report: Reporter) -> Told:
    asked = watched.asked
    pixels = folder.root / PIXELS_FOLDER
    sources = open_sources(asked, watched.book, watched.looks.looks, watched.beside, pixels, report)
    work = folder.work(watched.watch_id, asked.request.part_parcels)
    part = read_parts(judge_parts(work, sources.blocks, sources.judge, report))
    alerts = state_of(part.table, asked.request.as_of)
    files = folder.start(watched.watch_id)
    drawn, left_out = _drawn(watched, alerts, files, report)
    summary = summary_of(watched, len(part.unjudged), part.table, alerts, drawn, left_out)
    told = Told(part.table, (*part.unjudged, *watched.book.without_outline.tolist()), summary, drawn.chips)
    report.begin("Condition", 1)
    write_condition(files, _conditions(watched, sources))
    report.end("Condition")
    write_watch(files, told, alerts)
    return told


def _conditions(watched: Watched, sources: Sources) -> Iterator[pa.Table]:
    ids, day = watched.book.parcel_ids, watched.asked.request.as_of
    return parcel_condition(watched.looks.looks, ids, sources.neighbours, watched.earlier.past, day)


def _drawn(watched: Watched, alerts: pa.Table, files: Path, report: Reporter) -> tuple[Drawn, int]:
    request = watched.asked.request
    if not request.chips or request.dry_run:
        return Drawn({}, 0), 0
    rows, left_out = shown(alerts, request.chips)
    return draw(request.run, files, rows, watched.book, watched.looks.looks, report), left_out


def _record(
    engine: Engine, watched: Watched, told: Told, report: Reporter, clock: Callable[[], datetime]
) -> tuple[Done, Mapping[str, int] | None, Replay | None]:
    """Into the database in one transaction, unless it is there or its day is past on record."""
    report.begin("Database", 1)
    row = _row(watched, told)
    history = History.of(told.transitions)
    with writing(engine) as connection:
        if is_recorded(connection, row.id):
            report.end("Database", "on record already")
            return "stands", None, None
        later = later_watch(connection, row)
        if later is not None:
            replay = compare(connection, row, history, later)
            report.end("Database", f"a later watch is on record, of {later.as_of}: compared, nothing written")
            return "replay", None, replay
        new = record_watch(connection, row, history, told.chips, clock())
    report.end("Database", f"{sum(new[kind] for kind in _EVENTS):,} new lines of history")
    return "recorded", {kind: new[kind] for kind in _EVENTS}, None


_EVENTS: Final = ("opened", "raised", "lowered", "ended", "withdrawn", "reopened")


def _row(watched: Watched, told: Told) -> WatchRow:
    asked = watched.asked
    return WatchRow(
        id=watched.watch_id,
        run_id=asked.record.run_id,
        as_of=asked.request.as_of,
        season_id=asked.season.id,
        rules_id=asked.rules.id,
        rules_hash=asked.rules.content_hash,
        inputs_hash=watched.inputs_hash,
        code_version=version("acreline"),
        causes=watched.causes,
        counts={name: int(told.summary[name]) for name in ("parcels", "judged")},
        unjudged=frozenset(told.unjudged),
        created_by=asked.request.by,
        accept_withdrawals=asked.request.accept_withdrawals,
    )


def _summary(
    done: Done,
    folder: WatchFolder,
    watched: Watched,
    told: Told,
    new: Mapping[str, Any] | None,
    replay: Replay | None,
    started: float,
) -> WatchSummary:
    return WatchSummary(done, folder.watch(watched.watch_id), told.summary, new, replay, time.monotonic() - started)
