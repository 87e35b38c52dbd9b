from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.money import to_major
from scoring.pack_schema import Pack
from scoring.policy import load_pack
from scoring.receipt import decimal_texts, money_fact, money_texts, write_line
from scoring.receipts.lines import Lines
from scoring.receipts.principal import principal_marks
from scoring.receipts.text import line_texts, receipt_texts
from scoring.wording import WORDINGS

CN = load_pack("cn-planting-generic")


def _worded(code: str, en: str, zh: str) -> Pack:
    return Pack.model_validate({**CN.model_dump(mode="python"), "texts": {code: {"en": en, "zh": zh}}})


def _plain(pack, kind, code, effects, facts, marks):
    lines = [
        write_line(pack, kind, code, effect, {name: fact if isinstance(fact, str) else fact[place]
                                              for name, fact in facts.items()}) | {"principal": mark}
        for place, (effect, mark) in enumerate(zip(effects, marks, strict=True))
    ]  # fmt: skip
    return [json.dumps(line, ensure_ascii=False, separators=(",", ":")) for line in lines]


def _columns(facts):
    return {name: fact if isinstance(fact, str) else pa.array(fact) for name, fact in facts.items()}


@pytest.mark.parametrize("kind", ["parcel", "farmer"])
@pytest.mark.parametrize(
    ("code", "facts"),
    [
        ("CROP_COST", {"crop": ["wheat", "rice"], "cycle": [1, 2], "area": ["1.00", "0.50"], "price": "480",
                       "parcels": [3, 4]}),
        ("CROP_MISMATCH", {"declared": ["wheat", "maize"], "crop": "rice", "parcels": [1, 2]}),
        ("ROUNDING", {"step": "100", "mode": "half_up"}),
        ("ROUNDING", {"step": "100", "mode": ["down", "half_even"]}),
        ("OTHER_DEBT", {"amount": ['1,000"', "2\\3\n"]}),
    ],
)  # fmt: skip
def test_a_column_of_lines_reads_as_each_line_alone(kind, code, facts):
    effects, marks = [120, -5], [True, False]
    lines = Lines(code, np.array([0, 1]), np.array(effects), _columns(facts))
    texts = line_texts(lines, np.array(marks), kind, CN).to_pylist()
    assert texts == _plain(CN, kind, code, effects, facts, marks)
    assert [json.loads(text)["effect_minor"] for text in texts] == effects


def test_a_bank_words_a_line_its_own_way_quotes_and_widths_included():
    pack = _worded("OTHER_DEBT", 'Debt "{amount:>9}" \\ {amount!r}', "负债{amount}")
    lines = Lines("OTHER_DEBT", np.array([0]), np.array([-7]), {"amount": pa.array(["1,234.50"])})
    expected = _plain(pack, "parcel", "OTHER_DEBT", [-7], {"amount": ["1,234.50"]}, [False])
    assert line_texts(lines, np.array([False]), "parcel", pack).to_pylist() == expected


def test_receipts_keep_the_order_of_the_lines_and_a_subject_without_one_has_none():
    lines = [
        Lines("OWN_FUNDS", np.array([2, 0]), np.array([1, 2]), {"share": "70 %"}),
        Lines("ROUNDING", np.array([0]), np.array([3]), {"step": "100", "mode": "down"}),
    ]
    receipts = [json.loads(text) for text in receipt_texts(lines, principal_marks(lines), "parcel", 3, CN).to_pylist()]
    assert [[line["effect_minor"] for line in receipt] for receipt in receipts] == [[2, 3], [], [1]]
    assert receipt_texts([], [], "parcel", 2, CN).to_pylist() == ["[]", "[]"]


@given(st.lists(st.integers(-(10**15), 10**15), min_size=1, max_size=5), st.integers(0, 4))
@settings(max_examples=40, deadline=None)
def test_decimal_texts_have_exactly_their_decimals(numbers, decimals):
    assert decimal_texts(np.array(numbers), decimals).to_pylist() == [str(to_major(each, decimals)) for each in numbers]


@given(st.lists(st.integers(-(10**13), 10**13), min_size=1, max_size=5), st.sampled_from([0, 2, 3]))
@settings(max_examples=40, deadline=None)
def test_amounts_in_columns_read_as_each_alone(amounts, exponent):
    pack = CN.model_copy(update={"currency": CN.currency.model_copy(update={"exponent": exponent})})
    texts = money_texts(np.array(amounts), pack).to_pylist()
    assert texts == [money_fact(amount, pack) for amount in amounts]


CODES = ["CROP_COST", "RENT", "ROUNDING", "OTHER_DEBT", "PRODUCT_CAP", "AREA_MISMATCH", "NO_PRICE", "OWN_FUNDS"]
POSTED = st.tuples(st.sampled_from(CODES), st.integers(0, 2), st.integers(-3, 3))


@given(st.lists(POSTED, max_size=14))
@settings(max_examples=60, deadline=None)
def test_at_most_four_kinds_are_principal_the_most_telling_and_largest_first(posted):
    lines = [Lines(code, np.array([subject]), np.array([effect]), {}) for code, subject, effect in posted]
    marks = [bool(mark[0]) for mark in principal_marks(lines)]
    for subject in range(3):
        own = [place for place, line in enumerate(posted) if line[1] == subject and WORDINGS[line[0]].rank]
        best: dict[str, int] = {}
        for place in sorted(own, key=lambda at: (WORDINGS[posted[at][0]].rank, -abs(posted[at][2]), at)):
            best.setdefault(posted[place][0], place)
        expected = list(best.values())[:4]
        assert sorted(expected) == [place for place in own if marks[place]]
