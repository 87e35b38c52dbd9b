"""A whole book summed up and taken out: seconds of each grouping and of each file.

    python benchmarks/portfolio.py                    # 200,000 parcels, 66,000 contracts, SQLite
    python benchmarks/portfolio.py --side 50          # 2,500 parcels
    python benchmarks/portfolio.py --url postgresql+psycopg://...   # an empty database

One process, one thread; the second run of each, processor seconds beside those of the clock. Contracts, accounts,
proposals and decisions are made up: three parcels each, in two currencies.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from serve_book import DAY, NOW, RUN, build
from sqlalchemy import Connection, Engine, insert

from app.alerts.reach import units_below
from app.api.access.scope import Scope
from app.book.portfolio.cuts import By, Cut
from app.book.portfolio.files import write_csv, write_workbook
from app.book.portfolio.rows import Rows, rows_of
from app.book.portfolio.sums import portfolio
from app.db.engine import open_engine, sqlite_url, writing
from app.db.loading import refresh_statistics
from app.db.migrate import upgrade
from app.db.rows import chunked
from app.db.tables import (
    ContractPlot,
    CreditSubject,
    Decision,
    DecisionParcel,
    Facility,
    LimitBatch,
    LoanAccount,
    Party,
    Proposal,
    ProposalParcel,
    Role,
)

_SINCE: Final = {"valid_from": NOW, "recorded_at": NOW}
_HASH: Final = "00" * 32
_CLASSES: Final = ("normal", "normal", "normal", "special_mention", "substandard", None)


def main() -> None:
    """Print one JSON line per grouping and file."""
    with lent_book(__doc__) as (engine, _, folder):
        measure(engine, folder)


@contextmanager
def lent_book(description: str | None) -> Iterator[tuple[Engine, int, Path]]:
    """A made-up book with loans as the command line asks for it: its engine, how many parcels, and its folder."""
    asked = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--side", type=int, default=447, help="side x side parcels")
    asked.add_argument("--url", help="empty database; an SQLite file by default")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = options.url or sqlite_url(Path(folder) / "book.db")
        upgrade(url)
        engine = open_engine(url)
        parcels = build(engine, options.side, seed=7)
        lend(engine, parcels)
        yield engine, parcels, Path(folder)
        engine.dispose()


def measure(engine: Engine, folder: Path) -> None:
    """Time each grouping and each file for a person of the whole book and for one of a branch."""
    for unit in ("001", "010"):
        with engine.connect() as connection:
            cut = cut_of(connection, unit)
            for by in By:
                portfolio(connection, cut, by)
                say(f"{unit} by {by}", lambda b=by, c=cut, k=connection: len(portfolio(k, c, b)))
    with engine.connect() as connection:
        cut = cut_of(connection, "001")
        file = folder / "rows"
        for rows in Rows:
            for write in (write_csv, write_workbook):
                say(
                    f"{rows} {write.__name__}", lambda r=rows, w=write, f=file: w(rows_of(connection, cut, r, major), f)
                )
                print(json.dumps({"bytes": file.stat().st_size}))
    print(json.dumps({"peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))


def cut_of(connection: Connection, unit: str) -> Cut:
    """The present part of the book of a unit's people."""
    scope = Scope(units_below(connection, unit), whole=unit == "001")
    return Cut(DAY, NOW, scope.parcels(), scope.facilities())


def major(minor: int, _currency: str) -> Decimal:
    """Whole units of a currency with two decimals."""
    return Decimal(minor).scaleb(-2)


def say(what: str, work: Any) -> None:
    """Print how long something took."""
    began, cpu = time.perf_counter(), time.process_time()
    count = work()
    took = {"s": round(time.perf_counter() - began, 2), "cpu_s": round(time.process_time() - cpu, 2)}
    print(json.dumps({"what": what, "count": count} | took), flush=True)


