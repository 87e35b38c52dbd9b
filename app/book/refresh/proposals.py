"""What a batch proposes: limits that are not what they were, beside what stands, as rows of the database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sqlalchemy import ColumnElement, Connection, Select, and_, func, insert, select, update

from app.book.decisions.ending import end_requests
from app.book.loans.positions import POSITION
from app.book.subjects import Key, Subject
from app.db.listed import listed
from app.db.rows import chunked
from app.db.tables import CreditSubject, Decision, Proposal, ProposalParcel
from app.db.tables.kinds import Outcome, ProposalStatus, SubjectKind
from scoring.replay import limit_bytes

KEYS: Final = ["kind", "subject_id"]
#: What makes a limit another one.
SAID: Final = ["amount_minor", "low_minor", "high_minor", "needs_visit"]
_OPEN: Final = (ProposalStatus.OPEN, ProposalStatus.HELD)
#: Said of a proposal whose subject has several facilities: their sums stand in it, and no number.
SEVERAL_FACILITIES: Final = "SEVERAL_FACILITIES"


def last_limits(connection: Connection, subjects: pd.DataFrame) -> pd.DataFrame:
    """What was last proposed to subjects and not withdrawn.

    Args:
        connection: database.
        subjects: kind, subject_id.

    Returns:
        kind, subject_id, SAID, stands (it was neither superseded, as by a later one that was withdrawn, nor returned by
        a person); no row for a subject without a proposal.
    """
    rows: list[tuple[Any, ...]] = []
    for kind, names in subjects.groupby("kind").subject_id:
        for chunk in chunked(names.tolist()):
            among = CreditSubject.subject_id.in_(listed(connection, chunk))
            own = _last_of(and_(CreditSubject.kind == SubjectKind(str(kind)), among))
            rows += [tuple(row) for row in connection.execute(own)]
    frame = pd.DataFrame.from_records(rows, columns=[*KEYS, *SAID, "stands"])
    amounts: dict[Any, Any] = dict.fromkeys(SAID[:3], "Int64")
    texts, marks = dict.fromkeys(KEYS, "str"), dict.fromkeys(("needs_visit", "stands"), "bool")
    return frame.astype(texts | marks | amounts)


def new_proposals(parts: Iterator[pa.Table], last: pd.DataFrame, approved: pd.DataFrame) -> pd.DataFrame:
    """Subjects whose limit is not what it was.

    That is: not what was last proposed, and still stands or was decided on; of a subject without a proposal, not what
    was last approved.

    Args:
        parts: tables of geo.observations.LIMITS, each with subjects and all their parcels.
        last: of last_limits.
        approved: last approved decisions: kind, subject_id, amount_minor.

    Returns:
        kind, subject_id, SAID, receipt_hash, reasons (lists of codes of principal reasons); RangeIndex.
    """
    standing = last[last.stands][[*KEYS, *SAID]]
    never = approved[~pd.MultiIndex.from_frame(approved[KEYS]).isin(pd.MultiIndex.from_frame(last[KEYS]))]
    found = [_of_part(table, standing, never) for table in parts]
    return pd.concat(found, ignore_index=True)


def with_hashes(proposals: pd.DataFrame, digests: pa.Table) -> pd.DataFrame:
    """Proposals with inputs_hash: SHA-256 of the hashes of the subject's inputs (scoring.digests), hexadecimal."""
    both = pc.binary_join_element_wise(digests["parcels"].cast(pa.binary()), digests["cycles"].cast(pa.binary()), b"")
    hashes = [hashlib.sha256(each).hexdigest() for each in both.to_pylist()]
    known = pd.DataFrame(
        {"kind": digests["subject_kind"].to_pylist(), "subject_id": digests["subject_id"].to_pylist(), "hash": hashes},
        dtype="str",
    )
    return proposals.assign(inputs_hash=proposals[KEYS].merge(known, how="left", on=KEYS, validate="one_to_one").hash)


