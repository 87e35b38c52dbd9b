"""A made-up bank with a farmer, plots with outlines, and applications brought to any stage."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import shapely
from PIL import Image
from sqlalchemy import ColumnElement, Connection, insert, select, true

from app.artefacts.contents import ContentStore
from app.book.applications import drafting, drawing, granting, papers, reviewing, statements
from app.book.applications.files import Doing, Filed, find
from app.book.applications.stages import Stage
from app.book.decisions import by_people
from app.book.parties.consents import Agreed
from app.book.parties.party_file import Entry
from app.book.parties.register import register
from app.book.parties.retention import load_rules
from app.db.engine import writing
from app.db.tables import OrgUnit, ParcelGeometry, ParcelPeriod
from app.db.tables.kinds import BureauOutcome, ConsentPurpose, LandBasis, LandKind
from app.db.tables.office_kinds import PaperKind
from tests.app.book.made_up_book import LATER, NOW, Bank, salt_maker

SEASON = "2026-10-01/2027-09-30"
ANYWHERE: ColumnElement[bool] = true()


def outline(number: int) -> shapely.Polygon:
    """A square of about a hectare, each beside the next."""
    west, south, side = 114.0 + number * 0.0012, 36.0, 0.001
    return shapely.box(west, south, west + side, south + side)


def add_outlines(connection: Connection, parcels: list[str], now: datetime = NOW) -> None:
    for place, name in enumerate(parcels):
        shape = outline(place)
        minx, miny, maxx, maxy = shape.bounds
        box = {"minx": minx, "miny": miny, "maxx": maxx, "maxy": maxy, "area_ha": 1.0}
        row = {"parcel_id": name, "geometry_version": "v1", "wkb": shapely.to_wkb(shape), "recorded_at": now, **box}
        connection.execute(insert(ParcelGeometry), [row])
        period = {"parcel_id": name, "geometry_version": "v1", "valid_from": now, "recorded_at": now}
        connection.execute(insert(ParcelPeriod), [period])


def picture(size: tuple[int, int] = (8, 6), form: str = "JPEG", **save: Any) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, (200, 60, 40)).save(written, form, **save)
    return written.getvalue()


@dataclass
class Desk:
    """People who work on applications; the clock moves a minute with every act."""

    bank: Bank
    store: ContentStore
    party: int
    unit: int
    now: datetime = LATER
    salts: Any = field(default_factory=salt_maker)

    def doing(self, login: str, number: str | None = None, version: int | None = None) -> Doing:
        self.now += timedelta(minutes=1)
        seen = version if version is not None else 0 if number is None else self.filed(number).version
        return Doing(self.bank.people[login], self.now, seen)

    def filed(self, number: str) -> Filed:
        with self.bank.engine.connect() as connection:
            return find(connection, number, ANYWHERE)

    def begin(self, by: str = "olga", unit: int | None = None) -> str:
        doing = self.doing(by)
        with writing(self.bank.engine) as connection:
            begun = drafting.Begun(self.party, unit or self.unit, self.bank.pack)
            return drafting.begin(connection, begun, doing.by, doing.now)

    def act(self, what: Any, number: str, by: str, *more: Any, **named: Any) -> Any:
        doing = self.doing(by, number)
        with writing(self.bank.engine) as connection:
            return what(connection, number, ANYWHERE, doing, *more, **named)

    def fill(self, number: str, by: str = "olga", amount: str = "1500") -> None:
        """Everything that submitting needs."""
        pack, day = self.bank.pack, self.bank.pack.local_day(self.now)
        for purpose in (ConsentPurpose.PROCESSING, ConsentPurpose.BUREAU):
            self.act(statements.agree, number, by, Agreed(purpose, "3", "zh"), None)
        report = statements.Report(BureauOutcome.CLEAR, None, None, day, None, None)
        self.act(statements.enter_report, number, by, report, pack)
        self.act(statements.enter_capacity, number, by, 5_000_000, pack)
        lease = statements.Right(LandBasis.CERTIFICATE, LandKind.HOUSEHOLD_CONTRACT, date(2020, 1, 1), None, 2.0)
        right = self.act(statements.enter_right, number, by, lease, pack)
        sheet = papers.read_sheet(picture())
        self.act(papers.add_paper, number, by, sheet, self.store, kind=PaperKind.IDENTITY, expires_on=None)
        plans = [drafting.Plan(name, 1, "wheat", land_right_id=right) for name in ("p000", "p001")]
        self.act(drafting.pick_plots, number, by, plans)
        asked = {"pack": pack, "amount": Decimal(amount), "season_id": SEASON}
        self.act(drafting.ask_for, number, by, **asked)

    def bring_to(self, stage: Stage, amount: str = "1500") -> str:
        """An application of olga's, taken up by ben, decided by rob."""
        number = self.begin()
        self.fill(number, amount=amount)
        steps = {
            Stage.SUBMITTED: lambda: self.act(reviewing.submit, number, "olga", self.bank.pack),
            Stage.IN_REVIEW: lambda: self.act(reviewing.take_up, number, "ben"),
            Stage.PROPOSED: lambda: self.propose(number),
            Stage.APPROVED: lambda: self.decide(number),
            Stage.GRANTED: lambda: self.act(granting.grant, number, "olga", self.contract(number)),
        }
        for reached, step in steps.items():
            if self.filed(number).stage is stage:
                break
            step()
            assert self.filed(number).stage is reached
        return number

    def propose(self, number: str, by: str = "ben") -> int:
        made: int = self.act(reviewing.propose, number, by, self.bank.pack, self.store, self.salts)
        return made

    def decide(self, number: str, by: str = "rob", how: Any = by_people.approve, *more: Any) -> int:
        doing, proposal = self.doing(by), self.filed(number).proposal_id
        with writing(self.bank.engine) as connection:
            made: int = how(connection, proposal, *more, by_people.Sitting(doing.by, self.bank.pack, doing.now))
        return made

    def contract(self, number: str) -> granting.Contract:
        return granting.Contract(f"C-{number}", date(2026, 11, 23), date(2027, 11, 22), revolving=False)

    def room(self, number: str) -> drawing.Room:
        with self.bank.engine.connect() as connection:
            return drawing.room_of(connection, find(connection, number, ANYWHERE), self.bank.pack, self.now)


def open_desk(bank: Bank, folder: Path) -> Desk:
    with writing(bank.engine) as connection:
        unit = connection.scalar(select(OrgUnit.id).where(OrgUnit.code == "001"))
        assert unit is not None
        add_outlines(connection, [f"p{n:03d}" for n in range(6)])
        entry = Entry(farmer_id="F-1", name="王小明", phone="13800001111", org_unit="001")
        party = register(connection, [entry], vault=None, rules=load_rules(), now=NOW).party_ids[0]
    return Desk(bank, ContentStore(folder), party, unit)
