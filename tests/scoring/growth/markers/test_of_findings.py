"""Markers of radar and pixels: what was not read is said, what was not seen is said."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from scoring.growth.flood import flood_findings
from scoring.growth.markers.of_findings import marker_of
from scoring.growth.markers.table import MARKERS, NOT_EXECUTED, NOT_VALID, OK, marker_table
from tests.scoring.growth.passes import DAYS, dry, under_water
from tests.scoring.growth.seasons import SEASON


def test_a_run_without_radar_says_so() -> None:
    marker = marker_of("flood", None, 2)
    assert marker.status.tolist() == [NOT_EXECUTED] * 2
    assert marker.why.tolist() == ["no_radar"] * 2
    assert marker_of("construction", None, 1).why.tolist() == ["no_pixels"]


def test_a_flood_stands_until_it_is_judged_again() -> None:
    series = under_water(dry(3))
    series.vv_db[2] = np.nan
    marker = marker_of("flood", flood_findings(series, until=DAYS[12].item()), 3)
    assert marker.status.tolist() == [OK, OK, NOT_VALID]
    assert marker.outcome.tolist() == ["flooded", "none", ""]
    assert marker.event[0] == DAYS[10]
    assert marker.confidence()[0] > 0.9
    assert marker.value[0] == pytest.approx(0.9)
    table = marker_table([marker], ["a", "b", "c"], np.zeros((3, 0)), [], SEASON, date(2019, 7, 1), "flood-1")
    assert table.schema == MARKERS
    later = marker_of("flood", flood_findings(series, until=DAYS[13].item()), 3)
    assert later.outcome.tolist() == ["none", "none", ""]
