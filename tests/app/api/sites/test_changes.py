"""Meter readings are added, and reports asked for and fetched, within reach only."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from app.artefacts.contents import ContentStore
from app.artefacts.folders import Folders
from app.db.engine import writing
from app.db.tables import ParcelObservation, SiteReport
from app.db.tables.office_kinds import JobKind
from app.queue.claiming import Claim, claim, finish
from geo.sites import SiteType
from tests.app.api.access.service import NOW
from tests.app.api.sites.conftest import Office, open_office

METERS, REPORTS = "/api/v1/sites/s-1/meters", "/api/v1/sites/s-1/reports"
READ: dict[str, Any] = {
    "starts_on": "2026-10-01", "ends_on": "2026-10-31", "energy_kwh": 4_200_000.5, "source": "电网 meter 3",
    "as_of": "2026-11-02",
}  # fmt: skip


@pytest.fixture
def watched(engine: Any, tmp_path: Any) -> Office:
    """A solar site of unit 010, watched once, without readings; on SQLite and on PostgreSQL."""
    office = open_office(engine, tmp_path)
    office.stand(SiteType.SOLAR, "010", site_id="s-1", meters=False, red_lines=False, watches=1)
    return office


def test_a_reading_is_added_once_and_corrected_by_a_later_word(watched: Office) -> None:
    olga = watched.browse("olga")
    first = olga.post(METERS, json=READ)
    assert first.status_code == 201, first.text
    row = first.json()
    said = {"recorded_at": row["recorded_at"], "recorded_by": "olga", "earlier": []}
    assert row == READ | {"id": row["id"]} | said
    assert olga.post(METERS, json=READ).json() == row
    assert olga.get("/api/v1/sites/s-1").json()["meters"] == [row]
    clash = olga.post(METERS, json=READ | {"energy_kwh": 1.0})
    assert (clash.status_code, clash.json()["code"]) == (409, "METER_CLASH")
    later = READ | {"energy_kwh": 4_100_000.0, "as_of": "2026-11-20"}
    mended = olga.post(METERS, json=later).json()
    word = {name: row[name] for name in ("energy_kwh", "as_of", "recorded_at", "recorded_by")}
    assert mended == later | {"id": mended["id"]} | said | {"earlier": [word]}
    assert mended["id"] != row["id"]  # what was said first stays as it was
    assert olga.get("/api/v1/sites/s-1").json()["meters"] == [mended]


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({"energy_kwh": -1}, 422, "REQUEST_INVALID"),
        ({"energy_kwh": "NaN"}, 422, "REQUEST_INVALID"),
        ({"source": ""}, 422, "REQUEST_INVALID"),
        ({"source": "a\0b"}, 422, "REQUEST_INVALID"),
        ({"by": "olga"}, 422, "REQUEST_INVALID"),
        ({"source": "  "}, 400, "METER_SOURCE"),
        ({"ends_on": "2026-09-30"}, 400, "METER_DAYS"),
        ({"as_of": "2027-01-01"}, 400, "METER_DAYS"),
        ({"energy_kwh": 4.2e9}, 400, "METER_ENERGY"),
    ],
)
def test_a_reading_that_cannot_be_is_refused(
    small_office: Office, said: dict[str, Any], status: int, code: str
) -> None:
    olga = small_office.browse("olga")
    answer = olga.post("/api/v1/sites/s-new/meters", json=READ | said)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert olga.get("/api/v1/sites/s-new").json()["meters"] == []


def test_readings_may_not_overlap_in_part(watched: Office) -> None:
    olga = watched.browse("olga")
    assert olga.post(METERS, json=READ).status_code == 201
    over = olga.post(METERS, json=READ | {"starts_on": "2026-10-20", "ends_on": "2026-11-01"})
    assert (over.status_code, over.json()["code"]) == (409, "METER_OVERLAP")


def test_who_does_not_see_the_site_adds_nothing_and_gets_no_report(watched: Office) -> None:
    for login, status in (("susi", 404), ("otto", 404), ("ada", 403), ("rob", 201), ("rita", 201)):
        answer = watched.browse(login).post(METERS, json=READ)
        assert answer.status_code == status, (login, answer.text)
        asked = watched.browse(login).post(REPORTS, json={"language": "zh"})
        assert asked.status_code == (202 if status == 201 else status), (login, asked.text)


def _taken(office: Office) -> Claim | None:
    return claim(office.engine, "w", {JobKind.SITE_REPORT}, timedelta(minutes=1), office.service.clock())


def _written(office: Office, held: Claim, content: bytes) -> None:
    """What a worker does, without typesetting."""
    folder = office.service.folders.files
    assert folder is not None
    answer = {"file": ContentStore(folder).keep(content), "size": len(content)}
    assert finish(office.engine, held, answer, office.service.clock())


def test_a_report_is_asked_for_once_and_fetched_when_it_is_written(watched: Office) -> None:
    olga = watched.browse("olga")
    first = olga.post(REPORTS, json={"language": "zh"})
    assert (first.status_code, first.json()["state"], first.json()["kind"]) == (202, "queued", "site_report")
    number = first.json()["number"]
    assert olga.post(REPORTS, json={"language": "zh"}).json()["number"] == number
    assert olga.post(REPORTS, json={"language": "en"}).json()["number"] != number
    early = olga.get(f"/api/v1/letters/{number}.pdf")
    assert (early.status_code, early.json()["code"]) == (409, "LETTER_NOT_READY")
    held = _taken(watched)
    assert held is not None
    assert (held.id, held.asked) == (number, {"site": "s-1", "language": "zh"})
    assert held.asked_by_id == watched.service.people["olga"].id
    _written(watched, held, b"%PDF-1.7 made up")
    report = olga.get(f"/api/v1/letters/{number}.pdf")
    assert (report.content, report.headers["content-type"]) == (b"%PDF-1.7 made up", "application/pdf")
    assert report.headers["content-disposition"] == f'inline; filename="acreline-site-report-{number}.pdf"'
    assert watched.browse("susi").get(f"/api/v1/letters/{number}.pdf").status_code == 404
    assert watched.browse("rita").get(f"/api/v1/letters/{number}.pdf").status_code == 200


def test_a_report_after_another_reading_is_another_one(watched: Office) -> None:
    olga = watched.browse("olga")
    number = olga.post(REPORTS, json={"language": "en"}).json()["number"]
    assert olga.post(METERS, json=READ).status_code == 201
    assert olga.post(REPORTS, json={"language": "en"}).json()["number"] != number


def test_a_site_that_was_never_watched_has_nothing_to_report(small_office: Office) -> None:
    answer = small_office.browse("olga").post("/api/v1/sites/s-new/reports", json={"language": "en"})
    assert (answer.status_code, answer.json()["code"]) == (409, "SITE_NOT_WATCHED")
    assert _taken(small_office) is None


@pytest.mark.parametrize("body", [{}, {"language": "de"}, {"language": "en", "path": "/etc/passwd"}])
def test_a_report_that_there_is_not_is_refused(small_office: Office, body: dict[str, str]) -> None:
    assert small_office.browse("olga").post("/api/v1/sites/s/1/reports", json=body).status_code == 422


def test_a_service_without_files_says_so(watched: Office) -> None:
    watched.service.folders = Folders()
    answer = watched.browse("olga").post(REPORTS, json={"language": "en"})
    assert (answer.status_code, answer.json()["code"]) == (503, "FOLDER_MISSING")


def test_a_run_over_sites_of_several_branches_names_to_each_its_own_failures(watched: Office) -> None:
    unseen = watched.stand(SiteType.SOLAR, "010", site_id="s-2", place=(116.2, 33.0), standing="unseen", watches=1)
    watched.stand(SiteType.SOLAR, "020", site_id="s-3", place=(116.4, 33.0), red_lines=False, watches=1)
    (run,) = unseen.run_ids
    with writing(watched.engine) as connection:
        seen = ParcelObservation.__table__
        row = connection.execute(select(seen).where(seen.c.parcel_id == "s-3")).mappings().one()
        connection.execute(insert(ParcelObservation), [{**row, "run_id": run}])
    told = {login: watched.browse(login).get(f"/api/v1/runs/{run}").json()["failures"] for login in ("olga", "susi")}
    assert [each["subject"] for each in told["olga"]] == ["s-2"]
    assert told["susi"] == []


def test_reports_that_were_given_out_stand_on_the_page(watched: Office) -> None:
    (watch,) = watched.sites["s-1"].watch_ids
    by = watched.service.people["rob"].id
    with writing(watched.engine) as connection:
        row = {"parcel_id": "s-1", "watch_id": watch, "facts": {}, "made_by_id": by, "made_at": NOW}
        connection.execute(insert(SiteReport), [row | {"facts_hash": letter * 64} for letter in "ab"])
    said = watched.browse("olga").get("/api/v1/sites/s-1").json()["reports"]
    assert [(each["as_of"], each["made_by"], each["facts_hash"][0]) for each in said] == [
        ("2026-11-09", "rob", "b"),
        ("2026-11-09", "rob", "a"),
    ]
