"""Receipts as JSON text, a column at a time: the same bytes that scoring.receipt.to_json gives line by line.

A line is a chain of constant pieces and columns of facts; each different fact is put into words once. Joining the
chains is the work of pyarrow, which is some ten times as fast as writing one line after the other.
"""

from __future__ import annotations

import json
import string
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scoring.crop_lines import Bools
from scoring.pack_schema import Pack
from scoring.receipt import CROP_FACTS, Fact, crop_words, decimal_texts, line_text
from scoring.receipts.lines import Column, Lines, dictionary
from scoring.wording import MODES, UNITS, currency_words

_FORMATTER: Final = string.Formatter()

#: What JSON text does not hold as it is.
_TO_ESCAPE: Final = r'["\\\x00-\x1f]'


def receipt_texts(lines: Sequence[Lines], marks: Sequence[Bools], kind: str, n: int, pack: Pack) -> pa.StringArray:
    """JSON of the receipts of n subjects, shape (n,); "[]" where a subject has no line.

    Args:
        lines: in the order in which a receipt gives them.
        marks: whether a line is a principal reason, shaped as the lines.
        kind: "parcel" or "farmer".
        n: number of subjects.
        pack: the policy, whose own texts win.
    """
    texts = [line_texts(each, mark, kind, pack) for each, mark in zip(lines, marks, strict=True)]
    subject = np.concatenate([np.empty(0, dtype=np.int64), *(each.subject for each in lines)])
    by_subject = pa.concat_arrays([pa.array([], pa.string()), *texts]).take(
        pa.array(np.argsort(subject, kind="stable"))
    )
    offsets = np.concatenate([[0], np.cumsum(np.bincount(subject, minlength=n))]).astype(np.int32)
    receipts = pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets), by_subject), ",")
    return pc.binary_join_element_wise("[", receipts, "]", "")


def line_texts(lines: Lines, principal: Bools, kind: str, pack: Pack) -> pa.StringArray:
    """JSON of each line, shape (k,)."""
    texts = line_text(pack, kind, lines.code)
    pieces = [
        f'{{"code":"{lines.code}","effect_minor":',
        pc.cast(pa.array(lines.effects), pa.string()),
        ',"effect":"',
        decimal_texts(lines.effects, pack.currency.exponent),
        '","en":"',
        *_said(texts.en, _words(pack, lines.facts, 0)),
        '","zh":"',
        *_said(texts.zh, _words(pack, lines.facts, 1)),
        '","facts":{',
        *_facts(lines.facts),
        '},"principal":',
        pa.array(["false", "true"]).take(pa.array(principal.astype(np.int8))),
        "}",
    ]
    return pc.binary_join_element_wise(*_joined(pieces), "")


def _said(template: str, words: Mapping[str, Column]) -> Iterator[str | pa.Array]:
    for literal, name, spec, conversion in _FORMATTER.parse(template):
        yield _escaped(literal)
        if name is not None:
            plain = not spec and not conversion
            yield _text(words[name] if plain else _mapped(words[name], partial(_formatted, spec or "", conversion)))


def _formatted(spec: str, conversion: str | None, fact: Fact) -> str:
    return str(_FORMATTER.format_field(_FORMATTER.convert_field(fact, conversion), spec))


def _facts(facts: Mapping[str, Column]) -> Iterator[str | pa.Array]:
    for place, (name, fact) in enumerate(facts.items()):
        quote = "" if _is_whole(fact) else '"'
        yield f'{"," if place else ""}"{name}":{quote}'
        yield _text(fact)
        yield quote


def _is_whole(column: Column) -> bool:
    return pa.types.is_integer(column.type) if isinstance(column, pa.Array) else isinstance(column, int)


def _words(pack: Pack, facts: Mapping[str, Column], language: int) -> dict[str, Column]:
    """Facts with the words of one language beside them: 0 English, 1 Chinese."""
    words, end = dict(facts), ("en", "zh")[language]
    for name in CROP_FACTS:
        if name in facts:
            words[f"{name}_{end}"] = _mapped(facts[name], lambda key: crop_words(str(key))[language])
    if "mode" in facts:
        words["mode"] = _mapped(facts["mode"], lambda mode: MODES[str(mode)][language])
    unit = facts.get("unit", pack.prices.area_unit)
    words[f"unit_{end}"] = _mapped(unit, lambda name: UNITS[str(name)][language])
    words[f"currency_{end}"] = currency_words(pack.currency.code)[language]
    return words


def _mapped(column: Column, word: Callable[[Fact], str]) -> Column:
    if isinstance(column, str | int):
        return word(column)
    encoded = dictionary(column)
    words = pa.array([word(fact) for fact in encoded.dictionary.to_pylist()], pa.string())
    return pa.DictionaryArray.from_arrays(encoded.indices, words)


def _text(column: Column) -> str | pa.Array:
    """Facts as they stand inside JSON text: a constant, or shape (k,)."""
    if isinstance(column, str | int):
        return _escaped(str(column))
    texts = pc.cast(column, pa.string())
    if not pc.any(pc.match_substring_regex(texts, _TO_ESCAPE), min_count=0).as_py():
        return texts
    return pc.cast(_mapped(column, lambda fact: _escaped(str(fact))), pa.string())


def _escaped(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _joined(pieces: Iterable[str | pa.Array]) -> list[str | pa.Array]:
    """Pieces with neighbouring constants made one."""
    joined: list[str | pa.Array] = []
    for piece in pieces:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        else:
            joined.append(piece)
    return joined
