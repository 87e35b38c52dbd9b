"""A bank of two branches that have everything of their own, and whose names and numbers are told apart at sight.

Every text of the north holds "Nord", every number of its rows is 7,0xx,xxx; the south's hold "Sued" and are 9,0xx,xxx.
"""

from __future__ import annotations

import random
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from app.api.access.sessions import Spans
from app.api.access.signing_in import Access
from app.api.access.tokens import CSRF_COOKIE, CSRF_HEADER
from app.api.institution import create_institution_app
from app.api.keys.making import NewKey, make_key
from app.api.keys.tokens import KeyScope
from app.artefacts.contents import ContentStore
from app.artefacts.folders import Folders
from app.book.decisions.people import NewUser, add_unit, add_user, find_user, set_password
from app.db import tables as t
from app.db.engine import writing
from app.db.loading import load_run
from app.db.tables.kinds import OrgKind, UserRole
from app.maplayers.making import make_outlines
from app.maplayers.parcelset import parcels_within
from geo.manifest import write_manifest
from geo.observations import SERIES, write_table
from tests.app.api.access.service import ORIGIN, PASSWORD, quick_passwords, try_to_sign_in
from tests.app.db.made_up import made_up_run
from tests.app.sites.standing_sites import stand_site

EARLY: Final = datetime(2018, 10, 1, 8, tzinfo=UTC)
NOW: Final = datetime(2019, 6, 20, 9, tzinfo=UTC)
DAY: Final = NOW.date()
SEASON: Final = "2018-10-01/2019-10-31"
SINCE: Final[dict[str, Any]] = {"valid_from": EARLY, "recorded_at": EARLY}
HASH: Final = "ab" * 32
#: Token in all texts and first number of all rows of a branch.
TOKENS: Final = {"north": ("Nord", 7_000_000), "south": ("Sued", 9_000_000)}
PEOPLE: Final = {
    "ada": (UserRole.ADMIN, "head"),
    "rita": (UserRole.RISK, "head"),
    "Nordolf": (UserRole.OFFICER, "Nord-branch"),
    "Nordine": (UserRole.REVIEWER, "Nord-branch"),
    "Suedwin": (UserRole.OFFICER, "Sued-branch"),
    "Suedrun": (UserRole.REVIEWER, "Sued-branch"),
}
#: As recorded with a picture.
_CHIP: Final = "ab" * 8


@dataclass(frozen=True)
class Branch:
    """Names and numbers of one branch's rows."""

    token: str
    base: int

    def name(self, what: str) -> str:
        return f"{self.token}-{what}"

    @property
    def parcels(self) -> list[str]:
        return [self.name(f"p{number}") for number in range(4)]


NORTH, SOUTH = (Branch(*TOKENS[name]) for name in ("north", "south"))


@dataclass(frozen=True)
class TwoBranches:
    """The bank and the folders of its files."""

    engine: Engine
    folder: Path
    chance: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311 - tokens of a test
    open: ExitStack = field(default_factory=ExitStack)

    @property
    def folders(self) -> Folders:
        names = ("layers", "runs", "book", "files", "photos")
        return Folders(**{name: self.folder / name for name in names})

    @property
    def access(self) -> Access:
        spans = Spans(idle=timedelta(hours=2), longest=timedelta(hours=12))
        return Access(self.engine, quick_passwords(), spans, lambda: NOW, self.chance.randbytes, ORIGIN)

    @cached_property
    def app(self) -> FastAPI:
        """One for all browsers: building it takes longer than many requests."""
        return create_institution_app(self.access, folders=self.folders)

    def browser(self, login: str | None) -> TestClient:
        """A browser in which somebody is signed in, or nobody; a fault of the program is an answer of 500."""
        browser = TestClient(
            self.app, base_url=ORIGIN, headers={"Origin": ORIGIN}, raise_server_exceptions=False, follow_redirects=False
        )
        self.open.enter_context(browser)  # one loop for all its requests, instead of a thread for each
        if login is None:
            return browser
        assert try_to_sign_in(browser, login, PASSWORD).status_code == 201
        browser.headers[CSRF_HEADER] = browser.cookies[CSRF_COOKIE]
        return browser

    def system(self, branch: Branch, *scopes: KeyScope) -> TestClient:
        """Another system whose requests carry a key of a branch."""
        with writing(self.engine) as connection:
            new = NewKey(branch.name("key of all"), branch.name("branch"), scopes, 9)
            key = make_key(connection, new, find_user(connection, "ada"), self.chance.randbytes, NOW)
        client = self.browser(None)
        client.headers["Authorization"] = f"Bearer {key}"
        return client


