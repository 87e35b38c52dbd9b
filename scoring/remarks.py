"""Remarks: what whoever made the inputs of a limit says of a parcel, as reason lines without effect.

The inputs carry a remark as data, so that a receipt that shows it can be replayed from what was recorded. A remark
never changes an amount; whether it sends the case to a person is the pack's to say (evidence.visit_reasons).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from geo.legend import load_legend
from scoring.money import Ints
from scoring.receipt import CROP_FACTS, Fact, Ledger
from scoring.wording.seasons import REMARKS
from scoring.wording.texts import braces

#: Facts that are whole numbers; all others are texts.
_WHOLE: Final = ("seasons",)


@dataclass(frozen=True, slots=True)
class Remark:
    """One remark.

    Attributes:
        code: of scoring.wording.seasons.REMARKS.
        facts: what its texts say of one parcel, by name.
    """

    code: str
    facts: Mapping[str, Fact] = field(default_factory=dict)


def remarks_text(remarks: Sequence[Remark]) -> str | None:
    """Remarks of one parcel as the column `remarks` of scoring.inputs.INPUTS holds them: JSON, None for none."""
    if not remarks:
        return None
    said = [{"code": remark.code, "facts": dict(remark.facts)} for remark in remarks]
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def readable(column: pd.Series[str]) -> pd.Series[bool]:
    """Whether each text of a column is absent or holds remarks with known codes and all their facts."""
    good = [text for text in column.dropna().unique() if _is_sound(text)]
    return column.isna() | column.isin(good)


def post_remarks(ledger: Ledger, column: pd.Series[Any]) -> None:
    """Post the remarks of all parcels: by code in the order of REMARKS, then in the order of the parcels."""
    codes, texts = pd.factorize(column)
    order = np.argsort(codes, kind="stable").astype(np.int64)
    ends = np.searchsorted(codes[order], np.arange(len(texts) + 1))
    by_code: dict[str, list[tuple[Ints, Mapping[str, Fact]]]] = {}
    for place, text in enumerate(texts):
        for remark in _parsed(text):
            by_code.setdefault(remark.code, []).append((order[ends[place] : ends[place + 1]], remark.facts))
    for code in REMARKS:
        if code in by_code:
            _post(ledger, code, by_code[code])


def _post(ledger: Ledger, code: str, said: Sequence[tuple[Ints, Mapping[str, Fact]]]) -> None:
    rows = np.concatenate([rows for rows, _ in said])
    at = np.repeat(np.arange(len(said)), [len(rows) for rows, _ in said])
    order = np.argsort(rows, kind="stable")
    facts = {name: [said[place][1][name] for place in at[order]] for name in said[0][1]}
    ledger.post(code, rows[order], 0, facts)


def _parsed(text: str) -> list[Remark]:
    remarks = json.loads(text)
    if not isinstance(remarks, list):
        raise TypeError(text)
    return [Remark(said["code"], said["facts"]) for said in remarks]


def _is_sound(text: str) -> bool:
    try:
        remarks = _parsed(text)
    except (ValueError, TypeError, KeyError):
        return False
    return all(remark.code in REMARKS and _has_its_facts(remark) for remark in remarks)


def _has_its_facts(remark: Remark) -> bool:
    named = {brace.removesuffix("_en") for brace in braces(REMARKS[remark.code].parcel.en)}
    return set(remark.facts) == named and all(_fits(name, fact) for name, fact in remark.facts.items())


def _fits(name: str, fact: Fact) -> bool:
    if name in CROP_FACTS:
        return fact in load_legend()
    return isinstance(fact, int if name in _WHOLE else str) and not isinstance(fact, bool)
