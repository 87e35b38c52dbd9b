"""Pads that are laid for good, fields that are not pads, towers by shadow and echo."""

from __future__ import annotations

import numpy as np
import pytest

from models.sites.clearing import GRAVEL, changed, shown_kinds
from models.sites.turbines import TRUST_RADAR, TRUST_SHADOW, radar_evidence, shadow_evidence, tower_looks
from models.sites.wind import pad_looks, places_of

GREEN = np.array([0.032, 0.068, 0.042, 0.112, 0.298, 0.366, 0.384, 0.398, 0.206, 0.108], dtype=np.float32)
SOIL = np.array([0.095, 0.125, 0.158, 0.182, 0.200, 0.214, 0.228, 0.242, 0.312, 0.285], dtype=np.float32)
ROCK = np.array([0.142, 0.160, 0.176, 0.188, 0.200, 0.208, 0.218, 0.224, 0.250, 0.232], dtype=np.float32)
SIDE, LOOKS, LAID = 50, 24, 14
DAYS = np.datetime64("2024-01-03") + 10 * np.arange(LOOKS)
PLACES = np.array([[25.0, 25.0]])
CLEAR = np.ones((LOOKS, SIDE, SIDE), dtype=bool)


def land(seed: int = 3) -> np.ndarray:
    """Green land whose left half is ploughed on four looks in the middle."""
    images = np.broadcast_to(GREEN[None, :, None, None], (LOOKS, 10, SIDE, SIDE)).copy()
    images[8:12, :, :, : SIDE // 2] = SOIL[None, :, None, None]
    noise = np.random.default_rng(seed).normal(1.0, 0.015, images.shape)
    return (images * noise).astype(np.float32)


def with_pad(images: np.ndarray, half: int = 2) -> np.ndarray:
    made = images.copy()
    made[LAID:, :, 25 - half : 25 + half, 25 - half : 25 + half] = ROCK[None, :, None, None]
    return made


def test_a_pad_is_counted_within_two_looks_and_before_that_nothing_is() -> None:
    found = pad_looks(with_pad(land()), CLEAR, DAYS, PLACES)
    assert found.pads.values[:LAID].max() < 0.2
    assert found.pads.values[LAID + 2 :].min() > 0.9
    assert (found.pads.errors > 0).all()


def test_a_field_that_turns_to_gravel_is_no_pad() -> None:
    found = pad_looks(with_pad(land(), half=10), CLEAR, DAYS, PLACES)
    assert found.chances.max() <= 0.5


def test_a_pad_where_none_is_planned_is_counted_elsewhere_once_it_lasts() -> None:
    days, looks = np.datetime64("2024-01-03") + 10 * np.arange(2 * LOOKS), 2 * LOOKS
    images = np.concatenate([land(), land(5)])
    images[LAID:, :, 23:27, 23:27] = ROCK[None, :, None, None]
    clear = np.ones((looks, SIDE, SIDE), dtype=bool)
    other = np.array([[8.0, 40.0]])
    found = pad_looks(images, clear, days, other)
    assert found.pads.values.max() < 0.3
    assert found.elsewhere.values[: LAID + 6].max() == 0  # sixty days
    assert found.elsewhere.values[LAID + 9 :].tolist() == [1.0] * (looks - LAID - 9)
    assert found.elsewhere.errors[-1] == pytest.approx(2**0.5)
    assert pad_looks(images, clear, days, PLACES).elsewhere.values.max() == 0
    beside = pad_looks(images, clear, days, other, besides=PLACES)
    assert beside.elsewhere.values.max() == 0
    nearer = pad_looks(images, clear, days, other, besides=np.array([[35.0, 25.0]]))
    assert nearer.elsewhere.values.max() == 0  # counted with the place that it is nearest to
    assert pad_looks(images, clear, days, np.array([[35.0, 25.0]]), besides=other).elsewhere.values[-1] == 1


def test_a_field_elsewhere_is_no_pad_and_hidden_ground_says_nothing() -> None:
    days = np.datetime64("2024-01-03") + 10 * np.arange(2 * LOOKS)
    images = np.concatenate([land(), land(5)])
    images[LAID:, :, 15:35, 15:35] = ROCK[None, :, None, None]
    clear = np.ones((2 * LOOKS, SIDE, SIDE), dtype=bool)
    clear[-1] = False
    found = pad_looks(images, clear, days, np.array([[8.0, 40.0]])).elsewhere
    assert np.nanmax(found.values) == 0
    assert np.isnan(found.values[-1])


def test_looks_that_do_not_show_the_place_say_nothing() -> None:
    clear = CLEAR.copy()
    clear[LAID + 1 :, 15:35, 15:35] = False
    found = pad_looks(with_pad(land()), clear, DAYS, PLACES)
    assert np.isnan(found.pads.values[LAID + 1 :]).all()


def test_ground_that_was_always_gravel_has_not_changed() -> None:
    images = land()
    images[:, :, 10:14, 10:14] = ROCK[None, :, None, None]
    chance = changed(shown_kinds(images, CLEAR), GRAVEL)
    assert chance[:, 11:13, 11:13].max() < 0.2


def test_places_are_rows_and_columns() -> None:
    assert places_of(np.array([[500_100.0, 5_000_950.0]]), 500_000.0, 5_001_000.0).tolist() == [[5.0, 10.0]]


def test_a_tower_is_seen_by_its_moving_shadow_up_to_the_limit_of_trust() -> None:
    images = land(4)
    sun = np.stack([np.linspace(25.0, 45.0, LOOKS), np.linspace(165.0, 140.0, LOOKS)], axis=1)
    for time in range(LAID, LOOKS):
        steps = np.arange(0.0, 12.0, 0.25)
        away = np.radians(sun[time, 1])
        rows, columns = 25 + steps * np.cos(away), 25 - steps * np.sin(away)
        at = np.unique(np.stack([rows, columns]).astype(int), axis=1)
        images[time][:, at[0], at[1]] *= 0.75
    shadow = tower_looks([shadow_evidence(images, CLEAR, DAYS, sun, PLACES)])
    assert np.nanmax(shadow.chances[:LAID]) < 0.3
    assert shadow.chances[-1, 0] == pytest.approx(TRUST_SHADOW, abs=0.02)


def test_an_echo_that_stays_is_a_tower_and_speckle_is_not() -> None:
    rng = np.random.default_rng(8)
    power = (0.05 * rng.gamma(60.0, 1 / 60.0, (LOOKS, 2, SIDE, SIDE))).astype(np.float32)
    without = tower_looks([radar_evidence(power, DAYS, PLACES)])
    assert np.nanmax(without.chances) < 0.3
    power[LAID:, :, 26, 24] *= 10.0
    found = tower_looks([radar_evidence(power, DAYS, PLACES)])
    assert np.nanmax(found.chances[:LAID]) < 0.3
    assert found.chances[LAID + 1, 0] == pytest.approx(TRUST_RADAR, abs=0.02)
    assert found.towers.values[-1] == pytest.approx(1.0, abs=0.01)
