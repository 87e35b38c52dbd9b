from __future__ import annotations

import hashlib
import itertools
import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Engine, func, insert, select, text, update

from app.book.chain.links import content_hash
from app.book.chain.witnesses import witnesses
from app.book.decisions.people import find_user
from app.book.refresh import folder as folders
from app.book.refresh.asking import RefreshRequest
from app.book.refresh.batches import list_batches, release_batch, withdraw_batch
from app.book.refresh.refreshing import refresh_book
from app.book.refresh.summary import RefreshSummary
from app.db.engine import open_engine, sqlite_url, writing
from app.db.erased import remember
from app.db.tables import (
    ChainEntry,
    CreditSubject,
    Decision,
    DecisionParcel,
    Facility,
    LimitBatch,
    LoanAccount,
    LoanImport,
    Proposal,
    ProposalParcel,
)
from app.db.tables.kinds import BatchStatus, EntryKind, ProposalStatus
from app.jobs.lock import sole_user
from app.jobs.progress import Silent
from app.jobs.publish import committed_run
from app.jobs.replay import read_record
from geo.errors import AcrelineError, InputError
from geo.season import Season
from scoring.limits import limit_book
from scoring.policy import load_pack, pack_text
from scoring.replay import limit_bytes, replay

CN = load_pack("cn-planting-generic")
DAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
RANDOM = random.Random(7)  # noqa: S311 - a sample, not a secret


@dataclass
class Books:
    """A made-up book as runs on disk and in a database."""

    made: ModuleType
    engine: Engine
    root: Path
    runs: Path
    clock: Iterator[datetime]
    part: int = 80

    @property
    def out(self) -> Path:
        return self.root / "book"

    def run(self, name: str, book: Any) -> Path:
        """A run folder, made once for all tests, and its row."""
        if not (self.runs / name).exists():
            self.made.write_run(self.runs / name, book, CN, name)
        record = committed_run(self.runs / name)
        with writing(self.engine) as connection:
            self.made.load_run_row(connection, record)
        return self.runs / name

    def refresh(self, run: Path, day: date = DAY, report: Any = None, **options: Any) -> RefreshSummary:
        request = RefreshRequest(day, run, self.out, part_parcels=self.part, **options)
        salts = (number.to_bytes(32) for number in itertools.count(1))
        return refresh_book(request, self.engine, report or Silent(), lambda: next(self.clock), lambda: next(salts))

    def rows(self, wanted: Any) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(wanted))

    def count(self, table: Any) -> int:
        return int(self.rows(select(func.count()).select_from(table))[0][0])

    def limits(self) -> dict[str, tuple[Any, ...]]:
        """Open and held proposals by subject."""
        wanted = (
            select(CreditSubject.subject_id, Proposal.amount_minor, Proposal.status, Proposal.receipt_hash)
            .join(Proposal, Proposal.credit_subject_id == CreditSubject.id)
            .where(Proposal.status.in_((ProposalStatus.OPEN, ProposalStatus.HELD)))
        )
        return {name: tuple(rest) for name, *rest in self.rows(wanted)}


@pytest.fixture(scope="module")
def made(load_benchmark: Callable[[str], ModuleType]) -> ModuleType:
    return load_benchmark("refresh_book")


@pytest.fixture(scope="module")
def book(made: ModuleType) -> Any:
    """150 parcels of 60 farmers, some parcels on their own; nothing approved before."""
    found = made.make_book(150, 60, 3)
    found.parcels["approved_minor"] = pd.array([pd.NA] * 150, dtype="Int64")
    found.parcels.loc[found.parcels.index % 9 == 0, "farmer_id"] = None
    return found


def _books(made: ModuleType, engine: Engine, root: Path, runs: Path, book: Any) -> Books:
    with writing(engine) as connection:
        made.add_people(connection)
        made.load_parcels(connection, book)
    return Books(made, engine, root, runs, (NOW + timedelta(seconds=n) for n in itertools.count()))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture
def books(made: ModuleType, book: Any, engine: Engine, tmp_path: Path, runs: Path) -> Books:
    return _books(made, engine, tmp_path, runs, book)


