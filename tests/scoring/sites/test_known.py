from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd

from geo.sites import SiteMeasure
from scoring.sites.known import known_of
from tests.scoring.sites.site_looks import SITE, day, looks, together

PANELS = SiteMeasure.PANELS


def test_a_row_counts_from_the_day_on_which_it_was_known() -> None:
    late = looks(PANELS, [100.0, None, 300.0], 5.0, late=timedelta(days=12))
    known = known_of(together(looks(PANELS, [None, 200.0], 5.0), late), SITE)[PANELS]
    assert known.by(day(0)).days.tolist() == []
    assert known.by(day(1)).amounts.tolist() == [200.0]  # taken on day(0), known twelve days later
    assert known.by(day(2)).amounts.tolist() == [100.0, 200.0]
    assert known.by(day(4)).amounts.tolist() == [100.0, 200.0, 300.0]
    told = [day(1), day(0) + timedelta(days=12), day(2) + timedelta(days=12)]
    assert known.told_on.tolist() == told


def test_what_is_told_again_takes_the_place_of_what_was_told() -> None:
    again = looks(PANELS, [120.0], 5.0, late=timedelta(days=20))
    known = known_of(together(looks(PANELS, [100.0, 150.0], 5.0), again), SITE)[PANELS]
    assert known.by(day(1)).amounts.tolist() == [100.0, 150.0]
    assert known.by(day(2)).amounts.tolist() == [120.0, 150.0]
    shares = known.by(day(2)).shares(600.0)
    np.testing.assert_allclose(shares.shares, [0.2, 0.25])
    np.testing.assert_allclose(shares.errors, [5 / 600] * 2)
    np.testing.assert_array_equal(shares.clear, known.by(day(2)).clear)


def test_the_end_of_a_day_is_midnight_utc() -> None:
    rows = looks(PANELS, [1.0], 5.0)
    rows["known_at"] = [pd.Timestamp(day(0), tz="UTC") + timedelta(days=1)]
    assert len(known_of(rows, SITE)[PANELS].by(day(0)).days) == 0
    rows["known_at"] -= timedelta(microseconds=1)
    assert len(known_of(rows, SITE)[PANELS].by(day(0)).days) == 1


def test_a_measure_without_rows_is_empty() -> None:
    known = known_of(looks(PANELS, [1.0], 5.0), SITE)
    assert len(known[SiteMeasure.WATER].by(day(9)).days) == 0
    assert len(known[SiteMeasure.WATER].told_on) == 0
