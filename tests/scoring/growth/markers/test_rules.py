"""Markers of simulated seasons: what each finds, when, and what it refuses to judge."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geo.errors import DataError
from scoring.growth.calendars.regional import load_calendar
from scoring.growth.calendars.windows import Expected
from scoring.growth.looks import Looks, nearest_growth
from scoring.growth.markers.crops import crop_marker, cycles_marker
from scoring.growth.markers.decline import decline_marker
from scoring.growth.markers.marker import Marker
from scoring.growth.markers.rules import Around, abandoned_marker, canopy_marker, harvest_marker, sowing_marker
from tests.scoring.growth.seasons import DAYS, SEASON, Floats, bare, expected, stand


def _looks(*curves: Floats, on: str, clear: Floats | None = None) -> Looks:
    ndvi = np.stack(curves)
    return Looks.known(ndvi, np.ones_like(ndvi) if clear is None else clear, DAYS, date.fromisoformat(f"2018-{on}"))


def _found(looks: Looks, windows: Expected, around: Around | None = None) -> dict[str, Marker]:
    calendar = load_calendar("de-bavaria")
    rows = [(row.crop, calendar.expected(SEASON, row.crop, row.form)) for row in calendar.crops]
    crops = [(crop, told) for crop, told in rows if told is not None]
    cycles = looks.cycles()
    growth = nearest_growth(cycles, windows, len(looks.ndvi))
    found = (
        sowing_marker(looks, windows, growth, around),
        canopy_marker(looks, windows, around),
        harvest_marker(looks, windows, growth, around),
        decline_marker(looks, windows, None if around is None else around.neighbours),
        abandoned_marker(looks, windows),
        crop_marker(looks, windows, cycles, crops),
        cycles_marker(looks, growth),
    )
    return {marker.name: marker for marker in found}


def _all_neighbours(n: int) -> Around:
    return Around(np.array([[other for other in range(n) if other != row] for row in range(n)]))


def test_a_sown_and_a_bare_field_are_told_apart_once_the_stand_should_be_green() -> None:
    windows = expected("maize", "maize", "maize")
    curves = (stand(), bare(), stand(rise="07-20", fall="10-25"))
    early = _found(_looks(*curves, on="06-20"), windows)["sowing"]
    assert early.status.tolist() == ["NOT_VALID"] * 3
    assert set(early.why) == {"not due"}
    assert _found(_looks(*curves, on="07-15"), windows)["sowing"].outcome.tolist() == ["sown", "not_sown", "not_sown"]
    whole = _found(_looks(*curves, on="10-01"), windows)["sowing"]
    assert whole.outcome.tolist() == ["sown", "not_sown", "late"]
    assert whole.raised.tolist() == [False, True, True]
    assert whole.confidence()[1] > 0.99


def test_a_wintering_crop_that_grew_and_then_died_was_sown() -> None:
    windows = expected("wheat winter", "wheat winter")
    died = np.maximum(stand(rise="03-20", fall="05-08", top=0.7), bare())
    found = _found(_looks(died, bare(), on="06-20"), windows)["sowing"]
    assert found.outcome.tolist() == ["sown", "not_sown"]


def test_the_canopy_closes_on_the_first_of_two_green_looks() -> None:
    closed = _found(_looks(stand(), stand(top=0.5), on="09-20"), expected("maize", "maize"))["canopy"]
    assert closed.outcome.tolist() == ["closed", "open"]
    assert closed.raised.tolist() == [False, True]
    assert np.datetime64("2018-05-20") < closed.event[0] < np.datetime64("2018-06-10")


def test_harvest_is_early_on_time_standing_or_missing() -> None:
    windows = expected("maize", "maize", "maize", "maize")
    curves = (stand(fall="07-08"), stand(), stand(fall="12-30"), stand(fall="12-30"))
    september = _found(_looks(*curves, on="09-10"), windows)["harvest"]
    assert september.outcome.tolist() == ["early", "standing", "standing", "standing"]
    december = _found(_looks(*curves, on="12-20"), windows)["harvest"]
    assert december.outcome[1] == "on_time"
    assert december.outcome[2] == "not_at_all"
    assert december.raised.tolist() == [True, False, True, True]


def test_a_parcel_cut_long_before_its_neighbours_is_early_within_the_calendar() -> None:
    curves = [stand(fall="10-05") for _ in range(12)]
    curves[0] = stand(fall="08-25")
    looks = _looks(*curves, on="11-05")
    assert _found(looks, expected(*["maize"] * 12))["harvest"].outcome[0] == "on_time"
    assert _found(looks, expected(*["maize"] * 12), _all_neighbours(12))["harvest"].outcome[0] == "early"


def test_a_slow_decline_against_neighbours_is_not_an_abrupt_one() -> None:
    rng = np.random.default_rng(4)
    curves = [stand() + rng.normal(0, 0.01, len(DAYS)) for _ in range(12)]
    number = np.array([(day - date(2018, 6, 20)).days for day in DAYS])
    curves[0] = curves[0] - 0.3 * np.clip(number / 40, 0, 1)
    curves[1] = curves[1] - 0.3 * (number > 20)
    looks = _looks(*curves, on="08-05")
    decline = _found(looks, expected(*["maize"] * 12), _all_neighbours(12))["decline"]
    assert decline.outcome.tolist() == ["slow"] + ["none"] * 11
    assert decline.why[1] == "abrupt"
    assert 0.15 < decline.value[0] < 0.35
    assert set(_found(looks, expected(*["maize"] * 12))["decline"].status) == {"NOT_EXECUTED"}


def test_an_idle_field_is_abandoned_and_a_bare_one_is_not() -> None:
    idle = np.full(len(DAYS), 0.42)
    found = _found(_looks(idle, bare(), stand(), on="12-20"), expected("maize", "maize", "maize"))["abandoned"]
    assert found.outcome.tolist() == ["yes", "no", "no"]


def test_another_crop_than_declared_is_named() -> None:
    wheat = stand(rise="03-25", fall="07-12")
    found = _found(_looks(stand(), wheat, wheat, on="12-20"), expected("wheat winter", "wheat winter", ""))["crop"]
    assert found.outcome.tolist() == ["other", "as_declared", ""]
    assert "maize" in found.why[0]
    assert found.status[2] == "NOT_EXECUTED"


def test_two_crops_in_a_year_are_counted() -> None:
    double = np.maximum(stand(rise="03-20", fall="06-15"), stand(rise="07-20", fall="10-10"))
    found = _found(_looks(double, stand(), on="12-20"), expected("wheat winter", "maize"))["cycles"]
    assert found.outcome.tolist() == ["several", "one"]
    assert found.event[0] > np.datetime64("2018-07-20")


def test_permanent_crops_and_parcels_without_a_calendar_are_not_judged_as_annual_ones() -> None:
    found = _found(_looks(stand(), stand(), on="12-20"), expected("grass", ""))
    for name in ("sowing", "harvest", "abandoned", "crop"):
        assert found[name].status.tolist() == ["NOT_EXECUTED"] * 2
    assert found["canopy"].status.tolist() == ["OK", "NOT_EXECUTED"]


def test_late_imagery_changes_nothing_before_it_is_known() -> None:
    ndvi = np.stack([bare()])
    at = np.array(DAYS, dtype="datetime64[us]")[None]
    late = np.where(at > np.datetime64("2018-06-25"), np.datetime64("2018-08-20", "us"), at)
    day = date(2018, 7, 25)
    known = Looks.known(ndvi, np.ones_like(ndvi), DAYS, day, known_at=late)
    assert _found(known, expected("maize"))["sowing"].why[0] == "too few clear looks"
    assert _found(Looks.known(ndvi, np.ones_like(ndvi), DAYS, day), expected("maize"))["sowing"].raised[0]
    with pytest.raises(DataError, match="do not fit"):
        Looks.known(ndvi, np.ones((2, 3)), DAYS, day)


def test_no_look_at_all_judges_nothing() -> None:
    found = _found(_looks(stand(), on="12-20", clear=np.zeros((1, len(DAYS)))), expected("maize"))
    assert not any(marker.status[0] == "OK" for marker in found.values())


def _mixed(seed: int) -> Floats:
    rng = np.random.default_rng(seed)
    kinds = [stand(), bare(), stand(fall="07-20"), stand(top=0.5), stand(fall="12-30"), np.full(len(DAYS), 0.42)]
    return np.stack([kinds[row % len(kinds)] + rng.normal(0, 0.04, len(DAYS)) for row in range(18)])


@example(0, 33, 3, True)
@settings(max_examples=40, deadline=None)
@given(st.integers(0, 999), st.integers(10, 60), st.integers(1, 12), st.booleans())
def test_a_cloudy_gap_never_raises_anything(seed: int, last: int, gap: int, neighbours: bool) -> None:
    ndvi, windows = _mixed(seed), expected(*["maize"] * 18)
    clear = (np.random.default_rng(seed + 1).uniform(size=ndvi.shape) < 0.6).astype(float)
    clear[:, last:] = 0.0
    around = _all_neighbours(18) if neighbours else None
    before = _found(Looks.known(ndvi, clear, DAYS, DAYS[last - 1]), windows, around)
    after = _found(Looks.known(ndvi, clear, DAYS, DAYS[min(last - 1 + gap, len(DAYS) - 1)]), windows, around)
    for name in before:
        assert not (after[name].raised & ~before[name].raised).any(), name


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 999), st.integers(30, 71))
def test_what_comes_later_changes_no_replay(seed: int, last: int) -> None:
    ndvi, windows = _mixed(seed), expected(*["maize"] * 18)
    changed = ndvi.copy()
    changed[:, last + 1 :] = 0.1
    one, two = (
        _found(Looks.known(values, np.ones_like(ndvi), DAYS, DAYS[last]), windows) for values in (ndvi, changed)
    )
    for name in one:
        assert (one[name].outcome == two[name].outcome).all()
        assert np.array_equal(one[name].score, two[name].score, equal_nan=True)
