"""A book refreshed in a database: all of it first, then where 1 % changed.

    python benchmarks/refresh_book.py                              # 100,000 parcels of 40,000 farmers, SQLite
    python benchmarks/refresh_book.py --database postgresql+psycopg://user@host/name     # an empty database
    python benchmarks/refresh_book.py --quick                      # 1,000 parcels in one process; what the test runs

The database holds for every farmer a party, a bureau check with consent, a repayment capacity, and for most a facility
with a loan account. Each refresh runs in a process of its own, whose seconds and peak memory count; loading does not.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from limits_book import SEASON, MadeBook, change_book, make_book
from sqlalchemy import Connection, Engine, insert

from app.book.decisions.people import NewUser, add_unit, add_user, find_user
from app.book.refresh.asking import RefreshRequest
from app.book.refresh.batches import release_batch
from app.book.refresh.refreshing import refresh_book
from app.db.engine import open_engine, sqlite_url, writing
from app.db.migrate import upgrade
from app.db.rows import chunked
from app.db.tables import BureauCheck, Consent, Facility, LoanAccount, Parcel, Party, RepaymentCapacity, Role, Run
from app.db.tables.kinds import OrgKind, UserRole
from app.jobs.limits import record_limits
from app.jobs.progress import Silent
from app.jobs.publish import commit
from geo.observations import PARCELS, SEASONS, to_table
from geo.runrecord import RunRecord
from scoring.inputs import inputs_of
from scoring.pack_schema import Pack
from scoring.policy import load_pack

MADE: Final = datetime(2026, 11, 20, 6, tzinfo=UTC)
NOW: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)
_LENT: Final = 0.8
_POLICY: Final = "cn-planting-generic"
_SPAN: Final = {"valid_from": MADE - timedelta(days=30), "recorded_at": MADE - timedelta(days=30)}


def write_run(folder: Path, book: MadeBook, pack: Pack, run_id: str) -> RunRecord:
    """Write a made-up book as the folder of a finished run."""
    folder.mkdir(parents=True)
    record_limits(folder, inputs_of(book.parcels, book.seasons, pack, SEASON), pack, SEASON)
    seen = {"vigour_pct": np.nan, "ndvi_peak": np.nan, "sos": None, "pos": None, "eos": None, "crop_prob": 0.9}
    crop_sets = book.parcels.crop.map(lambda crop: [crop])
    parcels = book.parcels.assign(**{**seen, "vigour_pct": book.parcels.get("vigour_pct")}, crop_set=crop_sets)
    _write(to_table(parcels.reindex(columns=PARCELS.names), PARCELS), folder / "parcels.parquet")
    _write(to_table(book.seasons.assign(**seen).reindex(columns=SEASONS.names), SEASONS), folder / "seasons.parquet")
    record = RunRecord(
        run_id=run_id,
        created_at=MADE,
        code_version="0.1.0",
        parameters={"season": SEASON.id, "policy": pack.id},
        inputs={"parcels": "ab" * 32, "all": run_id},
        model_hash="cd" * 32,
        policy_id=pack.id,
        policy_hash=pack.content_hash,
        simulated=True,
    )
    commit(folder, record)
    return record


def load_parcels(connection: Connection, book: MadeBook) -> None:
    """Rows of the parcels, without outlines: a refresh reads none."""
    rows = [{"parcel_id": name, "recorded_at": MADE} for name in book.parcels.parcel_id]
    _insert(connection, Parcel, rows)


def load_run_row(connection: Connection, record: RunRecord) -> None:
    """The row of a run."""
    row = {
        "run_id": record.run_id,
        "season_id": SEASON.id,
        "season_start": SEASON.start,
        "season_end": SEASON.end,
        "created_at": record.created_at,
        "policy_id": record.policy_id,
        "policy_hash": record.policy_hash,
        "simulated": True,
        "content_hash": "00" * 32,
        "record": {},
        "recorded_at": MADE,
    }
    connection.execute(insert(Run), [row])


def load_people(connection: Connection, book: MadeBook, seed: int) -> None:
    """For every farmer a party with consent, bureau check and capacity; for four of five a facility with an account."""
    rng = np.random.default_rng(seed)
    first = book.parcels.drop_duplicates("farmer_id").dropna(subset=["farmer_id"])
    farmers = first.farmer_id.tolist()
    numbers = list(range(1, len(farmers) + 1))
    outside = {**_SPAN, "source": "made-up", "as_of": date(2026, 10, 1)}
    consents = {"purpose": "bureau", "text_version": "1", "language": "zh", "given_at": _SPAN["valid_from"], **_SPAN}
    _insert(
        connection,
        Party,
        [{"id": n, "kind": "person", "farmer_id": farmer, **_SPAN} for n, farmer in zip(numbers, farmers, strict=True)],
    )
    _insert(connection, Consent, [{"id": n, "party_id": n, **consents} for n in numbers])
    debts = np.where(first.other_debt_minor.isna(), 0, first.other_debt_minor.fillna(0)).tolist()
    _insert(
        connection,
        BureauCheck,
        [
            {"party_id": n, "consent_id": n, "outcome": "clear", "debt_minor": int(debt), "currency": "CNY", **outside}
            for n, debt in zip(numbers, debts, strict=True)
        ],
    )
    money = {"currency": "CNY", "method": "made-up", **outside}
    capacities = rng.integers(2_000, 400_000, len(farmers)) * 100
    _insert(
        connection,
        RepaymentCapacity,
        [{"party_id": n, "capacity_minor": int(c), **money} for n, c in zip(numbers, capacities, strict=True)],
    )
    _load_loans(
        connection, [n for n, lends in zip(numbers, rng.random(len(farmers)) < _LENT, strict=True) if lends], rng
    )


def change_run(book: MadeBook, share: float, seed: int) -> MadeBook:
    """The book with another area on a share of its parcels."""
    return change_book(book, share, seed, whole_farmers=False)


def refresh_once(url: str, run: Path, out: Path, *, dry_run: bool = False) -> dict[str, Any]:
    """Refresh and say what it came to, with processor seconds and the peak memory of this process."""
    engine = open_engine(url)
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        summary = refresh_book(RefreshRequest(NOW.date(), run, out, dry_run=dry_run), engine, Silent(), lambda: NOW)
    finally:
        engine.dispose()
    cost = {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu, "peak_gib": _peak_gib()}
    return summary.as_dict() | cost


def add_people(connection: Connection) -> None:
    """An administrator and somebody of risk, who releases what is held."""
    add_unit(connection, "001", "Head office", OrgKind.HEAD_OFFICE, None, MADE)
    add_user(connection, NewUser("admin", "Administrator", UserRole.ADMIN, "001", "en"), None, MADE)
    admin = find_user(connection, "admin")
    add_user(connection, NewUser("risk", "Risk", UserRole.RISK, "001", "en"), admin, MADE)


def release_held(engine: Engine, batch_id: str) -> None:
    """Release a batch in the name of risk."""
    with writing(engine) as connection:
        release_batch(connection, batch_id, find_user(connection, "risk"), "made up", NOW)


def _peak_gib() -> float:
    """Peak memory of this process; getrusage would count that of the parent which started it."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 2**20


