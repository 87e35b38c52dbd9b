from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from tiles.simulation.calendars import load_region
from tiles.simulation.weather import cloud_shares, soil_moisture, sun_angles

DAYS = [date(2024, 1, 1) + timedelta(days=step) for step in range(366)]


def test_the_sun_is_high_in_june_low_in_december_and_in_the_south_at_noon():
    noon = 12.0 - 115.6 / 15.0
    summer, azimuth = sun_angles(115.6, 33.4, date(2024, 6, 21), noon)
    winter, _ = sun_angles(115.6, 33.4, date(2024, 12, 21), noon)
    assert summer == pytest.approx(80.0, abs=0.6)
    assert winter == pytest.approx(33.2, abs=0.6)
    assert azimuth == pytest.approx(180.0, abs=2.0)
    assert sun_angles(115.6, 33.4, date(2024, 6, 21), noon - 2)[1] < 150


def test_the_sun_of_a_real_pass_over_flanders():
    """2019-02-20 10:56:55 UTC at 4.06 E 50.75 N: metadata say azimuth 163.0, elevation 26.7."""
    elevation, azimuth = sun_angles(4.06, 50.75, date(2019, 2, 20), 10.95)
    assert elevation == pytest.approx(26.7, abs=1.5)
    assert azimuth == pytest.approx(163.0, abs=6.0)


def test_soil_is_wetter_in_the_monsoon():
    region = load_region("north_india")
    moisture = np.mean([soil_moisture(region, DAYS, np.random.default_rng(seed)) for seed in range(10)], axis=0)
    assert ((moisture >= 0) & (moisture <= 1)).all()
    assert moisture[190:240].mean() > 2 * moisture[90:140].mean()


def test_clouds_come_as_often_as_the_months_say():
    region = load_region()
    shares = np.array([cloud_shares(region, DAYS, np.random.default_rng(seed)) for seed in range(30)])
    assert ((shares >= 0) & (shares <= 1)).all()
    assert shares.mean() == pytest.approx(np.mean(region.cloud), abs=0.03)
    assert (shares == 0).mean() > 0.05
    assert (shares == 1).mean() > 0.02