def lend(engine: Engine, parcels: int) -> None:
    """A contract, an account, a proposal and a decision for every three parcels."""
    numbers = range(1, parcels // 3 + 1)
    makers: dict[Any, Any] = {
        Party: _party,
        Facility: _facility,
        Role: lambda n: {"party_id": n, "facility_id": n, "kind": "borrower", **_SINCE},
        LoanAccount: _account,
        CreditSubject: _subject,
        Proposal: _proposal,
        Decision: _decision,
    }
    with writing(engine) as connection:
        connection.execute(insert(LimitBatch), [_batch(len(numbers))])
        for table, make in makers.items():
            put(connection, table, (make(n) for n in numbers))
        put(connection, ContractPlot, (_plot(n, parcel) for n in numbers for parcel in own(n)))
        for table, key, amount in ((ProposalParcel, "proposal_id", 400_000), (DecisionParcel, "decision_id", 300_000)):
            part = {"amount_minor": amount, "currency": "CNY"}
            put(connection, table, ({key: n, "parcel_id": parcel, **part} for n in numbers for parcel in own(n)))
    refresh_statistics(engine)


def own(number: int) -> list[str]:
    """Parcels of a contract."""
    return [f"p{place:07d}" for place in range(3 * number - 3, 3 * number)]


def put(connection: Connection, table: Any, rows: Iterator[dict[str, Any]]) -> None:
    """Insert in slices."""
    for chunk in chunked(list(rows)):
        connection.execute(insert(table), list(chunk))


def _party(n: int) -> dict[str, Any]:
    return {"id": n, "kind": "person", "farmer_id": f"f{n}", "org_unit_id": 2 + n % 2, **_SINCE}


def _subject(n: int) -> dict[str, Any]:
    named = {"id": n, "kind": "farmer", "subject_id": f"f{n}", "salt": b"s", "subject_hash": f"{n:064d}"}
    return named | {"recorded_at": NOW}


def _batch(subjects: int) -> dict[str, Any]:
    hashes = {"policy_hash": _HASH, "inputs_hash": _HASH, "policy_id": "made-up", "code_version": "0"}
    counts = {"parcels": 3 * subjects, "subjects": subjects, "decided_again": subjects, "proposals": subjects}
    sums = {"before_minor": 0, "after_minor": 0, "currency": "CNY", "status": "open", "held_for": []}
    when = {"as_of": DAY, "season_id": "2026-01-01/2026-12-31", "stage": "in_season", "recorded_at": NOW}
    return {"id": "batch", "run_id": RUN, **hashes, **counts, **sums, **when}


def _facility(n: int) -> dict[str, Any]:
    terms = {"limit_minor": 1_000_000, "drawing_minor": None, "revolving": True, "starts_on": date(2026, 1, 1)}
    named = {"id": n, "number": f"F-{n:07d}", "product": ("planting", "kcc")[n % 2], "currency": "CNY"}
    return named | terms | {"status": "active", **_SINCE}


def _account(n: int) -> dict[str, Any]:
    owed = {"principal_minor": 900_000, "outstanding_minor": None if n % 50 == 0 else 800_000, "overdue_minor": 0}
    said = {"source": "core", "as_of": DAY, "opened_on": date(2026, 1, 2), "loan_class": _CLASSES[n % 6]}
    return {"facility_id": n, "account_number": f"A-{n}", "product": "p", "currency": "CNY", **owed, **said, **_SINCE}


def _plot(n: int, parcel: str) -> dict[str, Any]:
    return {"facility_id": n, "parcel_id": parcel, "starts_on": date(2026, 1, 1), **_SINCE}


def _proposal(n: int) -> dict[str, Any]:
    hashes = {"policy_hash": _HASH, "inputs_hash": _HASH, "receipt_hash": _HASH, "policy_id": "made-up"}
    said = {"currency": "CNY", "needs_visit": n % 9 == 0, "reasons": [], "status": "open", "recorded_at": NOW}
    return {"id": n, "application_id": None, "batch_id": "batch", "credit_subject_id": n, **hashes, **said}


def _decision(n: int) -> dict[str, Any]:
    said = {"outcome": "approved", "amount_minor": 900_000, "currency": "CNY", "policy_id": "made-up"}
    when = {"decided_at": NOW, "recorded_at": NOW, "decided_by_id": 1, "policy_hash": _HASH, "reasons": []}
    return {"id": n, "proposal_id": n, "credit_subject_id": n, **said, **when}


if __name__ == "__main__":
    main()
