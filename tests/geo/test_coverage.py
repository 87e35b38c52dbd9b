from __future__ import annotations

import logging
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox
from shapely.affinity import rotate

from geo.coverage import cached_coverage, coverage_of, full_pixels

_CRS = "EPSG:32631"
_GRID = GeoBox((20, 30), Affine(10, 0, 500_000, 0, -10, 5_600_200), _CRS)
_BOX = shapely.box(*_GRID.boundingbox)


def _series(*shapes: shapely.Geometry | None) -> gpd.GeoSeries:
    return gpd.GeoSeries(list(shapes), crs=_CRS)


@st.composite
def _fields(draw: st.DrawFn) -> shapely.Polygon:
    x, y = draw(st.floats(499_950, 500_350)), draw(st.floats(5_599_950, 5_600_250))
    width, height = draw(st.floats(2, 150)), draw(st.floats(2, 150))
    return rotate(shapely.box(x, y, x + width, y + height), draw(st.floats(0, 180)))


@settings(deadline=None, max_examples=60)
@given(st.lists(_fields(), min_size=1, max_size=4))
def test_weights_add_up_to_the_area_within_the_grid(fields: list[shapely.Polygon]) -> None:
    matrix = coverage_of(_series(*fields), _GRID).matrix
    inside_px = [field.intersection(_BOX).area / 100 for field in fields]
    np.testing.assert_allclose(matrix.sum(axis=1), inside_px, rtol=1e-4, atol=1e-3)
    assert matrix.data.min(initial=1) >= 0
    assert matrix.data.max(initial=0) <= 1


@settings(deadline=None, max_examples=15)
@given(_fields())
def test_every_weight_is_the_share_of_its_pixel(field: shapely.Polygon) -> None:
    dense = coverage_of(_series(field), _GRID).matrix.toarray().reshape(_GRID.shape)
    left, top = np.meshgrid(500_000 + 10 * np.arange(30), 5_600_200 - 10 * np.arange(20))
    pixels = shapely.box(left, top - 10, left + 10, top)
    np.testing.assert_allclose(dense, shapely.area(shapely.intersection(pixels, field)) / 100, atol=1e-4)


def test_holes_and_parts_count() -> None:
    ring = shapely.box(500_050, 5_600_050, 500_100, 5_600_100) - shapely.box(500_060, 5_600_060, 500_080, 5_600_080)
    far = shapely.box(500_200, 5_600_100, 500_210, 5_600_110)
    matrix = coverage_of(_series(shapely.union(ring, far)), _GRID).matrix
    assert matrix.sum() == pytest.approx(25 - 4 + 1)


def test_missing_empty_and_outside_outlines_have_empty_rows_in_their_place() -> None:
    field = shapely.box(500_000, 5_600_000, 500_010, 5_600_010)
    coverage = coverage_of(_series(None, field, shapely.Polygon(), shapely.box(0, 0, 10, 10)), _GRID)
    assert coverage.shape == (20, 30)
    assert coverage.matrix.shape == (4, 600)
    assert coverage.matrix.sum(axis=1).tolist() == [0, 1, 0, 0]
    assert coverage.matrix[[1]].indices.tolist() == [19 * 30]


def test_no_parcel_on_the_grid_at_all() -> None:
    assert coverage_of(_series(None), _GRID).matrix.nnz == 0
    assert coverage_of(_series(), _GRID).matrix.shape == (0, 600)


def test_grids_that_do_not_fit_are_refused() -> None:
    field = shapely.box(500_000, 5_600_000, 500_010, 5_600_010)
    with pytest.raises(ValueError, match="EPSG:4326"):
        coverage_of(gpd.GeoSeries([field], crs=4326), _GRID)
    with pytest.raises(ValueError, match="north-up"):
        coverage_of(_series(field), GeoBox((20, 30), Affine(10, 1, 500_000, 0, -10, 5_600_200), _CRS))


def test_full_pixels_after_an_inward_buffer() -> None:
    field = shapely.box(500_050, 5_600_050, 500_100, 5_600_100)
    assert full_pixels(_series(field, None, field.buffer(-24)), _GRID).tolist() == [9, 0, 0]
    assert full_pixels(_series(field), _GRID, inward_m=0.0).tolist() == [25]
    across = shapely.box(499_950, 5_600_050, 500_100, 5_600_100)
    assert full_pixels(_series(across), _GRID).tolist() == [9 * 3]


def test_cache_gives_the_same_weights_and_computes_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fields = _series(rotate(shapely.box(500_050, 5_600_050, 500_150, 5_600_120), 17), None)
    first = cached_coverage(fields, _GRID, tmp_path / "new")
    monkeypatch.setattr("geo.coverage.coverage_of", lambda *_: pytest.fail("computed again"))
    again = cached_coverage(fields, _GRID, tmp_path / "new")
    assert again.shape == first.shape
    np.testing.assert_array_equal(again.matrix.toarray(), first.matrix.toarray())


def test_other_outlines_and_other_grids_have_their_own_entries(tmp_path: Path) -> None:
    fields = _series(shapely.box(500_050, 5_600_050, 500_150, 5_600_120))
    shifted = GeoBox((20, 30), Affine(10, 0, 500_010, 0, -10, 5_600_200), _CRS)
    weights = [
        cached_coverage(shapes, grid, tmp_path).matrix.indices.tolist()
        for shapes, grid in ((fields, _GRID), (fields.translate(10), _GRID), (fields, shifted))
    ]
    assert len(list(tmp_path.iterdir())) == 3
    assert weights[0] != weights[1]
    assert weights[0] != weights[2]


def test_a_damaged_entry_is_made_anew_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    fields = _series(shapely.box(500_050, 5_600_050, 500_150, 5_600_120))
    first = cached_coverage(fields, _GRID, tmp_path)
    (entry,) = tmp_path.iterdir()
    whole = entry.read_bytes()
    entry.write_bytes(whole[:100])
    with caplog.at_level(logging.WARNING):
        again = cached_coverage(fields, _GRID, tmp_path)
    assert "damaged" in caplog.text
    assert (again.matrix != first.matrix).nnz == 0
    assert entry.read_bytes() == whole