def build_branches(engine: Engine, folder: Path, *, sites: bool = False) -> TwoBranches:
    """Fill an empty database at the newest revision, and the folders of its files; `sites`: each branch has one."""
    bank = TwoBranches(engine, folder)
    for name in ("layers", "runs", "book", "files", "photos"):
        (folder / name).mkdir()
    _run(bank)
    _people(engine)
    if sites:  # before all rows whose numbers are said: those of a site's rows come by themselves, from 1
        _sites(bank)
    for branch in (NORTH, SOUTH):
        _rows(bank, branch)
    with engine.connect() as connection:
        units = _unit_numbers(engine)
        for branch in (NORTH, SOUTH):
            make_outlines(connection, parcels_within(connection, [units[branch.name("branch")]]), folder / "layers")
    return bank


def _run(bank: TwoBranches) -> None:
    """One run over eight parcels: four of each branch; the last one has no outline."""
    run = made_up_run("run-1", n=8)
    names = dict(zip([f"p{number:03d}" for number in range(8)], NORTH.parcels + SOUTH.parcels, strict=True))
    farmers = {f"f{number}": (NORTH if number < 2 else SOUTH).name(f"f{number}") for number in range(4)}
    record, geo, parcels, seasons, limits = run.tables
    limits = limits.replace({"subject_id": names | farmers})
    renamed = [table.replace({"parcel_id": names}) for table in (geo, parcels, seasons)]
    renamed[1], limits = renamed[1].replace({"farmer_id": farmers}), limits.replace({"farmer_id": farmers})
    load_run(bank.engine, record, *renamed, limits, now=EARLY)
    place = bank.folder / "runs" / "any"
    place.mkdir()
    (place / "run.json").write_text(record.to_json(), encoding="utf-8")
    write_table(_series(list(names.values())[:-1]), SERIES, place / "series.parquet")
    write_manifest(place, ["run.json", "series.parquet"])


def _series(parcels: list[str]) -> pd.DataFrame:
    days = [date(2018, 11, 5) + timedelta(days=10 * step) for step in range(20)]
    one = pd.DataFrame({"date": days, "clear_share": 1.0, "n_px": 50.0, "ndvi": np.linspace(0.2, 0.8, len(days))})
    rows = pd.concat([one.assign(parcel_id=name) for name in parcels], ignore_index=True)
    return rows.assign(geometry_version="a" * 12, known_at=EARLY, level="L2A", source_hash="f" * 12)


def _people(engine: Engine) -> None:
    stored = quick_passwords().hash(PASSWORD)
    with writing(engine) as connection:
        add_unit(connection, "head", "Head office", OrgKind.HEAD_OFFICE, None, EARLY)
        for branch in (NORTH, SOUTH):
            add_unit(connection, branch.name("branch"), branch.name("Zweig"), OrgKind.BRANCH, "head", EARLY)
        first = None
        for login, (role, unit) in PEOPLE.items():
            added = add_user(connection, NewUser(login, f"{login} by name", role, unit, "en"), first, EARLY)
            first = first or added
            set_password(connection, login, stored, EARLY)


def _unit_numbers(engine: Engine) -> dict[str, int]:
    with Session(engine) as session:
        return {unit.code: unit.id for unit in session.query(t.OrgUnit)}


