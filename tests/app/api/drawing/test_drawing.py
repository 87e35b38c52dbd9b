"""Parcels that people draw, walk and import, over the service: the book, branches, jobs, and files."""

from __future__ import annotations

import json
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapely
from fastapi.testclient import TestClient
from sqlalchemy import insert, select

from app.api.access.tokens import CSRF_COOKIE, CSRF_HEADER
from app.api.institution import create_institution_app
from app.artefacts.folders import Folders
from app.db.engine import writing
from app.db.tables import ContractPlot, Facility, OrgUnit, ParcelOrigin, ParcelPeriod, Role
from app.db.tables.office_kinds import JobKind, JobState, OutlineMethod
from app.jobs.queued.imports import check_file, import_file
from app.jobs.queued.shop import Shop
from app.queue.working import work_until_empty
from app.settings import Settings
from tests.app.api.access.service import NOW, ORIGIN, Service, try_to_sign_in
from tests.app.queue.desk import bench

FIELD = shapely.box(115.600, 33.400, 115.602, 33.402)
SINCE: dict[str, Any] = {"valid_from": NOW, "recorded_at": NOW}


def polygon(shape: shapely.Polygon) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [shapely.get_coordinates(shape.exterior).tolist()]}


def given(shape: shapely.Polygon, **further: Any) -> dict[str, Any]:
    return {"outline": polygon(shape), "method": "drawn"} | further


def browser(service: Service, login: str, folder: Path) -> TestClient:
    """Somebody signed in at a service that keeps files."""
    app = create_institution_app(service.access, routers=service.routers, folders=Folders(files=folder))
    client = TestClient(app, base_url=ORIGIN, headers={"Origin": ORIGIN}, raise_server_exceptions=False)
    assert try_to_sign_in(client, login).status_code == 201
    client.headers[CSRF_HEADER] = client.cookies[CSRF_COOKIE]
    return client


def work(service: Service, folder: Path) -> None:
    """A worker does the imports that wait."""
    shop = Shop(service.access.engine, "", Folders(files=folder), Settings(), service.clock)
    does = {JobKind.PARCELS_CHECK: check_file, JobKind.PARCELS_IMPORT: import_file}
    worker = bench(service.access.engine, lambda held, told: does[held.kind](shop, held, told), service.clock)
    object.__setattr__(worker, "handlers", {kind: worker.handlers[kind] for kind in does})
    work_until_empty(worker)


def pledge(service: Service, parcel: str, party: int) -> None:
    """Let a parcel back a loan of a party."""
    with writing(service.access.engine) as connection:
        line = {"number": "F-1", "product": "planting", "limit_minor": 1, "currency": "CNY", "revolving": True}
        days = {"starts_on": date(2026, 1, 1), "ends_on": date(2027, 12, 31)}
        made = insert(Facility).values(**line, **days, status="active", **SINCE).returning(Facility.id)
        number = connection.execute(made).scalar_one()
        connection.execute(insert(Role).values(party_id=party, facility_id=number, kind="borrower", **SINCE))
        connection.execute(insert(ContractPlot).values(parcel_id=parcel, facility_id=number, **days, **SINCE))


def test_a_parcel_is_checked_registered_once_and_drawn_anew(service: Service, tmp_path: Path) -> None:
    olga = browser(service, "olga", tmp_path)
    checked = olga.post("/api/v1/drawing/check", json={"outline": polygon(FIELD)}).json()
    assert checked["area"] == pytest.approx({"ha": 4.126, "mu": 61.89, "acre": 10.196}, rel=0.01)
    first = olga.post("/api/v1/drawing/parcels", json=given(FIELD))
    assert (first.status_code, first.json()["parcel_id"]) == (201, "010-d000001")
    again = olga.post("/api/v1/drawing/parcels", json=given(FIELD)).json()
    assert (again["parcel_id"], again["already_there"], again["overlaps"]) == ("010-d000001", True, [])
    service.clock.pass_by(minutes=1)
    walk = {"method": "walked", "accuracy_m": 3.5, "fixes": 90, "redraws": "010-d000001"}
    anew = olga.post("/api/v1/drawing/parcels", json=given(FIELD.buffer(0.0002, join_style="mitre"), **walk)).json()
    assert (anew["parcel_id"], anew["redrawn"], anew["overlaps"]) == ("010-d000001", True, [])
    with service.access.engine.connect() as connection:
        periods = connection.execute(select(ParcelPeriod).order_by(ParcelPeriod.valid_from)).all()
        methods = connection.scalars(select(ParcelOrigin.method).order_by(ParcelOrigin.id)).all()
    assert [row.valid_to for row in periods] == [service.clock(), None]
    assert methods == [OutlineMethod.DRAWN, OutlineMethod.WALKED]


