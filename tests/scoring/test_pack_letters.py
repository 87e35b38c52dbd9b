from __future__ import annotations

from datetime import date
from importlib import resources

import pytest

from geo.errors import InputError
from scoring.pack_check import check_pack
from scoring.policy import load_pack, parse_pack, policy_ids


def _text(policy_id: str) -> str:
    return resources.files("scoring").joinpath(f"packs/{policy_id}.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("policy_id", policy_ids())
def test_shipped_texts_are_labelled_as_examples(policy_id: str) -> None:
    pack = load_pack(policy_id)
    assert pack.lender is not None
    assert pack.objection is not None
    assert pack.lender.example
    assert pack.objection.example
    for text in (pack.lender.name, pack.objection.who, pack.objection.how):
        assert "xample" in text.en
        assert "示例" in text.zh
    warned = {finding.key for finding in check_pack(_text(policy_id), "bank.toml", date(2026, 12, 1)).of("warning")}
    assert {"lender.example", "objection.example"} <= warned


def test_both_tables_may_be_absent() -> None:
    text = _text("cn-planting-generic")
    before, after = text.split("[lender]", 1)
    without = before + "[prices]" + after.split("[prices]", 1)[1]
    pack = parse_pack(without, "bank.toml")
    assert (pack.lender, pack.objection) == (None, None)
    noted = {finding.key for finding in check_pack(without, "bank.toml", date(2026, 12, 1)).of("note")}
    assert {"lender", "objection"} <= noted


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("days = 30", "days = 0", "objection.days"),
        ("days = 30", "", "the key 'objection.days' is missing"),
        ('cites = "automated-decisions"', 'cites = "nowhere"', "no citation has the id 'nowhere'"),
        ("answer_days = 15", "answer_day = 15", "unknown key 'objection.answer_day'"),
    ],
)
def test_a_wrong_table_refuses(old: str, new: str, said: str) -> None:
    text = _text("cn-planting-generic")
    before, own = text.split("[objection]", 1)
    assert old in own
    with pytest.raises(InputError, match=said):
        parse_pack(f"{before}[objection]{own.replace(old, new, 1)}", "bank.toml")
