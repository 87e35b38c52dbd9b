from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import pytest

from scoring.pack_schema import Pack
from scoring.policy import load_pack
from scoring.receipt import write_line
from scoring.receipts.documents import farmer_document, officer_document
from scoring.receipts.explanation import amount_text, day_text, explain, last_day, objection_texts
from scoring.receipts.limit import Limit
from scoring.wording import WORDINGS
from scoring.wording.plain import PLAIN

CN, IN = load_pack("cn-planting-generic"), load_pack("in-kcc-2018")

#: Facts that some line needs.
FACTS: dict[str, Any] = {
    "amount": "5,000",
    "area": "11.46",
    "crop": "vegetables",
    "cycle": 2,
    "cycles": 2,
    "declared": "maize",
    "factor": "1.05",
    "measured": "11.54",
    "of": 4,
    "parcels": 1,
    "peers": 40,
    "price": "480",
    "season": "2025-10-01/2026-09-30",
    "seasons": 3,
    "seen": "maize",
    "share": "70 %",
    "year": 6,
    "years": 5,
}


def _line(code: str, effect: int = 0, kind: str = "parcel", pack: Pack = CN) -> dict[str, Any]:
    return {**write_line(pack, kind, code, effect, FACTS), "principal": True}


def _limit(*lines: dict[str, Any], amount: int | None = 384169, kind: str = "parcel", pack: Pack = CN) -> Limit:
    row = {
        "subject_kind": kind,
        "subject_id": "P-1",
        "farmer_id": "F-1",
        "amount_minor": amount,
        "currency": pack.currency.code,
        "low_minor": None if amount is None else amount - 100,
        "high_minor": None if amount is None else amount + 100,
        "needs_visit": True,
        "policy_id": pack.id,
        "policy_hash": pack.content_hash,
        "reasons": json.dumps(lines),
    }
    return Limit.of(row)


@pytest.mark.parametrize("code", sorted(PLAIN.keys() & WORDINGS.keys()))
@pytest.mark.parametrize("kind", ["parcel", "farmer"])
def test_every_reason_is_told_in_plain_words(code: str, kind: str) -> None:
    for language in ("en", "zh"):
        (reason,) = explain(_limit(_line(code, -100, kind), kind=kind), CN, language).reasons  # type: ignore[arg-type]
        assert not re.search(r"[{}]", reason.text)
        assert reason.text[0] == reason.text[0].upper()
        assert reason.effect == ("takes off 1 yuan" if language == "en" else "减1元")
        # the language's own script: no Chinese in English, and few letters in Chinese
        assert bool(re.search(r"[\u4e00-\u9fff]", reason.text)) == (language == "zh")


def test_a_farmer_hears_amount_span_reasons_changes_and_how_to_object() -> None:
    told = explain(_limit(_line("OWN_FUNDS", -165024), _line("CERTIFIED_AREA")), CN, "en")
    assert told.opening == "By the rules of our bank the highest loan is 3,841.69 yuan."
    assert "3,840.69 yuan to 3,842.69 yuan" in told.span
    assert [reason.code for reason in told.reasons] == ["CERTIFIED_AREA", "OWN_FUNDS"]
    assert told.reasons[1].effect == "takes off 1,650.24 yuan"
    assert told.changes == ("If the certificate is out of date, bring the new one.",)
    assert "come and look" in told.visit
    assert "Personal Information Protection Law" in told.objection[0]
    assert told.objection[-2:] == (
        "You have 30 days from the day on which you got this.",
        "You get an answer within 15 days.",
    )


def test_without_an_amount_it_is_said_plainly() -> None:
    told = explain(_limit(_line("NO_PRICE"), amount=None), CN, "zh")
    assert (told.amount, told.span) == ("", "")
    assert told.opening == "现在还不能给出额度。"
    assert told.reasons[0].text.startswith("这块地种的是蔬菜。")
    assert "70%" in explain(_limit(_line("OWN_FUNDS", -1)), CN, "zh").reasons[0].text


@pytest.mark.parametrize(
    ("minor", "pack", "language", "said"),
    [
        (1230000, CN, "en", "12,300 yuan"),
        (1230000, CN, "zh", "12,300元（1.23万元）"),
        (1234500, CN, "zh", "12,345元"),
        (999900, CN, "zh", "9,999元"),
        (384169, CN, "zh", "3,841.69元"),
        (0, CN, "en", "0 yuan"),
        (13300000, IN, "en", "133,000 rupees (1.33 lakh)"),
        (20000000, IN, "en", "200,000 rupees (2 lakh)"),
        (9900000, IN, "en", "99,000 rupees"),
        (13300000, IN, "zh", "133,000卢比"),
    ],
)
def test_amounts_are_said_as_people_say_them(minor: int, pack: Pack, language: Any, said: str) -> None:
    assert amount_text(minor, pack, language) == said


def test_the_last_day_is_moved_to_a_working_day_and_never_brought_forward() -> None:
    def with_calendar(moves: str) -> Pack:
        said = CN.model_dump(mode="json")
        said["calendar"] |= {"due_moves": moves, "rest_days": ["saturday", "sunday"]}
        return Pack.model_validate(said)

    # thirty days after Thursday 2026-11-19 is Saturday 2026-12-19
    told_on = date(2026, 11, 19)
    assert last_day(CN, told_on) == date(2026, 12, 19)
    assert last_day(with_calendar("next"), told_on) == date(2026, 12, 21)
    assert last_day(with_calendar("previous"), told_on) == date(2026, 12, 19)
    assert "until 19 December 2026" in objection_texts(CN, "en", told_on)[2]
    assert "最晚2026年12月19日" in objection_texts(CN, "zh", told_on)[2]
    assert day_text(date(2026, 1, 2), "en") == "2 January 2026"


def test_a_policy_without_objections_says_so() -> None:
    pack = CN.model_copy(update={"objection": None})
    (said,) = explain(_limit(_line("OWN_FUNDS", -1)), pack, "en").objection
    assert "do not say how to object" in said
    with pytest.raises(ValueError, match="does not say how to object"):
        last_day(pack, date(2026, 1, 1))


def test_a_reason_of_a_newer_version_is_told_in_its_own_words_and_last() -> None:
    newer = _line("OWN_FUNDS", -1) | {"code": "OF_TOMORROW", "en": "Something new."}
    told = explain(_limit(newer, _line("RENT", 5)), CN, "en")
    assert [reason.code for reason in told.reasons] == ["RENT", "OF_TOMORROW"]
    assert told.reasons[1].text == "Something new."


def test_documents_carry_decimal_text_and_the_currency() -> None:
    limit = _limit(_line("OWN_FUNDS", -165024))
    officer = officer_document(limit, CN, "zh", None)
    assert (officer["amount"], officer["low"], officer["currency"]) == ("3841.69", "3840.69", "CNY")
    assert officer["lines"][0]["effect"] == "-1650.24"
    assert officer["lines"][0]["text"].startswith("自有资金")
    farmer = farmer_document(limit, CN, explain(limit, CN, "en"))
    assert farmer["reasons"][0]["effect"] == "-1650.24"
    assert farmer["objection"]["days"] == 30
    assert officer_document(_limit(amount=None), CN, "en", None)["amount"] is None
    json.dumps([officer, farmer], ensure_ascii=False)