@pytest.fixture
def lite(made: ModuleType, book: Any, migrated_sqlite_url: str, make_engine: Any, tmp_path: Path, runs: Path) -> Books:
    """The same on SQLite only, for what has nothing to do with the database."""
    return _books(made, make_engine(migrated_sqlite_url), tmp_path, runs, book)


def _changed(book: Any, *parcels: int) -> Any:
    changed = book.parcels.copy()
    changed.loc[list(parcels), "cropped_area_ha"] *= 0.5
    return replace(book, parcels=changed)


def _without_a_declaration(book: Any) -> Any:
    """A change that moves no limit: a crop that is not declared any more."""
    declared = book.parcels.declared_crop.where(book.parcels.index != 1, None)
    return replace(book, parcels=book.parcels.assign(declared_crop=declared))


def _subjects(book: Any) -> pd.DataFrame:
    """Limits of the book's subjects, worked out at once."""
    limits = limit_book(book.parcels, book.seasons, CN, _season())
    return limits[(limits.subject_kind == "farmer") | limits.farmer_id.isna()]


def _season() -> Any:
    return Season(date(2026, 1, 1), date(2026, 12, 31))


def test_a_first_refresh_proposes_every_limit_and_says_so(books, book):
    summary = books.refresh(books.run("run-1", book))
    subjects = _subjects(book)
    known = subjects.amount_minor.notna()
    said = summary.as_dict()
    assert said.pop("seconds") >= 0
    assert said.pop("batch_id").startswith("20261122-")
    assert said == {
        "done": "recorded",
        "as_of": "2026-11-22",
        "season_id": "2026-01-01/2026-12-31",
        "stage": "in_season",
        "run_id": "run-1",
        "policy_id": "cn-planting-generic",
        "policy_hash": CN.content_hash,
        "currency": "CNY",
        "parcels": 150,
        "subjects": 72,
        "decided_again": 72,
        "up": 0,
        "down": 0,
        "same": 0,
        "new": int(known.sum()),
        "none": int((~known).sum()),
        "gone": 0,
        "erased": 0,
        "needs_visit": int(subjects.needs_visit.sum()),
        "before_minor": 0,
        "after_minor": int(subjects.amount_minor.sum()),
        "new_minor": int(subjects.amount_minor.sum()),
        "held_for": [],
        "status": "open",
        "rule": {"most_farmer_change": "0.30", "most_book_change": "0.05"},
        "worst": (),
        "proposals": 72,
    }
    assert (said["new"], said["none"], said["needs_visit"], said["after_minor"]) == GOLDEN
    _check_rows(books, summary)


def _check_rows(books: Books, summary: RefreshSummary) -> None:
    """What stands in the database is what the files of the batch say."""
    record = read_record(books.out / "batches" / summary.batch_id)
    rows = {(row["subject_kind"], row["subject_id"]): row for row in record.limits.to_pylist()}
    wanted = select(Proposal.__table__, CreditSubject.kind, CreditSubject.subject_id).join(
        CreditSubject, CreditSubject.id == Proposal.credit_subject_id
    )
    for proposal in books.rows(wanted):
        row = rows[str(proposal.kind), proposal.subject_id]
        assert (proposal.amount_minor, proposal.low_minor, proposal.high_minor, proposal.needs_visit) == (
            row["amount_minor"], row["low_minor"], row["high_minor"], row["needs_visit"],
        )  # fmt: skip
        assert proposal.receipt_hash == hashlib.sha256(limit_bytes(row)).hexdigest()
        assert proposal.reasons == [line["code"] for line in json.loads(row["reasons"]) if line["principal"]]
    parts = select(ProposalParcel.proposal_id, func.sum(ProposalParcel.amount_minor), func.count()).group_by(
        ProposalParcel.proposal_id
    )
    sums = {number: (total, parcels) for number, total, parcels in books.rows(parts)}
    for proposal in books.rows(select(Proposal.id, Proposal.amount_minor)):
        assert sums[proposal.id][0] == proposal.amount_minor
    assert sum(parcels for _, parcels in sums.values()) == 150


#: Of the made-up book, as scoring.limits gives them in one go.
GOLDEN = (63, 9, 49, 42_190_000)


