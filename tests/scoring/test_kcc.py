from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import InputError
from scoring.kcc import working
from scoring.policy import load_pack

PACK = load_pack("in-kcc-2018")
ILLUSTRATION = {
    "crops": [
        {"crop": "paddy", "area": 1, "unit": "acre", "scale_of_finance": 11000},
        {"crop": "sugarcane", "area": 1, "unit": "acre", "scale_of_finance": 22000},
    ],
    "term_loans": [40000, 30000],
}


def test_illustration_one_a_to_the_rupee():
    answer = working(ILLUSTRATION, PACK).to_dict()
    assert answer["years"] == [42900, 47200, 51900, 57100, 62800]
    assert answer["short_term_limit"] == 63000
    assert answer["term_loans"] == 70000
    assert answer["limit"] == 133000
    assert "133000" in json.dumps(answer)
    assert "133000.0" not in json.dumps(answer)
    assert answer["sub_limits"] == {"crop": 33000, "consumption": 3300, "maintenance": 6600}
    assert (answer["currency"], answer["policy_id"]) == ("INR", "in-kcc-2018")
    assert answer["policy_hash"] == PACK.content_hash


def test_each_step_of_the_illustration_is_a_line():
    steps = working(ILLUSTRATION, PACK).steps
    said = [(step.code, int(step.effect)) for step in steps if step.code != "YEAR_LIMIT"]
    assert said == [
        ("CROP_STATED", 11000), ("CROP_STATED", 22000), ("CONSUMPTION", 3300), ("MAINTENANCE", 6600),
        ("ESCALATION", 4290), ("ROUNDING", 10), ("ESCALATION", 4720), ("ROUNDING", -20),
        ("ESCALATION", 5190), ("ROUNDING", 10), ("ESCALATION", 5710), ("ROUNDING", -10),
        ("ROUNDING", 200), ("TERM_LOAN", 40000), ("TERM_LOAN", 30000),
    ]  # fmt: skip
    assert steps[0].en == "Rice: 1 acre at 11,000 rupees per acre."
    assert steps[0].zh == "水稻：1英亩 × 11,000卢比/英亩。"


def test_amounts_may_come_as_text_and_the_pack_prices_what_is_not_stated():
    crops = [
        {"crop": "paddy", "area": "1.0", "unit": "acre"},
        {"crop": "Sugarcane", "area": 1, "unit": "acre", "scale_of_finance": "22000"},
    ]
    stated = {**ILLUSTRATION, "crops": crops}
    assert working(stated, PACK).figures == working(ILLUSTRATION, PACK).figures


def test_the_pack_table_is_per_acre_whatever_unit_the_area_has():
    one_acre_in_ha = "0.40468564224"
    facts = {"crops": [{"crop": "paddy", "area": one_acre_in_ha, "unit": "ha"}]}
    assert working(facts, PACK).figures["years"][0] == 14300


@pytest.mark.parametrize(
    ("area", "scale", "years", "short_term", "limit"),
    [
        # 2.5 acres at 11,000: 27,500 + 2,750 + 5,500 = 35,750, half up to 35,800
        ("2.5", 11000, [35800, 39400, 43300, 47600, 52400], 52000, 52000),
        # 1 acre at 30,000: 39,000; 3,900; 4,290 -> 4,300; 4,720 -> 4,700; 5,190 -> 5,200
        ("1", 30000, [39000, 42900, 47200, 51900, 57100], 57000, 57000),
        # 0.4 acre at 12,345: 4,938 + 494 + 988 = 6,420 -> 6,400; 640 -> 600; 700; 770 -> 800; 850 -> 900
        ("0.4", 12345, [6400, 7000, 7700, 8500, 9400], 9000, 9000),
        # 10 acres at 9,999.5: 99,995 + 10,000 + 19,999 = 129,994 -> 130,000
        ("10", "9999.5", [130000, 143000, 157300, 173000, 190300], 190000, 190000),
    ],
)
def test_golden_limits_worked_by_hand(area, scale, years, short_term, limit):
    facts = {"crops": [{"crop": "wheat", "area": area, "unit": "acre", "scale_of_finance": scale}]}
    figures = working(facts, PACK).figures
    assert (figures["years"], figures["short_term_limit"], figures["limit"]) == (years, short_term, limit)


def test_drawing_limit_follows_the_year_and_the_repayment_of_term_loans():
    loans = [{"amount": 40000, "year": 1, "repaid_over_years": 4}, {"amount": 30000, "year": 3}]
    figures = working({**ILLUSTRATION, "term_loans": loans, "year": 3}, PACK).figures
    assert figures["drawing_limits"] == [
        42900 + 40000, 47200 + 30000, 51900 + 20000 + 30000, 57100 + 10000 + 30000, 63000 + 30000,
    ]  # fmt: skip
    assert figures["drawing_limit"] == 101900
    assert figures["limit"] == 133000
    assert sum(figures["sub_limits"].values()) == 51900


