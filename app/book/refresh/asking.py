"""A request to refresh the book, and what is known before anything is decided: refused here or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import Connection, select

from app.book.refresh.batches import in_order, list_batches
from app.book.refresh.facts import BookFacts, Moment, moment_of, read_facts
from app.book.refresh.folder import BookFolder
from app.book.refresh.standing import check_reconciled, standing_of_subjects
from app.db.erased import erased_among
from app.db.tables import Run
from app.db.tables.kinds import SeasonStage
from app.jobs.progress import Reporter
from app.jobs.publish import committed_run
from geo.errors import DataError, InputError
from geo.runrecord import RunRecord
from geo.season import Season, parse_season
from scoring.limits import PART_PARCELS
from scoring.pack_schema import Pack
from scoring.policy import load_pack, require_in_force


@dataclass(frozen=True, slots=True)
class RefreshRequest:
    """What was asked.

    Attributes:
        as_of: local day of the book.
        run: folder of a finished run.
        out: folder of the book.
        policy: id of a pack; None: the run's.
        packs: folder of a bank's own packs.
        by: number of the user who asks; None: a timer.
        dry_run: write nothing.
        part_parcels: parcels that are decided together.
    """

    as_of: date
    run: Path
    out: Path
    policy: str | None = None
    packs: Path | None = None
    by: int | None = None
    dry_run: bool = False
    part_parcels: int = PART_PARCELS


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that holds together."""

    request: RefreshRequest
    record: RunRecord
    pack: Pack
    season: Season
    moment: Moment
    book: BookFolder


@dataclass(frozen=True, slots=True)
class Known:
    """What the database knew.

    Attributes:
        batches: of this book, each after the one that it builds on.
        others: all others: withdrawn ones, and those of other folders.
        facts: see app.book.refresh.facts.
        standing: facilities by subject; see app.book.refresh.standing.
        erased: farmers whose data were erased since the run was made.
    """

    batches: list[Any]
    others: list[Any]
    facts: BookFacts
    standing: pd.DataFrame
    erased: frozenset[str]

    @property
    def last(self) -> Any:
        """The batch that the next one builds on; None where there is none."""
        return self.batches[-1] if self.batches else None


def check_request(request: RefreshRequest, now: datetime) -> Asked:
    """A request that holds together.

    Raises:
        InputError: the policy cannot be used on the day, or the day lies before the run or after today.
        DataError: the folder holds no finished run.
    """
    record = committed_run(request.run)
    if record is None:
        raise DataError(
            "RUN_MISSING", f"{request.run} holds no finished run.", "Name the --out folder of `acreline run`."
        )
    pack = load_pack(request.policy or str(record.parameters["policy"]), packs_dir=request.packs)
    require_in_force(pack, request.as_of)
    today, made = pack.local_day(now), pack.local_day(record.created_at)
    if request.as_of > today:
        raise InputError(
            "AS_OF_AHEAD", f"--as-of {request.as_of} lies after today, {today}.", "Name today or a day before."
        )
    if request.as_of < made:
        raise InputError(
            "AS_OF_BEFORE_RUN",
            f"--as-of {request.as_of} lies before the run {record.run_id}, which was made on {made}.",
            "Name a later day, or a run that was there on that day.",
        )
    season = parse_season(str(record.parameters["season"]))
    return Asked(request, record, pack, season, moment_of(request.as_of, pack, now), BookFolder(request.out))


def read_known(connection: Connection, asked: Asked, farmers: Sequence[str | None], report: Reporter) -> Known:
    """What the database knows.

    Args:
        connection: database; it is read only.
        asked: the request.
        farmers: of the run.
        report: told of progress.

    Raises:
        InputError: it does not know the run, or the day lies before the book's last batch.
        DataError: amounts in another currency than the policy's, or sums that differ from the last loan import.
    """
    report.begin("Read", 1)
    run_id = asked.record.run_id
    if connection.scalar(select(Run.run_id).where(Run.run_id == run_id)) is None:
        raise InputError(
            "RUN_NOT_LOADED",
            f"The run {run_id} is not in this database.",
            "Run `acreline run` again with ACRELINE_DATABASE_URL set to it: what is whole is kept.",
        )
    own = asked.book.batches()
    recorded = list_batches(connection)
    batches = in_order([row for row in recorded if row.id in own])
    if batches and asked.request.as_of < batches[-1].as_of:
        raise InputError(
            "CLOCK_BACK",
            f"--as-of {asked.request.as_of} lies before the book's last batch, {batches[-1].id}.",
            f"Name {batches[-1].as_of} or a later day.",
        )
    check_reconciled(connection)
    facts = read_facts(connection, asked.moment, asked.pack)
    standing = standing_of_subjects(connection, asked.moment)
    report.end("Read", f"{len(standing)} subjects with a facility, {len(facts.approved)} with an approved amount")
    others = [row for row in recorded if row.id not in {batch.id for batch in batches}]
    erased = erased_among(connection, farmers, asked.record.created_at)
    return Known(batches, others, facts, standing, erased)


def stage_of(season: Season, day: date) -> SeasonStage:
    """Where a day lies in a season."""
    if day < season.start:
        return SeasonStage.BEFORE
    return SeasonStage.IN_SEASON if day in season else SeasonStage.AFTER
