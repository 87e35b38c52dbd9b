"""A bank's book from its first people to an erasure, by the commands that people type; on SQLite."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import Engine, text

from app.cli import audit, book, decisions, limits, limits_book, people, privacy
from app.cli.main import status_of
from app.db.loading import load_run
from app.jobs.limits import INPUTS_FILE
from app.jobs.publish import commit, committed_run
from geo.observations import LIMITS, PARCELS, SEASONS, read_table
from geo.runrecord import RunRecord
from scoring.policy import pack_text
from tests.app.book.made_up_book import tamper

POLICY = "cn-planting-generic"
AUTHORITY = """
[[authorities]]
code = "PROGRAM"
title = { en = "Program", zh = "程序" }
most = 500000
automatic = true
valid_from = 2026-11-01
valid_to = 2026-12-31
"""
MAPPING = """
loan_format = 1
id = "core"
title = "Core system"
source = "core"
rows = "loans"
currencies = [{ code = "CNY", exponent = 2 }]
[products.planting]
currency = "CNY"
revolving = false
codes = ["SEED"]
[loan]
loan_number = { column = "loan" }
product = { column = "product" }
farmer_id = { column = "farmer" }
opened_on = { column = "opened" }
due_on = { column = "due" }
sanctioned = { column = "granted" }
drawing = { column = "granted" }
principal = { column = "granted" }
outstanding = { column = "owed" }
[not_known]
facility_number = "the file knows no lines"
currency = "one product, one currency"
overdue = "not in the file"
days_overdue = "not in the file"
rate = "not in the file"
loan_class = "not in the file"
"""
RETENTION = """
id = "own"
example = false
from = 2026-01-01
""" + "".join(
    f'[[rule]]\ncategory = "{name}"\nyears = 0\nbasis = "own"\n'
    for name in ("personal", "credit_file", "location", "bureau_report")
)


@dataclass
class Story:
    """A bank that types commands, with a clock that is set by hand."""

    root: Path
    engine: Engine
    capsys: pytest.CaptureFixture[str]

    def says(self, *command: str) -> str:
        """What a command that succeeds prints, on one line."""
        status = status_of([*command, "--database", self.engine.url.render_as_string(hide_password=False)])
        done = self.capsys.readouterr()
        assert status == 0, (command, done.err)
        return " ".join(done.out.split())

    def refuses(self, *command: str) -> str:
        """The error line of a command that is refused."""
        assert status_of([*command, "--database", self.engine.url.render_as_string(hide_password=False)]) in {2, 3}
        return " ".join(self.capsys.readouterr().err.split())

    @property
    def book(self) -> list[str]:
        """Options that name the folder of the book."""
        return ["--book", str(self.root / "book")]

    def fault(self, *command: str) -> str:
        """What the first fault of a verification names."""
        assert status_of([*command, "--json", "--database", str(self.engine.url)]) == 3
        return str(json.loads(self.capsys.readouterr().out)["faults"][0]["row"])

    def rows(self, *command: str) -> list[dict[str, Any]]:
        """JSON lines of a command."""
        assert status_of([*command, "--json", "--database", str(self.engine.url)]) == 0
        return [json.loads(line) for line in self.capsys.readouterr().out.splitlines()]

    def refresh(self, run: str, day: str, *more: str) -> dict[str, Any]:
        asked = ["--run", str(self.root / run), "--out", str(self.root / "book"), "--quiet", "--as-of", day]
        own = ["--packs", str(self.root / "packs"), "--policy", POLICY, "--by", "rita"]
        return self.rows("limits", "refresh", *asked, *own, *more)[0]

    def party(self, farmer: str) -> str:
        """Number of a farmer's party."""
        with self.engine.connect() as connection:
            wanted = text("SELECT id FROM party WHERE farmer_id = :name")
            return str(connection.execute(wanted, {"name": farmer}).scalar_one())

    def contracts(self) -> str:
        """Hash of all contracts."""
        digest = hashlib.sha256()
        with self.engine.connect() as connection:
            for table in ("facility", "loan_account", "sublimit", "drawdown"):
                digest.update(repr(connection.execute(text(f"SELECT * FROM {table} ORDER BY id")).all()).encode())  # noqa: S608
        return digest.hexdigest()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The present of all commands: its one item."""
    present = [datetime(2026, 11, 22, 13, tzinfo=UTC)]

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            present[0] = datetime.fromtimestamp(present[0].timestamp() + 1, UTC)
            return present[0].astimezone(tz)

    for module in (audit, book, decisions, limits, limits_book, people, privacy):
        monkeypatch.setattr(module, "datetime", Clock)
    return present


@pytest.fixture
def story(
    tmp_path: Path,
    finished: tuple[Path, Any],
    migrated_sqlite_url: str,
    make_engine: Any,
    capsys: pytest.CaptureFixture[str],
) -> Story:
    engine = make_engine(migrated_sqlite_url)
    (tmp_path / "packs").mkdir()
    own = re.sub(r"visit_reasons = \[.*?\]", "visit_reasons = []", pack_text(POLICY)[1], flags=re.DOTALL)
    (tmp_path / "packs" / f"{POLICY}.toml").write_text(own + AUTHORITY, encoding="utf-8")
    for name, said in (("core.toml", MAPPING), ("keep.toml", RETENTION)):
        (tmp_path / name).write_text(said, encoding="utf-8")
    shutil.copytree(finished[0], tmp_path / "one", ignore=shutil.ignore_patterns("work", "superseded", "*.tif", "*.db"))
    made = Story(tmp_path, engine, capsys)
    # what the core system granted is all that stands before of two farmers
    _change_inputs(tmp_path / "one", [name for name, _ in _farmers(made)[:2]], {"approved_minor": None})
    commit(tmp_path / "one", RunRecord.from_json((tmp_path / "one" / "run.json").read_bytes()))
    _load(engine, tmp_path / "one")
    return made


def _load(engine: Engine, run: Path) -> None:
    """As `acreline run` loads a run."""
    record = committed_run(run)
    assert record is not None
    tables = [
        read_table(run / f"{name}.parquet", schema)
        for name, schema in (("parcels", PARCELS), ("seasons", SEASONS), ("limits", LIMITS))
    ]
    told = tables[0][["parcel_id", "geometry_version", "area_ha"]]
    outlines = gpd.read_file(run / "parcels.geojson")[["parcel_id", "geometry"]].merge(told, on="parcel_id")
    load_run(engine, record, outlines, *tables, now=datetime(2026, 11, 22, 12, 30, tzinfo=UTC))


def _change_inputs(run: Path, farmers: list[str], change: dict[str, Any]) -> None:
    """Change what a run recorded of the parcels of some farmers."""
    known = pq.read_table(run / INPUTS_FILE)
    rows = [row | change if row["farmer_id"] in farmers else row for row in known.to_pylist()]
    pq.write_table(pa.Table.from_pylist(rows, schema=known.schema), run / INPUTS_FILE)


def _cloudy_run(story: Story, farmer: str) -> None:
    """The run of the next day, in which clouds hid all parcels of a farmer."""
    run = Path(shutil.copytree(story.root / "one", story.root / "two"))
    _change_inputs(run, [farmer], {"status": "CLOUDY", "crop": None, "cropped_area_ha": None})
    record = RunRecord.from_json((run / "run.json").read_bytes())
    commit(run, replace(record, run_id="the-next-day", created_at=datetime(2026, 11, 22, 18, tzinfo=UTC)))
    _load(story.engine, run)


def _farmers(story: Story) -> list[tuple[str, int]]:
    """Farmers with an amount under the run's policy, and it; those first whose amounts owe nothing to earlier ones."""
    rows = read_table(story.root / "one" / "limits.parquet", LIMITS)
    rows = rows[(rows.subject_kind == "farmer") & rows.amount_minor.notna() & (rows.amount_minor > 0)]
    rows = rows.assign(kept=rows.reasons.str.contains("KEPT_APPROVED")).sort_values(["kept", "subject_id"])
    return list(zip(rows.subject_id.astype(str), rows.amount_minor.astype(int), strict=True))


