"""Water in a reservoir: shares on the shore, hidden ground, ponds that are not joined, and radar."""

from __future__ import annotations

import numpy as np
import pytest

from geo.bands import BANDS
from models.sites.radarwater import radar_water_looks
from models.sites.water import joined_to_dam, water_looks, water_shares

WATER = np.array([0.052, 0.060, 0.046, 0.040, 0.034, 0.032, 0.028, 0.026, 0.014, 0.009], dtype=np.float32)
LAND = np.array([0.032, 0.068, 0.042, 0.112, 0.298, 0.366, 0.384, 0.398, 0.206, 0.108], dtype=np.float32)
DAYS = np.array(["2024-05-01", "2024-05-11"], dtype="datetime64[D]")
SIDE = 40
INSIDE = np.ones((SIDE, SIDE))


def image(share: np.ndarray) -> np.ndarray:
    mixed = LAND[:, None, None] + share * (WATER - LAND)[:, None, None]
    assert len(mixed) == len(BANDS)
    return mixed.astype(np.float32)


def disc(radius: float, at: tuple[float, float] = (20.0, 20.0)) -> np.ndarray:
    rows, columns = np.mgrid[:SIDE, :SIDE] + 0.5
    return np.clip(radius - np.hypot(rows - at[0], columns - at[1]) + 0.5, 0.0, 1.0)


def test_the_area_of_a_lake_counts_parts_of_pixels_on_its_shore() -> None:
    share = disc(10.3)
    found = water_shares(image(share), np.ones((SIDE, SIDE), dtype=bool))
    assert found.share.sum() == pytest.approx(share.sum(), rel=0.01)


def test_a_dark_bare_rim_is_no_water() -> None:
    share, wet_soil = disc(8.0), 0.6 * np.array([0.095, 0.125, 0.158, 0.182, 0.2, 0.214, 0.228, 0.242, 0.312, 0.285])
    made = image(share)
    rim = (share == 0) & (disc(11.0) > 0.9)
    made[:, rim] = wet_soil[:, None].astype(np.float32)
    found = water_shares(made, np.ones((SIDE, SIDE), dtype=bool))
    assert found.share[rim].mean() < 0.1
    assert found.share.sum() == pytest.approx(share.sum(), rel=0.06)


def test_a_hidden_part_is_not_dry_and_the_error_says_how_much_is_hidden() -> None:
    share = disc(12.0)
    clear = np.ones((2, SIDE, SIDE), dtype=bool)
    clear[1, :, 20:] = False
    looks = water_looks(np.stack([image(share), image(share)]), clear, DAYS, INSIDE)
    truth = share.sum() * 100
    assert looks.values == pytest.approx([truth, truth], rel=0.03)
    assert looks.errors[1] > 3 * looks.errors[0]
    assert looks.clear[1] == pytest.approx(0.5)


def test_a_look_that_shows_too_little_has_no_value() -> None:
    clear = np.zeros((2, SIDE, SIDE), dtype=bool)
    clear[0] = True
    looks = water_looks(np.stack([image(disc(8.0))] * 2), clear, DAYS, INSIDE)
    assert np.isfinite(looks.values[0])
    assert np.isnan(looks.values[1])


def test_haze_on_which_the_indices_differ_tells_nothing() -> None:
    hazy = image(disc(12.0)) + 0.09  # lifts the near infrared over water above the green
    hazy[6] += 0.04
    looks = water_looks(hazy[None], np.ones((1, SIDE, SIDE), dtype=bool), DAYS[:1], INSIDE)
    assert np.isnan(looks.values[0])


def test_a_pond_away_from_the_dam_does_not_count() -> None:
    both = np.maximum(disc(6.0, (10.0, 10.0)), disc(5.0, (32.0, 32.0)))
    clear = np.ones((1, SIDE, SIDE), dtype=bool)
    looks = water_looks(image(both)[None], clear, DAYS[:1], INSIDE, dam=(10.0, 10.0))
    assert looks.values[0] == pytest.approx(disc(6.0, (10.0, 10.0)).sum() * 100, rel=0.05)


def test_a_neck_that_is_too_narrow_to_be_seen_joins_and_a_field_between_does_not() -> None:
    wet = np.zeros((30, 30), dtype=bool)
    wet[2:6, 2:6], wet[2:6, 8:12], wet[2:6, 16:20] = True, True, True
    joined = joined_to_dam(wet, np.zeros_like(wet), (3.0, 3.0))
    assert joined[3, 9]
    assert not joined[3, 17]
    assert (joined <= wet).all()


def test_hidden_ground_joins_water() -> None:
    wet = np.zeros((30, 30), dtype=bool)
    wet[2, 2], wet[2, 28] = True, True
    hidden = np.zeros_like(wet)
    assert joined_to_dam(wet, hidden, (2.0, 2.0)).sum() == 1
    hidden[2, 3:28] = True
    assert joined_to_dam(wet, hidden, (2.0, 2.0)).sum() == 2


def radar(share: np.ndarray, rng: np.random.Generator, water_db: float = -23.0) -> np.ndarray:
    land, water = 10 ** (-13.0 / 10), 10 ** (water_db / 10)
    noise = rng.gamma(60.0, 1 / 60.0, (2, *share.shape))
    return ((land * (1 - share) + water * share) * noise).astype(np.float32)


def test_radar_parts_water_from_land_and_keeps_silent_when_wind_roughens_it() -> None:
    rng = np.random.default_rng(5)
    share = disc(11.0)
    power = np.stack([radar(share, rng), radar(share, rng, water_db=-15.0)])
    looks = radar_water_looks(power, DAYS, INSIDE)
    assert looks.values[0] == pytest.approx(share.sum() * 100, rel=0.08)
    assert np.isnan(looks.values[1])


def test_radar_over_land_alone_sees_no_water_with_an_error() -> None:
    looks = radar_water_looks(radar(disc(0.0) * 0, np.random.default_rng(6))[None], DAYS[:1], INSIDE)
    assert looks.values[0] == 0
    assert looks.errors[0] > 0
