from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import DataError
from geo.observations import LIMITS, to_table
from geo.status import Status
from scoring.limits import limit_book
from scoring.pack_schema import Pack
from scoring.policy import load_pack

CN = load_pack("cn-planting-generic")
KCC = load_pack("in-kcc-2018")
UNDECIDED = [str(status) for status in Status if status is not Status.OK]


def _amount(table, subject):
    value = table.set_index("subject_id").amount_minor[subject]
    return None if value is pd.NA else int(value)


def _row(table, subject):
    return table.set_index("subject_id").loc[subject]


def _codes(lines):
    return [line["code"] for line in lines]


def _changed(pack: Pack, **tables: dict[str, object]) -> Pack:
    said = pack.model_dump(mode="python")
    for name, change in tables.items():
        said[name] = {**said[name], **change}
    return Pack.model_validate(said)


def test_a_wheat_parcel_with_all_its_papers(parcels, seasons, season, lines_of):
    table = limit_book(parcels({"area_ha": 1.0}), seasons(), CN, season)
    # 15 mu x 480 = 7,200; x 70 % = 5,040; down to 5,000
    assert _amount(table, "p1") == 500_000
    lines = lines_of(table, "p1")
    assert [(line["code"], line["effect_minor"]) for line in lines] == [
        ("CROP_COST", 720_000), ("OWN_FUNDS", -216_000), ("ROUNDING", -4_000),
    ]  # fmt: skip
    assert lines[0]["en"] == "Wheat (cycle 1): 15.00 mu at 480 yuan per mu."
    assert lines[0]["zh"] == "小麦（第1季）：15.00亩 × 480元/亩。"
    assert lines[0]["facts"] == {"crop": "wheat", "cycle": 1, "area": "15.00", "price": "480"}
    assert not _row(table, "p1").needs_visit
    to_table(table, LIMITS)


def test_two_crops_a_year_share_the_rent_of_leased_land(parcels, seasons, season, lines_of):
    book = parcels({"land_right": "lease"}, {"land_right": "certificate"})
    cycles = seasons(("p1", 1, "wheat"), ("p1", 2, "maize"), ("p2", 1, "wheat"), ("p2", 2, "maize"))
    table = limit_book(book, cycles, CN, season)
    # leased: 15 x (480 + 500 + 800) = 26,700; 70 % = 18,690 -> 18,600; owned: 14,700; 10,290 -> 10,200
    assert _amount(table, "p1") == 1_860_000
    assert _amount(table, "p2") == 1_020_000
    rent = next(line for line in lines_of(table, "p1") if line["code"] == "RENT")
    assert rent["effect_minor"] == 1_200_000
    assert "shared across 2 crop" in rent["en"]
    assert "RENT" not in _codes(lines_of(table, "p2"))


def test_the_same_crop_again_counts_once_unless_it_is_rice(parcels, seasons, season, lines_of):
    book = parcels({"crop": "wheat"}, {"crop": "rice"})
    cycles = seasons(("p1", 1, "wheat"), ("p1", 2, "wheat"), ("p2", 1, "rice"), ("p2", 2, "rice"))
    table = limit_book(book, cycles, CN, season)
    assert _amount(table, "p1") == 500_000
    assert "CYCLE_REPEATED" in _codes(lines_of(table, "p1"))
    assert _amount(table, "p2") == 1_300_000  # 15 x 1,240 = 18,600; 70 % = 13,020


def test_a_further_crop_that_is_uncertain_or_unpriced_adds_nothing_yet(parcels, seasons, season, lines_of):
    cycles = seasons(
        ("p1", 1, "wheat"), ("p1", 2, "maize", ["maize", "potato"]), ("p2", 1, "wheat"), ("p2", 2, "grass")
    )
    table = limit_book(parcels({}, {}), cycles, CN, season)
    assert _amount(table, "p1") == _amount(table, "p2") == 500_000
    assert "CYCLE_UNCERTAIN" in _codes(lines_of(table, "p1"))
    assert "CYCLE_NO_PRICE" in _codes(lines_of(table, "p2"))
    # 15.75 mu x (480 + 1,300) x 70 % = 19,624.50 -> 19,600
    assert _row(table, "p1").high_minor == 1_960_000
    assert _row(table, "p2").high_minor == 520_000