def _loans(story: Story) -> tuple[Path, Path]:
    """A core loan file and its control file: loans of the policy's amounts, half of each owed; L-2 is paid."""
    file, control = story.root / "loans.csv", story.root / "control.toml"
    lines, owed = ["loan,product,farmer,opened,due,granted,owed"], 0
    for number, (farmer, minor) in enumerate(_farmers(story)):
        half = 0 if number == 2 else minor // 2
        owed += half
        lines.append(f"L-{number},SEED,{farmer},2025-03-01,2026-03-01,{minor / 100:.2f},{half / 100:.2f}")
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    counted = f"control_format = 1\nas_of = 2026-11-22\nloans = {len(lines) - 1}\n"
    control.write_text(f'{counted}[sums.CNY]\noutstanding = "{owed / 100:.2f}"\n', encoding="utf-8")
    return file, control


def _people(story: Story) -> None:
    story.says("people", "add-unit", "001", "--name", "Head office", "--kind", "head_office")
    roles = {"ada": "admin", "rita": "risk", "olga": "officer", "rob": "reviewer"}
    for login, role in roles.items():
        by = [] if login == "ada" else ["--by", "ada"]
        given = ["--name", login.title(), "--role", role, "--unit", "001", *by]
        assert f"({login}) added" in story.says("people", "add-user", login, *given)
    assert "cannot grant themselves" in story.refuses(
        "people", "grant", "ada", "--up-to", "1", "--currency", "CNY", "--by", "ada"
    )
    for whom in (["rob", "--may-override"], ["--automatic", "--policy", POLICY, "--to", "2026-12-31"]):
        granted = story.says("people", "grant", *whom, "--up-to", "500000", "--currency", "CNY", "--by", "ada")
        assert "granted to" in granted