def test_the_same_command_again_does_nothing(lite, book):
    run = lite.run("run-1", book)
    first = lite.refresh(run)
    tables = (LimitBatch, Proposal, ProposalParcel, ChainEntry, CreditSubject)
    before = [lite.count(table) for table in tables]
    again = lite.refresh(run)
    assert (again.done, again.batch_id) == ("stands", first.batch_id)
    assert {**again.as_dict(), "seconds": 0, "done": ""} == {**first.as_dict(), "seconds": 0, "done": ""}
    assert [lite.count(table) for table in tables] == before


def test_only_what_changed_is_decided_and_proposed_again(books, book):
    books.refresh(books.run("run-1", book))
    changed = _changed(book, 1, 2)
    summary = books.refresh(books.run("run-2", changed))
    farmers = set(book.parcels.farmer_id[[1, 2]])
    assert summary.decided_again == len(farmers)
    whole = _subjects(changed).set_index("subject_id").amount_minor
    now = books.limits()
    assert {name: amount for name, (amount, *_) in now.items()} == {
        name: None if pd.isna(amount) else int(amount) for name, amount in whole.items()
    }
    statuses = dict(map(tuple, books.rows(select(Proposal.status, func.count()).group_by(Proposal.status))))
    assert statuses == {ProposalStatus.OPEN: 72, ProposalStatus.SUPERSEDED: summary.proposals}


def test_a_change_that_moves_no_limit_proposes_nothing(lite, book):
    lite.refresh(lite.run("run-1", book))
    summary = lite.refresh(lite.run("run-3", _without_a_declaration(book)))
    assert (summary.decided_again, summary.proposals, summary.done) == (1, 0, "recorded")


def test_a_subject_that_is_gone_leaves_no_open_proposal(lite, book):
    lite.refresh(lite.run("run-1", book))
    gone = book.parcels.farmer_id[1]
    rest = book.parcels[book.parcels.farmer_id != gone].reset_index(drop=True)
    left = replace(book, parcels=rest, seasons=book.seasons[book.seasons.parcel_id.isin(rest.parcel_id)])
    summary = lite.refresh(lite.run("run-4", left))
    assert (summary.gone, summary.subjects) == (1, 71)
    assert gone not in lite.limits()


def test_a_farmer_whose_data_were_erased_is_left_out(lite, book):
    farmer = book.parcels.farmer_id[1]
    with writing(lite.engine) as connection:
        remember(connection, farmer, NOW - timedelta(hours=1), lambda size: b"s" * size)
    summary = lite.refresh(lite.run("run-1", book))
    assert (summary.erased, summary.subjects) == (1, 71)
    assert farmer not in lite.limits()
    assert summary.parcels == 150 - (book.parcels.farmer_id == farmer).sum()


def test_a_dry_run_says_the_same_and_writes_nothing(lite, book):
    run = lite.run("run-1", book)
    dry = lite.refresh(run, dry_run=True)
    assert not lite.out.exists()
    assert [lite.count(table) for table in (LimitBatch, Proposal, CreditSubject)] == [0, 0, 0]
    done = lite.refresh(run)
    assert {**done.as_dict(), "seconds": 0, "done": ""} == {**dry.as_dict(), "seconds": 0, "done": ""}


def _lend(lite: Books, book: Any) -> None:
    with writing(lite.engine) as connection:
        lite.made.load_people(connection, book, 5)


def _content(lite: Books, *tables: Any) -> str:
    digest = hashlib.sha256()
    for table in tables:
        for row in lite.rows(select(table.__table__).order_by(*table.__table__.primary_key)):
            digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()


def test_contracts_are_never_written(books, book):
    _lend(books, book)
    contracts = (Facility, LoanAccount)
    before = _content(books, *contracts)
    first = books.refresh(books.run("run-1", book))
    _act(books, release_batch, first.batch_id, "risk")
    books.refresh(books.run("run-2", _changed(book, 1, 2)))
    assert _content(books, *contracts) == before
    assert books.count(Facility) > 0