def _sites(bank: TwoBranches) -> None:
    """A solar site of each branch, watched three times, with pictures, meter readings and a red line across it."""
    for branch, lon in ((NORTH, 20.0), (SOUTH, 21.0)):
        stand_site(
            bank.engine,
            bank.folder / "runs",
            unit=branch.name("branch"),
            by={NORTH: "Nordolf", SOUTH: "Suedwin"}[branch],
            site_id=branch.name("site"),
            said=branch.name(""),
            place=(lon, 45.0),
            as_of=DAY - timedelta(days=5),
        )


def _user_numbers(engine: Engine) -> dict[str, int]:
    with Session(engine) as session:
        return {user.login: user.id for user in session.query(t.User)}


def _rows(bank: TwoBranches, branch: Branch) -> None:
    """Everything of one branch; a row's number is the branch's first number and one more for each row."""
    unit = _unit_numbers(bank.engine)[branch.name("branch")]
    officer, reviewer = (
        number for login, number in _user_numbers(bank.engine).items() if login.startswith(branch.token)
    )
    with writing(bank.engine) as connection:
        place = update(t.Parcel).where(t.Parcel.parcel_id.in_(branch.parcels))
        connection.execute(place.values(org_unit_id=unit))
    photo = ContentStore(bank.folder / "photos").keep(branch.name("photo").encode())
    paper = ContentStore(bank.folder / "files").keep(branch.name("paper").encode())
    for rows in (
        _parties(branch, unit),
        _credit(branch, unit, officer),
        _lent(branch),
        _alerts(branch),
        _visits(branch, unit, officer, reviewer, photo),
        _papers(branch, officer, paper),
        _jobs(branch, unit, officer),
    ):
        with Session(bank.engine) as session:
            for row in rows:
                session.add(row)
                session.flush()
            session.commit()
    _pictures(bank.folder / "runs" / "any" / "watches" / _watch(branch))


def _parties(branch: Branch, unit: int) -> list[Any]:
    farmer = branch.name("f0") if branch is NORTH else branch.name("f2")
    n = branch.base
    return [
        t.Party(id=n + 1, kind="person", farmer_id=farmer, org_unit_id=unit, **SINCE),
        t.PersonalData(party_id=n + 1, name=branch.name("mann"), phone=f"{n + 555}", recorded_at=EARLY),
        t.LandRight(
            id=n + 1, party_id=n + 1, basis="lease", kind="tenancy", starts_on=EARLY.date(),
            ends_on=DAY + timedelta(days=9), source=branch.name("land office"), as_of=EARLY.date(), **SINCE,
        ),
        t.Consent(
            id=n + 1, party_id=n + 1, purpose="processing", text_version=branch.name("text"), language="zh",
            given_at=EARLY, expires_on=DAY + timedelta(days=3), **SINCE,
        ),
        t.OutsideSignal(
            id=n + 1, kind="weather_warning", external_id=branch.name("hail"), parcel_id=branch.parcels[0],
            said=branch.name("hail is expected"), starts_on=DAY, content_hash=HASH, source=branch.name("service"),
            as_of=DAY, recorded_at=EARLY,
        ),
    ]  # fmt: skip


