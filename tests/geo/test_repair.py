from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.affinity import rotate

from geo.area import geodesic_area_ha
from geo.repair import outline_hashes, repair_outlines

_SQUARE = shapely.box(4.0, 51.0, 4.001, 51.001)
with np.errstate(invalid="ignore"):
    _UNKNOWN_CORNER = shapely.Polygon([(4, 51), (np.nan, 51), (4.2, 51.1), (4, 51)])
_BOWTIE = shapely.Polygon([(4.0, 51.0), (4.001, 51.001), (4.001, 51.0), (4.0, 51.001)])


def _repaired(
    *shapes: shapely.Geometry | None, crs: int = 4326
) -> tuple[list[shapely.Geometry | None], dict[int, str]]:
    outlines = repair_outlines(gpd.GeoSeries(list(shapes), crs=crs))
    assert len(outlines.shapes) == len(outlines.versions) == len(shapes)
    assert outlines.shapes.crs.to_epsg() == 4326
    return list(outlines.shapes), outlines.notes


def test_good_outlines_pass_untouched() -> None:
    shapes, notes = _repaired(_SQUARE, shapely.MultiPolygon([_SQUARE]))
    assert shapes == [_SQUARE, shapely.MultiPolygon([_SQUARE])]
    assert notes == {}


def test_heights_are_dropped() -> None:
    (shape,), notes = _repaired(shapely.force_3d(_SQUARE, 12.0))
    assert shape == _SQUARE
    assert not shape.has_z
    assert notes == {}


def test_a_bowtie_keeps_both_wings_and_says_so() -> None:
    (shape,), notes = _repaired(_BOWTIE)
    assert shape is not None
    assert shape.is_valid
    assert shape.area == pytest.approx(_SQUARE.area / 2)
    expected_ha = geodesic_area_ha(gpd.GeoSeries([_SQUARE], crs=4326))[0] / 2
    assert notes[0].startswith("outline mended (self-intersection): area 0.0000 -> ")
    assert float(notes[0].split()[-2]) == pytest.approx(expected_ha, rel=1e-3)


def test_overlapping_parts_merge() -> None:
    shifted = shapely.box(4.0005, 51.0, 4.0015, 51.001)
    (shape,), notes = _repaired(shapely.MultiPolygon([_SQUARE, shifted]))
    assert shape.equals(shapely.union(_SQUARE, shifted))
    assert "mended" in notes[0]


def test_a_collection_keeps_its_polygons() -> None:
    (shape,), notes = _repaired(shapely.GeometryCollection([_SQUARE, shapely.Point(4, 51)]))
    assert shapely.normalize(shape) == shapely.normalize(_SQUARE)
    assert "mended" in notes[0]


@pytest.mark.parametrize(
    ("shape", "word"),
    [
        (None, "no outline"),
        (shapely.Polygon(), "no outline"),
        (shapely.Point(4, 51), "not a polygon but a Point"),
        (shapely.LineString([(4, 51), (4.1, 51)]), "not a polygon but a LineString"),
        (shapely.Polygon([(4, 51), (4.1, 51), (4.2, 51), (4, 51)]), "encloses nothing"),
        (shapely.GeometryCollection([shapely.Point(4, 51)]), "encloses nothing"),
        (_UNKNOWN_CORNER, "no numbers"),
        (shapely.box(400_000, 5_600_000, 400_100, 5_600_100), "off the map"),
        (shapely.box(4, 85, 5, 86), "off the map"),
    ],
)
def test_what_is_no_parcel_keeps_its_row_with_a_word(shape: shapely.Geometry | None, word: str) -> None:
    shapes, notes = _repaired(_SQUARE, shape, _SQUARE)
    assert shapes == [_SQUARE, None, _SQUARE]
    assert list(notes) == [1]
    assert word in notes[1]


def test_coordinates_that_projection_throws_out_are_off_the_map() -> None:
    shapes, notes = _repaired(shapely.box(1e9, 1e9, 2e9, 2e9), crs=32631)
    assert shapes == [None]
    assert "off the map" in notes[0]


def test_longitude_comes_first_whatever_the_authority_says() -> None:
    utm = gpd.GeoSeries([_SQUARE], crs="OGC:CRS84").to_crs(32631)
    assert repair_outlines(utm).shapes[0].bounds == pytest.approx(_SQUARE.bounds, abs=1e-9)


_TURNS = st.tuples(st.floats(0, 360), st.integers(0, 3), st.booleans())


@settings(deadline=None)
@given(_TURNS)
def test_version_is_blind_to_start_point_direction_and_wrapping(turn: tuple[float, int, bool]) -> None:
    angle, start, backwards = turn
    field = rotate(_SQUARE, angle)
    ring = list(field.exterior.coords)[:-1]
    ring = ring[start:] + ring[:start]
    other = shapely.Polygon(ring[::-1] if backwards else ring)
    versions = outline_hashes(np.array([field, other, shapely.MultiPolygon([other])], dtype=object))
    assert len(set(versions)) == 1
    assert len(versions[0]) == 12


def test_version_changes_with_the_outline_but_not_with_noise() -> None:
    noisy = shapely.transform(_SQUARE, lambda xy: xy + 1e-11)
    moved = shapely.transform(_SQUARE, lambda xy: xy + np.array([1e-6, 0]))
    same, noise, other, none = outline_hashes(np.array([_SQUARE, noisy, moved, None], dtype=object))
    assert same == noise != other
    assert none == "0" * 12