def test_positions_stand_beside_a_proposal(lite, book):
    _lend(lite, book)
    lite.refresh(lite.run("run-1", book))
    names = ("facility_number", "sanctioned_minor", "drawing_minor", "outstanding_minor", "available_minor")
    wanted = select(*(getattr(Proposal, name) for name in names))
    rows = lite.rows(wanted)
    lent = [row for row in rows if row.facility_number is not None]
    assert 0 < len(lent) < len(rows)
    assert all(row.available_minor == max(0, row.sanctioned_minor - row.outstanding_minor) for row in lent)
    assert all(tuple(row) == (None,) * 5 for row in rows if row.facility_number is None)


def test_several_facilities_are_summed_and_have_no_number(lite, book):
    _lend(lite, book)
    farmer = lite.rows(text("SELECT farmer_id, id FROM party WHERE id IN (SELECT party_id FROM role) LIMIT 1"))[0]
    with writing(lite.engine) as connection:
        span = lite.made._SPAN
        terms = {"product": "planting", "currency": "CNY", "revolving": False, "status": "active", **span}
        row = {"id": 9_000, "number": "SECOND", "limit_minor": 700, "starts_on": date(2026, 3, 1), **terms}
        connection.execute(insert(Facility), [row])
        connection.execute(
            insert(lite.made.Role), [{"party_id": farmer.id, "facility_id": 9_000, "kind": "borrower", **span}]
        )
    lite.refresh(lite.run("run-1", book))
    wanted = (
        select(Proposal.facility_number, Proposal.sanctioned_minor, Proposal.outstanding_minor, Proposal.reasons)
        .join(CreditSubject, CreditSubject.id == Proposal.credit_subject_id)
        .where(CreditSubject.subject_id == farmer.farmer_id)
    )
    found = lite.rows(wanted)[0]
    assert found.facility_number is None
    assert found.sanctioned_minor is not None
    assert found.outstanding_minor is None  # nobody knows what is owed on the second
    assert "SEVERAL_FACILITIES" in found.reasons


def _act(books: Books, act: Any, batch_id: str, login: str, reason: str = "looked at it") -> None:
    with writing(books.engine) as connection:
        act(connection, batch_id, find_user(connection, login), reason, next(books.clock))


def _held(books: Books, book: Any) -> RefreshSummary:
    _lend(books, book)
    return books.refresh(books.run("run-1", book))


def test_a_batch_that_moves_too_much_is_held_until_another_person_releases_it(books, book):
    summary = _held(books, book)
    assert summary.status == "held"
    assert {reason["code"] for reason in summary.held_for} == {"FARMER_MOVES", "BOOK_MOVES"}
    assert {status for _, status, _ in books.limits().values()} == {ProposalStatus.HELD}
    batch = books.rows(select(LimitBatch.__table__))[0]
    worst = next(reason for reason in batch.held_for if reason["code"] == "FARMER_MOVES")["worst"]
    hashes = {row.subject_hash for row in books.rows(select(CreditSubject.subject_hash))}
    assert len(worst) == 10
    assert {move["subject"] for move in worst} <= hashes
    _act(books, release_batch, summary.batch_id, "risk")
    assert {status for _, status, _ in books.limits().values()} == {ProposalStatus.OPEN}
    assert books.rows(select(LimitBatch.status))[0].status == BatchStatus.RELEASED


def test_who_may_not_release(lite, book):
    with lite.engine.connect() as connection:
        risk = find_user(connection, "risk")
    _lend(lite, book)
    summary = lite.refresh(lite.run("run-1", book), by=risk.id)
    for code, batch_id, login, reason in (
        ("UNKNOWN_BATCH", "20261122-none", "admin", "why"),
        ("MAKER_IS_CHECKER", summary.batch_id, "risk", "why"),
        ("REASON_EMPTY", summary.batch_id, "admin", "  "),
    ):
        with pytest.raises(InputError) as caught:
            _act(lite, release_batch, batch_id, login, reason)
        assert caught.value.code == code
    _act(lite, release_batch, summary.batch_id, "admin")
    with pytest.raises(InputError, match="released, not held") as caught:
        _act(lite, release_batch, summary.batch_id, "admin")
    assert caught.value.code == "BATCH_NOT_HELD"