def test_ground_that_is_there_is_told_and_other_branches_are_not_named(service: Service, tmp_path: Path) -> None:
    olga, susi = (browser(service, login, tmp_path) for login in ("olga", "susi"))
    parcel = olga.post("/api/v1/drawing/parcels", json=given(FIELD)).json()["parcel_id"]
    moved = {"outline": polygon(shapely.box(115.601, 33.400, 115.603, 33.402))}

    def told(client: TestClient) -> list[tuple[Any, ...]]:
        found = client.post("/api/v1/drawing/check", json=moved).json()["overlaps"]
        return [(each["kind"], round(each["share"], 2), each["parcel_id"], each["facility_number"]) for each in found]

    assert told(olga) == [("parcel", 0.5, parcel, None)]
    assert told(susi) == []
    pledge(service, parcel, service.parties["010"])
    assert told(olga) == [("pledged", 0.5, parcel, "F-1")]
    assert told(susi) == [("pledged_elsewhere", 0.5, None, None)]
    refused = susi.post("/api/v1/drawing/parcels", json={**moved, "method": "drawn"})
    assert (refused.status_code, refused.json()["code"]) == (409, "DRAWN_OVERLAP")
    seen = susi.post("/api/v1/drawing/parcels", json={**moved, "method": "drawn", "overlaps_seen": True})
    assert (seen.status_code, seen.json()["parcel_id"]) == (201, "020-d000001")
    beside = shapely.box(115.60195, 33.400, 115.604, 33.402)  # a border drawn 5 m off is no overlap
    assert not olga.post("/api/v1/drawing/check", json={"outline": polygon(beside)}).json()["overlaps"][1:]


def test_what_is_of_others_is_not_there(small_service: Service, tmp_path: Path) -> None:
    olga, susi = (browser(small_service, login, tmp_path) for login in ("olga", "susi"))
    made = olga.post("/api/v1/drawing/parcels", json=given(FIELD)).json()
    said = [
        ({"redraws": made["parcel_id"]}, "PARCEL_UNKNOWN"),
        ({"parcel_id": made["parcel_id"]}, "PARCEL_TAKEN"),
        ({"party_id": small_service.parties["010"]}, "PARTY_UNKNOWN"),
        ({"unit": "010"}, "UNKNOWN_UNIT"),
        ({"method": "walked"}, "DRAWN_WALK"),
        ({"accuracy_m": 3.0}, "DRAWN_WALK"),
    ]
    for further, code in said:
        answer = susi.post("/api/v1/drawing/parcels", json=given(FIELD.buffer(0.01), **further))
        assert answer.json()["code"] == code
    job = f"/api/v1/jobs/{made['job']}"
    assert olga.get(job).json()["state"] == "queued"
    assert (susi.get(job).status_code, susi.post(f"{job}/cancel").status_code) == (404, 404)
    assert olga.post(f"{job}/cancel").json()["state"] == "cancelled"


def collection(*shapes: shapely.Polygon, **properties: list[str]) -> bytes:
    rows = [
        {
            "type": "Feature",
            "properties": {name: values[row] for name, values in properties.items()},
            "geometry": polygon(shape),
        }
        for row, shape in enumerate(shapes)
    ]
    return json.dumps({"type": "FeatureCollection", "features": rows}).encode()


