"""Floods from radar: what water does, what only looks like it, and what is known when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pytest

from scoring.alerts.findings import Findings
from scoring.growth.calendars.windows import Expected
from scoring.growth.flood import OpticalWater, RadarSeries, flood_findings, is_water, paddy_days
from tests.scoring.growth.passes import DAYS, NEVER, WET, dry, under_water

END = date(2020, 1, 1)


def raised(found: list[Findings], parcel: int = 0) -> list[date]:
    return [each.day for each in found if each.raised[parcel]]


def found_in(series: RadarSeries, **more: object) -> list[Findings]:
    return list(flood_findings(series, until=END, **more))  # type: ignore[arg-type]


def optical(value: float, at: int = 10) -> OpticalWater:
    """Two dry looks before, and one some days after a pass."""
    days = np.array([DAYS[3], DAYS[6], DAYS[at] + 2])
    return OpticalWater(np.array([[-0.45, -0.44, value]]), days[None], days)


def test_a_field_under_water_is_found_on_the_first_pass_and_until_it_is_dry() -> None:
    found = found_in(under_water(dry()))
    assert raised(found) == DAYS[WET].tolist()
    first, last = (each for each in found if each.day in (DAYS[10].item(), DAYS[12].item()))
    assert (first.event_from[0], first.event_on[0], last.event_on[0]) == (DAYS[9], DAYS[10], DAYS[10])
    assert first.severity[0] == pytest.approx(0.45)
    assert last.severity[0] == pytest.approx(0.9)
    after = next(each for each in found if each.day == DAYS[13].item())
    assert after.judged[0]
    assert not after.raised[0]


def test_frost_lowers_both_polarisations_but_not_to_the_level_of_water() -> None:
    assert not raised(found_in(under_water(dry(), share=0.0, fall=(4.0, 4.0))))


def test_a_dark_cereal_canopy_needs_a_larger_fall() -> None:
    heading = dry(vv=-15.4, vh=-21.5)
    assert not raised(found_in(under_water(heading, share=0.6, fall=(2.0, 2.2))))
    assert raised(found_in(under_water(heading, share=0.9, fall=(4.6, 5.5))))


def test_water_on_rice_in_its_window_is_meant() -> None:
    days = np.array([DAYS[8]]), np.array([DAYS[15]])
    found = found_in(under_water(dry()), paddy=days)
    assert not raised(found)
    assert "paddy" in [each.why[0] for each in found]
    assert raised(found_in(under_water(dry()), paddy=(np.array([NEVER]), np.array([NEVER]))))


def test_the_window_of_rice_follows_its_calendar() -> None:
    day = np.full(2, np.datetime64("2019-06-01"))
    expected = Expected(*(day + step for step in range(8)))
    first, last = paddy_days(np.array([True, False]), expected)
    assert (first[0], last[0]) == (np.datetime64("2019-06-01"), np.datetime64("2019-07-04"))
    assert np.isnat(first[1])


def test_a_dry_optical_look_takes_it_back_and_a_wet_one_does_not() -> None:
    flooded = under_water(dry())
    assert raised(found_in(flooded, optical=optical(-0.4))) == [DAYS[10].item()]
    assert raised(found_in(flooded, optical=optical(0.3)))[-1] == DAYS[12].item()


def test_what_neighbours_show_is_told_beside() -> None:
    series = dry(10)
    flooded = replace(
        series,
        vv_db=np.where(np.arange(20) == 10, series.vv_db - 9, series.vv_db),
        vh_db=np.where(np.arange(20) == 10, series.vh_db - 9, series.vh_db),
        water=np.where(np.arange(20) == 10, 1.0, np.zeros((10, 20))),
    )
    others = np.array([[n for n in range(10) if n != own] for own in range(10)])
    on_day = {each.day: each for each in found_in(flooded, neighbours=others)}[DAYS[10].item()]
    assert on_day.fallen.tolist() == [1.0] * 10
    alone = {each.day: each for each in found_in(under_water(series), neighbours=others)}[DAYS[10].item()]
    assert alone.fallen[0] == 0.0


def test_without_a_past_nothing_wet_is_judged() -> None:
    series = dry()
    wet = replace(series, water=np.ones((1, 20)))
    assert not found_in(wet)


def test_passes_that_do_not_show_the_parcel_say_nothing() -> None:
    flooded = under_water(dry())
    hidden = np.where((np.arange(20) > 10) & (np.arange(20) < 18), np.nan, flooded.vv_db)
    found = found_in(replace(flooded, vv_db=hidden))
    assert [each.day for each in found if each.judged[0]] == [*DAYS[:11].tolist(), *DAYS[18:].tolist()]


def test_orbits_are_not_compared_with_each_other() -> None:
    orbits = np.where(np.arange(20) == 10, "88", "161")
    assert DAYS[10].item() not in raised(found_in(replace(under_water(dry()), orbits=orbits)))


@pytest.mark.parametrize("day", [DAYS[10].item(), DAYS[12].item(), DAYS[17].item()])
def test_a_past_day_is_told_the_same_whatever_came_later(day: date) -> None:
    flooded = under_water(dry(4))
    known = flooded.known.copy()
    known[:, 9] = DAYS[9] + 40  # processed late
    late = replace(flooded, known=known)
    then = np.datetime64(day)
    seen = late.known <= then
    cut = replace(
        late,
        vv_db=np.where(seen, late.vv_db, np.nan),
        vh_db=np.where(seen, late.vh_db, np.nan),
        water=np.where(seen, late.water, np.nan),
        known=np.where(seen, late.known, NEVER),
    )
    told = list(flood_findings(late, until=day))
    again = list(flood_findings(cut, until=END))
    assert [each.day for each in told] == [each.day for each in again]
    for one, other in zip(told, again, strict=True):
        assert (one.raised == other.raised).all()
        np.testing.assert_array_equal(one.severity, other.severity)


def test_more_water_is_never_less_severe() -> None:
    severities = []
    for share in (0.2, 0.4, 0.7, 1.0):
        found = found_in(under_water(dry(), share=share))
        severities.append([each.severity[0] for each in found if each.judged[0]])
    assert (np.diff(np.array(severities), axis=0) >= 0).all()


def test_water_is_dark_in_both_polarisations() -> None:
    vv, vh = (10 ** (np.array(level) / 10) for level in ([-20.0, -20.0, -12.0, np.nan], [-27.0, -19.0, -27.0, -27.0]))
    water: npt.NDArray[np.bool_] = is_water(vv, vh)
    assert water.tolist() == [True, False, False, False]
