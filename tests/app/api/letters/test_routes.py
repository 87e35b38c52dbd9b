"""Letters are asked for, written by a worker and fetched; each within reach only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.artefacts.contents import ContentStore
from app.artefacts.folders import Folders
from app.db.tables.office_kinds import JobKind
from app.queue.claiming import claim, finish
from tests.app.api.decisions.conftest import Office, open_office
from tests.app.book.made_up_book import Offer

ASKED = {"reader": "committee", "language": "zh"}


@pytest.fixture
def bare(migrated_sqlite_url: str, make_engine: Any) -> Office:
    return open_office(make_engine(migrated_sqlite_url))


@pytest.fixture
def lettered(bare: Office, tmp_path: Path) -> Office:
    """An office that keeps files."""
    bare.service.folders = Folders(files=tmp_path)
    return bare


def _written(office: Office, content: bytes, folder: Path) -> Mapping[str, Any]:
    """What a worker does, without typesetting."""
    clock = office.service.clock
    held = claim(office.engine, "w", {JobKind.LETTER}, timedelta(minutes=1), clock())
    assert held is not None
    finish(office.engine, held, {"file": ContentStore(folder).keep(content), "size": len(content)}, clock())
    return held.asked


def test_a_letter_is_asked_for_once_and_fetched_when_it_is_written(lettered: Office, tmp_path: Path) -> None:
    (number,) = lettered.propose([Offer(100_000)])
    olga = lettered.signed_in("olga")
    first = olga.post(f"/api/v1/proposals/{number}/letters", json=ASKED)
    assert (first.status_code, first.json()["state"]) == (202, "queued")
    job = first.json()["number"]
    assert olga.post(f"/api/v1/proposals/{number}/letters", json=ASKED).json()["number"] == job
    early = olga.get(f"/api/v1/letters/{job}.pdf")
    assert (early.status_code, early.json()["code"]) == (409, "LETTER_NOT_READY")
    assert _written(lettered, b"%PDF-1.7 made up", tmp_path) == {"proposal": number} | ASKED
    letter = olga.get(f"/api/v1/letters/{job}.pdf")
    assert letter.content == b"%PDF-1.7 made up"
    assert letter.headers["content-type"] == "application/pdf"
    assert letter.headers["cache-control"] == "no-store"


def test_another_branch_gets_no_letter(lettered: Office, tmp_path: Path) -> None:
    (number,) = lettered.propose([Offer(100_000)])
    job = lettered.signed_in("olga").post(f"/api/v1/proposals/{number}/letters", json=ASKED).json()["number"]
    _written(lettered, b"%PDF", tmp_path)
    susi = lettered.signed_in("susi")
    assert susi.post(f"/api/v1/proposals/{number}/letters", json=ASKED).status_code == 404
    assert susi.get(f"/api/v1/letters/{job}.pdf").status_code == 404
    assert lettered.signed_in("rita").get(f"/api/v1/letters/{job}.pdf").status_code == 200


@pytest.mark.parametrize("body", [{}, ASKED | {"reader": "press"}, ASKED | {"path": "/etc/passwd"}])
def test_a_letter_that_there_is_not_is_refused(lettered: Office, body: dict[str, str]) -> None:
    (number,) = lettered.propose([Offer(100_000)])
    answer = lettered.signed_in("olga").post(f"/api/v1/proposals/{number}/letters", json=body)
    assert answer.status_code == 422


def test_a_service_without_files_says_so(bare: Office) -> None:
    (number,) = bare.propose([Offer(100_000)])
    answer = bare.signed_in("olga").post(f"/api/v1/proposals/{number}/letters", json=ASKED)
    assert (answer.status_code, answer.json()["code"]) == (503, "FOLDER_MISSING")
