from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import DataError
from scoring.inputs import Inputs, inputs_of
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


def test_another_order_decides_those_again_whose_own_parcels_changed_it(book, season):
    parcels, cycles = book
    assert _refreshed(book, (parcels.iloc[::-1], cycles), CN, season).parcels == set(parcels.parcel_id[:8])
    farmers = parcels.sort_values("farmer_id", kind="stable")
    assert _refreshed(book, (farmers, cycles), CN, season).parcels == set()


def test_an_order_that_changed_beside_parcels_that_come_and_go(book, season):
    parcels, cycles = book
    before = (parcels.drop(index=[3]), cycles)
    after = (parcels.iloc[[9, 7, 0, 1, 2, 3, 6, 4]], cycles.iloc[::-1])
    found = _refreshed(before, after, CN, season)
    assert (found.gone, found.parcels) == ({"p6", "p9"}, {"p1", "p4", "p7", "p8", "p2", "p5", "p3"})


def test_farmers_who_left_the_book_are_named(book, season):
    parcels, cycles = book
    after = parcels[(parcels.farmer_id != "f2") & (parcels.parcel_id != "p1") & parcels.farmer_id.notna()]
    found = _refreshed(book, (after, cycles), CN, season)
    assert (found.gone_farmers, found.gone) == ({"f2"}, {"p1", "p3", "p6", "p9", "p10"})


def test_cycles_in_another_order_are_the_same_cycles_and_another_order_of_one_parcel_is_not(book, season, seasons):
    parcels, cycles = book
    assert _refreshed(book, (parcels, cycles.iloc[[2, 0, 1]]), CN, season).parcels == set()
    assert _refreshed(book, (parcels, cycles.iloc[[1, 0, 2]]), CN, season).parcels == {"p1", "p4", "p7"}
    stranger = seasons(("p1", 1, "wheat"), ("p99", 1, "rice"), ("p1", 2, "maize"), ("p2", 2, "rice", ["rice", "maize"]))
    assert _refreshed(book, (parcels, stranger), CN, season).parcels == set()


def test_a_book_that_was_empty_is_decided_in_full(book, season):
    inputs = inputs_of(*book, CN, season)
    found = refresh(Inputs(inputs.parcels[:0], inputs.cycles[:0]), inputs, CN, season)
    assert len(found.parcels) == 10
    assert refresh(inputs, Inputs(inputs.parcels[:0], inputs.cycles), CN, season).gone == found.parcels


def test_a_column_that_the_state_on_record_lacks_counts_as_not_stated(book, season):
    later = (book[0].assign(district=[None] * 9 + ["Sheyang"]), book[1])
    old, new = (inputs_of(*tables, CN, season) for tables in (book, later))
    older = Inputs(old.parcels.drop_columns(["district"]), old.cycles)
    assert refresh(older, new, CN, season).parcels == {"p10"}


def test_a_figure_that_is_not_a_number_equals_itself(book, season):
    inputs = inputs_of(*book, CN, season)
    place = inputs.parcels.schema.get_field_index("vigour_pct")
    nan = pa.chunked_array([pa.array([float("nan")] * 10)])
    spoiled = Inputs(inputs.parcels.set_column(place, inputs.parcels.schema.field(place), nan), inputs.cycles)
    assert refresh(spoiled, spoiled, CN, season).parcels == set()


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


@given(
    st.lists(CHANGE, max_size=4),
    st.lists(st.integers(0, 9), min_size=7, max_size=10, unique=True),
    st.permutations(range(5)),
    st.sampled_from([CN, BY_VIGOUR]),
)
@settings(max_examples=25, deadline=None)
def test_whatever_changed_the_refreshed_book_is_the_book_decided_in_full(
    parcels, seasons, season, changes, order, cycles, pack
):
    rows = [{"farmer_id": f"f{place % 4}", "area_ha": 1.0 + place, "approved_minor": None} for place in range(10)]
    before = parcels(*rows)
    for place, column, value in changes:
        rows[place] = {**rows[place], column: value}
    after = parcels(*rows).iloc[order]
    grown = seasons(
        ("p2", 2, "maize"), ("p2", 2, "rice"), ("p3", 1, "rice"), ("p9", 2, "wheat"), ("p4", 3, "maize", ["rice"])
    )  # fmt: skip
    _refreshed((before, grown), (after, grown.iloc[list(cycles)]), pack, season)
