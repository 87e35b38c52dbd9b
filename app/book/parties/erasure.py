"""A person's data erased: what named the person goes, what the bank did stays, and the chain still holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_bytes
from typing import Final

from sqlalchemy import Connection, RowMapping, insert, select

from app.book.chain.links import Link, append, instant
from app.book.chain.witness import Content, Witness, numbered, numbers_of, text_hash
from app.book.parties.erased_rows import empty_rows, files_naming, papers_of_party
from app.book.parties.relations import standing_of
from app.book.parties.retention import RetentionRules, kept_of, require_party
from app.book.parties.watched import watched_of
from app.db.erased import remember
from app.db.listed import listed_numbers
from app.db.rows import chunked
from app.db.tables import CreditSubject, Erasure, Party
from app.db.tables.kinds import EntryKind
from geo.errors import DataError, InputError

#: Tables that hold what names a person, and are small; the large ones hold the bank's own number.
EMPTIED: Final = (
    *("personal_data", "party", "credit_subject", "bureau_check", "repayment_capacity", "membership", "land_right"),
    *("contract_plot", "insurance", "facility", "loan_account", "application", "outside_signal", "application_paper"),
)


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did.

    Attributes:
        party_id: the party, which names nobody any more.
        counts: rows changed or deleted, by table.
        runs: ids of runs in whose folders the farmer's number still stands; they are the bank's files.
        batches: ids of batches whose receipts may hold it.
        photos: hashes of the photos of visits to the party's parcels; they are the bank's files.
        files: hashes of papers and receipts of applications, which whoever erases drops once the rows are gone.
    """

    party_id: int
    counts: Mapping[str, int]
    runs: tuple[str, ...]
    batches: tuple[str, ...]
    photos: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


def reasons_against(connection: Connection, party_id: int, rules: RetentionRules, now: datetime) -> tuple[str, ...]:
    """Why a party may not be erased now; empty: it may."""
    require_party(connection, party_id)
    if connection.scalar(select(Erasure.id).where(Erasure.party_id == party_id)) is not None:
        return ("it was erased already",)
    standing = standing_of(connection, party_id)
    kept = kept_of(connection, party_id, rules, standing)
    held = [each.basis for each in kept if each.legal_hold]
    running = [
        f"{each.category} is kept until {each.keep_until} ({each.basis})"
        for each in kept
        if not each.legal_hold and each.keep_until >= now.date()
    ]
    return (*standing.open, *held, *dict.fromkeys(running))


def erase(
    connection: Connection,
    party_id: int,
    *,
    by_id: int,
    reason: str,
    rules: RetentionRules,
    now: datetime,
    salts: Callable[[int], bytes] = token_bytes,
) -> Erased:
    """Erase a party's data and note it in the chain.

    Args:
        connection: transaction that writes (app.db.engine.writing); undone, it was a dry run.
        party_id: whose data.
        by_id: user who erases.
        reason: why; names nobody.
        rules: periods of keeping.
        now: instant of the erasure.
        salts: gives random bytes.

    Raises:
        InputError: there is no such party, or no reason.
        DataError: something is open, held or still to be kept; the message lists all of it.
    """
    if not reason.strip():
        raise InputError("REASON_MISSING", "No reason is given.", "Say why with --reason; name nobody in it.")
    against = reasons_against(connection, party_id, rules, now)
    if against:
        raise DataError("ERASURE_REFUSED", f"Party {party_id} may not be erased: {'; '.join(against)}.")
    number = connection.scalar(select(Party.farmer_id).where(Party.id == party_id))
    standing = standing_of(connection, party_id)
    runs, batches = files_naming(connection, number, standing)
    photos = watched_of(connection, party_id, standing.facilities).photos
    files = papers_of_party(connection, party_id)
    counts = empty_rows(connection, party_id, number, standing, now)
    if number is not None:
        remember(connection, number, now, salts)
    row = {"party_id": party_id, "erased_by_id": by_id, "reason": reason.strip(), "counts": counts, "erased_at": now}
    erasure_id = connection.scalars(insert(Erasure).returning(Erasure.id), row).one()
    key = str(erasure_id)
    append(connection, [Link(EntryKind.ERASURE, key, erasure_contents(connection, [key])[key])], now)
    return Erased(party_id, counts, runs, batches, photos, tuple(sorted(files)))


def erasure_contents(connection: Connection, keys: Sequence[str]) -> Mapping[str, Content]:
    """What the chain vouches for of erasures: the subjects that they emptied, by their hashes."""
    among = Erasure.id.in_(listed_numbers(connection, numbers_of(keys)))
    rows = connection.execute(select(Erasure.__table__).where(among)).mappings()
    return {str(row["id"]): _content(connection, row) for row in rows}


def erasure_witness() -> Witness:
    """How erasures are checked against the chain; a subject emptied without one needs an entry that is not there."""
    return Witness(erasure_contents, _keys, once=True)


def _keys(connection: Connection) -> Iterator[Sequence[str]]:
    yield from numbered(Erasure.id)(connection)
    its_own = select(Erasure.id).where(
        Erasure.party_id == CreditSubject.party_id, Erasure.erased_at == CreditSubject.erased_at
    )
    emptied = connection.scalars(
        select(CreditSubject.id)
        .where(CreditSubject.erased_at.is_not(None), ~its_own.exists())
        .order_by(CreditSubject.id)
    ).all()
    for chunk in chunked(emptied):
        yield [f"of subject {number}" for number in chunk]


def _content(connection: Connection, row: RowMapping) -> Content:
    subjects = connection.scalars(
        select(CreditSubject.subject_hash)
        .where(CreditSubject.party_id == row["party_id"], CreditSubject.erased_at == row["erased_at"])
        .order_by(CreditSubject.subject_hash)
    )
    return {
        "id": row["id"],
        "party_id": row["party_id"],
        "subjects": list(subjects),
        "erased_by_id": row["erased_by_id"],
        "reason_hash": text_hash(row["reason"]),
        "counts": dict(row["counts"]),
        "erased_at": instant(row["erased_at"]),
    }