def test_an_officer_releases_nothing(lite, book):
    summary = _held(lite, book)
    with writing(lite.engine) as connection:
        connection.execute(text("UPDATE app_user SET role = 'officer' WHERE login = 'risk'"))
    with pytest.raises(InputError) as caught:
        _act(lite, release_batch, summary.batch_id, "risk")
    assert caught.value.code == "ROLE_LACKS"


def test_a_held_batch_stops_the_next_one_but_not_the_same_nor_a_dry_run(lite, book):
    summary = _held(lite, book)
    assert lite.refresh(lite.runs / "run-1").done == "stands"
    other = lite.run("run-2", _changed(book, 1, 2))
    assert lite.refresh(other, dry_run=True).done == "dry run"
    with pytest.raises(InputError, match=summary.batch_id) as caught:
        lite.refresh(other)
    assert caught.value.code == "BATCH_HELD"


def test_a_withdrawn_batch_leaves_the_book_as_it_was(books, book):
    first = books.refresh(books.run("run-1", book))
    before = books.limits()
    second = books.refresh(books.run("run-2", _changed(book, 1, 2)))
    with pytest.raises(InputError) as caught:
        _act(books, withdraw_batch, first.batch_id, "risk")
    assert caught.value.code == "BATCH_FOLLOWED"
    _act(books, withdraw_batch, second.batch_id, "risk")
    assert books.limits() == before
    again = books.refresh(books.runs / "run-2")
    assert (again.done, again.batch_id) != ("stands", second.batch_id)
    assert (again.proposals, again.after_minor) == (second.proposals, second.after_minor)
    with pytest.raises(InputError) as caught:
        _act(books, withdraw_batch, second.batch_id, "risk")
    assert caught.value.code == "BATCH_WITHDRAWN"


def test_the_chain_vouches_for_batches_and_for_what_people_did_with_them(books, book):
    summary = _held(books, book)
    _act(books, release_batch, summary.batch_id, "risk")
    _act(books, withdraw_batch, summary.batch_id, "admin")
    with books.engine.connect() as connection:
        for kind, keys in (
            (EntryKind.BATCH, [summary.batch_id]),
            (EntryKind.RELEASE, [f"{summary.batch_id}/released", f"{summary.batch_id}/withdrawn"]),
        ):
            witness = witnesses()[kind]
            assert [key for chunk in witness.keys(connection) for key in chunk] == keys
            contents = witness.contents(connection, [*keys, "none", "none/released"])
            entries = select(ChainEntry.row_key, ChainEntry.content_hash).where(ChainEntry.kind == kind)
            assert dict(map(tuple, connection.execute(entries))) == {
                key: content_hash(content) for key, content in contents.items()
            }


def test_the_chain_finds_a_proposal_that_was_changed(lite, book):
    summary = lite.refresh(lite.run("run-1", book))
    with writing(lite.engine) as connection:
        connection.execute(update(Proposal).where(Proposal.amount_minor > 0).values(amount_minor=1))
        said = witnesses()[EntryKind.BATCH].contents(connection, [summary.batch_id])[summary.batch_id]
        entry = connection.scalar(select(ChainEntry.content_hash).where(ChainEntry.row_key == summary.batch_id))
    assert content_hash(said) != entry


def _refused(lite: Books, run: Path, code: str, day: date = DAY, **options: Any) -> AcrelineError:
    """The error; nothing is written."""
    before = [lite.count(table) for table in (LimitBatch, Proposal, CreditSubject, ChainEntry)]
    with pytest.raises(AcrelineError) as caught:
        lite.refresh(run, day, **options)
    assert caught.value.code == code
    assert [lite.count(table) for table in (LimitBatch, Proposal, CreditSubject, ChainEntry)] == before
    return caught.value


def test_a_clock_that_was_set_back_is_refused(lite, book):
    run = lite.run("run-1", book)
    lite.refresh(run)
    error = _refused(lite, run, "CLOCK_BACK", date(2026, 11, 21))
    assert "2026-11-22" in str(error)


@pytest.mark.parametrize(
    ("day", "code"), [(date(2026, 11, 23), "AS_OF_AHEAD"), (date(2026, 11, 19), "AS_OF_BEFORE_RUN")]
)
def test_a_day_that_does_not_fit_is_refused(lite, book, day, code):
    _refused(lite, lite.run("run-1", book), code, day)