def test_crop_without_a_price_has_no_amount(parcels, seasons, season, lines_of):
    table = limit_book(parcels({"crop": "grass", "approved_minor": 5}), seasons(), CN, season)
    assert _amount(table, "p1") is None
    assert _row(table, "p1").needs_visit
    assert _codes(lines_of(table, "p1")) == ["NO_PRICE"]


@pytest.mark.parametrize("status", UNDECIDED)
@pytest.mark.parametrize("pack", [CN, KCC], ids=lambda pack: pack.id)
def test_what_is_not_decided_keeps_the_approved_amount_or_none(status, pack, parcels, seasons, season, lines_of):
    book = parcels({"status": status, "crop": "rice"}, {"status": status, "crop": None, "approved_minor": 123_456})
    table = limit_book(book, seasons(), pack, season)
    assert _amount(table, "p1") is None
    assert _amount(table, "p2") == 123_456
    assert (_row(table, "p2").low_minor, _row(table, "p2").high_minor) == (123_456, 123_456)
    assert table.needs_visit.all()
    assert _codes(lines_of(table, "p1")) == [f"NOT_DECIDED_{status}"]
    assert _codes(lines_of(table, "p2")) == [f"NOT_DECIDED_{status}", "KEPT_APPROVED"]


def test_missing_facts_are_said_and_sent_to_a_person(parcels, seasons, season, lines_of):
    bare = {"land_right": None, "other_debt_minor": None, "household_capacity_minor": None}
    table = limit_book(parcels(bare), seasons(), CN, season)
    assert _amount(table, "p1") == 500_000
    said = {line["code"]: line for line in lines_of(table, "p1")}
    for code in ("LAND_RIGHT_NOT_STATED", "INCOMPLETE_DEBT", "INCOMPLETE_HOUSEHOLD"):
        assert said[code]["effect_minor"] == 0
        assert said[code]["principal"]
    assert _row(table, "p1").needs_visit


def test_absent_columns_are_facts_not_stated(parcels, seasons, season, lines_of):
    bare = parcels({}).drop(columns=["land_right", "other_debt_minor", "household_capacity_minor", "farmer_id"])
    assert {"LAND_RIGHT_NOT_STATED", "INCOMPLETE_DEBT"} <= set(
        _codes(lines_of(limit_book(bare, seasons(), CN, season), "p1"))
    )


def test_a_mismatch_is_a_reason_and_a_visit_not_a_cut(parcels, seasons, season, lines_of):
    book = parcels({"crop": "maize", "declared_crop": "wheat"}, {"crop": "maize"}, {"certified_area_ha": 1.5})
    table = limit_book(book, seasons(), CN, season)
    assert _amount(table, "p1") == _amount(table, "p2")
    assert "CROP_MISMATCH" in _codes(lines_of(table, "p1"))
    assert _row(table, "p1").needs_visit
    assert not _row(table, "p2").needs_visit
    assert _amount(table, "p3") == 500_000
    assert "AREA_MISMATCH" in _codes(lines_of(table, "p3"))


def test_a_declared_second_crop_is_no_mismatch(parcels, seasons, season, lines_of):
    cycles = seasons(("p1", 1, "wheat"), ("p1", 2, "maize"))
    table = limit_book(parcels({"declared_crop": "maize"}), cycles, CN, season)
    assert "CROP_MISMATCH" not in _codes(lines_of(table, "p1"))


def test_the_lesser_of_certified_and_measured_area_is_financed(parcels, seasons, season, lines_of):
    table = limit_book(parcels({"certified_area_ha": 0.95}), seasons(), CN, season)
    # 14.25 mu x 480 x 70 % = 4,788 -> 4,700
    assert _amount(table, "p1") == 470_000
    assert "CERTIFIED_AREA" in _codes(lines_of(table, "p1"))
    assert _row(table, "p1").high_minor == 470_000