@dataclass
class Parts:
    """Who plays which part, with proposals and decisions by farmer."""

    gone: str
    kept: str
    changed: str
    refused: str
    amount: int
    offers: dict[str, dict[str, Any]]
    decided: dict[str, dict[str, Any]]

    def of(self, farmer: str) -> list[str]:
        """Options that name the limit by the number of the farmer's decision."""
        return ["--decision", _number(self.decided[farmer])]


def test_a_book_from_its_first_people_to_an_erasure(story: Story, clock: list[datetime]) -> None:
    _people(story)
    _lend(story)
    contracts = story.contracts()
    batch, offers = _first_batch(story)
    parts = _decide(story, offers)
    assert "The chain vouches for everything." in story.says("audit", "verify")
    assert "(kept)" in story.says("audit", "export", "--out", str(story.root / "heads"))
    clock[0] = datetime(2026, 11, 23, 2, tzinfo=UTC)
    _next_day(story, parts)
    _by_numbers(story, parts)
    _letters(story, parts)
    assert story.contracts() == contracts
    clock[0] = datetime(2040, 1, 5, 2, tzinfo=UTC)
    _erase(story, parts)
    _change(story, batch, parts)


def _lend(story: Story) -> None:
    file, control = _loans(story)
    load = ["book", "import", str(file), "--mapping", str(story.root / "core.toml"), "--as-of", "2026-11-22"]
    assert "nothing written" in story.says(*load, "--control", str(control), "--dry-run")
    assert "imported" in story.says(*load, "--control", str(control))
    assert "was imported before" in story.says(*load, "--control", str(control))
    assert "reconciles" in story.says("book", "reconcile")


def _first_batch(story: Story) -> tuple[str, list[dict[str, Any]]]:
    """A batch that moves too much, released by another than who started it; its proposals."""
    assert story.refresh("one", "2026-11-22", "--dry-run")["status"] == "held"
    assert "There are no batches." in story.says("limits", "batches")
    first = story.refresh("one", "2026-11-22")
    assert (first["done"], first["status"]) == ("recorded", "held")
    release = ["limits", "release", first["batch_id"], "--reason", "first season"]
    assert "rita started the batch" in story.refuses(*release, "--by", "rita")
    held = story.rows("decisions", "list", "--status", "held", "--most", "500")
    assert len(held) == first["proposals"]
    assert "is held with its batch" in story.refuses("decisions", "approve", _number(held[0]), "--by", "rob")
    assert "is released" in story.says(*release, "--by", "ada")
    assert story.refresh("one", "2026-11-22")["done"] == "stands"
    return first["batch_id"], held


def _decide(story: Story, held: list[dict[str, Any]]) -> Parts:
    gone, kept, changed, refused = (name for name, _ in _farmers(story)[2:6])
    offers = {row["subject_id"]: row for row in held}
    packs = ["--packs", str(story.root / "packs")]
    by_rob = ["--by", "rob", *packs]
    assert "approved" in story.says("decisions", "approve", _number(offers[gone]), _number(offers[kept]), *by_rob)
    assert "was decided already" in story.refuses("decisions", "approve", _number(offers[gone]), *by_rob)
    amount = offers[changed]["amount_minor"] * 11 // 1000
    other = ["decisions", "override", _number(offers[changed]), "--amount", str(amount), *by_rob]
    other += ["--reason-code", "FACTS_SEEN_ON_SITE", "--reason", "One more plot is sown", "--made-by"]
    assert "makes the override and approves it" in story.refuses(*other, "rob")
    assert f"{amount:,}.00 CNY" in story.says(*other, "olga")
    assert "refused" in story.says("decisions", "refuse", _number(offers[refused]), *by_rob, "--note", "Lease ends")
    assert int(story.says("decisions", "automatic", "--policy", POLICY, *packs).split()[0]) > 0
    decided = {row["subject_id"]: row for row in story.rows("decisions", "list", "--decided", "--most", "500")}
    assert [decided[name]["outcome"] for name in (gone, changed, refused)] == ["approved", "approved", "refused"]
    return Parts(gone, kept, changed, refused, amount, offers, decided)


