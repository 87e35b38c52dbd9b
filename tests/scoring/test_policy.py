from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime
from importlib import resources

import pytest

from geo.errors import InputError
from scoring.limits import limit_book
from scoring.pack_people import Calendar
from scoring.policy import load_pack, open_pack, parse_pack, policy_ids, require_in_force
from scoring.risk.rules import load_risk_rules, parse_risk_rules
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
        ('version = "2018-07-04.5"', "", r"the key 'version' is missing"),
        ('cites = "drawing"', 'cites = "nowhere"', r"no citation has the id 'nowhere'"),
        ("valid_to = 2026-12-31", "valid_to = 2017-01-01", r"valid_to lies before valid_from"),
        ('mode = "half_up"', 'mode = "sideways"', r"mode"),
        ('"CROP_MISMATCH"', '"CROP_MISMTCH"', r"'CROP_MISMTCH' is not a reason code"),
        ("pack_format = 1", "pack_format =", r"bank\.toml is not valid TOML"),
        ('"wheat", ', "", r"'prices': no price for wheat: add a row, or list the crop in not_financed"),
        ('"wheat", ', '"wheat", "rice", ', r"'rice' has a price and stands in not_financed"),
        ('id = "illustration"', 'id = "limit"', r"citations holds 'limit' twice"),
        ("amount = 22000 }", 'amount = 22000, season = "rabi" }', r"no season of the calendar has the key 'rabi'"),
        ('"Asia/Kolkata"', '"Asia/Kolkatta"', r"calendar\.time_zone': 'Asia/Kolkatta' is not a time zone"),
        ("least = 10000", "least = 60000", r"rules\.kcc\.flexible_card': most lies below least"),
        ('state = "example"', 'state = "approved"', r"approval': an approved pack states 'on' and 'content_hash'"),
        ("valid_to = 2024-12-31", "valid_to = 2018-12-31", r"notes\.2': valid_to lies before valid_from"),
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


#: Shipped packs as they are: another hash needs another version.
HASHES = {
    "cn-planting-generic": ("2026-11-01.7", "17d24052c9936f1d"),
    "in-kcc-2018": ("2018-07-04.5", "b62a1e4aaa96ca6e"),
}


def test_a_shipped_pack_changes_with_its_version_only():
    assert {name: (load_pack(name).version, load_pack(name).content_hash[:16]) for name in policy_ids()} == HASHES


def _approved(text: str) -> str:
    """The text as a bank approves it; the hash to name is what the refusal says."""
    text = text.replace('state = "example"', f'state = "approved"\non = 2026-11-20\ncontent_hash = "{"0" * 64}"', 1)
    text = text.replace('by = "Example, not approved by any bank"', 'by = "Credit committee, minute 12"', 1)
    text = text.replace("example = true", "example = false")
    with pytest.raises(InputError, match="changed after approval") as refused:
        parse_pack(text, "bank.toml")
    return text.replace("0" * 64, str(refused.value).split(" is not ")[1][:64], 1)


def test_an_approval_names_the_hash_of_what_was_approved():
    text = _approved(_text("in-kcc-2018"))
    pack = parse_pack(text, "bank.toml")
    assert pack.approval.content_hash == pack.rules_hash != pack.content_hash
    with pytest.raises(InputError, match="changed after approval"):
        parse_pack(text.replace("amount = 11000", "amount = 11001", 1), "bank.toml")
    for table in ("prices", "lender", "objection"):
        before, own = text.split(f"\n[{table}]\n", 1)
        with pytest.raises(InputError, match=f"no example {table}: set {table}.example = false"):
            parse_pack(f"{before}\n[{table}]\n" + own.replace("example = false", "example = true", 1), "bank.toml")
    with pytest.raises(InputError, match="who drafts a pack does not approve it"):
        parse_pack(text.replace("\non = ", '\ndrafted_by = "Credit committee, minute 12"\non = ', 1), "bank.toml")


def test_the_most_particular_price_counts(parcels, seasons, season):
    rows = """
  { crop = "sugarcane", amount = 22000, season = "rabi" },
  { crop = "sugarcane", amount = 23000, district = "Pune" },
  { crop = "sugarcane", amount = 24000, district = "Pune", season = "rabi" },
"""
    rabi = """
[[calendar.seasons]]
key = "rabi"
title = { en = "Rabi", zh = "旱季" }
first = "10-16"
last = "02-15"
"""
    text = _text("in-kcc-2018").replace('  { crop = "sugarcane", amount = 22000 },\n', rows) + rabi
    prices = parse_pack(text, "bank.toml").prices
    assert prices.amount("sugarcane", "Pune", "rabi") == 24000
    assert prices.amount("sugarcane", "Pune", "kharif") == 23000
    assert prices.amount("sugarcane", "Nashik", "rabi") == 22000
    assert prices.amount("sugarcane", "Nashik") is None
    sown = {"crop": "sugarcane", "area_ha": 0.40468564224}
    book = parcels({**sown, "sos": date(2026, 1, 5)}, {**sown, "sos": date(2026, 6, 1)}, {**sown, "district": "Pune"})
    amounts = limit_book(book, seasons(), parse_pack(text, "bank.toml"), season).amount_minor
    assert amounts.astype(object).where(amounts.notna(), None).tolist() == [2_860_000, None, 2_990_000]
    asked = [("sugarcane", "Nashik", None), ("rice", "Nashik", "rabi"), ("sugarcane", "Nashik", None)]
    assert prices.gaps(asked) == (("sugarcane", "Nashik", None),)