def _credit(branch: Branch, unit: int, officer: int) -> list[Any]:
    n, farmer = branch.base, branch.name("f0") if branch is NORTH else branch.name("f2")
    shared: dict[str, Any] = {
        "currency": "CNY", "policy_id": "cn-planting-generic", "policy_hash": "ef" * 32, "recorded_at": EARLY
    }  # fmt: skip
    batch = {
        "as_of": DAY, "season_id": SEASON, "stage": "in_season", "run_id": "run-1", "inputs_hash": HASH,
        "code_version": "0", "parcels": 4, "subjects": 1, "decided_again": 1, "proposals": 1, "before_minor": 0,
        "after_minor": 1, "status": "open", "held_for": [],
    }  # fmt: skip
    asked = {"product": "planting", "requested_minor": n + 77, "currency": "CNY", "org_unit_id": unit}
    return [
        t.CreditSubject(
            id=n + 1, kind="farmer", subject_id=farmer, salt=b"s" * 32, subject_hash=f"{n:064d}", party_id=n + 1,
            recorded_at=EARLY,
        ),
        t.LimitBatch(id=branch.name("batch"), **batch, **shared),
        t.Proposal(
            id=n + 1, batch_id=branch.name("batch"), credit_subject_id=n + 1, run_id="run-1", amount_minor=n + 88,
            needs_visit=False, inputs_hash=HASH, receipt_hash=HASH, reasons=[], status="open", **shared,
        ),
        t.ProposalParcel(proposal_id=n + 1, parcel_id=branch.parcels[0], amount_minor=n + 88, currency="CNY"),
        t.OverrideRequest(
            id=n + 1, proposal_id=n + 1, to_minor=n + 99, currency="CNY", reason_code="LOCAL", made_by_id=officer,
            reason=branch.name("reason"), status="open", recorded_at=NOW,
        ),
        t.Decision(
            id=n + 1, proposal_id=n + 1, credit_subject_id=n + 1, outcome="approved", amount_minor=n + 66, reasons=[],
            note=branch.name("note"), proposed_by_id=None, decided_by_id=officer, decided_at=NOW, **shared,
        ),
        t.DecisionParcel(decision_id=n + 1, parcel_id=branch.parcels[0], amount_minor=n + 66, currency="CNY"),
        t.Application(
            id=n + 1, number=branch.name("A1"), created_by_id=officer, season_id=SEASON, status="draft", **asked,
            **SINCE,
        ),
        t.ApplicationPlot(
            id=n + 1, application_id=n + 1, parcel_id=branch.parcels[0], cycle=1, crop="wheat", recorded_at=EARLY
        ),
        t.Role(id=n + 2, party_id=n + 1, application_id=n + 1, kind="borrower", **SINCE),
    ]  # fmt: skip


def _lent(branch: Branch) -> list[Any]:
    n = branch.base
    plain: dict[str, Any] = {"product": "planting", "currency": "CNY", "source": branch.name("core")}
    return [
        t.Facility(
            id=n + 1, number=branch.name("F1"), product="planting", limit_minor=n + 44, currency="CNY",
            revolving=False, starts_on=EARLY.date(), status="active", **SINCE,
        ),
        t.Role(id=n + 1, party_id=n + 1, facility_id=n + 1, kind="borrower", **SINCE),
        t.ContractPlot(
            id=n + 1, parcel_id=branch.parcels[0], facility_id=n + 1, land_right_id=n + 1, starts_on=EARLY.date(),
            plot_code=branch.name("plot"), **SINCE,
        ),
        t.LoanAccount(
            id=n + 1, facility_id=n + 1, account_number=branch.name("acc1"), outstanding_minor=n + 33,
            overdue_minor=n + 11, days_overdue=12, opened_on=EARLY.date(), as_of=DAY, due_on=DAY, **plain, **SINCE,
        ),
        t.LoanAccount(
            id=n + 2, facility_id=n + 1, account_number=branch.name("acc2"), outstanding_minor=n + 22,
            opened_on=EARLY.date(), as_of=DAY, due_on=DAY + timedelta(days=5), **plain, **SINCE,
        ),
        t.Insurance(
            id=n + 1, facility_id=n + 1, party_id=n + 1, parcel_id=branch.parcels[0], kind="crop",
            insurer=branch.name("insurer"), policy_number=branch.name("policy"), currency="CNY",
            starts_on=EARLY.date(), ends_on=DAY + timedelta(days=8), source=branch.name("insurer"),
            as_of=EARLY.date(), **SINCE,
        ),
        t.CropCycle(
            id=n + 1, parcel_id=branch.parcels[0], season_id=SEASON, cycle=1, origin="declared", crop="wheat",
            source=branch.name("core"), as_of=EARLY.date(), **SINCE,
        ),
    ]  # fmt: skip


def _watch(branch: Branch) -> str:
    """A watch is of a run, which both branches are in: its name tells nothing of either."""
    return f"watch-{branch.base // 1_000_000}"


