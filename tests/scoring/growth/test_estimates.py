"""Start, peak and end as of a day, with the days between which they lie."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from scoring.growth.estimates import COLUMNS, MARKS, REACH, cycle_estimates, present_cycle
from scoring.growth.looks import Looks

DAYS = tuple(date(2019, 1, 1) + timedelta(days=5 * number) for number in range(60))
ALL, MAY, APRIL = DAYS[-1], date(2019, 6, 1), date(2019, 4, 5)


def _curves(n: int = 40, noise: float = 0.02, seed: int = 0) -> np.ndarray:
    """Wheat with a start near day 75 and an end near day 190."""
    number = np.array([(day - DAYS[0]).days for day in DAYS], dtype=np.float64)
    green = 0.2 + 0.65 / (1 + np.exp(-(number - 85) / 8)) / (1 + np.exp((number - 180) / 7))
    return green + np.random.default_rng(seed).normal(0, noise, (n, len(number)))


def _looks(ndvi: np.ndarray, as_of: date, seen: np.ndarray | None = None) -> Looks:
    clear = np.ones_like(ndvi) if seen is None else seen.astype(np.float64)
    return Looks.known(ndvi, clear, DAYS, as_of)


def test_marks_lie_within_their_intervals_when_everything_was_seen() -> None:
    found = cycle_estimates(_looks(_curves(), ALL))
    truth = cycle_estimates(_looks(_curves(1, 0.0), ALL)).iloc[0]
    assert tuple(found.columns) == COLUMNS
    assert len(found) == 40
    for mark in MARKS:
        assert ((found[f"{mark}_low"] <= found[mark]) & (found[mark] <= found[f"{mark}_high"])).all()
    for mark in ("sos", "eos"):
        held = (found[f"{mark}_low"] <= truth[mark]) & (truth[mark] <= found[f"{mark}_high"])
        assert held.mean() >= 0.8
    assert np.allclose(found.length_days, (found.eos - found.sos).dt.days)


def test_a_mark_that_lies_ahead_has_an_earliest_day_alone() -> None:
    standing = present_cycle(cycle_estimates(_looks(_curves(noise=0.0), MAY)))
    assert standing.eos.isna().all()
    assert standing.eos_high.isna().all()
    assert (standing.eos_low >= pd.Timestamp(2019, 5, 25)).all()
    assert standing.length_days.isna().all()
    rising = present_cycle(cycle_estimates(_looks(_curves(noise=0.0), APRIL)))
    assert rising.pos.isna().all()
    assert rising.pos_high.isna().all()
    assert rising.pos_low.notna().all()


def test_a_fall_that_goes_on_has_no_end_yet() -> None:
    as_of = date(2019, 7, 4)
    found = present_cycle(cycle_estimates(_looks(_curves(noise=0.0), as_of)))
    final = present_cycle(cycle_estimates(_looks(_curves(noise=0.0), ALL)))
    assert found.eos.isna().all()
    assert (found.eos_low <= final.eos).all()


def test_later_looks_change_nothing() -> None:
    later = _curves()
    later[:, np.array(DAYS) > MAY] = 0.1
    assert cycle_estimates(_looks(later, MAY)).equals(cycle_estimates(_looks(_curves(), MAY)))


def test_fewer_looks_and_a_longer_reach_widen_intervals() -> None:
    seen = np.zeros((40, len(DAYS)), dtype=bool)
    seen[:, ::4] = True
    often, seldom = (cycle_estimates(_looks(_curves(), ALL, looks)) for looks in (np.ones_like(seen), seen))
    wider = cycle_estimates(_looks(_curves(), ALL), {mark: 2 * reach for mark, reach in REACH.items()})
    for mark in ("sos", "eos"):
        assert _width(seldom, mark) > _width(often, mark)
        assert _width(wider, mark) > _width(often, mark)


def _width(found: pd.DataFrame, mark: str) -> float:
    return float((found[f"{mark}_high"] - found[f"{mark}_low"]).dt.days.median())


def test_a_parcel_does_not_depend_on_those_beside_it() -> None:
    whole = cycle_estimates(_looks(_curves(), ALL))
    alone = cycle_estimates(_looks(_curves()[7:8], ALL)).assign(index=7)
    assert alone.reset_index(drop=True).equals(whole[whole["index"] == 7].reset_index(drop=True))


def test_without_looks_or_growth_there_is_no_cycle() -> None:
    bare = cycle_estimates(_looks(np.full((3, len(DAYS)), 0.2), ALL))
    assert bare.empty
    assert tuple(bare.columns) == COLUMNS
    assert bare.sos_low.dtype == bare.sos.dtype
    before = Looks.known(np.full((3, 1), 0.2), np.ones((3, 1)), (date(2019, 5, 1),), date(2019, 4, 1))
    assert present_cycle(cycle_estimates(before)).empty


def test_the_present_cycle_is_the_one_that_stands_else_the_main_one() -> None:
    rows = pd.DataFrame(
        {
            "index": [0, 0, 1, 1],
            "cycle": [1, 2, 1, 2],
            "eos": pd.to_datetime(["2019-05-01", None, "2019-05-01", "2019-09-01"]),
            "main": [True, False, True, False],
        }
    )
    assert present_cycle(rows).cycle.tolist() == [2, 1]
