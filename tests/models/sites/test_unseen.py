"""Ground as it never was: what the whole image shares is none, what the past showed once is none."""

from __future__ import annotations

import numpy as np

from geo.bands import BANDS
from models.sites.unseen import unlike_past

DAYS = np.arange(np.datetime64("2022-01-05"), np.datetime64("2024-01-05"), 15)
SIDE = 30
GROUND = np.zeros((SIDE, SIDE), dtype=bool)
GROUND[10:20, 10:20] = True
SOIL = np.linspace(0.1, 0.3, len(BANDS), dtype=np.float32)
GREEN = np.linspace(0.3, 0.1, len(BANDS), dtype=np.float32)


def images() -> np.ndarray:
    """(t, b, y, x) soil and green in turns."""
    turns = np.where((np.arange(len(DAYS)) % 4 < 2)[:, None], SOIL, GREEN)
    return np.broadcast_to(turns[:, :, None, None], (len(DAYS), len(BANDS), SIDE, SIDE)).copy()


def unlike(seen: np.ndarray, clear: np.ndarray | None = None) -> np.ndarray:
    shown = np.ones((len(DAYS), SIDE, SIDE), dtype=bool) if clear is None else clear
    return unlike_past(seen, shown, DAYS, GROUND)


def test_what_the_past_showed_is_like_it_and_the_first_year_tells_nothing() -> None:
    found = unlike(images())
    assert np.isnan(found[DAYS[0] + 400 > DAYS]).all()
    assert np.isnan(found[:, ~GROUND]).all()
    told = found[DAYS[0] + 400 <= DAYS][:, GROUND]
    np.testing.assert_allclose(told, 0.0, atol=1e-6)


def test_what_a_whole_image_shares_is_taken_out_and_what_the_ground_alone_shows_is_not() -> None:
    seen = images()
    seen[-1] *= 1.2
    np.testing.assert_allclose(unlike(seen)[-1][GROUND], 0.0, atol=1e-5)
    seen[-1][:, GROUND] *= 1.5
    inner = unlike(seen)[-1][12:18, 12:18]
    np.testing.assert_allclose(inner, np.log(1.5), rtol=0.01)


def test_works_are_no_past_of_themselves() -> None:
    seen = images()
    seen[-3:][:, :, GROUND] *= 1.5
    assert np.nanmin(unlike(seen)[-1][12:18, 12:18]) > 0.3


def test_hidden_ground_and_a_hidden_image_tell_nothing() -> None:
    clear = np.ones((len(DAYS), SIDE, SIDE), dtype=bool)
    clear[-1, 15, 15] = False
    clear[-2][~GROUND] = False
    found = unlike(images(), clear)
    assert np.isnan(found[-1, 15, 15])
    assert np.isfinite(found[-1, 12, 12])
    assert np.isnan(found[-2]).all(), "no land around says what the image shares"