def test_today_is_the_local_day_of_the_pack(lite, book):
    lite.clock = iter([datetime(2026, 11, 22, 16, 1, tzinfo=UTC)] * 9)  # past midnight in Shanghai
    assert lite.refresh(lite.run("run-1", book), date(2026, 11, 23)).as_of == date(2026, 11, 23)


def test_a_policy_that_is_not_in_force_is_refused(lite, book):
    _refused(lite, lite.run("run-1", book), "POLICY_NOT_IN_FORCE", date(2026, 10, 1))


def test_a_run_that_the_database_does_not_know_is_refused(lite, book):
    lite.made.write_run(lite.root / "run-5", book, CN, "run-5")
    _refused(lite, lite.root / "run-5", "RUN_NOT_LOADED")
    _refused(lite, lite.root / "nowhere", "RUN_MISSING")


def test_a_book_that_does_not_reconcile_is_refused_with_both_figures(books, book):
    _lend(books, book)
    lent = books.rows(select(func.count(), func.sum(LoanAccount.outstanding_minor)))[0]
    whole = {"loans": lent[0], "outstanding_minor": int(lent[1]) + 1}
    row = {"source": "core", "as_of": DAY, "file_hash": "1", "mapping_hash": "2", "loans": lent[0], "recorded_at": NOW}
    with writing(books.engine) as connection:
        connection.execute(insert(LoanImport), [{**row, "totals": {"CNY": whole}}])
    error = _refused(books, books.run("run-1", book), "BOOK_NOT_RECONCILED")
    assert "core" in str(error)


def test_facilities_in_another_currency_are_refused(lite, book):
    _lend(lite, book)
    with writing(lite.engine) as connection:
        connection.execute(update(Facility).where(Facility.id < 5).values(currency="EUR"))
    error = _refused(lite, lite.run("run-1", book), "CURRENCY_DIFFERS")
    assert "EUR" in str(error)


class Stop(BaseException):
    """The process ends here."""


class Stopper(Silent):
    """Ends the job at the n-th word of progress."""

    def __init__(self, at: int) -> None:
        self.left = at

    def _word(self, *_: object) -> None:
        self.left -= 1
        if self.left == 0:
            raise Stop

    begin = advance = end = _word


