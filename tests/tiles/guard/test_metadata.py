from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pystac
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.bands import BANDS
from tiles.guard import baseline_of, reflectance_rule


def item(
    baseline: str | None, harmonised: bool | None, stated: dict[str, Any] | None, **odd: dict[str, Any]
) -> pystac.Item:
    said = {"s2:processing_baseline": baseline, "earthsearch:boa_offset_applied": harmonised}
    properties = {key: value for key, value in said.items() if value is not None}
    made = pystac.Item("scene", None, None, datetime(2022, 6, 1, tzinfo=UTC), properties)
    for band in BANDS:
        fields = odd.get(band, stated)
        made.add_asset(band, pystac.Asset(f"/{band}.tif", extra_fields={"raster:bands": [fields]} if fields else {}))
    return made


OLD = {"scale": 0.0001, "offset": 0.0}
NEW = {"scale": 0.0001, "offset": -0.1}


@pytest.mark.parametrize(
    ("baseline", "harmonised", "stated", "offset", "verified"),
    [
        ("02.xx", False, OLD, 0.0, True),
        ("03.01", None, OLD, 0.0, True),
        ("03.01", None, None, 0.0, True),
        ("04.00", False, NEW, -0.1, True),
        ("05.10", None, NEW, -0.1, True),
        ("N0510", None, NEW, -0.1, False),  # not a baseline as items write it
        ("05.10", True, OLD, 0.0, True),
        ("05.10", False, None, -0.1, True),
        ("05.10", True, None, 0.0, True),
        ("05.10", None, None, -0.1, False),  # harmonised or not: nobody says
        ("05.10", False, OLD, -0.1, False),  # raster:bands forgot the offset
        ("05.10", True, NEW, 0.0, False),  # would be taken off twice
        ("02.14", False, NEW, 0.0, False),  # there was no offset yet
        (None, None, NEW, -0.1, False),
        (None, None, None, 0.0, False),
        ("05.10", False, {"scale": 0.001, "offset": -0.1}, -0.1, False),
    ],
)
def test_metadata_decides_and_contradictions_are_marked(
    baseline: str | None, harmonised: bool | None, stated: dict[str, float] | None, offset: float, verified: bool
) -> None:
    rule = reflectance_rule(item(baseline, harmonised, stated))
    assert (rule.scale, rule.offset, rule.verified) == (pytest.approx(1e-4), pytest.approx(offset), verified)
    assert rule.reason.endswith(".")


def test_a_contradiction_names_both_sides() -> None:
    reason = reflectance_rule(item("05.10", False, OLD)).reason
    assert "offset 0," in reason
    assert "05.10" in reason
    assert "offset -0.1" in reason


def test_one_band_that_differs_is_named() -> None:
    rule = reflectance_rule(item("05.10", False, NEW, B11=OLD))
    assert not rule.verified
    assert "B11" in rule.reason
    assert rule.offset == pytest.approx(-0.1)


def test_one_band_that_is_silent_is_named() -> None:
    rule = reflectance_rule(item("02.14", False, OLD, B8A={"nodata": 0}))
    assert not rule.verified
    assert "B8A" in rule.reason


def test_raster_extension_2_is_understood() -> None:
    made = item("05.10", False, None)
    for asset in made.assets.values():
        asset.extra_fields = {"bands": [{"name": "x", "raster:scale": 0.0001, "raster:offset": -0.1}]}
    assert reflectance_rule(made).verified
    for asset in made.assets.values():
        asset.extra_fields = {"raster:scale": 0.0001, "raster:offset": -0.1}
    assert reflectance_rule(made).verified


@given(
    major=st.integers(0, 9),
    harmonised=st.sampled_from([True, False, None]),
    scale=st.floats(1e-5, 1e-2),
    offset=st.floats(-0.2, 0.2),
)
def test_verified_only_if_statement_and_baseline_give_the_same_reflectance(
    major: int, harmonised: bool | None, scale: float, offset: float
) -> None:
    made = item(f"0{major}.00", harmonised, {"scale": scale, "offset": offset})
    rule = reflectance_rule(made)
    implied = -0.1 if major >= 4 and harmonised is not True else 0.0
    same = scale == pytest.approx(1e-4, rel=1e-6) and offset == pytest.approx(implied, rel=1e-6, abs=1e-9)
    assert rule.verified == same
    assert rule.offset == pytest.approx(implied)


def test_baseline_as_text() -> None:
    assert baseline_of(item("02.xx", None, OLD)) == "02.xx"
    assert baseline_of(item(None, None, OLD)) == ""
