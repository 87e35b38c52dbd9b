"""The book refreshed as of a day: what changed is decided again and proposed; no contract is touched."""

from __future__ import annotations

import secrets
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine

from app.book.refresh.asking import Asked, Known, RefreshRequest, check_request, read_known, stage_of
from app.book.refresh.batches import BatchKey
from app.book.refresh.deciding import Decided, decide_again
from app.book.refresh.folder import keep_state, write_batch
from app.book.refresh.inputs import inputs_hash, inputs_under, lay_over, without_farmers
from app.book.refresh.recording import Batch, record_batch, recorded_proposals
from app.book.refresh.summary import Done, RefreshSummary, count_proposals, worst_moves
from app.db.engine import writing
from app.db.tables.kinds import BatchStatus
from app.jobs.lock import sole_user
from app.jobs.progress import Reporter
from geo.errors import InputError
from scoring.inputs import Inputs
from scoring.lending.moves import weigh_moves

#: States that are kept: that of the last batch, and of the one before in case the last is withdrawn.
_STATES: Final = 2


def refresh_book(
    request: RefreshRequest,
    engine: Engine,
    report: Reporter,
    clock: Callable[[], datetime],
    salts: Callable[[], bytes] = lambda: secrets.token_bytes(32),
) -> RefreshSummary:
    """Propose a limit for every subject whose limit is not what it was; the same request again does nothing.

    Killed at any moment, the same request goes on: finished parts are kept, and the database is written in one
    transaction at the end.

    Args:
        request: what was asked.
        engine: the institution's database.
        report: told of progress.
        clock: the clock.
        salts: gives the salts of new subjects.

    Raises:
        InputError: the run, policy or day cannot be used, the clock was set back, or an earlier batch is held.
        DataError: the run's files, the facilities' currencies or the sums of the last loan import do not fit.
    """
    started = time.monotonic()
    asked = check_request(request, clock())
    if request.dry_run:
        with tempfile.TemporaryDirectory() as folder:
            return _refresh(asked, engine, report, clock, salts, started, Path(folder))
    with sole_user(request.out):
        return _refresh(asked, engine, report, clock, salts, started, None)


def _refresh(
    asked: Asked,
    engine: Engine,
    report: Reporter,
    clock: Callable[[], datetime],
    salts: Callable[[], bytes],
    started: float,
    aside: Path | None,
) -> RefreshSummary:
    seen = inputs_under(asked.request.run, asked.pack, asked.season)
    with engine.connect() as connection:
        known = read_known(connection, asked, seen.parcels["farmer_id"].unique().to_pylist(), report)
    after = lay_over(without_farmers(seen, known.erased), known.facts)
    last = known.last
    key = _key(asked, after, known)
    if last is not None and key.is_of(last):
        if aside is None:
            asked.book.keep([batch.id for batch in known.batches[-_STATES:]])
        with engine.connect() as connection:
            return _as_before(connection, asked, known, started)
    _check_last(last, asked.request)
    _refuse_elsewhere(key, known)
    work = aside or asked.book.work(f"{key.id}-{version('acreline')}")
    with engine.connect() as connection:
        decided = decide_again(connection, asked, known, after, work, report)
    batch = _batch(asked, key, after, decided)
    if aside is None:
        _write(asked, known, batch, decided, after, engine, clock, salts, report)
    return _summary(asked, known, batch, decided, "recorded" if aside is None else "dry run", started)


def _key(asked: Asked, after: Inputs, known: Known) -> BatchKey:
    key = BatchKey(
        run_id=asked.record.run_id,
        policy_hash=asked.pack.content_hash,
        as_of=asked.request.as_of,
        season_id=asked.season.id,
        stage=stage_of(asked.season, asked.request.as_of),
        inputs_hash=inputs_hash(after),
        previous_id=None if known.last is None else known.last.id,
    )
    alike = [row for row in known.others if key.is_of(row) and row.previous_id == key.previous_id]
    return replace(key, attempt=sum(row.status == BatchStatus.WITHDRAWN for row in alike))


