"""Clearing of stands of trees: found, dated, and refused where it cannot be learned."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from geo.errors import DataError, InputError
from scoring.growth.trees.stands import CLASSES, STAND_BANDS, disturbance_dates, fit_stands, spliced_stands

DAYS = tuple(date(2018, 8, 12) + timedelta(days=10 * step) for step in range(30))
_FOREST = np.array([0.03, 0.05, 0.32, 0.33, 0.16, 0.07, 0.82])
_OTHER = np.array([0.06, 0.08, 0.27, 0.28, 0.30, 0.18, 0.50])


def _series(level: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    return level * rng.normal(1.0, 0.05, (n, len(DAYS), len(STAND_BANDS)))


def _sample(rng: np.random.Generator, cleared: int = 6) -> tuple[np.ndarray, list[str], np.ndarray]:
    forest, other = _series(_FOREST, 30, rng), _series(_OTHER, 30, rng)
    at = rng.integers(5, len(DAYS) - 5, cleared)
    gone = spliced_stands(_series(_FOREST, cleared, rng), _series(_OTHER, cleared, rng), at)
    kinds = [CLASSES[1]] * 30 + [CLASSES[2]] * 30 + [CLASSES[0]] * cleared
    return np.concatenate([forest, other, gone]), kinds, at


def test_cleared_stands_are_found_and_dated() -> None:
    pytest.importorskip("sklearn")
    bands, kinds, _ = _sample(np.random.default_rng(1))
    model = fit_stands(bands, kinds, np.random.default_rng(2))
    unseen, truth, at = _sample(np.random.default_rng(3), cleared=20)
    said = model.cleared(unseen) > 0.5
    assert (said == (np.array(truth) == CLASSES[0])).mean() > 0.95
    days = np.array(DAYS, dtype="datetime64[D]")
    off = (disturbance_dates(unseen[60:], DAYS) - days[at]) / np.timedelta64(1, "D")
    assert np.abs(off).max() <= 10


def test_the_same_draw_gives_the_same_model() -> None:
    pytest.importorskip("sklearn")
    bands, kinds, _ = _sample(np.random.default_rng(1))
    one, two = (fit_stands(bands, kinds, np.random.default_rng(2)).cleared(bands) for _ in range(2))
    assert np.array_equal(one, two)


def test_what_cannot_be_learned_from_is_refused() -> None:
    rng = np.random.default_rng(1)
    bands, kinds, _ = _sample(rng)
    with pytest.raises(InputError, match="labelled 'cleared'"):
        fit_stands(bands[:60], kinds[:60], rng)
    with pytest.raises(DataError, match="at least 8"):
        fit_stands(bands[:, :5], kinds, rng)
    bands[0, 3, 2] = np.nan
    with pytest.raises(DataError, match="gaps"):
        fit_stands(bands, kinds, rng)


def test_a_model_reads_only_the_dates_it_learned() -> None:
    pytest.importorskip("sklearn")
    bands, kinds, _ = _sample(np.random.default_rng(1))
    model = fit_stands(bands, kinds, np.random.default_rng(2))
    with pytest.raises(DataError, match="30 dates"):
        model.cleared(bands[:, :20])
