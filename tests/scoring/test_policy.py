from __future__ import annotations

import tomllib
from datetime import date
from importlib import resources

import pytest

from geo.errors import InputError
from scoring.policy import load_pack, parse_pack, policy_ids
from scoring.wording import WORDINGS, braces


def _text(policy_id: str) -> str:
    return resources.files("scoring").joinpath(f"packs/{policy_id}.toml").read_text(encoding="utf-8")


def test_both_shipped_packs_load_and_say_that_nobody_approved_them():
    assert policy_ids() == ("cn-planting-generic", "in-kcc-2018")
    for policy_id in policy_ids():
        pack = load_pack(policy_id)
        assert pack.id == policy_id
        assert pack.approval.state == "example"
        assert "not approved by any bank" in pack.approval.by
        assert pack.prices.example
        assert all(citation.source for citation in pack.citations)


def test_unknown_policy_lists_those_that_exist():
    with pytest.raises(InputError, match=r"no policy 'cn-2019'.*cn-planting-generic, in-kcc-2018"):
        load_pack("cn-2019")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('formula = "kcc"', 'formula = "kcc"\nhaircut = "0.1"', r"bank\.toml: unknown key 'rules\.kcc\.haircut'"),
        ('crop = "sugarcane"', 'crop = "sugercane"', r"bank\.toml: 'prices\.rows\.1\.crop': 'sugercane' is not a crop"),
        ('crop = "sugarcane"', 'crop = "rice"', r"'prices': two prices for 'rice'"),
        ('consumption_share = "0.10"', "consumption_share = 0.10", r"consumption_share': write 0\.1 as text"),
        ('consumption_share = "0.10"', 'consumption_share = "1.10"', r"consumption_share.*less than or equal to 1"),
        ("amount = 11000", "amount = -1", r"prices\.rows\.0\.amount.*greater than or equal to 0"),
        ("amount = 11000", 'amount = "11000.005"', r"more decimals than INR"),
        ('version = "2018-07-04.1"', "", r"the key 'version' is missing"),
        ('cites = "drawing"', 'cites = "nowhere"', r"no citation has the id 'nowhere'"),
        ("valid_to = 2026-12-31", "valid_to = 2017-01-01", r"valid_to lies before valid_from"),
        ('mode = "half_up"', 'mode = "sideways"', r"mode"),
        ('"CROP_MISMATCH"', '"CROP_MISMTCH"', r"'CROP_MISMTCH' is not a reason code"),
        ("pack_format = 1", "pack_format =", r"bank\.toml is not valid TOML"),
    ],
)
def test_a_wrong_pack_is_refused_with_file_and_key(old, new, said):
    text = _text("in-kcc-2018")
    assert old in text
    with pytest.raises(InputError, match=said):
        parse_pack(text.replace(old, new, 1), "bank.toml")


def test_planting_loans_never_round_up():
    text = _text("cn-planting-generic").replace(
        'rounding = { to = 100, mode = "down" }', 'rounding = { to = 100, mode = "up" }'
    )
    with pytest.raises(InputError, match="rounds down"):
        parse_pack(text, "bank.toml")


def test_kisan_credit_card_knows_no_vigour():
    vigour = _text("cn-planting-generic").split("[vigour]")[1].split("\n[rules]")[0]
    with pytest.raises(InputError, match="no vigour"):
        parse_pack(_text("in-kcc-2018") + f"\n[vigour]{vigour}", "bank.toml")


def test_hash_follows_what_is_said_not_how_it_is_written():
    text = _text("in-kcc-2018")
    pack = parse_pack(text, "bank.toml")
    assert parse_pack("# approved at last\n" + text, "bank.toml").content_hash == pack.content_hash
    assert parse_pack(text.replace("11000", "11001", 1), "bank.toml").content_hash != pack.content_hash
    assert len(pack.content_hash) == 64


def test_a_bank_keeps_packs_of_its_own(tmp_path):
    text = _text("cn-planting-generic").replace('id = "cn-planting-generic"', 'id = "our-bank-2027"', 1)
    (tmp_path / "our-bank-2027.toml").write_text(text, encoding="utf-8")
    assert load_pack("our-bank-2027", packs_dir=tmp_path).id == "our-bank-2027"
    assert load_pack("in-kcc-2018", packs_dir=tmp_path).id == "in-kcc-2018"
    (tmp_path / "renamed.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"renamed\.toml holds the policy 'our-bank-2027'"):
        load_pack("renamed", packs_dir=tmp_path)
    with pytest.raises(InputError, match="does not exist"):
        load_pack("in-kcc-2018", packs_dir=tmp_path / "nowhere")


def test_a_district_price_wins_over_the_general_one():
    text = _text("in-kcc-2018").replace(
        '{ crop = "sugarcane", amount = 22000 },',
        '{ crop = "sugarcane", amount = 22000 },\n  { crop = "sugarcane", amount = 25000, district = "Pune" },',
    )
    prices = parse_pack(text, "bank.toml").prices
    assert prices.amount("sugarcane", "Pune") == 25000
    assert prices.amount("sugarcane", "Nashik") == 22000
    assert prices.amount("sugarcane") == 22000
    assert prices.amount("wheat", "Pune") is None


def test_a_pack_is_in_force_between_its_dates():
    pack = load_pack("in-kcc-2018")
    assert not pack.in_force(date(2018, 7, 3))
    assert pack.in_force(date(2018, 7, 4))
    assert pack.in_force(date(2026, 12, 31))
    assert not pack.in_force(date(2027, 1, 1))


def test_a_pack_may_word_a_reason_but_only_with_known_facts():
    words = '\n[texts.OWN_FUNDS]\nen = "We lend {share}."\nzh = "融资{share}。"\n'
    text = _text("cn-planting-generic")
    assert parse_pack(text + words, "bank.toml").texts["OWN_FUNDS"].en == "We lend {share}."
    with pytest.raises(InputError, match="unknown facts: sahre"):
        parse_pack(text + words.replace("{share}", "{sahre}", 1), "bank.toml")


def test_every_wording_says_the_same_facts_in_both_languages():
    for code, wording in WORDINGS.items():
        for text in filter(None, (wording.parcel, wording.farmer)):
            en = {name.removesuffix("_en") for name in braces(text.en)}
            zh = {name.removesuffix("_zh") for name in braces(text.zh)}
            assert en == zh, code


def test_shipped_packs_are_plain_toml_without_binary_floats():
    def floats(value: object) -> bool:
        if isinstance(value, dict):
            return any(floats(part) for part in value.values())
        if isinstance(value, list):
            return any(floats(part) for part in value)
        return isinstance(value, float)

    assert not any(floats(tomllib.loads(_text(policy_id))) for policy_id in policy_ids())
