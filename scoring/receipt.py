"""Receipts: lines whose effects add up to the amount, in English and Chinese.

A ledger keeps the running amount of every parcel as whole minor units. What is posted to it changes the amounts and
becomes a line of each receipt concerned, so a receipt cannot but add up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geo.legend import load_legend
from scoring.crop_lines import Texts
from scoring.money import Ints, in_words, to_major
from scoring.pack_schema import Pack
from scoring.wording import MODES, UNITS, WORDINGS, Text, currency_words

#: What a fact of a line may be; amounts and areas are decimal text.
Fact: TypeAlias = str | int
#: k facts of k lines.
Facts: TypeAlias = Sequence[Fact] | pa.Array
Line: TypeAlias = dict[str, object]

#: Decimals of most currencies, which have a short way to words.
_CENTS: Final = 2
#: Decimals whose texts are few enough to be listed.
_LISTED_DECIMALS: Final = 4

#: Facts that hold a legend key and are said by its names.
CROP_FACTS: Final = ("crop", "declared", "seen")


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind of line on the receipts of several parcels.

    Attributes:
        code: reason code.
        rows: parcels concerned, shape (k,); a parcel may come twice (two crops).
        effects: minor units, shape (k,).
        facts: columns of k facts, or one value for all.
        areas: area that the line counts, shape (k,), steps of the pack's unit; None where it counts none.
    """

    code: str
    rows: Ints
    effects: Ints
    facts: Mapping[str, Facts | Fact]
    areas: Ints | None = None


@dataclass(slots=True)
class Ledger:
    """Running amounts of n parcels and what made them.

    Attributes:
        amounts: minor units, shape (n,).
        keeps: whether entries are kept; where only the amounts are asked for they are not.
        entries: in the order posted.
    """

    amounts: Ints
    keeps: bool = True
    entries: list[Entry] = field(default_factory=list)

    def post(
        self,
        code: str,
        rows: Ints,
        effects: Ints | int = 0,
        facts: Mapping[str, Facts | Fact] | Callable[[], Mapping[str, Facts | Fact]] | None = None,
        areas: Ints | None = None,
    ) -> None:
        """Change the amounts of some parcels and write a line on the receipt of each.

        Facts that take time to write are given as a function, which is called only where entries are kept.
        """
        if not len(rows):
            return
        effect = np.broadcast_to(np.asarray(effects, dtype=np.int64), rows.shape)
        np.add.at(self.amounts, rows, effect)
        if self.keeps:
            self.entries.append(Entry(code, rows, effect, (facts() if callable(facts) else facts) or {}, areas))


def write_line(pack: Pack, subject_kind: str, code: str, effect_minor: int, facts: Mapping[str, Fact]) -> Line:
    """One line: code, effect_minor, effect (decimal text), en, zh, facts, principal (False until marked)."""
    texts = line_text(pack, subject_kind, code)
    words = _words(pack, facts)
    return {
        "code": code,
        "effect_minor": effect_minor,
        "effect": str(to_major(effect_minor, pack.currency.exponent)),
        "en": texts.en.format_map(words[0]),
        "zh": texts.zh.format_map(words[1]),
        "facts": dict(facts),
        "principal": False,
    }


def money_fact(minor: int, pack: Pack) -> str:
    """Amount as people read it, for the facts of a line."""
    return in_words(to_major(minor, pack.currency.exponent))


def money_texts(minor: Ints, pack: Pack) -> pa.DictionaryArray:
    """Amounts as people read them, shape (n,); each different amount is written once."""
    if pack.currency.exponent != _CENTS:
        return texts_of(minor, lambda amount: money_fact(amount, pack))
    return texts_of(minor, _hundredths)


def _hundredths(minor: int) -> str:
    """What scoring.money.in_words makes of hundredths, without a Decimal for each."""
    whole, rest = divmod(abs(minor), 10**_CENTS)
    return f"{'-' if minor < 0 else ''}{whole:,}" + (f".{rest:02d}" if rest else "")


def texts_of(numbers: Ints, write: Callable[[int], str]) -> pa.DictionaryArray:
    """Texts of whole numbers, shape (n,); each different number is written once."""
    codes, different = pd.factorize(numbers)
    return pa.DictionaryArray.from_arrays(codes.astype(np.int32), pa.array(map(write, different.tolist()), pa.string()))


def texts_once(texts: Texts) -> pa.DictionaryArray:
    """Texts that come again and again, shape (n,), each different one kept once; None is the empty text."""
    codes, different = pd.factorize(np.where(pd.isna(texts), "", texts))
    return pa.DictionaryArray.from_arrays(codes.astype(np.int32), pa.array(different, pa.string()))


def decimal_texts(numbers: Ints, decimals: int) -> pa.StringArray:
    """Decimal text of whole numbers of the last decimal, shape (n,): 1250 with two decimals is "12.50"."""
    if not decimals:
        return pc.cast(pa.array(numbers), pa.string())
    whole, rest = np.divmod(np.abs(numbers), 10**decimals)
    texts = pc.binary_join_element_wise(pc.cast(pa.array(whole), pa.string()), _parts(rest, decimals), "")
    if not np.any(numbers < 0):
        return texts
    return pc.binary_join_element_wise(pa.array(["", "-"]).take(pa.array((numbers < 0).astype(np.int8))), texts, "")


def _parts(rest: Ints, decimals: int) -> pa.StringArray:
    """The point and what follows it."""
    if decimals <= _LISTED_DECIMALS:
        return _listed_parts(decimals).take(pa.array(rest))
    return pc.binary_join_element_wise(".", pc.utf8_lpad(pc.cast(pa.array(rest), pa.string()), decimals, "0"), "")


@cache
def _listed_parts(decimals: int) -> pa.StringArray:
    return pa.array([f".{rest:0{decimals}d}" for rest in range(10**decimals)])


def line_text(pack: Pack, subject_kind: str, code: str) -> Text:
    """Text of a code on the receipts of a "parcel" or a "farmer": the pack's own, else the common one."""
    return pack.texts.get(code) or WORDINGS[code].text(subject_kind)


def _words(pack: Pack, facts: Mapping[str, Fact]) -> tuple[dict[str, Fact], dict[str, Fact]]:
    """Facts as words of each language: crops, units, the currency and the direction of rounding are translated."""
    en, zh = dict(facts), dict(facts)
    for name in CROP_FACTS:
        if name in facts:
            en[f"{name}_en"], zh[f"{name}_zh"] = crop_words(str(facts[name]))
    if "mode" in facts:
        en["mode"], zh["mode"] = MODES[str(facts["mode"])]
    en["unit_en"], zh["unit_zh"] = UNITS[str(facts.get("unit", pack.prices.area_unit))]
    en["currency_en"], zh["currency_zh"] = currency_words(pack.currency.code)
    return en, zh


@cache
def crop_words(key: str) -> tuple[str, str]:
    """English and Chinese name of a legend key."""
    crop = load_legend()[key]
    return crop.en, crop.zh