def _check_last(last: Any, request: RefreshRequest) -> None:
    """A held batch waits for a person: what builds on it could not be taken back alone."""
    if last is not None and last.status == BatchStatus.HELD and not request.dry_run:
        raise InputError(
            "BATCH_HELD",
            f"The batch {last.id} is held and waits for a person.",
            f"`acreline limits release {last.id}` or `withdraw {last.id}` first.",
        )


def _refuse_elsewhere(key: BatchKey, known: Known) -> None:
    if key.id in {row.id for row in known.others}:
        raise InputError(
            "BATCH_ELSEWHERE",
            f"The batch {key.id} is recorded, and its files are not in this folder.",
            "Name the --out folder that holds them, restore it, or withdraw the batch.",
        )


def _batch(asked: Asked, key: BatchKey, after: Inputs, decided: Decided) -> Batch:
    return Batch(
        key=key,
        policy_id=asked.pack.id,
        code_version=version("acreline"),
        currency=asked.pack.currency.code,
        parcels=len(after.parcels),
        subjects=decided.of_book,
        decided_again=decided.subjects,
        created_by=asked.request.by,
        proposals=decided.proposals,
        moves=decided.moves,
        gone=decided.gone.id.tolist(),
    )


def _write(
    asked: Asked,
    known: Known,
    batch: Batch,
    decided: Decided,
    after: Inputs,
    engine: Engine,
    clock: Callable[[], datetime],
    salts: Callable[[], bytes],
    report: Reporter,
) -> None:
    """Files first, then the database in one transaction; what it does not know of does not count."""
    report.begin("Files", 2)
    folder = asked.book.batch(batch.key.id)
    write_batch(folder, decided.parts, decided.concerned, asked.pack, asked.season)
    report.advance("Files")
    keep_state(asked.book.state(batch.key.id), after)
    report.advance("Files")
    report.end("Files", str(folder))
    report.begin("Database", 1)
    with writing(engine) as connection:
        record_batch(connection, batch, folder, clock(), salts)
        report.advance("Database")
    report.end("Database", f"{len(batch.proposals)} proposals")
    asked.book.keep([batch.key.id, *(each.id for each in known.batches[1 - _STATES :])])


def _summary(asked: Asked, known: Known, batch: Batch, decided: Decided, done: Done, started: float) -> RefreshSummary:
    return RefreshSummary(
        done=done,
        batch_id=batch.key.id,
        **_about(asked),
        parcels=batch.parcels,
        subjects=batch.subjects,
        decided_again=batch.decided_again,
        **count_proposals(batch.proposals),
        gone=len(batch.gone),
        erased=len(known.erased),
        held_for=_said(batch.held_for({})),
        status=str(batch.status),
        worst=worst_moves(decided.moves, batch.proposals),
        seconds=time.monotonic() - started,
    )


def _as_before(connection: Connection, asked: Asked, known: Known, started: float) -> RefreshSummary:
    """What an earlier command came to."""
    last = known.last
    proposals = recorded_proposals(connection, last.id)
    return RefreshSummary(
        done="stands",
        batch_id=last.id,
        **_about(asked),
        parcels=last.parcels,
        subjects=last.subjects,
        decided_again=last.decided_again,
        **count_proposals(proposals),
        gone=0,
        erased=len(known.erased),
        held_for=_said(last.held_for),
        status=str(last.status),
        worst=worst_moves(weigh_moves(proposals, 0, None), proposals),
        seconds=time.monotonic() - started,
    )


def _said(held_for: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Reasons without the hashes of subjects: a summary names the worst moves itself."""
    return [{name: value for name, value in reason.items() if name != "worst"} for reason in held_for]


def _about(asked: Asked) -> dict[str, Any]:
    rule = asked.pack.refresh
    return {
        "as_of": asked.request.as_of,
        "season_id": asked.season.id,
        "stage": str(stage_of(asked.season, asked.request.as_of)),
        "run_id": asked.record.run_id,
        "policy_id": asked.pack.id,
        "policy_hash": asked.pack.content_hash,
        "currency": asked.pack.currency.code,
        "rule": None if rule is None else rule.model_dump(mode="json"),
    }