def _next_day(story: Story, parts: Parts) -> None:
    """Clouds hide a farmer's parcels: the approved amount stands, and nothing is proposed."""
    _cloudy_run(story, parts.kept)
    assert story.refresh("two", "2026-11-23")["done"] == "recorded"
    assert parts.kept not in {row["subject_id"] for row in story.rows("decisions", "list", "--most", "500")}
    told = story.says("limits", "explain", parts.kept, *story.book)
    assert f"Decision {_number(parts.decided[parts.kept])} on proposal" in told
    assert "parcel(s) keep their last approved amounts" in told
    assert f"{parts.decided[parts.kept]['amount_minor'] / 100:,.2f} CNY Limit" in told


def _by_numbers(story: Story, parts: Parts) -> None:
    number, offer = _number(parts.decided[parts.changed]), _number(parts.offers[parts.changed])
    told = story.says("limits", "explain", *parts.of(parts.changed), *story.book)
    assert f"Decision {number} on proposal {offer}, 2026-11-22: approved, {parts.amount:,}" in told
    assert "Override FACTS_SEEN_ON_SITE: " in told
    assert "wanted by an officer, approved by a reviewer" in told
    alone = next(name for name, row in parts.decided.items() if row["decided_by_id"] is None)
    assert "by the program under authority 2." in story.says("limits", "explain", *parts.of(alone), *story.book)
    told = story.says("limits", "explain", *parts.of(parts.refused), *story.book, "--for", "farmer")
    assert "The bank decided on 2026-11-22: refused, no amount." in told
    for name in (parts.gone, parts.changed):
        assert f"farmer {name}: the same" in story.says("limits", "replay", *parts.of(name), *story.book)
    assert f"{parts.changed}: " in story.says("limits", "next", "--proposal", offer, *story.book)


def _letters(story: Story, parts: Parts) -> None:
    """Pixels and dates lie in the run that the batch names."""
    pixels = ["limits", "explain", *parts.of(parts.gone), *story.book, "--evidence"]
    assert "Give --run with the folder of that run" in story.refuses(*pixels)
    assert "the run the-next-day" in story.refuses(*pixels, "--run", str(story.root / "two"))
    assert "Cloud mask" in story.says(*pixels, "--run", str(story.root / "one"))
    pdf = [*story.book, "--run", str(story.root / "one"), "--on", "2026-11-23", "--out", str(story.root / "letter.pdf")]
    assert "did not give the policy's amount" in story.refuses("limits", "letter", *parts.of(parts.changed), *pdf)
    assert "bytes, sha256" in story.says("limits", "letter", *parts.of(parts.gone), *pdf)


def _erase(story: Story, parts: Parts) -> None:
    """A farmer whose loan is paid is erased; one who owes is not."""
    erase = ["--by", "ada", "--reason", "asked for it", "--rules", str(story.root / "keep.toml")]
    assert "account open: 1" in story.refuses("privacy", "erase", story.party(parts.kept), *erase)
    story.says("privacy", "erase", story.party(parts.gone), *erase)
    assert "1 erased" in story.says("audit", "verify", "--heads", str(story.root / "heads"))
    for named in (parts.of(parts.gone), [parts.gone]):
        said = story.refuses("limits", "replay", *named, *story.book)
        assert "were erased" in said
        assert parts.gone not in said
    assert f"farmer {parts.changed}: the same" in story.says("limits", "replay", *parts.of(parts.changed), *story.book)


def _change(story: Story, batch: str, parts: Parts) -> None:
    """What somebody changes is found and named."""
    limits_file, number = (
        story.root / "book" / "batches" / batch / "limits.parquet",
        _number(parts.decided[parts.changed]),
    )
    table = pq.read_table(limits_file).to_pandas()
    table.loc[table.subject_id == parts.changed, "amount_minor"] += 100
    pq.write_table(pa.Table.from_pandas(table, schema=LIMITS, preserve_index=False), limits_file)
    said = story.refuses("limits", "explain", *parts.of(parts.changed), *story.book)
    assert f"in limits.parquet is not the one of decision {number}" in said
    limits_file.unlink()
    assert "limits.parquet" in story.refuses("limits", "replay", *parts.of(parts.changed), *story.book)
    tamper(story.engine, f"UPDATE decision SET amount_minor = amount_minor + 100 WHERE id = {number}")  # noqa: S608
    assert story.fault("audit", "verify") == f"decision {number}"


def _number(row: dict[str, Any]) -> str:
    return str(row["id"])
