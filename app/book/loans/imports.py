"""A core loan file into the book: once, whole, in one transaction, and without touching what people decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy.exc import StatementError

from app.book.chain.links import Link, append
from app.book.chain.witness import Content, Witness, numbered
from app.book.loans.cover import Cover, hold_cover
from app.book.loans.holding import end, hold
from app.book.loans.land import Land, hold_land
from app.book.loans.lines import close_lines, ensure_lines, ensure_parties, hold_borrowers
from app.book.loans.loanfile import LoanFile
from app.db.engine import said_by, writing
from app.db.erased import refuse_erased
from app.db.listed import listed, listed_numbers
from app.db.rows import Row, chunked
from app.db.tables import LoanAccount, LoanImport
from app.db.tables.kinds import EntryKind, LoanClass
from geo.errors import DataError, InputError
from scoring.lending.loanbook import LoanBook

_FACTS: Final = (
    "product", "currency", "principal_minor", "outstanding_minor", "overdue_minor", "days_overdue", "rate_ppm",
    "opened_on", "due_on",
)  # fmt: skip

_VOUCHED: Final = ("source", "file_hash", "mapping_hash", "loans", "totals", "imported_by_id")


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """What an import did, or would do.

    Attributes:
        source: whose file it is.
        as_of: day that the file tells of.
        already_imported: the same file was imported before, and nothing was written.
        written: whether it was written; False of a dry run and of a file that is there already.
        loans: in the file.
        totals: counts and sums by currency, as LoanBook.totals gives them.
        new_loans, changed_loans: accounts that the book did not know, or knew otherwise.
        ended_loans: accounts of the source that a complete file no longer has.
        new_lines, changed_lines: facilities likewise.
        other_limits: facilities decided here with another sanctioned amount than the file states; nothing changed.
        land: plots, crops and outlines; None where nothing was done.
        cover: policies and claims; None where nothing was done.
    """

    source: str
    as_of: date
    already_imported: bool
    written: bool
    loans: int
    totals: dict[str, dict[str, int | None]]
    new_loans: int = 0
    changed_loans: int = 0
    ended_loans: int = 0
    new_lines: int = 0
    changed_lines: int = 0
    other_limits: tuple[str, ...] = ()
    land: Land | None = None
    cover: Cover | None = None

    def as_dict(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return asdict(self) | {"as_of": self.as_of.isoformat(), "other_limits": list(self.other_limits)}


def import_loans(
    engine: Engine, file: LoanFile, *, now: datetime, imported_by_id: int | None = None, dry_run: bool = False
) -> ImportCounts:
    """Write a loan file; the same file again writes nothing.

    Loans are bitemporal: one whose state changed is ended at the file's day and told anew. Facilities that the core
    system brought take its terms; what was decided here stays, and a difference is counted.

    Args:
        engine: database at the newest revision.
        file: read and reconciled.
        now: when the bank comes to know it.
        imported_by_id: who does it; None: nobody signed in.
        dry_run: do everything, count, and take it all back.

    Raises:
        InputError: the file's day lies before that of the source's last import, the file contradicts the book, or
            the clock was set back.
        DataError: farmers of the file were erased, or the database refuses.
    """
    try:
        with writing(engine) as connection:
            known = _last_imports(connection, file)
            if known is not None:
                return known
            counts = _import(connection, file, now, imported_by_id, written=not dry_run)
            if dry_run:
                connection.rollback()
            return counts
    except StatementError as error:
        raise DataError("LOAN_IMPORT_FAILED", f"The loan file was not imported: {said_by(error)}.") from error


def day_start(day: date) -> datetime:
    """First instant of a book-keeping day, in UTC whatever the zone: such a day is a date, not a span of hours."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def import_contents(connection: Connection, keys: Sequence[str]) -> Mapping[str, Content]:
    """What the chain vouches for of imports: file, mapping, counts and sums."""
    among = LoanImport.id.in_(listed_numbers(connection, [int(key) for key in keys]))
    rows = connection.execute(select(LoanImport.__table__).where(among)).mappings()
    return {str(row["id"]): {name: row[name] for name in _VOUCHED} | {"as_of": str(row["as_of"])} for row in rows}


def import_witness() -> Witness:
    """How imports are checked against the chain."""
    return Witness(import_contents, numbered(LoanImport.id), once=True)


def _last_imports(connection: Connection, file: LoanFile) -> ImportCounts | None:
    """The answer where the same file is there already; refuses a day before the last one."""
    book = file.book
    table = LoanImport.__table__
    same = connection.execute(
        select(table).where(
            table.c.source == book.source, table.c.file_hash == file.file_hash, table.c.as_of == book.as_of
        )
    ).mappings().first()  # fmt: skip
    if same is not None:
        _refuse_other_mapping(file, str(same["mapping_hash"]))
        return ImportCounts(book.source, book.as_of, True, False, len(book.loans), book.totals())
    last = connection.scalar(
        select(LoanImport.as_of).where(LoanImport.source == book.source).order_by(LoanImport.as_of.desc()).limit(1)
    )
    if last is not None and book.as_of < last:
        raise InputError(
            "BOOK_DAY_BACK",
            f"The file tells of {book.as_of}, and the last import of {book.source!r} is of {last}.",
            "Import files in the order of their days; nothing was written.",
        )
    return None


