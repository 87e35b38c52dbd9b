"""Receipts out of a book that was refreshed: unfolded, worked out again, told to a farmer."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import select

from app.artefacts.folders import Folders
from app.book.decisions.authorities import Grant, grant
from app.book.decisions.by_people import Sitting, refuse
from app.book.refresh.asking import RefreshRequest
from app.book.refresh.refreshing import refresh_book
from app.db.engine import writing
from app.db.tables import CreditSubject, Proposal
from app.db.tables.kinds import SubjectKind
from app.jobs.progress import Silent
from scoring.policy import load_pack
from tests.app.api.access.service import NOW, Service, open_service
from tests.app.book.made_up_book import tamper


@pytest.fixture
def booked(
    load_benchmark: Callable[[str], ModuleType], migrated_sqlite_url: str, make_engine: Any, tmp_path: Path
) -> tuple[Service, int]:
    """A service over a refreshed book of 30 parcels, and the proposal of one farmer of several parcels."""
    made = load_benchmark("refresh_book")
    book = made.make_book(30, 8, 3)
    engine = make_engine(migrated_sqlite_url)
    service = open_service(engine)
    record = made.write_run(tmp_path / "run", book, load_pack("cn-planting-generic"), "run-1")
    with writing(engine) as connection:
        made.load_parcels(connection, book)
        made.load_run_row(connection, record)
    salts = (number.to_bytes(32) for number in itertools.count(1))
    request = RefreshRequest(date(2026, 11, 22), tmp_path / "run", tmp_path / "book")
    refresh_book(request, engine, Silent(), lambda: NOW, lambda: next(salts))
    service.folders = Folders(book=tmp_path / "book")
    wanted = (
        select(Proposal.id)
        .join(CreditSubject, CreditSubject.id == Proposal.credit_subject_id)
        .where(CreditSubject.kind == SubjectKind.FARMER, Proposal.amount_minor > 0)
        .order_by(Proposal.amount_minor.desc())
    )
    with engine.connect() as connection:
        return service, int(connection.scalars(wanted).first() or 0)


def test_a_receipt_unfolds_from_the_amount_to_lines_to_parcels(booked: tuple[Service, int]) -> None:
    service, number = booked
    page = service.signed_in("rita").get(f"/api/v1/proposals/{number}").json()
    receipt, line = page["receipt"], page["line"]
    assert receipt["adds_up"]
    assert receipt["sha256"] == page["receipt_hash"]
    assert sum(round(float(each["effect"]) * 100) for each in receipt["lines"]) == round(
        float(line["amount"]["amount"]) * 100
    )
    assert 1 <= len(receipt["principal"]) <= 4
    assert receipt["simulated"]
    parts = page["parts"]
    assert len(parts) > 1
    assert all(part["lines"] and part["linked"] and part["area_ha"] > 0 for part in parts)
    assert sum(round(float(part["amount"]["amount"]) * 100) for part in parts if part["amount"]) == round(
        float(line["amount"]["amount"]) * 100
    )


def test_the_farmer_is_told_in_plain_words_in_both_languages(booked: tuple[Service, int]) -> None:
    service, number = booked
    told = service.signed_in("rita").get(f"/api/v1/proposals/{number}/explanation").json()
    assert told["en"]["opening"].startswith("By the rules of our bank the highest loan is ")
    assert told["zh"]["opening"].startswith("按本行的规则，最高可贷")
    for language in ("en", "zh"):
        assert 1 <= len(told[language]["reasons"]) <= 4
        assert len(told[language]["labels"]) == 2  # simulated, and an example policy
        assert told[language]["objection"]


def test_a_decision_is_worked_out_again_to_the_byte(booked: tuple[Service, int], tmp_path: Path) -> None:
    service, number = booked
    tamper(service.access.engine, "UPDATE proposal SET status = 'open'")
    rob = service.people["rob"]
    with writing(service.access.engine) as connection:
        grant(connection, Grant(rob.id, 10**9, "CNY", NOW), service.people["ada"], NOW)
        refuse(connection, number, "no", Sitting(rob, load_pack("cn-planting-generic"), NOW))
    browser = service.signed_in("rita")
    shown = browser.get("/api/v1/decisions/1").json()
    assert (shown["replay"], shown["receipt"]["adds_up"]) == (None, True)
    assert shown["said"]["en"].startswith(f"Decision 1 on proposal {number}")
    again = browser.get("/api/v1/decisions/1?replay=true").json()["replay"]
    assert (again["same"], again["sha256"]) == (True, shown["receipt_hash"])
    told = browser.get(f"/api/v1/proposals/{number}/explanation")
    assert (told.status_code, told.json()["code"]) == (400, "LETTER_OF_OTHER_AMOUNT")
    for folder in (tmp_path / "book" / "batches").iterdir():
        (folder / "limit_inputs.parquet").unlink()
    again = browser.get("/api/v1/decisions/1?replay=true").json()
    assert again["receipt_fault"]["code"] in {"REPLAY_GONE", "TABLE_UNREADABLE"}
    shutil.rmtree(tmp_path / "book")
    page = browser.get(f"/api/v1/proposals/{number}").json()
    assert (page["receipt"], page["receipt_fault"]["code"]) == (None, "REPLAY_GONE")
