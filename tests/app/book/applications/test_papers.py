"""Papers as somebody sends them: what is kept of them, what is refused, and that they go with the person."""

from __future__ import annotations

import io
import struct
import zlib
from datetime import date

import pytest
from PIL import Image
from sqlalchemy import select

from app.alerts.visits.photos import MOST_BYTES
from app.book.applications import papers
from app.book.parties.erased_rows import empty_rows, papers_of_party
from app.book.parties.relations import standing_of
from app.db.engine import writing
from app.db.tables import ApplicationPaper
from app.db.tables.office_kinds import PaperKind
from geo.errors import InputError
from tests.app.book.applications.made_up import Desk, picture


def _bomb() -> bytes:
    """A PNG of a few bytes that says it is 9,000 pixels wide and high."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 9_000, 9_000, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "PAPER_FORMAT"),
        (b"<html><script>alert(1)</script>", "PAPER_FORMAT"),
        (b"GIF89a" + bytes(40), "PAPER_FORMAT"),
        (picture()[:60], "PHOTO_DAMAGED"),
        (b"\xff\xd8\xff" + bytes(100), "PHOTO_DAMAGED"),
        (_bomb(), "PHOTO_SIZE"),
        (b"%PDF-" + bytes(MOST_BYTES), "PAPER_SIZE"),
    ],
)
def test_what_is_no_paper_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(InputError) as caught:
        papers.read_sheet(content)
    assert caught.value.code == code


def test_a_picture_loses_what_the_phone_wrote_beside_it() -> None:
    exif = Image.Exif()
    exif[0x010F] = "a phone"
    exif[0x9286] = "a comment"
    kept = papers.read_sheet(picture(exif=exif.tobytes(), comment=b"of somebody"))
    assert kept.media_type == "image/jpeg"
    with Image.open(io.BytesIO(kept.content)) as shown:
        assert not shown.getexif()
    assert b"phone" not in kept.content
    assert b"somebody" not in kept.content


def test_what_follows_a_picture_is_not_kept() -> None:
    kept = papers.read_sheet(picture(form="PNG") + b"<script>alert(1)</script>")
    assert b"script" not in kept.content


def test_papers_and_their_files_go_with_the_person(desk: Desk) -> None:
    number = desk.begin()
    for form in ("JPEG", "PNG"):
        sheet = papers.read_sheet(picture(form=form))
        desk.act(papers.add_paper, number, "olga", sheet, desk.store, kind=PaperKind.LEASE, expires_on=date(2027, 1, 1))
    engine = desk.bank.engine
    with writing(engine) as connection:
        files = papers_of_party(connection, desk.party)
        counts = empty_rows(connection, desk.party, "F-1", standing_of(connection, desk.party), desk.now)
    assert len(files) == counts["application_paper"] == 2
    for digest in files:
        assert desk.store.path(digest).is_file()
        desk.store.drop(digest)
    with engine.connect() as connection:
        assert connection.execute(select(ApplicationPaper)).all() == []


def test_the_same_file_of_two_papers_stays_until_both_are_gone(desk: Desk) -> None:
    number, sheet = desk.begin(), papers.read_sheet(picture())
    first, second = (
        desk.act(papers.add_paper, number, "olga", sheet, desk.store, kind=kind, expires_on=None)
        for kind in (PaperKind.LEASE, PaperKind.OTHER)
    )
    assert desk.act(papers.remove_paper, number, "olga", first) == frozenset()
    assert len(desk.act(papers.remove_paper, number, "olga", second)) == 1