def _refuse_other_mapping(file: LoanFile, mapping_hash: str) -> None:
    if mapping_hash != file.mapping.content_hash:
        raise InputError(
            "BOOK_OTHER_MAPPING",
            f"The same file of {file.book.as_of} was imported with another mapping.",
            "Import the next export with the mapping that is right; nothing was written.",
        )


def _import(
    connection: Connection, file: LoanFile, now: datetime, imported_by_id: int | None, *, written: bool
) -> ImportCounts:
    book, at = file.book, day_start(file.book.as_of)
    refuse_erased(connection, book.loans.farmer_id)
    parties = ensure_parties(connection, book.loans.farmer_id, at, now)
    lines = ensure_lines(connection, book.loans, at, now)
    hold_borrowers(connection, book.loans, lines.ids, parties, at, now)
    _refuse_other_source(connection, book)
    accounts = hold(connection, LoanAccount, ("account_number",), _accounts(book, lines.ids), at, now)
    ended = _end_missing(connection, book, at) if book.complete else 0
    land = hold_land(connection, book, lines.ids, at, now)
    cover = hold_cover(connection, book, lines.ids, parties, at, now)
    _record(connection, file, now, imported_by_id)
    return ImportCounts(
        book.source, book.as_of, False, written, len(book.loans), book.totals(), accounts.new, accounts.changed,
        ended, lines.new, lines.changed, lines.other_limits, land, cover,
    )  # fmt: skip


def _accounts(book: LoanBook, lines: Mapping[str, int]) -> list[Row]:
    return [
        {"account_number": row["loan_number"], "facility_id": lines[row["facility_number"]]}
        | {name: row[name] for name in _FACTS}
        | {"loan_class": _class(row["loan_class"]), "source": book.source, "as_of": book.as_of}
        for row in book.loans.to_dict("records")
    ]


def _class(name: str | None) -> LoanClass | None:
    """Class as tables name it: what supervisors call pass is normal there."""
    return None if name is None else LoanClass.NORMAL if name == "pass" else LoanClass(name)


def _refuse_other_source(connection: Connection, book: LoanBook) -> None:
    for chunk in chunked(book.loans.loan_number.tolist()):
        other = connection.execute(
            select(LoanAccount.account_number, LoanAccount.source)
            .where(LoanAccount.account_number.in_(listed(connection, chunk)))
            .where(LoanAccount.valid_to.is_(None), LoanAccount.source != book.source)
            .limit(1)
        ).first()
        if other is not None:
            raise InputError(
                "BOOK_OTHER_SOURCE",
                f"The loan {other.account_number} came from {other.source!r}, not from {book.source!r}.",
                "Give loans of several systems numbers of their own (`prefix` in the mapping); nothing was written.",
            )


def _end_missing(connection: Connection, book: LoanBook, at: datetime) -> int:
    """End the accounts that a complete file no longer has, and the lines it brought that have none left; how many."""
    there = set(book.loans.loan_number)
    rows = connection.execute(
        select(LoanAccount.id, LoanAccount.account_number, LoanAccount.facility_id, LoanAccount.valid_from).where(
            LoanAccount.source == book.source, LoanAccount.valid_to.is_(None)
        )
    )
    gone = [row for row in rows if row.account_number not in there]
    if any(row.valid_from >= at for row in gone):
        raise InputError(
            "BOOK_SAME_DAY",
            f"The file lacks loans that came in from {book.source!r} with the same day, and its mapping says complete.",
            "Say complete = false where files come in parts, or give the file its own day; nothing was written.",
        )
    end(connection, LoanAccount, [row.id for row in gone], at)
    close_lines(connection, [row.facility_id for row in gone if row.facility_id is not None], at)
    return len(gone)


def _record(connection: Connection, file: LoanFile, now: datetime, imported_by_id: int | None) -> None:
    book = file.book
    row: Row = {
        "source": book.source,
        "as_of": book.as_of,
        "file_hash": file.file_hash,
        "mapping_hash": file.mapping.content_hash,
        "loans": len(book.loans),
        "totals": book.totals(),
        "imported_by_id": imported_by_id,
    }
    made = connection.execute(insert(LoanImport).values(**row, recorded_at=now).returning(LoanImport.id))
    key = str(made.scalar_one())
    append(connection, [Link(EntryKind.LOAN_IMPORT, key, import_contents(connection, [key])[key])], now)
