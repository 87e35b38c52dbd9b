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
from scoring.money import Ints
from scoring.pack_schema import Pack
from scoring.receipt import CROP_FACTS, Fact, crop_words, decimal_texts, line_text
from scoring.receipts.lines import Column, Lines, dictionary
from scoring.wording import MODES, UNITS, currency_words

_FORMATTER: Final = string.Formatter()

#: The first character that JSON text may hold as it is.
_FIRST_PLAIN: Final = 0x20


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
    return json_lists(subject, pa.concat_arrays([pa.array([], pa.string()), *texts]), n)


def json_lists(subject: Ints, texts: pa.StringArray, n: int) -> pa.StringArray:
    """JSON list of each of n subjects, shape (n,), of k texts in their order; "[]" where a subject has none.

    Args:
        subject: whose each text is, shape (k,), 0 to n-1.
        texts: JSON texts, shape (k,).
        n: number of subjects.
    """
    by_subject = texts.take(pa.array(np.argsort(subject, kind="stable")))
    offsets = np.concatenate([[0], np.cumsum(np.bincount(subject, minlength=n))]).astype(np.int32)
    lists = pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets), by_subject), ",")
    return pc.binary_join_element_wise("[", lists, "]", "")


def line_texts(lines: Lines, principal: Bools, kind: str, pack: Pack) -> pa.StringArray:
    """JSON of each line, shape (k,)."""
    texts, facts = line_text(pack, kind, lines.code), {name: _text(fact) for name, fact in lines.facts.items()}
    effects = lines.effects if np.any(lines.effects) else lines.effects[:1]
    pieces = [
        f'{{"code":"{lines.code}","effect_minor":',
        _one_or_all(pc.cast(pa.array(effects), pa.string()), len(lines.effects)),
        ',"effect":"',
        _one_or_all(decimal_texts(effects, pack.currency.exponent), len(lines.effects)),
        '","en":"',
        *_said(texts.en, _words(pack, lines.facts, 0), facts, lines.facts),
        '","zh":"',
        *_said(texts.zh, _words(pack, lines.facts, 1), facts, lines.facts),
        '","facts":{',
        *_facts(lines.facts, facts),
        '},"principal":',
        pa.array(["false", "true"]).take(pa.array(principal.astype(np.int8))),
        "}",
    ]
    return pc.binary_join_element_wise(*_joined(pieces), "")


def _one_or_all(texts: pa.StringArray, n: int) -> str | pa.Array:
    """The only text as a constant, or one for each line."""
    return str(texts[0].as_py()) if len(texts) == 1 < n else texts


def _said(
    template: str, words: Mapping[str, Column], texts: Mapping[str, str | pa.Array], facts: Mapping[str, Column]
) -> Iterator[str | pa.Array]:
    """Pieces of a sentence: its words in one language, and facts as they stand (texts)."""
    for literal, name, spec, conversion in _FORMATTER.parse(template):
        yield _escaped(literal)
        if name is None:
            continue
        fact = words[name] if name in words else facts[name]
        if spec or conversion:
            yield _text(_mapped(fact, partial(_formatted, spec or "", conversion)))
        else:
            yield _text(fact) if name in words else texts[name]


def _formatted(spec: str, conversion: str | None, fact: Fact) -> str:
    return str(_FORMATTER.format_field(_FORMATTER.convert_field(fact, conversion), spec))


def _facts(facts: Mapping[str, Column], texts: Mapping[str, str | pa.Array]) -> Iterator[str | pa.Array]:
    for place, (name, fact) in enumerate(facts.items()):
        quote = "" if _is_whole(fact) else '"'
        yield f'{"," if place else ""}"{name}":{quote}'
        yield texts[name]
        yield quote


def _is_whole(column: Column) -> bool:
    return pa.types.is_integer(column.type) if isinstance(column, pa.Array) else isinstance(column, int)


def _words(pack: Pack, facts: Mapping[str, Column], language: int) -> dict[str, Column]:
    """Words of one language for what the facts name: 0 English, 1 Chinese."""
    words, end = dict[str, Column](), ("en", "zh")[language]
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
    if not pa.types.is_integer(column.type) and _has_to_be_escaped(column):
        column = _mapped(column, lambda fact: _escaped(str(fact)))
    return pc.cast(column, pa.string())


def _has_to_be_escaped(column: pa.Array) -> bool:
    """Whether any text holds a quotation mark, a backslash or a control character."""
    texts = (column.dictionary if isinstance(column, pa.DictionaryArray) else column).cast(pa.string())
    offsets, data = texts.buffers()[1:]
    if not len(texts) or data is None:
        return False
    first, last = np.frombuffer(offsets, np.int32)[[texts.offset, texts.offset + len(texts)]]
    letters = np.frombuffer(data, np.uint8)[first:last]
    return bool(np.any((letters < _FIRST_PLAIN) | (letters == ord('"')) | (letters == ord("\\"))))


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
