from __future__ import annotations

import re

import pytest

from scoring.wording import WORDINGS, braces
from scoring.wording.plain import PLAIN

#: Words that a farmer should not have to know.
JARGON = re.compile(
    r"pixel|polygon|reflectance|haircut|policy|INCOMPLETE|factor|receipt|parcel\b|cycle|price|[A-Z]{3,}|像元|反射率|折扣|融资|权重|政策"
)


def test_every_code_that_may_be_a_principal_reason_has_plain_sentences() -> None:
    assert sorted(code for code, wording in WORDINGS.items() if wording.rank and code not in PLAIN) == []


@pytest.mark.parametrize("code", sorted(PLAIN.keys() & WORDINGS.keys()))
@pytest.mark.parametrize("kind", ["parcel", "farmer"])
def test_plain_sentences_use_the_facts_that_the_line_has(code: str, kind: str) -> None:
    plain, wording = PLAIN[code].text(kind), WORDINGS[code].text(kind)
    assert braces(plain.en) <= braces(wording.en)
    assert braces(plain.zh) <= braces(wording.zh)


@pytest.mark.parametrize("code", PLAIN)
def test_plain_sentences_are_plain_and_short(code: str) -> None:
    plain = PLAIN[code]
    for text in (plain.parcel, plain.farmer, *([plain.change] if plain.change else [])):
        said = re.sub(r"\{\w+\}", "", text.en + text.zh)
        assert not JARGON.search(said)
        assert all(len(sentence.split()) <= 22 for sentence in text.en.split(". "))
        assert all(len(clause) <= 30 for clause in re.split(r"[，。：；]", re.sub(r"\{\w+\}", "", text.zh)))
        assert text.en.endswith(".")
        assert text.zh.endswith("。")
