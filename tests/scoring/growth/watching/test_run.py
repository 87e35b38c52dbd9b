"""Findings of simulated runs: as of each day, the same by blocks, in a replay and after late imagery."""

from __future__ import annotations

from dataclasses import fields as columns_of
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import DataError
from geo.season import Season
from scoring.alerts.findings import Findings
from scoring.growth.watching.fields import SeasonLooks
from scoring.growth.watching.run import DAYS_AFTER, growth_findings, marker_days, watched_run
from tests.scoring.growth.seasons import SEASON
from tests.scoring.growth.watched import AT, END, all_findings, mixed

#: A season that begins late: fewer days are judged.
SHORT = Season(date(2018, 6, 25), date(2018, 9, 15))
_ARRAYS = [
    field.name for field in columns_of(Findings) if field.name not in {"cause", "day", "rule", "evidence", "at_most"}
]


def _rows(findings: Findings, rows: npt.NDArray[np.generic]) -> list[npt.NDArray[np.generic]]:
    return [getattr(findings, name)[rows] for name in _ARRAYS]


def _same(one: Findings, other: Findings) -> None:
    assert (one.cause, one.day, one.rule) == (other.cause, other.day, other.rule)
    for name in _ARRAYS:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=f"{one.cause} {one.day} {name}")


def test_days_are_those_of_the_calendar() -> None:
    days = marker_days(Season(date(2023, 10, 1), date(2024, 3, 5)), date(2024, 2, 29))
    assert days[:4] == (date(2023, 10, 10), date(2023, 10, 20), date(2023, 10, 31), date(2023, 11, 10))
    assert days[-1] == date(2024, 2, 29)
    assert marker_days(SEASON, date(2030, 1, 1))[-1] <= SEASON.end + timedelta(days=DAYS_AFTER)


def test_findings_come_by_day_and_each_cause_once_a_day() -> None:
    found = all_findings(*mixed(60, 1), SHORT, SHORT.end)
    assert [one.day for one in found] == sorted(one.day for one in found)
    named = [(one.day, one.cause) for one in found]
    assert len(set(named)) == len(named)
    for one in found:
        assert not (one.raised & ~one.judged).any()
        assert np.isnan(one.severity[~one.judged]).all()
        assert ((one.severity[one.judged] >= 0) & (one.severity[one.judged] <= 1)).all()
        assert (one.look_day[one.judged] <= np.datetime64(one.day)).all()
        assert one.evidence is not None
        assert one.evidence.shape == (60, len(AT))
        assert not one.evidence[:, np.datetime64(one.day) < AT].any()


def test_blocks_find_what_the_whole_run_finds() -> None:
    looks, fields = mixed(400, 2)
    whole = {(one.cause, one.day): one for one in all_findings(looks, fields, SHORT, SHORT.end)}
    run = watched_run(looks, fields, SHORT, SHORT.end, block_rows=100)
    assert len(run.blocks) == 4
    assert sorted(np.concatenate(run.blocks)) == list(range(400))
    for block in run.blocks:
        for one in growth_findings(run, block):
            together = whole[one.cause, one.day]
            for mine, theirs in zip(_rows(one, np.arange(len(block))), _rows(together, block), strict=True):
                np.testing.assert_array_equal(mine, theirs, err_msg=f"{one.cause} {one.day}")


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 999), st.integers(36, 50))
def test_a_replay_gives_the_same_whatever_came_later(seed: int, last: int) -> None:
    looks, fields = mixed(60, seed)
    until = (AT[last] + 1).item()
    known = np.isfinite(looks.ndvi) & (_days(looks.known_on) <= np.datetime64(until))
    then = SeasonLooks.of(np.where(known, looks.ndvi, np.nan), looks.percent / 100, AT, _days(looks.known_on))
    once, again = all_findings(then, fields, SHORT, until), all_findings(looks, fields, SHORT, SHORT.end)
    assert once
    for one, other in zip(once, again, strict=False):
        _same(one, other)
    later = [one for one in again if one.day <= until]
    assert len(later) == len(once)


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 999), st.integers(34, 46), st.integers(3, 9))
def test_nothing_is_judged_in_a_gap(seed: int, first: int, steps: int) -> None:
    looks, fields = mixed(40, seed)
    begins, ends = AT[first], AT[first] + 5 * steps
    gap = (begins <= AT) & (ends > AT)
    dark = SeasonLooks.of(np.where(gap, np.nan, looks.ndvi), looks.percent / 100, AT, _days(looks.known_on))
    came = np.where(np.isfinite(dark.ndvi), dark.known_on, 0)
    for one in all_findings(dark, fields, SHORT, ends.item()):
        day = np.datetime64(one.day)
        if begins <= day < ends:
            new = (_days(came) <= day) & (_days(came) > day - 11)
            assert not (one.judged & ~new.any(axis=1)).any()


def _days(number: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    return number.astype(np.int64).astype("datetime64[D]")


def test_looks_and_fields_must_fit() -> None:
    looks, fields = mixed(20, 3)
    with pytest.raises(DataError, match="do not fit"):
        watched_run(looks.at(np.arange(5)), fields, SEASON, END)
