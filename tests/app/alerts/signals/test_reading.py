from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from app.alerts.signals.areas import read_areas
from app.alerts.signals.reading import Reading, read_signals
from app.alerts.signals.stated import Stated
from app.db.tables.alert_kinds import AlertLevel, SignalKind
from geo.errors import InputError
from tests.app.alerts.signals.messages import info, message

ROW = {"kind": "insurance", "external_id": "c1", "parcel_id": "p1", "said": "Claim paid", "starts_on": "2026-11-01"}
SQUARE = shapely.box(4, 51, 5, 52)


def _read(path: Path, content: str | bytes, how: Reading | None = None) -> list[Stated]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read_signals([path], how or Reading()).signals)


def test_a_table_gives_signals_and_empty_cells_say_nothing(tmp_path: Path) -> None:
    text = f"""kind,external_id,parcel_id,farmer_id,area,level,said,starts_on,ends_on,expires_on
insurance,c1,007,,,,Claim paid,2026-11-01,,
litigation,c2,,f1,,watch,Filed,2026-11-02,2026-11-09,2027-11-02
pest,c3,,,"{SQUARE.wkt}",info,Locusts,2026-11-03,,
"""
    first, second, third = _read(tmp_path / "s.csv", text)
    assert (first.parcel_id, first.level, first.ends_on, first.kind) == ("007", None, None, SignalKind.INSURANCE)
    assert (second.farmer_id, second.level) == ("f1", AlertLevel.WATCH)
    assert (second.ends_on, second.expires_on) == (date(2026, 11, 9), date(2027, 11, 2))
    assert third.area == SQUARE


def test_json_and_geojson_give_the_same(tmp_path: Path) -> None:
    area = json.loads(shapely.to_geojson(SQUARE))
    row = {**ROW, "parcel_id": None}
    listed = _read(tmp_path / "a.json", json.dumps([{**row, "area": area}]))
    wrapped = _read(tmp_path / "b.json", json.dumps({"signals": [{**row, "area": area}]}))
    feature = {"type": "Feature", "properties": row, "geometry": area}
    mapped = _read(tmp_path / "c.geojson", json.dumps({"type": "FeatureCollection", "features": [feature]}))
    assert {each.content_hash(None) for (each,) in (listed, wrapped, mapped)} == {listed[0].content_hash(None)}
    assert mapped[0].place == "c.geojson feature 1"


def test_an_outline_is_the_same_wherever_it_begins() -> None:
    begun = Stated("a", SignalKind.PEST, "1", "x", date(2026, 1, 1), area=SQUARE)
    turned = Stated(
        "b", SignalKind.PEST, "1", "x", date(2026, 1, 1), area=shapely.Polygon(SQUARE.exterior.coords[::-1])
    )
    assert begun.content_hash(None) == turned.content_hash(None)
    assert begun.content_hash(None) != begun.content_hash(3)


def test_faults_of_all_files_are_named_with_their_lines(tmp_path: Path) -> None:
    rows = [
        {**ROW, "starts_on": "1 May"},
        {**ROW, "kind": "rumour"},
        {name: value for name, value in ROW.items() if name != "parcel_id"},
        {**ROW, "ends_on": "2026-10-01"},
        {**ROW, "said": "Zhang San" * 300},
    ]
    (tmp_path / "a.json").write_text(json.dumps(rows))
    (tmp_path / "m.xml").write_bytes(message("m1", info(severity="Bad")))
    with pytest.raises(InputError) as caught:
        read_signals([tmp_path / "a.json", tmp_path / "m.xml"], Reading())
    said = str(caught.value)
    assert caught.value.code == "SIGNAL_ROWS"
    assert "6 faults, nothing was written: a.json item 1: starts_on is no date" in said
    assert "item 2: kind input should be 'weather_warning'" in said
    assert "item 3: it names no parcel_id, farmer_id or area" in said
    assert "item 4: it ends before it starts" in said
    assert "and 1 more" in said
    assert "Zhang" not in said


def test_a_kind_may_hold_for_all_rows(tmp_path: Path) -> None:
    row = {name: value for name, value in ROW.items() if name != "kind"}
    assert _read(tmp_path / "a.json", json.dumps([row]), Reading(SignalKind.MARKET))[0].kind is SignalKind.MARKET
    with pytest.raises(InputError, match="kind is missing"):
        _read(tmp_path / "a.json", json.dumps([row]))


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.csv", "kind,what\npest,x\n", "SIGNAL_COLUMN"),
        ("a.csv", "kind,external_id,area\npest,x,here\n", "SIGNAL_AREA"),
        ("a.json", "{", "SIGNAL_FILE"),
        ("a.json", "[]", "SIGNAL_FILE"),
        ("a.json", "[1]", "SIGNAL_FILE"),
        ("a.json", json.dumps([{**ROW, "area": {"type": "Nothing"}}]), "SIGNAL_AREA"),
        ("a.json", json.dumps([{**ROW, "area": {"type": "Point", "coordinates": [4, 51]}}]), "SIGNAL_ROWS"),
        ("a.json", json.dumps([{**ROW, "shape": 1}]), "SIGNAL_ROWS"),
        ("a.geojson", json.dumps({"type": "FeatureCollection", "features": []}), "SIGNAL_FILE"),
        (
            "a.geojson",
            json.dumps({"type": "FeatureCollection", "crs": {"properties": {"name": "EPSG:3857"}}, "features": []}),
            "SIGNAL_CRS",
        ),
        ("a.pdf", "x", "SIGNAL_FILE"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, name: str, content: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        _read(tmp_path / name, content)
    assert caught.value.code == code


def test_projected_coordinates_are_no_degrees(tmp_path: Path) -> None:
    far = json.loads(shapely.to_geojson(shapely.box(500_000, 3_000_000, 500_100, 3_000_100)))
    with pytest.raises(InputError, match="not in degrees"):
        _read(tmp_path / "a.json", json.dumps([{**ROW, "area": far}]))


def test_areas_are_found_by_their_codes(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"code": ["A", "A"]}, geometry=[SQUARE, shapely.box(5, 51, 6, 52)], crs=4326).to_crs(3857)
    frame.to_file(tmp_path / "areas.gpkg")
    assert read_areas(tmp_path / "areas.gpkg", "code")["A"].area == pytest.approx(2, rel=1e-6)
    with pytest.raises(InputError, match="has no column 'id'"):
        read_areas(tmp_path / "areas.gpkg", "id")
    with pytest.raises(InputError, match="cannot be read as areas"):
        read_areas(tmp_path / "none.gpkg", "id")
