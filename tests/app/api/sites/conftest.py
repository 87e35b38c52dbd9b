from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.artefacts.folders import Folders
from app.db.engine import open_engine, sqlite_url
from app.db.tables import Facility, Role
from app.db.tables.site_kinds import SiteStandingKind
from geo.sites import SiteType
from tests.app.api.access.service import NOW, Service, open_service
from tests.app.sites.standing_sites import StoodSite, stand_site


@dataclass
class Office:
    """A bank with people of several units, whose units 010 and 020 watch sites."""

    engine: Engine
    service: Service
    runs: Path
    sites: dict[str, StoodSite]

    def browse(self, login: str) -> TestClient:
        return self.service.signed_in(login)

    def stand(self, kind: SiteType, unit: str, **said: Any) -> StoodSite:
        stood = stand_site(self.engine, self.runs, kind, unit=unit, **said)
        self.sites[stood.site_id] = stood
        return stood

    def lend(self, number: str, unit: str) -> None:
        """A facility of a borrower of a unit."""
        since: dict[str, Any] = {"valid_from": NOW, "recorded_at": NOW}
        plain = {"product": "project", "currency": "CNY", "revolving": False, "status": "active"}
        with Session(self.engine) as session:
            facility = Facility(number=number, starts_on=NOW.date(), **plain, **since)
            session.add(facility)
            session.flush()
            session.add(Role(party_id=self.service.parties[unit], facility_id=facility.id, kind="borrower", **since))
            session.commit()


def open_office(engine: Engine, folder: Path) -> Office:
    service = open_service(engine)
    service.folders = replace(Folders(), runs=folder / "runs", files=folder / "files")
    for name in ("runs", "files"):
        (folder / name).mkdir()
    return Office(engine, service, folder / "runs", {})


def fill(office: Office) -> Office:
    """A solar site, a wind farm, a reservoir that nobody saw and a new site of unit 010; a solar site of unit 020."""
    apart: dict[str, Any] = {"meters": False, "red_lines": False, "watches": 1}
    unseen, fine = SiteStandingKind.UNSEEN, SiteStandingKind.ON_TRACK
    office.stand(SiteType.SOLAR, "010", site_id="s/1")
    office.stand(SiteType.WIND, "011", site_id="w-1", place=(115.7, 33.3), standing=fine, **apart)
    office.stand(SiteType.RESERVOIR, "010", site_id="r-1", place=(115.5, 33.3), standing=unseen, **apart)
    office.stand(SiteType.SOLAR, "010", site_id="s-new", place=(115.8, 33.3), **apart | {"watches": 0})
    office.stand(SiteType.SOLAR, "020", site_id="s-far", place=(115.9, 33.3), said="Far ", standing="action", watches=1)
    return office


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """On SQLite and on PostgreSQL, for what queries decide."""
    return fill(open_office(engine, tmp_path))


@pytest.fixture(scope="module")
def small_office(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One that the tests of a module only read."""
    folder = tmp_path_factory.mktemp("office")
    file = folder / "acreline.db"
    file.write_bytes(sqlite_template.read_bytes())
    engine = open_engine(sqlite_url(file))
    yield fill(open_office(engine, folder))
    engine.dispose()
