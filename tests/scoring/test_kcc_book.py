from __future__ import annotations

import json
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import DataError
from scoring.limits import limit_book
from scoring.pack_schema import Pack
from scoring.policy import load_pack
from scoring.worked_out import work_out

KCC = load_pack("in-kcc-2018")
CN = load_pack("cn-planting-generic")
ACRE_HA = 0.40468564224
PREMIUMS = ("crop_insurance", "personal_insurance", "asset_insurance")


def _limit(table: pd.DataFrame, subject: str) -> int:
    return int(table.set_index("subject_id").amount_minor[subject])


def _rounding(pack: Pack, to: int, mode: str) -> Pack:
    """The pack with all roundings to multiples of one step."""
    said = pack.model_dump(mode="python")
    steps = {name: {"to": to, "mode": mode} for name in said["rules"]["rounding"]}
    return Pack.model_validate({**said, "rules": {**said["rules"], "rounding": steps}})


AREAS = st.lists(st.integers(1, 5000), min_size=1, max_size=4)
MONEY = st.integers(0, 10**7)


@given(AREAS, st.integers(1, 5), st.tuples(MONEY, MONEY, MONEY), MONEY, st.sampled_from(["kcc", "down", "even"]))
@settings(max_examples=35, deadline=None)
def test_a_farmer_in_a_book_has_the_drawing_limit_of_the_working(
    parcels, seasons, season, hundredths, year, premiums, loan, name
):
    pack = {"kcc": KCC, "down": _rounding(KCC, 10, "down"), "even": _rounding(KCC, 1000, "half_even")}[name]
    facts = {
        "crops": [{"crop": "rice", "area": str(Decimal(area).scaleb(-2)), "unit": "acre"} for area in hundredths],
        "year": year,
        "term_loans": [{"amount": str(Decimal(loan).scaleb(-2))}],
        **{premium: str(Decimal(minor).scaleb(-2)) for premium, minor in zip(PREMIUMS, premiums, strict=True)},
    }
    working = work_out(facts, pack)
    stated = {f"{premium}_minor": minor for premium, minor in zip(PREMIUMS, premiums, strict=True)}
    stated |= {"facility_year": year, "term_loan_minor": loan}
    rows = [{"farmer_id": "f", "crop": "rice", "area_ha": area / 100 * ACRE_HA} for area in hundredths]
    table = limit_book(parcels({**rows[0], **stated}, *rows[1:]), seasons(), pack, season)
    assert Decimal(_limit(table, "f")) / 100 == Decimal(str(working.figures["drawing_limit"]))
    assert table[table.subject_kind == "parcel"].amount_minor.sum() == _limit(table, "f")


CARD = st.fixed_dictionaries(
    {
        "facility_year": st.sampled_from([None, 1, 2, 3, 5, 7]),
        "crop_insurance_minor": st.one_of(st.none(), MONEY),
        "asset_insurance_minor": st.one_of(st.none(), MONEY),
        "term_loan_minor": st.one_of(st.none(), st.integers(0, 10**9)),
        "status": st.sampled_from(["OK", "OK", "CLOUDY"]),
        "approved_minor": st.one_of(st.none(), st.integers(0, 10**7)),
        "area_ha": st.floats(0, 20),
        "crop": st.sampled_from(["rice", "sugarcane", "wheat"]),
    }
)


@given(st.lists(CARD, min_size=1, max_size=5), st.integers(0, 4), st.floats(0, 10))
@settings(max_examples=30, deadline=None)
def test_parcels_make_their_farmer_and_more_land_never_lowers_a_card(parcels, seasons, season, rows, which, more):
    rows = [{**row, "farmer_id": "f"} for row in rows]
    before = limit_book(parcels(*rows), seasons(), KCC, season)
    place = which % len(rows)
    rows[place] = {**rows[place], "area_ha": rows[place]["area_ha"] + more}
    after = limit_book(parcels(*rows), seasons(), KCC, season)
    for table in (before, after):
        own = table[table.subject_kind == "parcel"].amount_minor
        farmer = table.iloc[-1]
        assert own.isna().all() if farmer.amount_minor is pd.NA else own.sum() == farmer.amount_minor
        for row in table[table.amount_minor.notna()].itertuples():
            assert 0 <= row.low_minor <= row.amount_minor <= row.high_minor
            assert sum(line["effect_minor"] for line in json.loads(row.reasons)) == row.amount_minor
    for column in ("amount_minor", "low_minor", "high_minor"):
        assert before[column].iloc[-1] is pd.NA or after[column].iloc[-1] >= before[column].iloc[-1]


