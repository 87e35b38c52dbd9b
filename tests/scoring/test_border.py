from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from geo.errors import DataError
from scoring.border import area_errors_ha
from scoring.limits import limit_book
from scoring.policy import load_pack

CN = load_pack("cn-planting-generic")


def _pixels(parcel_id: str, shape: shapely.Polygon) -> pd.DataFrame:
    """Coverage of the 10 m pixels that a shape touches."""
    left, bottom, right, top = (int(edge // 10) for edge in shape.bounds)
    boxes = [
        shapely.box(10 * x, 10 * y, 10 * x + 10, 10 * y + 10)
        for x in range(left, right + 1)
        for y in range(bottom, top + 1)
    ]
    weights = shapely.area(shapely.intersection(np.array(boxes), shape)) / 100.0
    return pd.DataFrame({"parcel_id": parcel_id, "weight": weights[weights > 0]})


@pytest.mark.parametrize("degrees", [0, 17, 45, 71])
def test_coverage_fractions_show_the_length_of_the_border(degrees):
    rng = np.random.default_rng(3)
    square = shapely.box(0, 0, 180, 140)
    shapes = [
        shapely.transform(square, lambda xy, at=at: xy @ _turn(degrees) + at) for at in rng.uniform(0, 10, (12, 2))
    ]
    pixels = pd.concat(_pixels(f"p{place}", shape) for place, shape in enumerate(shapes))
    errors = area_errors_ha(pixels, border_error_m=2.0)
    assert errors.mean() == pytest.approx(640 * 2.0 / 10_000, rel=0.06)


def _turn(degrees):
    angle = np.radians(degrees)
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def test_the_interval_follows_the_border_where_it_is_known(parcels, seasons, season):
    book = parcels({"area_ha": 1.0, "area_error_ha": 0.2}, {"area_ha": 1.0, "area_error_ha": None}, {"area_ha": 0.1})
    book.loc[2, "area_error_ha"] = 0.3
    rows = limit_book(book, seasons(), CN, season).set_index("subject_id")
    # 12 and 18 mu x 480 x 70 % = 4,032 and 6,048; 14.25 and 15.75 mu where only the pack's share is known
    assert rows.loc["p1", ["low_minor", "amount_minor", "high_minor"]].tolist() == [400_000, 500_000, 600_000]
    assert rows.loc["p2", ["low_minor", "amount_minor", "high_minor"]].tolist() == [470_000, 500_000, 520_000]
    assert rows.loc["p3", "low_minor"] == 0


def test_a_negative_error_is_refused(parcels, seasons, season):
    with pytest.raises(DataError, match="'p1' has a negative area_error_ha"):
        limit_book(parcels({"area_error_ha": -0.1}), seasons(), CN, season)
