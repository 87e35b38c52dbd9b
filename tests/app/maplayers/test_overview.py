"""Cells: every parcel is in one, and the worst of them shows."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.maplayers.facts import NEW_LIMIT, UNKNOWN, Fact
from app.maplayers.overview import SIDE, Overview, overview_of
from app.maplayers.parcelset import ParcelSet, parcel_set

_PLACES = st.lists(st.tuples(st.floats(-179, 179), st.floats(-80, 80)), min_size=1, max_size=30)


def at(*places: tuple[float, float]) -> ParcelSet:
    return parcel_set(
        (f"p{number:03d}", "v", lon - 1e-4, lat - 1e-4, lon + 1e-4, lat + 1e-4)
        for number, (lon, lat) in enumerate(places)
    )


def bytes_of(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.uint8)


@given(_PLACES)
def test_every_parcel_lies_in_a_cell_inside_the_bounds(places: list[tuple[float, float]]) -> None:
    overview = overview_of(at(*places))
    assert overview is not None
    assert max(overview.width, overview.height) <= SIDE
    assert overview.cell_of.min() >= 0
    assert overview.cell_of.max() < overview.width * overview.height
    west, south, east, north = overview.bounds
    for lon, lat in places:
        assert west - 1e-6 <= lon <= east + 1e-6
        assert south - 1e-6 <= lat <= north + 1e-6


def test_a_county_has_small_cells() -> None:
    overview = overview_of(at((115.0, 35.0), (115.3, 35.3)))
    assert overview is not None
    assert 128 < max(overview.width, overview.height) <= SIDE


def test_cells_go_from_north_west_row_by_row() -> None:
    overview = overview_of(at((115.0, 35.3), (115.3, 35.3), (115.0, 35.0)))
    assert overview is not None
    cells = overview.cells(Fact.CROP, bytes_of(7, 8, 9))
    assert (cells[0, 0], cells[0, -1], cells[-1, 0], cells[-1, -1]) == (7, 8, 9, UNKNOWN)


def test_no_outline_no_cells() -> None:
    assert overview_of(parcel_set([("p", None, *[math.nan] * 4)])) is None


@pytest.mark.parametrize(
    ("fact", "values", "expected"),
    [
        (Fact.ALERT, (0, 4, 1, 0), 4),
        (Fact.ALERT, (0, UNKNOWN, UNKNOWN, 0), 0),
        (Fact.CROP, (3, 9, 3, 9), 3),
        (Fact.CROP, (9, 9, 3, UNKNOWN), 9),
        (Fact.STATUS, (7, 0, 0, 7), 0),
        (Fact.VIGOUR, (10, 20, 40, UNKNOWN), 23),
        (Fact.LIMIT, (100, 50, NEW_LIMIT, UNKNOWN), 75),
        (Fact.LIMIT, (NEW_LIMIT, NEW_LIMIT, UNKNOWN, UNKNOWN), NEW_LIMIT),
        (Fact.LIMIT, (UNKNOWN,) * 4, UNKNOWN),
    ],
)
def test_what_a_cell_shows_of_its_parcels(fact: Fact, values: tuple[int, ...], expected: int) -> None:
    one = Overview(zoom=10, column=0, row=0, width=1, height=1, cell_of=np.zeros(len(values), dtype=np.int64))
    assert one.cells(fact, bytes_of(*values)).tolist() == [[expected]]
    without = Overview(zoom=10, column=0, row=0, width=1, height=1, cell_of=np.full(len(values), -1))
    assert without.cells(fact, bytes_of(*values)).tolist() == [[UNKNOWN]]