def load_book(engine: Engine, book: MadeBook, records: Sequence[RunRecord], seed: int) -> None:
    """Everything into the database."""
    with writing(engine) as connection:
        add_people(connection)
        load_parcels(connection, book)
        load_people(connection, book, seed)
        for record in records:
            load_run_row(connection, record)


def _load_loans(connection: Connection, parties: Sequence[int], rng: np.random.Generator) -> None:
    terms = {"product": "planting", "currency": "CNY", "revolving": True, "status": "active", **_SPAN}
    limits = rng.integers(10, 3_000, len(parties)) * 10_000
    owed = (limits * rng.random(len(parties))).astype(np.int64)
    begun = {"starts_on": date(2026, 3, 1)}
    _insert(
        connection,
        Facility,
        [
            {"id": n, "number": f"F{n:07d}", "limit_minor": int(most), "drawing_minor": int(most), **begun, **terms}
            for n, most in zip(parties, limits, strict=True)
        ],
    )
    _insert(connection, Role, [{"party_id": n, "facility_id": n, "kind": "borrower", **_SPAN} for n in parties])
    account = {"product": "planting", "currency": "CNY", "source": "core", "as_of": date(2026, 10, 1), **_SPAN}
    _insert(
        connection,
        LoanAccount,
        [
            {"facility_id": n, "account_number": f"A{n:07d}", "outstanding_minor": int(most), **account}
            | {"opened_on": date(2026, 3, 1)}
            for n, most in zip(parties, owed, strict=True)
        ],
    )


