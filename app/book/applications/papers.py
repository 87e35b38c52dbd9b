"""Papers of an application: photographed or scanned, freed of what they carry beside the picture, kept by hash."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, insert, select, update

from app.alerts.visits.photos import MOST_BYTES, photo_of
from app.artefacts.contents import ContentStore
from app.book.applications.files import Doing, Kind, find_for, note
from app.book.applications.stages import Act
from app.db.tables import Application, ApplicationPaper
from app.db.tables.office_kinds import PaperKind
from geo.errors import InputError

MOST_PAPERS: Final = 60
PDF: Final = "application/pdf"
#: First bytes that are taken.
_MAGIC: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"%PDF-")
_MEDIA_TYPES: Final = {".jpg": "image/jpeg", ".png": "image/png"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A paper as it may be kept: bytes and their media type, one of three."""

    content: bytes
    media_type: str


def read_sheet(content: bytes) -> Sheet:
    """A paper as it may be kept.

    A picture is decoded, turned upright and written again, so that it holds pixels and nothing else. A PDF stays as it
    came: nobody opens it here, and it is only ever handed out as a file to save.

    Raises:
        InputError: PAPER_FORMAT: neither JPEG, PNG nor PDF; PAPER_SIZE: too many bytes; those of photo_of.
    """
    if len(content) > MOST_BYTES:
        raise too_large()
    if not content.startswith(_MAGIC):
        raise InputError("PAPER_FORMAT", "The file is neither JPEG, PNG nor PDF.", "Photograph the paper again.")
    if content.startswith(_MAGIC[-1]):
        return Sheet(content, PDF)
    picture = photo_of(content, "The paper")
    return Sheet(picture.content, _MEDIA_TYPES[picture.suffix])


def too_large() -> InputError:
    """The refusal of a file with too many bytes."""
    return InputError("PAPER_SIZE", f"A paper has at most {MOST_BYTES // 2**20} MiB.", "Save it smaller.")


def add_paper(
    connection: Connection,
    number: str,
    within: ColumnElement[bool],
    doing: Doing,
    sheet: Sheet,
    store: ContentStore,
    *,
    kind: PaperKind,
    expires_on: date | None,
) -> int:
    """Keep a paper of the borrower; its number.

    The file comes before its row: what a failure leaves behind is a file that no row names, and not the reverse.

    Raises:
        InputError: see find_for; too many papers, or the folder cannot be written.
    """
    filed = find_for(connection, number, within, Act.CHANGE, doing)
    if len(papers_of(connection, filed.id)) >= MOST_PAPERS:
        raise InputError("PAPERS_MANY", f"At most {MOST_PAPERS} papers.", "Take one back first.")
    row = {
        "application_id": filed.id,
        "party_id": filed.party_id,
        "kind": kind,
        "content_hash": store.keep(sheet.content),
        "media_type": sheet.media_type,
        "size": len(sheet.content),
        "expires_on": expires_on,
        "added_by_id": doing.by.id,
        "recorded_at": doing.now,
    }
    made = connection.scalars(insert(ApplicationPaper).returning(ApplicationPaper.id), row).one()
    note(connection, filed, Kind.CHANGED, doing)
    return made


def remove_paper(
    connection: Connection, number: str, within: ColumnElement[bool], doing: Doing, paper_id: int
) -> frozenset[str]:
    """Take a paper back; hashes of files that no row names any more, to be dropped after the transaction.

    Raises:
        InputError: see find_for; the application has no such paper.
    """
    filed = find_for(connection, number, within, Act.CHANGE, doing)
    paper = _paper(connection, filed.id, paper_id)
    connection.execute(update(ApplicationPaper).where(ApplicationPaper.id == paper_id).values(removed_at=doing.now))
    note(connection, filed, Kind.CHANGED, doing)
    return without_rows(connection, {paper.content_hash})


def papers_of(connection: Connection, application_id: int) -> list[Any]:
    """Papers of an application that were not taken back, oldest first."""
    return list(connection.execute(_kept().where(ApplicationPaper.application_id == application_id)))


def find_paper(connection: Connection, number: str, within: ColumnElement[bool], paper_id: int) -> Any:
    """One paper of an application that a person reaches: content_hash, media_type, party_id; InputError: none."""
    application = connection.scalar(select(Application.id).where(Application.number == number, within))
    return _paper(connection, application, paper_id)


def without_rows(connection: Connection, hashes: set[str]) -> frozenset[str]:
    """Those of the hashes that no paper names any more: two papers may be the same file."""
    named = select(ApplicationPaper.content_hash).where(
        ApplicationPaper.content_hash.in_(hashes), ApplicationPaper.removed_at.is_(None)
    )
    return frozenset(hashes - set(connection.scalars(named)))


def _kept() -> Select[*tuple[Any, ...]]:
    paper = ApplicationPaper
    columns = (paper.id, paper.kind, paper.media_type, paper.size, paper.expires_on, paper.recorded_at)
    return select(*columns, paper.content_hash, paper.party_id).where(paper.removed_at.is_(None)).order_by(paper.id)


def _paper(connection: Connection, application_id: int | None, paper_id: int) -> Any:
    mine = (ApplicationPaper.id == paper_id, ApplicationPaper.application_id == application_id)
    found = connection.execute(_kept().where(*mine)).one_or_none()
    if application_id is None or found is None:
        raise InputError("PAPER_UNKNOWN", f"There is no paper {paper_id}.", "Load the page again.")
    return found