def test_ceilings_and_other_debt_are_the_farmers(parcels, seasons, season, lines_of):
    farmer = {"farmer_id": "f", "other_debt_minor": 300_001, "household_capacity_minor": 700_000}
    book = parcels({**farmer, "area_ha": 1.0}, {**farmer, "area_ha": 2.0, "crop": "maize"}, {"farmer_id": None})
    table = limit_book(book, seasons(), CN, season)
    # 5,040 + 10,500 - 3,000.01 = 12,539.99, capped at 7,000
    assert _amount(table, "f") == 700_000
    assert _amount(table, "p1") + _amount(table, "p2") == 700_000
    assert _amount(table, "p3") == 500_000
    effects = {line["code"]: line["effect_minor"] for line in lines_of(table, "f")}
    assert effects["OTHER_DEBT"] == -300_001
    assert effects["HOUSEHOLD_CAPACITY"] == 700_000 - 1_253_999
    assert table.subject_kind.tolist() == ["parcel"] * 3 + ["farmer"]


def test_the_product_ceiling_holds(parcels, seasons, season, lines_of):
    table = limit_book(parcels({"area_ha": 100.0, "household_capacity_minor": 10**11}), seasons(), CN, season)
    assert _amount(table, "p1") == 30_000_000
    assert "PRODUCT_CAP" in _codes(lines_of(table, "p1"))


def test_kept_amounts_use_a_ceiling_up_first_and_are_never_cut(parcels, seasons, season, lines_of):
    facts = {"farmer_id": "f", "household_capacity_minor": 600_000}
    book = parcels(facts, {**facts, "status": "CLOUDY", "approved_minor": 350_000})
    table = limit_book(book, seasons(), CN, season)
    assert (_amount(table, "p1"), _amount(table, "p2"), _amount(table, "f")) == (250_000, 350_000, 600_000)
    book.loc[1, "approved_minor"] = 900_000
    table = limit_book(book, seasons(), CN, season)
    assert (_amount(table, "p1"), _amount(table, "p2"), _amount(table, "f")) == (0, 900_000, 900_000)
    assert "KEPT_ABOVE_CAP" in _codes(lines_of(table, "f"))


def test_the_farmer_says_what_was_left_out(parcels, seasons, season, lines_of):
    book = parcels({"farmer_id": "f"}, {"farmer_id": "f", "crop": "forest"}, {"farmer_id": "f", "status": "TOO_SMALL"})
    table = limit_book(book, seasons(), CN, season)
    assert _amount(table, "f") == 500_000
    first = lines_of(table, "f")[0]
    assert first["code"] == "LEFT_OUT"
    assert first["en"].startswith("2 of 3 parcels")
    assert _row(table, "f").needs_visit


def test_facts_that_disagree_count_the_careful_way(parcels, seasons, season, lines_of):
    book = parcels({"farmer_id": "f", "other_debt_minor": 0}, {"farmer_id": "f", "other_debt_minor": 200_000})
    table = limit_book(book, seasons(), CN, season)
    assert _amount(table, "f") == 800_000  # 10,080 - 2,000 = 8,080
    assert "FACTS_DISAGREE" in _codes(lines_of(table, "f"))


def test_vigour_is_one_unless_the_pack_applies_it_to_enough_peers(parcels, seasons, season, lines_of):
    rows = [{"vigour_pct": 60.0} for _ in range(24)] + [{"vigour_pct": 0.0}]
    applied = _changed(CN, vigour={"applied": True})
    assert set(limit_book(parcels(*rows), seasons(), CN, season).amount_minor) == {500_000}
    table = limit_book(parcels(*rows), seasons(), applied, season)
    # 60 points below the median, 40 beyond the band: 1 - 0.5 x 0.4 = 0.8, held at 0.9; 7,200 x 0.9 x 0.7 = 4,536
    assert _amount(table, "p25") == 450_000
    assert _amount(table, "p1") == 500_000
    few = limit_book(parcels(*rows[-19:]), seasons(), applied, season)
    assert few.amount_minor.eq(500_000).all()
    assert "VIGOUR_FEW_PEERS" in _codes(lines_of(few, "p1"))


def test_the_careful_end_pays_where_the_pack_says_so(parcels, seasons, season):
    table = limit_book(parcels({}), seasons(), _changed(CN, evidence={"pays": "low"}), season)
    assert _amount(table, "p1") == 470_000  # 14.25 mu
    assert _row(table, "p1").low_minor == 470_000
    assert _row(table, "p1").high_minor == 520_000


