"""Receipts: lines whose effects add up to the amount, in English and Chinese.

A ledger keeps the running amount of every parcel as whole minor units. What is posted to it changes the amounts and
becomes a line of each receipt concerned, so a receipt cannot but add up.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final, TypeAlias

import numpy as np

from geo.legend import load_legend
from scoring.money import Ints, in_words, to_major
from scoring.pack_schema import Pack
from scoring.wording import MODES, MOST_PRINCIPAL, UNITS, WORDINGS, Text, currency_words

#: What a fact of a line may be; amounts and areas are decimal text.
Fact: TypeAlias = str | int
Line: TypeAlias = dict[str, object]

#: Facts that hold a legend key and are said by its names.
_CROP_FACTS: Final = ("crop", "declared")


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
    facts: Mapping[str, Sequence[Fact] | Fact]
    areas: Ints | None = None

    def facts_at(self, place: int) -> dict[str, Fact]:
        """Facts of the line at a place of `rows`."""
        return {name: fact if isinstance(fact, str | int) else fact[place] for name, fact in self.facts.items()}


@dataclass(slots=True)
class Ledger:
    """Running amounts of n parcels and what made them.

    Attributes:
        amounts: minor units, shape (n,).
        entries: in the order posted.
    """

    amounts: Ints
    entries: list[Entry] = field(default_factory=list)

    def post(
        self,
        code: str,
        rows: Ints,
        effects: Ints | int = 0,
        facts: Mapping[str, Sequence[Fact] | Fact] | None = None,
        areas: Ints | None = None,
    ) -> None:
        """Change the amounts of some parcels and write a line on the receipt of each."""
        if not len(rows):
            return
        effect = np.broadcast_to(np.asarray(effects, dtype=np.int64), rows.shape)
        np.add.at(self.amounts, rows, effect)
        self.entries.append(Entry(code, rows, effect, facts or {}, areas))


def write_line(pack: Pack, subject_kind: str, code: str, effect_minor: int, facts: Mapping[str, Fact]) -> Line:
    """One line: code, effect_minor, effect (decimal text), en, zh, facts, principal (False until marked)."""
    texts = _texts(pack, subject_kind, code)
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


def mark_principal(lines: list[Line]) -> list[Line]:
    """Mark at most four principal reasons of different kinds: the most telling first, then the largest effects."""
    ranked = [(WORDINGS[str(line["code"])].rank, -abs(_effect(line)), place) for place, line in enumerate(lines)]
    marked: set[object] = set()
    for rank, _, place in sorted(ranked):
        code = lines[place]["code"]
        if rank and code not in marked and len(marked) < MOST_PRINCIPAL:
            lines[place]["principal"] = True
            marked.add(code)
    return lines


def to_json(lines: list[Line]) -> str:
    """Receipt as JSON text; the same lines give the same bytes."""
    return json.dumps(lines, ensure_ascii=False, separators=(",", ":"))


def money_fact(minor: int, pack: Pack) -> str:
    """Amount as people read it, for the facts of a line."""
    return in_words(to_major(minor, pack.currency.exponent))


def _effect(line: Line) -> int:
    effect = line["effect_minor"]
    return effect if isinstance(effect, int) else 0


def _texts(pack: Pack, subject_kind: str, code: str) -> Text:
    return pack.texts.get(code) or WORDINGS[code].text(subject_kind)


def _words(pack: Pack, facts: Mapping[str, Fact]) -> tuple[dict[str, Fact], dict[str, Fact]]:
    """Facts as words of each language: crops, units, the currency and the direction of rounding are translated."""
    en, zh = dict(facts), dict(facts)
    for name in _CROP_FACTS:
        if name in facts:
            en[f"{name}_en"], zh[f"{name}_zh"] = _crop_words(str(facts[name]))
    if "mode" in facts:
        en["mode"], zh["mode"] = MODES[str(facts["mode"])]
    en["unit_en"], zh["unit_zh"] = UNITS[str(facts.get("unit", pack.prices.area_unit))]
    en["currency_en"], zh["currency_zh"] = currency_words(pack.currency.code)
    return en, zh


@cache
def _crop_words(key: str) -> tuple[str, str]:
    crop = load_legend()[key]
    return crop.en, crop.zh