@pytest.fixture
def decisions(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many parcels each part decided had."""
    sizes: list[int] = []
    decide = folders.decide

    def counted(part: Any, pack: Any) -> Any:
        sizes.append(len(part.frame))
        return decide(part, pack)

    monkeypatch.setattr(folders, "decide", counted)
    return sizes


@pytest.mark.parametrize("at", [3, 5, 8, 10, 13])  # amid and after the parts, the files, the database
def test_stopped_anywhere_the_same_command_goes_on(lite, book, decisions, at):
    run = lite.run("run-1", book)
    try:
        lite.refresh(run, report=Stopper(at))
    except Stop:
        parts = len(list(lite.out.glob("work/*/part-*.parquet")))
        recorded = lite.count(LimitBatch)
        first = len(decisions)
        summary = lite.refresh(run)
        assert summary.done == ("stands" if recorded else "recorded")
        assert len(decisions) - first == (0 if recorded else 2 - parts)
    assert sum(decisions) >= 150
    assert lite.count(Proposal) == 72
    assert lite.count(LimitBatch) == 1
    assert not (lite.out / "work").exists()
    assert [path.name for path in (lite.out / "states").iterdir()] == [list_batches_of(lite)[0]]


def list_batches_of(books: Books) -> list[str]:
    with books.engine.connect() as connection:
        return [row.id for row in list_batches(connection)]


def test_stopped_within_the_transaction_nothing_is_written(books, book):
    run = books.run("run-1", book)
    with pytest.raises(Stop):
        books.refresh(run, report=Stopper(12))
    assert [books.count(table) for table in (LimitBatch, Proposal, CreditSubject)] == [0, 0, 0]
    assert books.refresh(run).done == "recorded"


KILLED = """
import os, signal, sys
from datetime import UTC, date, datetime
from pathlib import Path
from app.book.refresh.asking import RefreshRequest
from app.book.refresh.refreshing import refresh_book
from app.db.erased import remember
from app.db.engine import open_engine

url, run, out = sys.argv[1:]
class Killer:
    left = 12  # amid the transaction
    def word(self, *_):
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
    begin = advance = end = word
request = RefreshRequest(date(2026, 11, 22), Path(run), Path(out), part_parcels=80)
refresh_book(request, open_engine(url), Killer(), lambda: datetime(2026, 11, 22, 8, tzinfo=UTC))
"""


def test_killed_the_same_command_goes_on(lite, book, decisions):
    run = lite.run("run-1", book)
    url = lite.engine.url.render_as_string(hide_password=False)
    killed = subprocess.run([sys.executable, "-c", KILLED, url, run, lite.out], check=False)
    assert killed.returncode == -9
    assert lite.count(LimitBatch) == 0
    parts = len(list(lite.out.glob("work/*/part-*.parquet")))
    assert parts > 0
    assert lite.refresh(run).done == "recorded"
    assert len(decisions) == 2 - parts
    assert lite.count(Proposal) == 72


def test_two_at_a_time_in_one_folder_are_refused(lite, book):
    run = lite.run("run-1", book)
    with sole_user(lite.out):
        _refused(lite, run, "OUT_IN_USE")


def _approve(books: Books) -> None:
    """Approve every open proposal that gives an amount, as proposed."""
    with writing(books.engine) as connection:
        by = find_user(connection, "risk").id
        for proposal in list(connection.execute(select(Proposal.__table__).where(Proposal.amount_minor.is_not(None)))):
            same = {name: getattr(proposal, name) for name in ("credit_subject_id", "amount_minor", "currency")}
            said = {"outcome": "approved", "policy_id": "p", "policy_hash": "h", "reasons": [], "decided_by_id": by}
            dated = {"proposal_id": proposal.id, "decided_at": NOW, "recorded_at": NOW}
            made = connection.execute(insert(Decision).values(**same, **said, **dated).returning(Decision.id))
            parts = connection.execute(
                select(ProposalParcel.__table__).where(
                    ProposalParcel.proposal_id == proposal.id, ProposalParcel.amount_minor.is_not(None)
                )
            )
            number = made.scalar_one()
            rows = [{"decision_id": number, **row, "proposal_id": None} for row in parts.mappings()]
            connection.execute(
                insert(DecisionParcel), [{k: v for k, v in row.items() if k != "proposal_id"} for row in rows]
            )
        connection.execute(update(Proposal).values(status=ProposalStatus.DECIDED))


def test_what_was_decided_is_not_proposed_again_and_stands_as_before(books, book):
    books.refresh(books.run("run-1", book))
    _approve(books)
    approved = dict(map(tuple, books.rows(_approved_now())))
    summary = books.refresh(books.runs / "run-1")
    assert (summary.decided_again, summary.proposals) == (len(approved), 0)
    moved = books.refresh(books.run("run-2", _changed(book, 1, 2)))
    wanted = (
        select(CreditSubject.subject_id, Proposal.before_minor)
        .join(Proposal, Proposal.credit_subject_id == CreditSubject.id)
        .where(Proposal.batch_id == moved.batch_id)
    )
    assert moved.proposals == moved.up + moved.down + moved.same > 0
    assert all(approved[name] == before for name, before in books.rows(wanted))


def _approved_now() -> Any:
    return select(CreditSubject.subject_id, Decision.amount_minor).join(
        Decision, Decision.credit_subject_id == CreditSubject.id
    )


def test_a_batch_whose_files_are_elsewhere_is_not_recorded_twice(lite, book):
    run = lite.run("run-1", book)
    first = lite.refresh(run)
    (lite.root / "book").rename(lite.root / "moved")
    error = _refused(lite, run, "BATCH_ELSEWHERE")
    assert first.batch_id in str(error)
    _act(lite, withdraw_batch, first.batch_id, "risk")
    assert lite.refresh(run).done == "recorded"


def test_what_a_person_returned_is_proposed_anew_once_facts_change(lite, book):
    lite.refresh(lite.run("run-1", book))
    farmer = book.parcels.farmer_id[1]
    wanted = (
        select(Proposal.id, Proposal.credit_subject_id)
        .join(CreditSubject, CreditSubject.id == Proposal.credit_subject_id)
        .where(CreditSubject.subject_id == farmer)
    )
    proposal = lite.rows(wanted)[0]
    said = {"outcome": "returned", "currency": "CNY", "policy_id": "p", "policy_hash": "h", "reasons": []}
    dated = {"decided_by_id": 1, "decided_at": NOW, "recorded_at": NOW}
    with writing(lite.engine) as connection:
        whose = {"proposal_id": proposal.id, "credit_subject_id": proposal.credit_subject_id}
        connection.execute(insert(Decision), [{**whose, **said, **dated}])
        connection.execute(update(Proposal).where(Proposal.id == proposal.id).values(status=ProposalStatus.DECIDED))
    summary = lite.refresh(lite.run("run-3", _without_a_declaration(book)))
    assert (summary.decided_again, summary.proposals) == (1, 1)
    assert farmer in lite.limits()


def test_another_policy_decides_everything_again(lite, book, tmp_path):
    lite.refresh(lite.run("run-1", book))
    _, said = pack_text("cn-planting-generic")
    (tmp_path / "packs").mkdir()
    said = said.replace("rent = 800 ", "rent = 700 ").replace("applied = false", "applied = true")
    (tmp_path / "packs" / "cn-planting-generic.toml").write_text(said)
    summary = lite.refresh(lite.runs / "run-1", packs=tmp_path / "packs")
    assert summary.decided_again == 72
    pack = load_pack("cn-planting-generic", packs_dir=tmp_path / "packs")
    whole = limit_book(book.parcels, book.seasons, pack, _season()).set_index("subject_id").amount_minor
    for name, (amount, *_) in lite.limits().items():
        assert amount == (None if pd.isna(whole[name]) else whole[name])


@pytest.fixture(scope="module")
def many(made: ModuleType, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Books]:
    """Two batches of a book of 2,000 farmers."""
    root = tmp_path_factory.mktemp("many")
    (root / "acreline.db").write_bytes(sqlite_template.read_bytes())
    engine = open_engine(sqlite_url(root / "acreline.db"))
    book = made.make_book(5_000, 2_000, 11)
    book.parcels["approved_minor"] = pd.array([pd.NA] * 5_000, dtype="Int64")
    books = _books(made, engine, root, root, book)
    books.part = 2_000
    books.refresh(books.run("run-1", book))
    books.refresh(books.run("run-2", made.change_run(book, 0.1, 5)))
    yield books
    engine.dispose()


def test_a_thousand_past_decisions_replay_to_the_same_bytes(many):
    wanted = select(CreditSubject.subject_id, Proposal.batch_id, Proposal.receipt_hash).join(
        Proposal, Proposal.credit_subject_id == CreditSubject.id
    )
    chosen = RANDOM.sample(sorted(map(tuple, many.rows(wanted))), 1000)
    batches = {batch for _, batch, _ in chosen}
    assert len(batches) == 2
    for batch in batches:
        record = read_record(many.out / "batches" / batch)
        hashes = {name: receipt for name, of, receipt in chosen if of == batch}
        again = replay(list(hashes), record)
        assert {row["subject_id"]: hashlib.sha256(limit_bytes(row)).hexdigest() for row in again} == hashes


def test_the_second_batch_holds_only_what_was_decided_again(many):
    with many.engine.connect() as connection:
        first, second = list_batches(connection)
    assert first.decided_again == first.subjects
    assert second.decided_again < second.subjects / 2
    assert len(read_record(many.out / "batches" / second.id).digests) == second.decided_again
    assert second.previous_id == first.id


def test_states_of_two_batches_are_kept(many):
    with many.engine.connect() as connection:
        assert {path.name for path in (many.out / "states").iterdir()} == {row.id for row in list_batches(connection)}


def test_the_benchmark_runs(made, capsys):
    assert made.main(["--quick"]) == 0
    assert "first refresh" in capsys.readouterr().out