def with_standing(proposals: pd.DataFrame, everyone: pd.DataFrame) -> pd.DataFrame:
    """Proposals with what stands beside them.

    Args:
        proposals: of new_proposals.
        everyone: kind, subject_id, before_minor (last approved amount), facility_number (None where there are several),
            facilities (how many) and sanctioned_minor, drawing_minor, outstanding_minor, available_minor; missing where
            not known.
    """
    columns = [*KEYS, "before_minor", "facility_number", "facilities", *POSITION]
    wide = proposals.merge(everyone[columns], how="left", on=KEYS, validate="one_to_one")
    several = wide.facilities.fillna(1) > 1
    wide.loc[several, "reasons"] = wide.reasons[several].map(lambda codes: [*codes, SEVERAL_FACILITIES])
    return wide.drop(columns="facilities").astype(dict.fromkeys(("before_minor", *POSITION), "Int64"))


def insert_proposals(
    connection: Connection, proposals: pd.DataFrame, subjects: Mapping[Key, Subject], shared: Mapping[str, Any]
) -> None:
    """Insert a batch's proposals; older ones of the same subjects that are still open are superseded.

    Args:
        connection: transaction that writes.
        proposals: of with_standing.
        subjects: rows of their subjects.
        shared: columns that all have in common: batch_id, run_id, currency, policy_id, policy_hash, status and
            recorded_at.
    """
    numbers = [subjects[SubjectKind(kind), name].id for kind, name in proposals[KEYS].itertuples(index=False)]
    plain = proposals.drop(columns=KEYS).astype(object)
    rows: list[Any] = plain.where(plain.notna(), None).to_dict("records")
    for chunk in chunked(list(zip(numbers, rows, strict=True))):
        connection.execute(insert(Proposal), [{**shared, **row, "credit_subject_id": number} for number, row in chunk])
    _supersede(connection, str(shared["batch_id"]), shared["recorded_at"])


def insert_parcels(connection: Connection, batch_id: str, limits: Path, subjects: Mapping[Key, Subject]) -> None:
    """Insert the parts of a batch's proposals by parcel.

    Args:
        connection: transaction that writes.
        batch_id: the batch, whose proposals are there.
        limits: its limits.parquet.
        subjects: of its proposals.
    """
    wanted = select(Proposal.credit_subject_id, Proposal.id).where(Proposal.batch_id == batch_id)
    numbers: dict[int, int] = {row.credit_subject_id: row.id for row in connection.execute(wanted)}
    of_subject = {key: numbers[subject.id] for key, subject in subjects.items()}
    columns = ["subject_kind", "subject_id", "farmer_id", "amount_minor", "currency"]
    for batch in pq.ParquetFile(limits).iter_batches(columns=columns):
        parcels = batch.filter(pc.equal(batch["subject_kind"], SubjectKind.PARCEL.value)).to_pylist()
        for chunk in chunked(list(_parts(parcels, of_subject))):
            connection.execute(insert(ProposalParcel), chunk)


def supersede_of(connection: Connection, subjects: Sequence[int], now: datetime) -> None:
    """Supersede what is open of subjects that the book no longer holds."""
    for chunk in chunked(subjects):
        connection.execute(
            update(Proposal)
            .where(Proposal.credit_subject_id.in_(chunk), Proposal.status.in_(_OPEN))
            .values(status=ProposalStatus.SUPERSEDED, closed_at=now)
        )
    end_requests(connection, now)


def open_subjects(connection: Connection, batches: Sequence[str]) -> pd.DataFrame:
    """Subjects with open proposals of some batches: id, kind, subject_id."""
    rows: list[tuple[Any, ...]] = []
    for chunk in chunked(batches):
        wanted = (
            select(CreditSubject.id, CreditSubject.kind, CreditSubject.subject_id)
            .join(Proposal, Proposal.credit_subject_id == CreditSubject.id)
            .where(Proposal.batch_id.in_(chunk), Proposal.status.in_(_OPEN), CreditSubject.subject_id.is_not(None))
        )
        rows += [tuple(row) for row in connection.execute(wanted)]
    return pd.DataFrame.from_records(rows, columns=["id", *KEYS]).astype({"kind": "str", "subject_id": "str"})