def _alerts(branch: Branch) -> list[Any]:
    n = branch.base
    found = {"season_id": SEASON, "rules_id": "growth-1", "rules_hash": HASH, "run_id": "run-1", "recorded_at": EARLY}
    chips = {side: {"day": "2019-06-01", "file": f"chips/{_CHIP}.png"} for side in ("before", "after")}
    said = {
        "dates": ["2019-06-01"], "values": [0.25], "value": 0.25, "expected": {"low": 0.5, "high": None},
        "neighbours_fallen": 0.1, "why": branch.name("why"), "rule": "losses-1", "chips": chips,
        "rules": {"id": "growth-1", "hash": HASH}, "event_from": "2019-05-20",
    }  # fmt: skip
    return [
        t.Watch(
            id=_watch(branch), as_of=DAY, inputs_hash=HASH, code_version="0", counts={},
            **found,
        ),
        t.Alert(
            id=n + 1, key=f"{n:064d}", parcel_id=branch.parcels[0], cause="abrupt_loss", level="action", scope="own",
            severity=0.6, probability=0.5, opened_on=DAY, changed_on=DAY, status="open", **found,
        ),
        t.AlertEvent(
            id=n + 1, alert_id=n + 1, kind="opened", happened_on=DAY, level="action", evidence=said,
            watch_id=_watch(branch), recorded_at=EARLY,
        ),
    ]  # fmt: skip


def _visits(branch: Branch, unit: int, officer: int, reviewer: int, photo: str) -> list[Any]:
    n, monday = branch.base, DAY - timedelta(days=DAY.weekday())
    return [
        t.VisitList(
            id=n + 1, week=monday, as_of=DAY, org_unit_id=unit, capacity=2, random_share=0.1, seed=HASH, candidates=4,
            method="m", drawn_by_id=officer, recorded_at=EARLY,
        ),
        t.VisitTask(id=n + 1, list_id=n + 1, rank=1, parcel_id=branch.parcels[0], alert_id=n + 1, drawn="ranked"),
        t.Visit(
            id=n + 1, parcel_id=branch.parcels[0], alert_id=n + 1, task_id=n + 1, officer_id=officer,
            second_officer_id=reviewer, captured_at=NOW, outcome="confirmed", note=branch.name("seen"),
            photo_hash=photo, recorded_at=NOW,
        ),
    ]  # fmt: skip


def _papers(branch: Branch, officer: int, paper: str) -> list[Any]:
    n = branch.base
    return [
        t.ApplicationPaper(
            id=n + 1, application_id=n + 1, party_id=n + 1, kind="lease", content_hash=paper, media_type="image/png",
            size=10, expires_on=DAY + timedelta(days=2), added_by_id=officer, recorded_at=EARLY,
        ),
        t.ApplicationEvent(
            id=n + 1, application_id=n + 1, kind="created", by_id=officer, note=branch.name("event"), happened_at=EARLY
        ),
    ]  # fmt: skip


def _jobs(branch: Branch, unit: int, officer: int) -> list[Any]:
    job = {"kind": "parcels_check", "asked_by_id": officer, "state": "failed", "unique_key": branch.name("key")}
    at = {"asked_at": EARLY, "not_before": EARLY, "started_at": EARLY, "finished_at": NOW}
    error = {"code": "IMPORT", "message": branch.name("message"), "remedy": ""}
    asked = {"file": HASH, "name": branch.name("file")}
    tried = {"attempts": 1, "most_attempts": 3}
    return [t.Job(id=branch.base + 1, org_unit_id=unit, asked=asked, error=error, **job, **at, **tried)]


def _pictures(watch: Path) -> None:
    (watch / "chips").mkdir(parents=True)
    Image.new("RGB", (8, 8), (20, 120, 40)).save(watch / "chips" / f"{_CHIP}.png")
    pq.write_table(pa.table({"parcel_id": pa.array([], pa.string()), "cycle": pa.array([], pa.int16())}),
                   watch / "condition.parquet")  # fmt: skip