def test_kisan_book_pays_the_first_year_and_no_vigour(parcels, seasons, season, lines_of):
    acre = 0.40468564224
    book = parcels(
        {"area_ha": acre, "crop": "rice", "farmer_id": "f"}, {"area_ha": acre, "crop": "sugarcane", "farmer_id": "f"}
    )
    table = limit_book(book, seasons(), KCC, season)
    assert _amount(table, "f") == 4_290_000
    assert _amount(table, "p1") + _amount(table, "p2") == 4_290_000
    assert {line["code"]: line["effect_minor"] for line in lines_of(table, "f")} == {
        "CROP_COST": 2_200_000, "CONSUMPTION": 330_000, "MAINTENANCE": 660_000, "INSURANCE_NOT_STATED": 0,
    }  # fmt: skip  # the last crop's line stands for both in this dictionary
    assert _amount(limit_book(parcels({"crop": "wheat"}), seasons(), KCC, season), "p1") is None


def test_a_price_of_the_parcels_district_counts(parcels, seasons, season):
    rows = [*CN.model_dump()["prices"]["rows"], {"crop": "wheat", "amount": "960", "district": "Sheyang"}]
    pack = _changed(CN, prices={"rows": rows})
    table = limit_book(parcels({"district": "Sheyang"}, {"district": "Dafeng"}, {}), seasons(), pack, season)
    assert [_amount(table, name) for name in ("p1", "p2", "p3")] == [1_000_000, 500_000, 500_000]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"area_ha": float("nan")}, "'p2' has no usable area"),
        ({"area_ha": -1.0}, "'p2' has no usable area"),
        ({"approved_minor": -1}, "'p2' has a negative approved_minor"),
        ({"certified_area_ha": -0.1}, "'p2' has a negative certified_area_ha"),
        ({"parcel_id": "p1"}, "'p1' is there twice"),
        ({"status": "FINE"}, "'p2' has an unknown status"),
        ({"season_id": "2019-01-01/2019-12-31"}, "'p2' is of another season"),
    ],
)
def test_a_book_that_does_not_hold_together_names_the_parcel(row, said, parcels, seasons, season):
    with pytest.raises(DataError, match=said):
        limit_book(parcels({}, row), seasons(), CN, season)


def test_an_empty_book_has_no_limits(parcels, seasons, season):
    assert to_table(limit_book(parcels({}).iloc[:0], seasons(), CN, season), LIMITS).num_rows == 0


def test_the_same_book_gives_the_same_bytes_whatever_other_columns_it_has(parcels, seasons, season):
    book = parcels({"farmer_id": "f"}, {"farmer_id": "f", "crop": "maize"}, {"status": "CLOUDY"})
    once = limit_book(book, seasons(), CN, season)
    again = limit_book(book.assign(note="x").set_index(np.array([7, 8, 9])), seasons(), CN, season)
    pd.testing.assert_frame_equal(once, again)


ROW = st.fixed_dictionaries(
    {
        "area_ha": st.floats(0, 60),
        "status": st.sampled_from(["OK", "OK", "OK", *UNDECIDED]),
        "farmer_id": st.sampled_from([None, "f1", "f2"]),
        "crop": st.sampled_from(["wheat", "rice", "sugarcane", "potato", "grass"]),
        "land_right": st.sampled_from([None, "lease", "certificate"]),
        "certified_area_ha": st.one_of(st.none(), st.floats(0, 60)),
        "approved_minor": st.one_of(st.none(), st.integers(0, 10**9)),
        "other_debt_minor": st.one_of(st.none(), st.integers(0, 10**8)),
        "household_capacity_minor": st.one_of(st.none(), st.integers(0, 10**9)),
        "vigour_pct": st.one_of(st.none(), st.floats(0, 100)),
        "declared_crop": st.sampled_from([None, "wheat"]),
    }
)
CYCLE = st.tuples(st.integers(1, 8), st.sampled_from(["wheat", "rice", "maize", "grass"]), st.booleans())