def _season(key: str, first: str, last: str) -> dict[str, object]:
    return {"key": key, "title": {"en": key, "zh": key}, "first": first, "last": last}


def test_a_calendar_knows_local_days_seasons_and_days_of_rest():
    calendar = Calendar(
        time_zone="Asia/Shanghai",
        rest_days=("saturday", "sunday"),
        holidays=(date(2026, 11, 23),),
        due_moves="next",
        seasons=(_season("kharif", "05-16", "10-15"), _season("rabi", "10-16", "02-15")),
    )
    assert calendar.local_day(datetime(2026, 11, 21, 17, tzinfo=UTC)) == date(2026, 11, 22)
    assert calendar.due(date(2026, 11, 21)) == date(2026, 11, 24)  # Saturday, Sunday, then a holiday
    assert calendar.model_copy(update={"due_moves": "previous"}).due(date(2026, 11, 21)) == date(2026, 11, 20)
    sown = {date(2026, 6, 1): "kharif", date(2026, 12, 31): "rabi", date(2027, 2, 15): "rabi", date(2027, 3, 1): None}
    assert {day: calendar.season_of(day) for day in sown} == sown
    with pytest.raises(ValueError, match="two seasons hold the day 10-16"):
        Calendar(time_zone="UTC", seasons=(_season("a", "05-16", "10-16"), _season("b", "10-16", "02-15")))
    with pytest.raises(ValueError, match="no working day"):
        Calendar(time_zone="UTC", rest_days=tuple(f"{day}day" for day in ("mon", "tues", "wednes", "thurs", "fri",
                                                                          "satur", "sun")))  # fmt: skip


def test_the_least_authority_that_covers_an_amount_on_a_day():
    words = 'title = { en = "x", zh = "x" }'
    text = (
        _text("cn-planting-generic")
        + f"""
[[authorities]]
code = "BRANCH"
most = 50000
valid_to = 2027-12-31
{words}
[[authorities]]
code = "HEAD_OFFICE"
{words}
"""
    )
    pack = parse_pack(text, "bank.toml")
    codes = [
        part.code if (part := pack.authority(amount, day)) else None
        for amount, day in ((50000, date(2027, 1, 1)), (50001, date(2027, 1, 1)), (1, date(2028, 1, 1)))
    ]
    assert codes == ["BRANCH", "HEAD_OFFICE", "HEAD_OFFICE"]
    with pytest.raises(InputError, match="automatic approval needs"):
        parse_pack(text.replace("most = 50000", "automatic = true", 1), "bank.toml")


def test_a_decision_needs_a_pack_in_force():
    pack = load_pack("in-kcc-2018")
    require_in_force(pack, date(2026, 12, 31))
    with pytest.raises(InputError, match=r"in force from 2018-07-04 to 2026-12-31, not on 2027-01-01.*Choose the pack"):
        require_in_force(pack, date(2027, 1, 1))
    assert pack.local_day(datetime(2026, 12, 31, 19, tzinfo=UTC)) == date(2027, 1, 1)


def test_a_pack_may_be_named_by_its_file(tmp_path):
    draft = tmp_path / "draft 2.toml"
    draft.write_text(_text("in-kcc-2018"), encoding="utf-8")
    assert open_pack(str(draft)).id == open_pack("in-kcc-2018").id == "in-kcc-2018"
    with pytest.raises(InputError, match="cannot be read"):
        open_pack(str(tmp_path / "none.toml"))


def test_a_pack_may_hold_the_rules_of_risk():
    rules = resources.files("scoring.risk").joinpath("data/cn-risk-example.toml").read_text(encoding="utf-8")
    text = _text("cn-planting-generic") + rules[rules.index("[[citations]]") :]
    pack = parse_pack(text, "bank.toml")
    assert pack.risk == load_risk_rules("cn-risk-example").risk
    assert parse_risk_rules(text, "bank.toml").risk == pack.risk
    assert parse_risk_rules(text, "bank.toml").id == "cn-planting-generic"
    with pytest.raises(InputError, match=r"no table \[risk\]"):
        parse_risk_rules(_text("cn-planting-generic"), "bank.toml")
    with pytest.raises(InputError, match="no citation has the id"):
        parse_pack(text.replace('id = "classes-2023"', 'id = "x"', 1), "bank.toml")
