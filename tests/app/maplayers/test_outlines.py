"""Squares: every parcel at every zoom, made once, whole or not at all."""

from __future__ import annotations

import gzip
import math
from pathlib import Path

import pyogrio
import pytest
from shapely import from_wkb
from sqlalchemy import Engine, select

from app.db.engine import open_engine, sqlite_url
from app.db.tables import ParcelGeometry
from app.maplayers.making import make_outlines
from app.maplayers.outlines import MAX_ZOOM, MIN_ZOOM, OutlineSquares, outlines_path
from app.maplayers.parcelset import ParcelSet, parcel_set, parcels_within
from geo.errors import DataError, InputError
from tests.app.maplayers.bank import UNITS, build_bank

#: Middle of p001.
LON, LAT = 4.0125, 51.0025


def square(lon: float, lat: float, zoom: int) -> tuple[int, int, int]:
    row = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return int((lon + 180) / 360 * 2**zoom), int(row * 2**zoom), zoom


@pytest.fixture(scope="module")
def made(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ParcelSet]:
    folder = tmp_path_factory.mktemp("layers")
    file = folder / "acreline.db"
    file.write_bytes(sqlite_template.read_bytes())
    engine = open_engine(sqlite_url(file))
    build_bank(engine)
    with engine.connect() as connection:
        parcels = parcels_within(connection, [UNITS["north"]])
        done = make_outlines(connection, parcels, folder)
        again = make_outlines(connection, parcels, folder)
    engine.dispose()
    assert (done.parcels, done.drawn, done.already_there, again.already_there) == (4, 3, False, True)
    assert [each.name for each in folder.glob(".making-*")] == []
    return done.path, parcels


@pytest.mark.parametrize("zoom", range(MIN_ZOOM, MAX_ZOOM + 1))
def test_squares_hold_the_set_and_nothing_else(made: tuple[Path, ParcelSet], zoom: int) -> None:
    path, parcels = made
    shown = pyogrio.read_dataframe(path, ZOOM_LEVEL=zoom)
    assert set(shown["number"]) == {parcels.number(name) for name in ("p000", "p001", "p004")}


def test_outlines_stay_where_they_are(made: tuple[Path, ParcelSet], engine: Engine) -> None:
    path, parcels = made
    build_bank(engine)
    with engine.connect() as connection:
        stored = select(ParcelGeometry.wkb).where(ParcelGeometry.parcel_id == "p001")
        truth = from_wkb(connection.scalars(stored).one())
    shown = pyogrio.read_dataframe(path, ZOOM_LEVEL=MAX_ZOOM).to_crs(4326)
    found = shown[shown["number"] == parcels.number("p001")].geometry.union_all()
    assert found.symmetric_difference(truth).area / truth.area < 0.01


def test_a_square_is_found_by_its_address(made: tuple[Path, ParcelSet]) -> None:
    path, _ = made
    squares = OutlineSquares(path)
    found = squares.square(*square(LON, LAT, MAX_ZOOM))
    assert found is not None
    assert b"parcels" in gzip.decompress(found)
    assert squares.square(*square(-LON, LAT, MAX_ZOOM)) is None
    assert squares.square(*square(LON, LAT, 3)) is None
    squares.close()


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = outlines_path(tmp_path, "ab")
    path.write_bytes(b"no database" * 100)
    with pytest.raises(DataError, match=r"ab\.mbtiles cannot be read") as refused:
        OutlineSquares(path)
    assert "acreline outlines make" in refused.value.remedy


def test_nothing_to_draw_and_no_folder_are_said(sqlite_template: Path, tmp_path: Path) -> None:
    engine = open_engine(sqlite_url(sqlite_template))
    nothing = parcel_set([("p", None, *[math.nan] * 4)])
    with engine.connect() as connection:
        with pytest.raises(InputError, match="No parcel"):
            make_outlines(connection, nothing, tmp_path)
        with pytest.raises(InputError, match="does not exist"):
            make_outlines(connection, nothing, tmp_path / "absent")
    engine.dispose()


def test_squares_that_were_read_are_at_hand(made: tuple[Path, ParcelSet], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.maplayers.outlines.MOST_SQUARES", 2)
    squares = OutlineSquares(made[0])
    column, row, zoom = square(LON, LAT, MAX_ZOOM)
    assert squares.at_hand(column, row, zoom) is None
    read = squares.square(column, row, zoom)
    assert squares.at_hand(column, row, zoom) == (read,)
    for east in (1, 2):  # the sea, which is kept as well
        assert squares.square(column + 1000 * east, row, zoom) is None
    assert squares.at_hand(column + 2000, row, zoom) == (None,)
    assert squares.at_hand(column, row, zoom) is None
    squares.close()