def test_a_file_is_looked_at_and_then_registered_whole(service: Service, tmp_path: Path) -> None:
    olga, otto = (browser(service, login, tmp_path) for login in ("olga", "otto"))
    bow = shapely.Polygon([(115.61, 33.40), (115.612, 33.402), (115.612, 33.40), (115.61, 33.402)])
    file = collection(FIELD, FIELD, bow, nr=["a", "b", "c"])
    taken = olga.post("/api/v1/drawing/imports?format=geojson&datum=as_stated&id_column=nr", content=file)
    assert taken.status_code == 202
    at = f"/api/v1/drawing/imports/{taken.json()['number']}"
    assert (olga.get(at).json()["state"], olga.get(at).json()["preview"]) == ("queued", None)
    assert olga.post(f"{at}/confirm", json={}).json()["code"] == "IMPORT_NOT_READ"
    work(service, tmp_path)
    preview = olga.get(at).json()["preview"]
    assert (preview["rows"], preview["usable"], preview["twins"]) == (3, 2, 1)
    assert [row["row"] for row in preview["shown"] if row["repairs"]] == [3]
    assert preview["repairs"] == [{"what": "outline mended", "rows": 1}]
    assert (otto.get(at).status_code, otto.post(f"{at}/confirm", json={}).status_code) == (404, 404)
    job = olga.post(f"{at}/confirm", json={}).json()["job"]
    assert olga.post(f"{at}/confirm", json={}).json()["job"] == job
    work(service, tmp_path)
    answer = olga.get(f"/api/v1/jobs/{job}").json()["answer"]
    assert (answer["parcels"], answer["redrawn"]) == (2, 0)
    with service.access.engine.connect() as connection:
        names = connection.scalars(select(ParcelOrigin.parcel_id).order_by(ParcelOrigin.parcel_id)).all()
    assert names == ["a", "c"]
    assert olga.get(at).json()["registered_by"] == job


def test_another_branchs_number_refuses_a_whole_file(small_service: Service, tmp_path: Path) -> None:
    susi = browser(small_service, "susi", tmp_path)
    file = collection(FIELD, FIELD.buffer(0.01), nr=["new", "p-010"])
    query = "format=geojson&datum=as_stated&id_column=nr"
    number = susi.post(f"/api/v1/drawing/imports?{query}", content=file).json()["number"]
    work(small_service, tmp_path)
    shown = susi.get(f"/api/v1/drawing/imports/{number}").json()
    assert (shown["state"], shown["error"]["code"]) == (JobState.FAILED, "PARCEL_TAKEN")


def test_uploads_are_bounded_however_they_come(small_service: Service, tmp_path: Path) -> None:
    olga = browser(small_service, "olga", tmp_path)
    address, piece = "/api/v1/drawing/imports?format=geojson&datum=as_stated", b"{" * 2**20
    began = time.monotonic()
    assert olga.post(address, content=(piece for _ in range(40))).status_code == 413  # chunked, without a length
    assert olga.post(address, content=b"{", headers={"Content-Length": str(2**40)}).status_code == 413
    assert time.monotonic() - began < 20
    assert olga.post(address, content=b"<kml/>").json()["code"] == "IMPORT_KIND"
    assert olga.post(address.replace("geojson", "kml"), content=b"<kml/>").status_code == 422
    assert olga.post(f"{address}&crs=/vsicurl/http://evil.example/x", content=piece).status_code == 422
    big = [[115 + number / 1e5, 33.0] for number in range(5000)]
    answer = olga.post("/api/v1/drawing/check", json={"outline": {"type": "Polygon", "coordinates": [big]}})
    assert answer.status_code in (413, 422)
    assert not any(path.is_file() for path in tmp_path.rglob("*/*"))


def test_units_have_numbers_of_their_own(small_service: Service, tmp_path: Path) -> None:
    rows = [FIELD, shapely.box(115.61, 33.4, 115.612, 33.402)]
    olga = browser(small_service, "olga", tmp_path)
    names = [olga.post("/api/v1/drawing/parcels", json=given(each)).json()["parcel_id"] for each in rows]
    below = olga.post("/api/v1/drawing/parcels", json=given(shapely.box(115.62, 33.4, 115.622, 33.402), unit="011"))
    assert [*names, below.json()["parcel_id"]] == ["010-d000001", "010-d000002", "011-d000001"]
    with small_service.access.engine.connect() as connection:
        assert connection.scalar(select(OrgUnit.id).where(OrgUnit.code == "011")) is not None
