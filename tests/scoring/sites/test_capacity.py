"""What an outline may hold, by mounting and country, and who reports the densities."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from geo.countries import code_meant, country_names
from geo.errors import InputError
from geo.sites import Mounting, SiteType
from scoring.sites.capacity import capacity_of, ground_capacity, rows_of
from scoring.sites.densities import Densities, held_densities
from tests.scoring.sites.plans import plan

TEN_HA = 100_000.0
FIXED, TRACKING, UNKNOWN = Mounting.FIXED, Mounting.TRACKING, Mounting.UNKNOWN


@pytest.mark.parametrize(
    ("mounting", "country", "low", "high"),
    [
        (UNKNOWN, "", 3.7, 8.7),
        (FIXED, "", 3.7, 8.7),
        (TRACKING, "", 3.7, 5.9),
        (FIXED, "IN", 4.9, 8.7),
        (TRACKING, "IN", 4.9, 5.9),
        (FIXED, "DE", 5.2, 10.0),  # plants of 2021 hold a megawatt by hectare
        (TRACKING, "DE", 5.2, 5.9),
        (FIXED, "US", 3.3, 8.7),
        (TRACKING, "US", 2.8, 5.9),
        (UNKNOWN, "US", 2.8, 8.7),
        (FIXED, "CN", 6.0, 8.7),
        (FIXED, "FR", 3.7, 8.7),  # no density of it is held: the world's
    ],
)
def test_a_range_follows_mounting_and_country(mounting: Mounting, country: str, low: float, high: float) -> None:
    held = capacity_of(TEN_HA, mounting, country)
    assert (held.low, held.high) == pytest.approx((low, high))
    assert held.country == ("" if country == "FR" else country)


@pytest.mark.parametrize("country", ["CN", "GB"])
def test_dense_plants_of_all_mountings_say_nothing_of_trackers(country: str) -> None:
    held = capacity_of(TEN_HA, TRACKING, country)
    assert (held.low, held.high) == pytest.approx((3.7, 5.9))
    assert held.country == ""


@pytest.mark.parametrize("country", ["", *held_densities().names])
@pytest.mark.parametrize("mounting", list(Mounting))
def test_every_range_is_one_and_grows_with_the_ground(mounting: Mounting, country: str) -> None:
    held, twice = (capacity_of(area, mounting, country) for area in (TEN_HA, 2 * TEN_HA))
    assert 0 < held.low < held.high
    assert (twice.low, twice.high) == pytest.approx((2 * held.low, 2 * held.high))
    assert held.sources
    assert f"{held.low_by_ha:g}" in held.basis


def test_who_says_so_stands_beside_a_range() -> None:
    held = capacity_of(TEN_HA, FIXED, "DE")
    assert not held.checked
    assert [source.split(",")[0] for source in held.sources] == ["Umweltbundesamt"] * 2
    rows = capacity_of(TEN_HA, TRACKING)
    assert ["Bolinger" in source for source in rows.sources] == [False, True]
    assert not any(";" in source for each in Mounting for source in capacity_of(TEN_HA, each, "CN").sources)
    assert held_densities().whole("")[0].checked


@pytest.mark.parametrize("area", [0.0, -1.0, float("nan"), float("inf")])
def test_no_ground_holds_nothing(area: float) -> None:
    with pytest.raises(InputError, match="holds nothing"):
        capacity_of(area)


def test_a_planned_capacity_lies_below_within_or_above() -> None:
    held = capacity_of(TEN_HA, FIXED, "IN")
    assert [held.beside(mw) for mw in (4.8, 4.95, 8.7, 8.8)] == ["below", "within", "within", "above"]


def test_the_ground_of_a_plan_is_what_is_to_be_built_on_else_its_border() -> None:
    stated = plan(capacity_mw=50.0, built_ha=50.0, mounting=FIXED, country="IN")
    held = ground_capacity(stated, 1_200_000.0)
    assert held is not None
    assert (held["low"], held["high"]) == pytest.approx((24.5, 43.5))
    assert (held["planned"], held["mounting"], held["country"]) == ("above", "fixed", "IN")
    border = ground_capacity(plan(capacity_mw=50.0), 1_200_000.0)
    assert border is not None
    assert (border["low"], border["high"], border["planned"]) == (pytest.approx(44.4), pytest.approx(104.4), "within")
    assert (border["mounting"], border["country"]) == (None, None)
    assert ground_capacity(plan(kind=SiteType.WIND), 1_200_000.0) is None


def test_rows_of_a_stated_mounting_are_surer_and_lie_around_its_median() -> None:
    assert rows_of(UNKNOWN) == (0.59, 0.87)
    spread = [most / least for least, most in map(rows_of, (UNKNOWN, FIXED, TRACKING))]
    assert spread[1] == pytest.approx(spread[2])
    assert spread[1] < spread[0]
    for mounting, median in ((FIXED, 0.87), (TRACKING, 0.59)):
        least, most = rows_of(mounting)
        assert (least * most) ** 0.5 == pytest.approx(median)


def test_every_density_follows_from_what_its_source_states() -> None:
    acre_ha = 0.40468564
    reckoned = {
        ("", 0.37): 711_000 / 1_910_000,
        ("CN", 0.60): 174_350 / 291_700,
        ("CN", 0.71): 174_350 / 246_770,
        ("DE", 0.52): 0.28 * 59_000 / 32_000,
        ("DE", 1.0): 1.0,
        ("GB", 0.62): 50 / 200 / acre_ha,
        ("GB", 0.99): 50 / 125 / acre_ha,
        ("IN", 0.49): 1 / 5 / acre_ha,
        ("IN", 0.62): 1 / 4 / acre_ha,
        ("US", 0.33): 1 / 7.6 / acre_ha,
        ("US", 0.28): 1 / 8.7 / acre_ha,
        ("US", 0.30): 1 / 8.3 / acre_ha,
    }
    whole = [each for each in held_densities().density if each.of == "whole"]
    assert {(each.country, figure) for each in whole for figure in (each.low, each.high)} == set(reckoned)
    for (_, figure), exact in reckoned.items():
        assert figure == pytest.approx(exact, abs=0.0055)
    rows = {each.mounting: each.high for each in held_densities().density if each.of == "rows"}
    assert rows == {FIXED: 0.87, TRACKING: 0.59}
    assert (0.35 / acre_ha, 0.24 / acre_ha) == pytest.approx((0.87, 0.59), abs=0.0055)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"low": 0.9, "high": 0.5}, "above high"),
        ({"country": "XX"}, "no country"),
        ({"of": "rows"}, "mounting"),
        ({"address": "doi 10"}, "address"),
        ({"low": 40.0, "high": 40.0}, "low"),
    ],
)
def test_a_density_that_cannot_be_is_refused(changed: dict[str, object], said: str) -> None:
    held = held_densities().model_dump(mode="json")
    world = next(each for each in held["density"] if each["of"] == "whole" and not each["country"])
    world.update(changed)
    with pytest.raises(ValidationError, match=said):
        Densities.model_validate(held)


def test_countries_are_those_of_the_standard() -> None:
    names = country_names()
    assert len(names) == 249
    assert all(len(code) == 2 and code.isupper() for code in names)
    assert (code_meant(" india "), code_meant("Atlantis")) == ("IN", None)
