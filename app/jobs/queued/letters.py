"""Letters and committee sheets of proposals, written beside the web: they read imagery."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.artefacts.folders import required
from app.book.decisions.decided import limit_of_proposal
from app.book.refresh.folder import BookFolder
from app.jobs.letter import LetterRequest, letter_bytes
from app.jobs.queued.shop import Shop
from app.queue.claiming import Claim
from app.queue.working import Progress


def write_letter(shop: Shop, held: Claim, progress: Progress) -> Mapping[str, Any]:
    """Write the letter of a proposal.

    asked: proposal, reader ("farmer", "committee"), language. The letter names the subject by its id alone, so that the
    file holds no personal data. The answer: file (hash) and size in bytes.
    """
    progress.tell("Letter")
    asked = held.asked
    book = BookFolder(required(shop.folders.book, "ACRELINE_BOOK_DIR"))
    with shop.engine.connect() as connection:
        found = limit_of_proposal(connection, book, asked["proposal"])
    request = LetterRequest(
        run=found.folder,
        subject=found.subject_id,
        kind=found.limits[0].kind,
        reader=asked["reader"],
        language=asked["language"],
        pixels=None if found.grounds.run_id is None else shop.runs.folder(found.grounds.run_id),
        verdict=found.verdict,
    )
    content = letter_bytes(request, shop.clock)
    return {"file": shop.files.keep(content), "size": len(content)}