def _last_of(subjects: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Grouped first and then joined: a subquery for each row can be read as one for each pair of rows."""
    newest = (
        select(CreditSubject.kind, CreditSubject.subject_id, func.max(Proposal.id).label("number"))
        .join(Proposal, Proposal.credit_subject_id == CreditSubject.id)
        .where(subjects, Proposal.status != ProposalStatus.WITHDRAWN)
        .group_by(CreditSubject.kind, CreditSubject.subject_id)
        .subquery()
    )
    returned = (
        select(Decision.id)
        .where(Decision.proposal_id == Proposal.id, Decision.outcome == Outcome.RETURNED)
        .correlate(Proposal)
        .exists()
    )
    stands = and_(Proposal.status != ProposalStatus.SUPERSEDED, ~returned)
    columns = (newest.c.kind, newest.c.subject_id, *(getattr(Proposal, name) for name in SAID), stands)
    return select(*columns).join(Proposal, Proposal.id == newest.c.number)


def _of_part(table: pa.Table, standing: pd.DataFrame, never: pd.DataFrame) -> pd.DataFrame:
    own = pc.or_(pc.equal(table["subject_kind"], SubjectKind.FARMER.value), pc.is_null(table["farmer_id"]))
    subjects = table.filter(own)
    said = subjects.select(["subject_kind", "subject_id", *SAID]).to_pandas(integer_object_nulls=True)
    kinds: dict[Any, Any] = dict.fromkeys(KEYS, "str") | dict.fromkeys(SAID[:3], "Int64")
    said = said.rename(columns={"subject_kind": "kind"}).astype(kinds)
    was = said[KEYS].merge(standing, how="left", on=KEYS, indicator="side")
    alike = [(was.side == "both").to_numpy(dtype=bool), *(_equal(said[name], was[name]) for name in SAID)]
    same = np.logical_and.reduce(alike)
    decided = said[KEYS].merge(never[[*KEYS, "amount_minor"]], how="left", on=KEYS).amount_minor
    same |= decided.notna().to_numpy() & _equal(said.amount_minor, decided)
    changed: pd.DataFrame = said[~same].reset_index(drop=True)
    return changed.assign(**_receipts(subjects.filter(pa.array(~same))))


def _equal(left: pd.Series[Any], right: pd.Series[Any]) -> npt.NDArray[np.bool_]:
    both = left.isna().to_numpy() & right.isna().to_numpy()
    return both | (left == right).fillna(value=False).to_numpy(dtype=bool)


def _receipts(subjects: pa.Table) -> dict[str, pd.Series[Any]]:
    hashes, reasons = [], []
    for row in subjects.to_pylist():
        hashes.append(hashlib.sha256(limit_bytes(row)).hexdigest())
        codes = [line["code"] for line in json.loads(row["reasons"]) if line["principal"]]
        reasons.append(list(dict.fromkeys(codes)))
    return {"receipt_hash": pd.Series(hashes, dtype="str"), "reasons": pd.Series(reasons, dtype=object)}


def _supersede(connection: Connection, batch_id: str, now: datetime) -> None:
    own = select(Proposal.credit_subject_id).where(Proposal.batch_id == batch_id)
    connection.execute(
        update(Proposal)
        .where(
            Proposal.credit_subject_id.in_(own),
            Proposal.status.in_(_OPEN),
            Proposal.batch_id.is_distinct_from(batch_id),
        )
        .values(status=ProposalStatus.SUPERSEDED, closed_at=now)
        .execution_options(synchronize_session=False)
    )
    end_requests(connection, now)


def _parts(parcels: Sequence[Mapping[str, Any]], of_subject: Mapping[Key, int]) -> Iterator[dict[str, Any]]:
    for row in parcels:
        farmer = row["farmer_id"]
        key = (SubjectKind.PARCEL, row["subject_id"]) if farmer is None else (SubjectKind.FARMER, farmer)
        number = of_subject.get(key)
        if number is not None:
            yield {
                "proposal_id": number,
                "parcel_id": row["subject_id"],
                "amount_minor": row["amount_minor"],
                "currency": row["currency"],
            }