def _insert(connection: Connection, table: type[Any], rows: Sequence[dict[str, Any]]) -> None:
    for chunk in chunked(rows):
        connection.execute(insert(table), chunk)


def _write(table: pa.Table, path: Path) -> None:
    pq.write_table(table, path, compression="zstd")


def _in_own_process(url: str, run: Path, out: Path) -> dict[str, Any]:
    command = [sys.executable, __file__, "--step", url, str(run), str(out)]
    answer = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603 - this very file
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def _print(what: str, cost: dict[str, Any]) -> None:
    took = f"{cost['wall_s']:>7.1f} s wall {cost['cpu_s']:>7.1f} s processor {cost['peak_gib']:>6.2f} GiB"
    print(
        f"{what:<28}{took} {cost['decided_again']:>9,} decided again {cost['proposals']:>9,} proposals {cost['status']}"
    )


def contest(options: argparse.Namespace, folder: Path) -> bool:
    """Load the book, refresh it three times and print; whether the same command again found nothing to do."""
    pack = load_pack(_POLICY)
    book = make_book(options.parcels, options.farmers, options.seed)
    runs = [folder / "run-1", folder / "run-2"]
    changed = change_run(book, options.changed, options.seed)
    records = [write_run(run, each, pack, run.name) for run, each in zip(runs, (book, changed), strict=True)]
    url = options.database or sqlite_url(folder / "acreline.db")
    upgrade(url)
    engine = open_engine(url)
    load_book(engine, book, records, options.seed)
    print(f"{options.parcels:,} parcels of {options.farmers:,} farmers under {pack.id}, {url.split(':')[0]}")
    refresh = refresh_once if options.quick else _in_own_process
    first = refresh(url, runs[0], folder / "book")
    _print("first refresh", first)
    if first["status"] == "held":  # its approved amounts are made up, and nothing like what the policy gives
        release_held(engine, first["batch_id"])
    engine.dispose()
    second = refresh(url, runs[1], folder / "book")
    _print(f"{options.changed:.0%} of parcels changed", second)
    print(f"  {second['cpu_s'] / first['cpu_s']:.1%} of the first")
    again = refresh(url, runs[1], folder / "book")
    _print("the same again", again)
    return bool(again["done"] == "stands" and again["batch_id"] == second["batch_id"])


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parcels", type=int, default=100_000)
    parser.add_argument("--farmers", type=int, default=40_000)
    parser.add_argument("--changed", type=float, default=0.01, help="share that changed before the second refresh")
    parser.add_argument("--database", help="URL of an empty database; a new SQLite file by default")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help="1,000 parcels of 400 farmers")
    parser.add_argument("--step", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.quick:
        options.parcels, options.farmers = 1_000, 400
    return options


def main(arguments: list[str] | None = None) -> int:
    """Run. Returns 0 when the same command again found nothing to do."""
    options = parse(arguments)
    if options.step:
        url, run, out = options.step
        print(json.dumps(refresh_once(url, Path(run), Path(out))))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        return 0 if contest(options, Path(folder)) else 1


if __name__ == "__main__":
    raise SystemExit(main())