def test_a_later_year_never_has_a_lower_limit(parcels, seasons, season):
    rows = [{"farmer_id": f"f{year}", "crop": "rice", "area_ha": 0.73, "facility_year": year} for year in range(1, 6)]
    table = limit_book(parcels(*rows), seasons(), KCC, season)
    limits = [_limit(table, f"f{year}") for year in range(1, 6)]
    assert limits == sorted(limits)
    assert len(set(limits)) == 5


def test_lines_of_a_card_read_as_the_workings(parcels, seasons, season, lines_of):
    facts = {"facility_year": 2, "asset_insurance_minor": 12_345, "term_loan_minor": 500_000}
    rows = [{"farmer_id": "f", "crop": "rice", "area_ha": ACRE_HA, **facts}] * 2
    table = limit_book(parcels(*rows), seasons(), KCC, season)
    said = [line["en"] for line in lines_of(table, "f")]
    assert said == [
        "Rice: 2.00 acre on 2 parcel(s).",
        "Post-harvest, household and consumption needs: 10 %.",
        "Repair and maintenance of farm assets: 20 %.",
        "Asset insurance premium: 123.45 rupees.",
        "Rounding to 100 rupees (to the nearest).",
        "Short-term limit of year 1.",
        "Year 2: 10 % for cost escalation.",
        "Rounding to 100 rupees (to the nearest).",
        "Short-term limit of year 2.",
        "Term loans outstanding in the year: 5,000 rupees.",
    ]
    own = {line["code"]: line["en"] for line in lines_of(table, "p1")}
    assert own["ASSET_INSURANCE"] == "This parcel's share of the asset insurance premium of 123.45 rupees."
    working = work_out({"crops": [{"crop": "rice", "area": 2, "unit": "acre"}], "asset_insurance": "123.45"}, KCC)
    assert "Asset insurance premium: 123.45 rupees." in {step.en for step in working.steps}


@pytest.mark.parametrize("rows", [
    [{"facility_year": 6}],
    [{"facility_year": 1}, {"facility_year": 2}],
    [{"term_loan_minor": 1}, {"term_loan_minor": 2}],
])  # fmt: skip
def test_a_facility_that_ended_and_facts_that_disagree_go_to_a_person(rows, parcels, seasons, season):
    rows = [{"farmer_id": "f", "crop": "rice", "area_ha": ACRE_HA, "asset_insurance_minor": 0, **row} for row in rows]
    assert limit_book(parcels(*rows), seasons(), KCC, season).needs_visit.all()
    said = {**rows[0], "facility_year": 5, "term_loan_minor": 1}
    assert not limit_book(parcels(said), seasons(), KCC, season).needs_visit.any()


def test_a_planting_loan_passes_a_cards_facts_over(parcels, seasons, season):
    card = {"facility_year": 4, "crop_insurance_minor": 9, "term_loan_minor": 7, "farmer_id": "f"}
    plain = limit_book(parcels({"farmer_id": "f"}), seasons(), CN, season)
    pd.testing.assert_frame_equal(limit_book(parcels(card), seasons(), CN, season), plain)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"facility_year": 0}, "'p2' has the facility_year 0; the first year is 1"),
        ({"facility_year": -1}, "'p2' has a negative facility_year"),
        ({"term_loan_minor": -1}, "'p2' has a negative term_loan_minor"),
    ],
)
def test_a_fact_of_a_card_that_cannot_be_names_the_parcel(row, said, parcels, seasons, season):
    with pytest.raises(DataError, match=said):
        limit_book(parcels({}, row), seasons(), KCC, season)


def test_a_premium_without_any_crop_on_the_land_gives_no_limit(parcels, seasons, season):
    row = {"crop": "rice", "area_ha": 0.0, "crop_insurance_minor": 5000, "term_loan_minor": 100}
    table = limit_book(parcels(row), seasons(), KCC, season)
    assert _limit(table, "p1") == 0