@given(st.lists(ROW, min_size=1, max_size=8), st.lists(CYCLE, max_size=4), st.sampled_from([CN, KCC]))
@settings(max_examples=30, deadline=None)
def test_whatever_the_book_receipts_add_up_and_parcels_make_their_farmer(parcels, seasons, season, rows, more, pack):
    cycles = seasons(*((f"p{row}", 2, crop, [crop, "wheat"] if open_ else [crop]) for row, crop, open_ in more))
    book = parcels(*rows)
    table = limit_book(book, cycles, pack, season)
    to_table(table, LIMITS)
    for row in table.itertuples():
        lines = json.loads(row.reasons)
        assert lines
        assert sum(line["effect_minor"] for line in lines) == (0 if row.amount_minor is pd.NA else row.amount_minor)
        assert 1 <= sum(line["principal"] for line in lines) <= 4
        assert all("{" not in line["en"] + line["zh"] for line in lines)
        if row.amount_minor is not pd.NA:
            assert 0 <= row.low_minor <= row.amount_minor <= row.high_minor
    parts = table[table.subject_kind == "parcel"]
    for farmer in table[table.subject_kind == "farmer"].itertuples():
        own = parts[parts.farmer_id == farmer.subject_id].amount_minor
        assert own.isna().all() if farmer.amount_minor is pd.NA else own.sum() == farmer.amount_minor
    undecided = book.status.ne("OK").to_numpy()
    for amount, approved in zip(parts.amount_minor[undecided], book.approved_minor[undecided], strict=True):
        assert amount is pd.NA if pd.isna(approved) else amount == approved


@given(st.lists(ROW, min_size=1, max_size=5), st.integers(0, 4), st.floats(0, 20), st.sampled_from([CN, KCC]))
@settings(max_examples=30, deadline=None)
def test_more_land_never_lowers_a_farmers_limit(parcels, seasons, season, rows, which, more, pack):
    rows = [{**row, "farmer_id": "f", "crop_set": [row["crop"]]} for row in rows]
    before = limit_book(parcels(*rows), seasons(), pack, season).set_index("subject_id").loc["f"]
    place = which % len(rows)
    rows[place] = {**rows[place], "area_ha": rows[place]["area_ha"] + more}
    after = limit_book(parcels(*rows), seasons(), pack, season).set_index("subject_id").loc["f"]
    for column in ("amount_minor", "low_minor", "high_minor"):
        assert before[column] is pd.NA or after[column] >= before[column]


@given(st.floats(0, 100), st.floats(0, 100))
@settings(max_examples=15, deadline=None)
def test_more_vigour_never_lowers_a_limit(parcels, seasons, season, one, other):
    pack = _changed(CN, vigour={"applied": True})
    peers = [{"vigour_pct": float(value)} for value in range(20, 80, 3)]

    def amount(vigour: float) -> int:
        amounts = limit_book(parcels({"vigour_pct": vigour}, *peers), seasons(), pack, season).amount_minor
        return int(amounts.iloc[0])

    assert amount(min(one, other)) <= amount(max(one, other))


CROP_SET = st.sets(st.sampled_from(["maize", "rice", "potato", "grass"]), max_size=3)


@given(CROP_SET, CROP_SET, st.sampled_from(["maize", "rice"]), st.booleans(), st.sampled_from(["mid", "low"]))
@settings(max_examples=40, deadline=None)
def test_a_surer_further_crop_never_lowers_what_counts_nor_widens_the_interval(
    parcels, seasons, season, some, more, crop, leased, pays
):
    pack = _changed(CN, evidence={"pays": pays})
    book = parcels({"crop": "wheat", "land_right": "lease" if leased else "certificate"})

    def row(crop_set: set[str]) -> pd.Series:
        return _row(limit_book(book, seasons(("p1", 2, crop, sorted(crop_set | {crop}))), pack, season), "p1")

    sure, unsure = row(some), row(some | more)
    assert sure.amount_minor >= unsure.amount_minor
    assert sure.low_minor >= unsure.low_minor
    assert sure.high_minor <= unsure.high_minor


@given(st.lists(st.floats(0, 100), min_size=2, max_size=2), st.floats(0.01, 40), st.sampled_from(["mid", "low"]))
@settings(max_examples=25, deadline=None)
def test_low_mid_and_high_all_rise_with_vigour_and_which_side_pays_is_the_packs(
    parcels, seasons, season, vigour, area, pays
):
    peers = [{"vigour_pct": float(value)} for value in range(20, 84, 2)]
    pack = _changed(CN, vigour={"applied": True}, evidence={"pays": pays})
    low, high = (
        limit_book(parcels({"vigour_pct": value, "area_ha": area}, *peers), seasons(), pack, season).iloc[0]
        for value in sorted(vigour)
    )
    for column in ("low_minor", "amount_minor", "high_minor"):
        assert low[column] <= high[column]
    assert pays == "mid" or low.amount_minor == low.low_minor
