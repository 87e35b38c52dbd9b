from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.errors import InputError
from geo.parcel_columns import FACTS
from geo.parcels import COLUMNS, read_parcels

_BOWTIE = shapely.Polygon([(4.02, 51.0), (4.021, 51.001), (4.021, 51.0), (4.02, 51.001)])


@pytest.fixture
def frame() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "parcel_id": ["a", "b", "c", "d"],
            "farmer_id": [1.0, 1.0, None, 2.0],
            "declared_crop": ["maize", "unobtainium", None, "paddy"],
            "approved_minor": [100, 200, 300, 400],
        },
        geometry=[shapely.box(4.0, 51.0, 4.001, 51.001), _BOWTIE, None, shapely.box(7.0, -33.0, 7.002, -32.999)],
        crs=4326,
    )


@pytest.mark.parametrize("suffix", ["gpkg", "geojson", "shp", "parquet"])
def test_one_row_per_row_in_order_with_all_columns(frame: gpd.GeoDataFrame, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"parcels.{suffix}"
    if suffix == "shp":  # ten letters are all that a Shapefile keeps
        frame = frame.rename(columns=lambda name: name[:10])
    frame.to_parquet(path) if suffix == "parquet" else frame.to_file(path)
    book = read_parcels(path)
    rows = book.frame
    assert list(rows.columns) == [*COLUMNS, "geometry"]
    assert isinstance(rows.index, pd.RangeIndex)
    assert rows.crs.to_epsg() == 4326
    assert rows["parcel_id"].tolist() == ["a", "b", "c", "d"]
    assert rows["valid"].tolist() == [True, True, False, True]
    assert rows["epsg"].tolist() == [32631, 32631, 0, 32732]
    assert rows["farmer_id"].tolist() == ["1", "1", None, "2"]
    assert rows["declared_crop"].tolist() == ["maize", None, None, "rice"]
    assert rows["approved_minor"].tolist() == [100, 200, 300, 400]
    assert (rows["area_ha"] > 0).tolist() == [True, True, False, True]
    assert [(repair.parcel_id, repair.what.split()[0]) for repair in book.repairs] == [
        ("b", "outline"),
        ("b", "declared_crop"),
        ("c", "no"),
    ]


def test_datum_is_what_the_file_states(frame: gpd.GeoDataFrame, tmp_path: Path) -> None:
    frame.set_crs(4490, allow_override=True).to_file(tmp_path / "china.gpkg")
    assert read_parcels(tmp_path / "china.gpkg").datum == "China 2000"
    frame.to_file(tmp_path / "wgs.gpkg")
    assert read_parcels(tmp_path / "wgs.gpkg").datum.startswith("World Geodetic System 1984")


def test_any_crs_gives_the_same_parcels(frame: gpd.GeoDataFrame, tmp_path: Path) -> None:
    fields = frame.iloc[[0]]
    books = []
    for epsg in (4326, 32631, 3035, 3857):
        fields.to_crs(epsg).to_file(tmp_path / f"{epsg}.gpkg")
        books.append(read_parcels(tmp_path / f"{epsg}.gpkg").frame)
    areas = [book["area_ha"][0] for book in books]
    np.testing.assert_allclose(areas, areas[0], rtol=1e-6)
    assert all(book.geometry[0].equals_exact(books[0].geometry[0], 1e-8) for book in books)


def test_the_same_parcels_in_another_format_have_the_same_fingerprint(frame: gpd.GeoDataFrame, tmp_path: Path) -> None:
    frame.to_file(tmp_path / "a.gpkg")
    frame.to_file(tmp_path / "a.geojson")
    frame.assign(approved_minor=[100, 200, 300, 401]).to_file(tmp_path / "b.gpkg")
    a, again, other = (read_parcels(tmp_path / name) for name in ("a.gpkg", "a.geojson", "b.gpkg"))
    assert a.fingerprint == again.fingerprint != other.fingerprint
    assert a.source_hash != again.source_hash


def test_a_fact_of_a_card_changes_the_fingerprint_only_where_it_is_stated(
    frame: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    frame.to_file(tmp_path / "bare.gpkg")
    frame.assign(facility_year=np.nan, term_loan_minor=np.nan).to_file(tmp_path / "empty.gpkg")
    frame.assign(facility_year=[1, 2, np.nan, 5]).to_file(tmp_path / "stated.gpkg")
    bare, empty, stated = (read_parcels(tmp_path / f"{name}.gpkg") for name in ("bare", "empty", "stated"))
    assert bare.fingerprint == empty.fingerprint != stated.fingerprint
    assert stated.frame.facility_year.tolist() == [1, 2, pd.NA, 5]


def test_ids_from_outlines_need_different_outlines(frame: gpd.GeoDataFrame, tmp_path: Path) -> None:
    bare = frame[["geometry"]]
    bare.to_file(tmp_path / "bare.gpkg")
    ids = read_parcels(tmp_path / "bare.gpkg").frame["parcel_id"]
    assert ids[0].startswith("p-")
    assert ids[2] == "p-row3"
    pd.concat([bare, bare.iloc[:1]]).to_file(tmp_path / "twins.gpkg")
    with pytest.raises(InputError, match="same outline"):
        read_parcels(tmp_path / "twins.gpkg")


@pytest.mark.shared_data
def test_the_flemish_parcels_read_without_a_word_and_without_their_labels(shared_data: Path) -> None:
    path = shared_data / "flanders-2019" / "parcels.gpkg"
    book = read_parcels(path)
    assert len(book.frame) == 17
    assert book.repairs == ()
    assert set(book.frame["epsg"]) == {32631}
    assert book.frame["declared_crop"].isna().all()
    assert not {"crop", "crop_code"} & set(book.frame.columns)
    np.testing.assert_allclose(book.frame["area_ha"], gpd.read_file(path)["area_ha"], atol=0.006)


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("denmark-parcels/marker2016_small.shp", 276),
        ("parcel-series/centralasia.gpkg", 2464),
        ("india-solar-farms/solar_farms_india_2021_merged_simplified.geojson", 1363),
        ("brazil-credit-plots/selecao_glebas_pr_2022.gpkg", 18),
    ],
)
def test_messy_real_files_lose_no_row(shared_data: Path, name: str, count: int) -> None:
    book = read_parcels(shared_data / name)
    assert len(book.frame) == count
    assert book.frame["valid"].all()
    assert book.frame.geometry.is_valid.all()
    assert book.frame["parcel_id"].is_unique
    assert book.frame[list(FACTS)].isna().all().all()


@pytest.mark.shared_data
def test_real_ids_that_repeat_are_refused(shared_data: Path) -> None:
    with pytest.raises(InputError, match="more than once: 105"):
        read_parcels(shared_data / "brazil-credit-plots" / "glebas_selecionadas_100_maiores.shp")
