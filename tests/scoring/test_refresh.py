from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import DataError
from scoring.inputs import inputs_of
from scoring.limits import limit_book
from scoring.pack_schema import Pack
from scoring.policy import load_pack
from scoring.refresh import merge, refresh

CN = load_pack("cn-planting-generic")
BY_VIGOUR = Pack.model_validate(
    {**CN.model_dump(mode="python"), "vigour": {**CN.model_dump(mode="python")["vigour"], "applied": True}}
)


def _refreshed(before, after, pack, season):
    """Ids decided again, and the merged limits, which must be those of deciding the book in full."""
    old, new = (inputs_of(*tables, pack, season) for tables in (before, after))
    found = refresh(old, new, pack, season)
    merged = merge(limit_book(*before, pack, season), found, new)
    pd.testing.assert_frame_equal(merged, limit_book(*after, pack, season))
    return found


@pytest.fixture
def book(parcels, seasons):
    rows = [{"farmer_id": f"f{place % 3}" if place < 8 else None, "area_ha": 1.0 + place} for place in range(10)]
    return parcels(*rows), seasons(("p1", 1, "wheat"), ("p1", 2, "maize"), ("p2", 2, "rice", ["rice", "maize"]))


def test_nothing_changed_nothing_is_decided(book, season):
    assert len(_refreshed(book, book, CN, season).limits) == 0


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("area_ha", 7.5), ("cropped_area_ha", None), ("status", "CLOUDY"), ("crop", "rice"), ("declared_crop", "rice"),
        ("certified_area_ha", 0.9), ("other_debt_minor", 9), ("approved_minor", 3), ("district", "Sheyang"),
        ("land_right", None),
    ],
)  # fmt: skip
def test_one_fact_of_one_parcel_decides_its_farmer_again(book, season, column, value):
    parcels, cycles = book
    later = parcels.assign(**({} if column in parcels else {column: None}))
    later[column] = later[column].astype(object)
    later.loc[0, column] = value
    assert _refreshed(book, (later, cycles), CN, season).parcels == {"p1", "p4", "p7"}


def test_a_further_cycle_or_crop_of_a_set_decides_its_farmer_again(book, season, seasons):
    parcels, _ = book
    more = seasons(("p1", 1, "wheat"), ("p1", 2, "maize"), ("p2", 2, "rice", ["rice"]), ("p9", 2, "maize"))
    assert _refreshed(book, (parcels, more), CN, season).parcels == {"p2", "p5", "p8", "p9"}


def test_a_parcel_that_comes_goes_or_moves_concerns_both_farmers(book, season):
    parcels, cycles = book
    moved = parcels.assign(farmer_id=parcels.farmer_id.where(parcels.parcel_id != "p1", "f1"))
    assert _refreshed(book, (moved, cycles), CN, season).parcels == {"p1", "p4", "p7", "p2", "p5", "p8"}
    fewer = (parcels.iloc[1:], cycles[cycles.parcel_id != "p1"])
    gone = _refreshed(book, fewer, CN, season)
    assert (gone.gone, gone.parcels) == ({"p1"}, {"p4", "p7"})
    assert _refreshed(fewer, book, CN, season).parcels == {"p1", "p4", "p7"}


def test_another_order_decides_all_again(book, season):
    parcels, cycles = book
    assert len(_refreshed(book, (parcels.iloc[::-1], cycles), CN, season).parcels) == 10


def test_a_parcel_that_came_twice_is_refused(book, season):
    parcels, cycles = book
    twice = pd.concat([parcels, parcels.iloc[:1].assign(farmer_id="other")])
    with pytest.raises(DataError, match="'p1' is there twice"):
        _refreshed(book, (twice, cycles), CN, season)


def test_peers_that_moved_are_a_change_of_everybody_who_has_them(parcels, seasons, season):
    before = parcels(*({"vigour_pct": 50.0 + place} for place in range(24)), {"crop": "rice"})
    after = before.assign(vigour_pct=before.vigour_pct.where(before.parcel_id != "p1", 90.0))
    found = _refreshed((before, seasons()), (after, seasons()), BY_VIGOUR, season)
    assert found.parcels == set(before.parcel_id[:24])


CHANGE = st.tuples(
    st.integers(0, 9), st.sampled_from(["area_ha", "other_debt_minor", "approved_minor"]), st.integers(0, 90)
)


@given(st.lists(CHANGE, max_size=4), st.sets(st.integers(0, 9), max_size=3), st.sampled_from([CN, BY_VIGOUR]))
@settings(max_examples=25, deadline=None)
def test_whatever_changed_the_refreshed_book_is_the_book_decided_in_full(parcels, seasons, season, changes, left, pack):
    rows = [{"farmer_id": f"f{place % 4}", "area_ha": 1.0 + place, "approved_minor": None} for place in range(10)]
    before = parcels(*rows)
    for place, column, value in changes:
        rows[place] = {**rows[place], column: value}
    after = parcels(*rows).drop(index=list(left))
    _refreshed((before, seasons(("p2", 2, "maize"))), (after, seasons(("p2", 2, "maize"))), pack, season)
