from __future__ import annotations

from datetime import date

import pytest

from geo.errors import InputError
from scoring.policy import load_pack
from scoring.worked_out import work_out

CN = load_pack("cn-planting-generic")
PLOT = {"crops": ["wheat", "maize"], "area": 10, "unit": "mu", "land_right": "lease"}
FACTS = {"plots": [PLOT], "other_debt": 1000, "household_capacity": "50000"}


def test_a_planting_loan_is_worked_out_line_by_line():
    answer = work_out(FACTS, CN).to_dict()
    # 10 x (480 + 500 + 800) = 17,800; 70 % = 12,460; less 1,000 = 11,460; down to 11,400
    assert answer["limit"] == 11400
    assert answer["needs_visit"] is False
    assert [(step["code"], step["effect"], step["amount"]) for step in answer["steps"]] == [
        ("CROP_COST", 4800, 4800), ("CROP_COST", 5000, 9800), ("RENT", 8000, 17800),
        ("OWN_FUNDS", -5340, 12460), ("OTHER_DEBT", -1000, 11460), ("ROUNDING", -60, 11400),
    ]  # fmt: skip


def test_what_is_not_stated_is_incomplete_and_what_has_no_price_has_no_limit():
    answer = work_out({"plots": [{**PLOT, "land_right": None}]}, CN).to_dict()
    codes = {step["code"] for step in answer["steps"]}
    assert {"LAND_RIGHT_NOT_STATED", "INCOMPLETE_DEBT", "INCOMPLETE_HOUSEHOLD"} <= codes
    assert answer["needs_visit"]
    assert work_out({"plots": [{**PLOT, "crops": ["grass"]}]}, CN).figures["limit"] is None


def test_a_haircut_follows_the_land_right_and_keeps_what_adds_up():
    said = CN.model_dump()
    rules = {**said["rules"], "haircuts": {"lease": "0.10", "not_stated": "0.25"}}
    pack = type(CN).model_validate({**said, "rules": rules})
    plots = [{**PLOT, "crops": ["wheat"], "land_right": right} for right in ("certificate", "lease", None)]
    answer = work_out({"plots": plots, "other_debt": 0, "household_capacity": 10**6}, pack).to_dict()
    # 4,800; (4,800 + 8,000) x 0.9 = 11,520; 4,800 x 0.75 = 3,600: 19,920; 70 % = 13,944; down to 13,900
    assert answer["limit"] == 13900
    said_steps = [(step["code"], step["effect"], step["en"]) for step in answer["steps"] if step["code"] == "HAIRCUT"]
    assert said_steps == [
        ("HAIRCUT", -1280, "Haircut for the land right on 1 parcel(s): 10 % of their cost is not counted."),
        ("HAIRCUT", -1200, "Haircut for the land right on 1 parcel(s): 25 % of their cost is not counted."),
    ]
    assert pack.content_hash != CN.content_hash


def test_the_kisan_credit_card_goes_its_own_way():
    facts = {"crops": [{"crop": "paddy", "area": 1, "unit": "acre"}]}
    assert work_out(facts, load_pack("in-kcc-2018")).figures["years"][0] == 14300


def test_a_working_says_whether_the_policy_is_in_force_and_which_notes_hold():
    pack, facts = load_pack("in-kcc-2018"), {"crops": [{"crop": "paddy", "area": 1, "unit": "acre"}]}
    early = work_out(facts, pack, date(2020, 6, 1)).to_dict()
    assert (early["decided_on"], early["in_force"]) == ("2020-06-01", True)
    notes = {note["code"]: note["amount"] for note in early["notes"]}
    assert notes["COLLATERAL_FREE_2019"] == "160000"
    assert "COLLATERAL_FREE_2025" not in notes
    late = work_out(facts, pack, date(2027, 1, 1)).to_dict()
    assert late["in_force"] is False
    assert "COLLATERAL_FREE_2025" in {note["code"] for note in late["notes"]}
    assert work_out(facts, pack).to_dict()["in_force"] is None
    assert {"FLEXIBLE_CARD", "COLLATERAL"} <= {condition["code"] for condition in late["conditions"]}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"plots": []}, "'plots'"),
        ({"plots": [{**PLOT, "area": 0}]}, "plots.0.area"),
        ({"plots": [{**PLOT, "unit": "bigha"}]}, "plots.0.unit.*bigha"),
        ({"plots": [{**PLOT, "land_right": "rumour"}]}, "plots.0.land_right"),
        ({"debt": 3}, "unknown key 'debt'"),
        ({"other_debt": -3}, "other_debt"),
    ],
)
def test_wrong_facts_name_the_field(change, said):
    with pytest.raises(InputError, match=said):
        work_out({**FACTS, **change}, CN)