def test_every_year_has_its_drawing_limit_and_sub_limits():
    loans = [{"amount": 40000, "year": 1, "repaid_over_years": 4}]
    by_year = working({**ILLUSTRATION, "term_loans": loans}, PACK).figures["by_year"]
    assert [(each["year"], each["term_loans_outstanding"], each["drawing_limit"]) for each in by_year] == [
        (1, 40000, 82900), (2, 30000, 77200), (3, 20000, 71900), (4, 10000, 67100), (5, 0, 63000),
    ]  # fmt: skip
    for each in by_year:
        assert list(each["sub_limits"]) == ["crop", "consumption", "maintenance"]
        assert round(sum(each["sub_limits"].values()), 2) == each["short_term_limit"]


def test_insurance_comes_after_the_shares_and_each_premium_is_a_line():
    facts = {**ILLUSTRATION, "crop_insurance": 700, "personal_insurance": 300}
    done = working(facts, PACK)
    assert (done.figures["years"][0], done.figures["insurance"]) == (43900, 1000)
    said = {step.code: (int(step.effect), step.en) for step in done.steps if step.code.endswith("INSURANCE")}
    assert said == {
        "CROP_INSURANCE": (700, "Crop insurance premium: 700 rupees."),
        "PERSONAL_INSURANCE": (300, "Personal insurance premium: 300 rupees."),
    }


def test_crop_insurance_inside_the_scale_of_finance_is_not_taken_twice():
    said = PACK.model_dump()
    pack = type(PACK).model_validate({**said, "rules": {**said["rules"], "crop_insurance": "in_scale_of_finance"}})
    assert working({**ILLUSTRATION, "asset_insurance": 300}, pack).figures["years"][0] == 43200
    with pytest.raises(InputError, match=r"'crop_insurance' lies inside the scale of finance.*Leave it out"):
        working({**ILLUSTRATION, "crop_insurance": 700}, pack)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"crops": []}, "'crops'"),
        ({"crops": [{"crop": "unobtainium", "area": 1, "unit": "acre"}]}, "crops.0.crop': 'unobtainium' is not a crop"),
        ({"crops": [{"crop": "paddy", "area": -1, "unit": "acre"}]}, "crops.0.area.*greater than 0"),
        ({"crops": [{"crop": "paddy", "area": float("nan"), "unit": "acre"}]}, "crops.0.area.*not a finite number"),
        ({"crops": [{"crop": "paddy", "area": 1, "unit": "bigha"}]}, "bigha.*differs from district to district"),
        ({"crops": [{"crop": "wheat", "area": 1, "unit": "acre"}]}, "crops.0.scale_of_finance' is missing"),
        ({"crops": [{"crop": "paddy", "area": 1, "unit": "acre", "scale_of_finance": -5}]}, "scale_of_finance"),
        ({"crops": [{"crop": "paddy", "unit": "acre"}]}, "'crops.0.area' is missing"),
        ({"term_loan": [1]}, "unknown key 'term_loan'"),
        ({"term_loans": [-1]}, "term_loans.0.amount"),
        ({"year": 6}, "'year' is 6"),
        ({"flexible_card": 9000}, "'flexible_card' is 9000; the policy allows 10000 to 50000.*branch manager"),
        ({"flexible_card": {"amount": 50001, "set_by": "A"}}, "'flexible_card' is 50001"),
        ({"term_loans": [10, {"amount": 10, "year": 6}]}, "'term_loans.1.year' is 6; the policy has years 1 to 5"),
    ],
)
def test_wrong_facts_get_one_line_that_names_the_field(change, said):
    with pytest.raises(InputError, match=said) as caught:
        working({**ILLUSTRATION, **change}, PACK)
    assert "\n" not in str(caught.value)


def test_a_flexible_card_is_recorded_within_its_bounds():
    assert working({**ILLUSTRATION, "flexible_card": 10000}, PACK).figures["flexible_card"] == 10000
    done = working({**ILLUSTRATION, "flexible_card": {"amount": 50000, "set_by": "R. Devi"}}, PACK)
    assert (done.figures["flexible_card"], done.figures["flexible_card_set_by"]) == (50000, "R. Devi")
    assert done.figures["limit"] == 133000
    line = done.steps[-1]
    assert (line.code, line.effect) == ("FLEXIBLE_CARD", 0)
    assert "50,000 rupees, set by the branch manager within 10,000 to 50,000" in line.en


def test_another_formula_is_refused():
    with pytest.raises(InputError, match="not a Kisan Credit Card"):
        working(ILLUSTRATION, load_pack("cn-planting-generic"))


@given(
    st.decimals("0.01", 500, places=2), st.decimals("0", 50, places=2),
    st.integers(0, 10**6), st.lists(st.integers(0, 10**6), max_size=3),
)  # fmt: skip
def test_steps_add_up_and_more_land_never_means_less(area, more, scale, loans):
    def limits(acres: Decimal) -> dict[str, object]:
        crops = [{"crop": "wheat", "area": acres, "unit": "acre", "scale_of_finance": scale}]
        done = working({"crops": crops, "term_loans": loans}, PACK)
        assert sum(step.effect for step in done.steps) == done.figures["limit"]
        assert round(sum(done.figures["sub_limits"].values()), 2) == done.figures["years"][0]
        return dict(done.figures)

    assert limits(area)["limit"] <= limits(area + more)["limit"]
