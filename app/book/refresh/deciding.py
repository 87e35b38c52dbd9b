"""Limits that changed, decided again and held against what was proposed, approved and granted before."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from app.book.refresh.asking import Asked, Known
from app.book.refresh.folder import decide_parts, read_parts
from app.book.refresh.inputs import subjects_of
from app.book.refresh.proposals import KEYS, last_limits, new_proposals, open_subjects, with_hashes, with_standing
from app.book.refresh.standing import check_currencies
from app.db.tables.kinds import SubjectKind
from app.jobs.progress import Reporter
from scoring.digests import input_digests
from scoring.inputs import Inputs
from scoring.intake import Intake
from scoring.lending.moves import Moves, weigh_moves
from scoring.refresh import changes


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided again, and what it proposes.

    Attributes:
        concerned: inputs of the subjects decided again.
        parts: files of their limits.
        subjects: how many they are.
        of_book: subjects of the whole book.
        proposals: of app.book.refresh.proposals.with_standing.
        gone: id, kind, subject_id of subjects that have open proposals and are not in the book any more.
        moves: what the proposals move.
    """

    concerned: Inputs
    parts: list[Path]
    subjects: int
    of_book: int
    proposals: pd.DataFrame
    gone: pd.DataFrame
    moves: Moves


def decide_again(
    connection: Connection, asked: Asked, known: Known, after: Inputs, work: Path, report: Reporter
) -> Decided:
    """Decide again what changed since the last batch, or all of the book.

    Args:
        connection: database; it is read only.
        asked: the request.
        known: what the database knew.
        after: inputs of the book as of the day.
        work: folder of the parts.
        report: told of every part.

    Raises:
        DataError: a facility of the book is in another currency than the policy's, or the inputs do not hold together.
    """
    everyone = _everyone(after, known)
    check_currencies(everyone[everyone.facilities.notna()], asked.pack.currency.code)
    before = _state_before(asked, known)
    concerned = after if before is None else changes(before, after).concerned
    intake = concerned.take_in(asked.pack, asked.season)
    parts = decide_parts(work, intake, asked.pack, asked.request.part_parcels, report)
    found = new_proposals(read_parts(parts), last_limits(connection, _keys(intake)), known.facts.approved)
    proposals = with_standing(with_hashes(found, input_digests(intake)), everyone)
    open_now = open_subjects(connection, [batch.id for batch in known.batches])
    base = int(everyone.before_minor.fillna(everyone.sanctioned_minor).sum())
    return Decided(
        concerned=concerned,
        parts=parts,
        subjects=len(intake.subjects),
        of_book=len(everyone),
        proposals=proposals,
        gone=open_now[~_index(open_now).isin(_index(everyone))],
        moves=weigh_moves(proposals, base, asked.pack.refresh),
    )


def _state_before(asked: Asked, known: Known) -> Inputs | None:
    """Inputs that the limits on record rest on; None where all are decided again: another policy, season or version."""
    last = known.last
    mine = (asked.pack.content_hash, asked.season.id, version("acreline"))
    if last is None or mine != (last.policy_hash, last.season_id, last.code_version):
        return None
    return asked.book.open_state(last.id)


def _everyone(after: Inputs, known: Known) -> pd.DataFrame:
    """Every subject of the book with what app.book.refresh.standing knows of it.

    before_minor is what was decided last, else the sum of what the parcel file says of its parcels.
    """
    own = subjects_of(after.parcels).assign(
        before_minor=after.parcels["approved_minor"].to_pandas(integer_object_nulls=True).astype("Int64")
    )
    sums = own.groupby(KEYS, sort=False).before_minor.sum(min_count=1).reset_index()
    decided = sums.merge(known.facts.approved[[*KEYS, "amount_minor"]], how="left", on=KEYS).amount_minor
    return sums.assign(before_minor=decided.fillna(sums.before_minor)).merge(known.standing, how="left", on=KEYS)


def _keys(intake: Intake) -> pd.DataFrame:
    kinds = np.where(intake.named, SubjectKind.FARMER.value, SubjectKind.PARCEL.value)
    return pd.DataFrame({"kind": kinds, "subject_id": intake.subjects})


def _index(subjects: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(subjects[KEYS])
