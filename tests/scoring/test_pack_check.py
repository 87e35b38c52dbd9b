from __future__ import annotations

from datetime import date
from importlib import resources

import pytest

from scoring.pack_check import check_pack, rounding_steps
from scoring.policy import load_pack

DAY = date(2026, 11, 22)


def _text(policy_id: str) -> str:
    return resources.files("scoring").joinpath(f"packs/{policy_id}.toml").read_text(encoding="utf-8")


def _found(text: str, **arguments: object) -> dict[str, str]:
    checked = check_pack(text, "bank.toml", **{"day": DAY, **arguments})
    assert all(finding.message and finding.remedy for finding in checked.findings)
    return {f"{finding.level} {finding.key}": f"{finding.message}. {finding.remedy}" for finding in checked.findings}


@pytest.mark.parametrize("policy_id", ["in-kcc-2018", "cn-planting-generic"])
def test_shipped_packs_have_no_error_and_no_gap_and_say_that_they_are_examples(policy_id):
    checked = check_pack(_text(policy_id), f"{policy_id}.toml", DAY)
    assert checked.pack is not None
    assert not checked.of("error")
    assert not checked.of("gap")
    assert {"approval.state", "prices.example"} <= {finding.key for finding in checked.of("warning")}
    assert checked.as_dict()["pack"]["rules_hash"] == load_pack(policy_id).rules_hash


def test_all_faults_are_listed_with_key_and_remedy():
    text = _text("in-kcc-2018")
    for old, new in (
        ('crop = "sugarcane"', 'crop = "sugercane"'), ('consumption_share = "0.10"', 'consumtion_share = "0.10"'),
        ("valid_from = 2018-07-04", 'valid_from = "some day"'), ('"CROP_MISMATCH"', '"CROP_MISMTCH"'),
        ("amount = 11000", "amount = -1"), ("years = 5", 'years = "many"'),
    ):  # fmt: skip
        text = text.replace(old, new, 1)
    found = _found(text)
    assert check_pack(text, "bank.toml", DAY).pack is None
    assert "Did you mean 'sugarcane'?" in found["error prices.rows.1.crop"]
    assert "Did you mean 'consumption_share'?" in found["error rules.kcc.consumtion_share"]
    assert "Add it." in found["error rules.kcc.consumption_share"]
    assert "2027-01-31" in found["error valid_from"]
    assert "Did you mean 'CROP_MISMATCH'?" in found["error evidence.visit_reasons.1"]
    assert "greater than or equal to 0" in found["error prices.rows.0.amount"]
    assert "error rules.kcc.years" in found
    assert "not valid TOML" in _found("id =")["error bank.toml"]


def test_gaps_of_the_table_and_of_a_book():
    text = _text("in-kcc-2018").replace('crop = "rice", amount = 11000', 'crop = "rice", amount = 1, district = "A"')
    assert "no price for rice where no district is named" in _found(text)["gap prices.rows"]
    checked = check_pack(
        text, "bank.toml", DAY, {("rice", "B", None): 12, ("rice", "A", None): 3, ("tea", None, None): 1}
    )
    assert [finding.message for finding in checked.of("gap")] == [
        "no price for rice in B (12 parcels): NO_PRICE",
        "no price for tea where no district is named (1 parcels): NO_PRICE, as not_financed says",
    ]


def test_a_crop_priced_by_season_only_is_a_gap_where_the_season_is_not_known():
    rabi = """
[[calendar.seasons]]
key = "rabi"
title = { en = "Rabi", zh = "旱季" }
first = "10-16"
last = "02-15"
"""
    text = _text("in-kcc-2018").replace('"rice", amount = 11000', '"rice", amount = 11000, season = "rabi"') + rabi
    checked = check_pack(text, "bank.toml", DAY, {("rice", "B", None): 12, ("rice", "B", "rabi"): 3})
    assert [finding.message for finding in checked.of("gap")] == [
        "no price for rice in B where the season is not known (12 parcels): NO_PRICE_SEASON_UNKNOWN",
    ]


@pytest.mark.parametrize(
    ("day", "key", "said"),
    [
        (date(2018, 7, 3), "warning valid_from", "not in force on 2018-07-03"),
        (date(2027, 1, 1), "warning valid_to", "not in force on 2027-01-01"),
        (date(2026, 12, 1), "warning valid_to", "ends on 2026-12-31"),
        (date(2020, 1, 1), "note notes", "COLLATERAL_FREE_2025 does not hold on 2020-01-01"),
    ],
)
def test_dates_are_held_against_the_day(day, key, said):
    assert said in _found(_text("in-kcc-2018"), day=day)[key]


def test_roundings_are_stated_and_odd_ones_warned_of():
    assert [f"{name} {step.to} {step.mode}" for name, step in rounding_steps(load_pack("in-kcc-2018")).items()] == [
        "share 1 half_up", "first_year 100 half_up", "increment 100 half_up", "final 1000 half_up",
    ]  # fmt: skip
    text = _text("in-kcc-2018").replace('final = { to = 1000, mode = "half_up" }', 'final = { to = 250, mode = "up" }')
    checked = check_pack(text, "bank.toml", DAY)
    said = [finding.message for finding in checked.of("warning") if finding.key == "rules.rounding.final"]
    assert said == ["rounds up: more than the steps give", "250 is no multiple of increment (100)"]


def test_authorities_and_calendar_are_looked_for():
    text = _text("cn-planting-generic")
    assert "names no authority" in _found(text)["note authorities"]
    one = '[[authorities]]\ncode = "BRANCH"\nmost = 50000\ntitle = { en = "Branch", zh = "支行" }\n'
    assert "nobody may approve more than 50,000 CNY" in _found(text + one)["note authorities"]
    without = text.replace('[calendar]\ntime_zone = "Asia/Shanghai"\ndue_moves = "no"\n', "")
    assert "those of UTC" in _found(without)["warning calendar"]
    assert (
        "nothing cites it"
        in _found(text.replace('cites = "loan-classes"', 'cites = "costs"'))["note citations.loan-classes"]
    )
