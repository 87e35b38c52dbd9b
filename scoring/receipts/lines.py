"""Lines of receipts in columns: those of parcels as they were posted, those of farmers as sums over their parcels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from scoring.book import Book
from scoring.crop_lines import Bools
from scoring.money import Ints
from scoring.pack_schema import Pack
from scoring.receipt import Entry, Fact, Facts, Ledger, money_texts
from scoring.steps import area_texts

#: One fact for all lines, or an array of texts or whole numbers with one a line.
Column: TypeAlias = Fact | pa.Array

#: Lines that keep crops apart on a farmer's receipt.
_BY_CROP: Final = frozenset(
    (
        "CROP_COST", "NO_PRICE", "NO_PRICE_SEASON_UNKNOWN", "CYCLE_NO_PRICE", "CYCLE_SEASON_UNKNOWN", "CYCLE_REPEATED",
        "CYCLE_UNCERTAIN",
    )
)  # fmt: skip
#: Facts of a single parcel, which are not the farmer's.
_OF_ONE_PARCEL: Final = frozenset(("cycle", "measured", "factor", "peers", "seen", "season", "seasons"))


@dataclass(frozen=True, slots=True)
class Lines:
    """k lines of one code on the receipts of parcels, or of farmers.

    Attributes:
        code: reason code.
        subject: place of the parcel in its book, or of the farmer in its groups, shape (k,).
        effects: minor units, shape (k,).
        facts: by name, in the order in which a receipt gives them.
    """

    code: str
    subject: Ints
    effects: Ints
    facts: Mapping[str, Column]


def parcel_lines(ledger: Ledger) -> list[Lines]:
    """Lines of the parcels, in the order posted."""
    return [Lines(entry.code, entry.rows, entry.effects, _columns(entry)) for entry in ledger.entries]


def farmer_lines(ledger: Ledger, book: Book, known: Bools, pack: Pack) -> list[Lines]:
    """Lines of every farmer: what was left out, then the sums by kind and crop in the order of the ledger.

    Args:
        ledger: what was posted to the parcels.
        book: the parcels.
        known: whether a parcel has an amount, shape (n,).
        pack: the policy.
    """
    summed = (_summed(entry, book, pack) for entry in ledger.entries)
    return [_left_out(book, known), *(lines for lines in summed if len(lines.subject))]


def dictionary(column: pa.Array) -> pa.DictionaryArray:
    """The column with each different fact kept once."""
    return column if isinstance(column, pa.DictionaryArray) else column.dictionary_encode()


def _columns(entry: Entry) -> dict[str, Column]:
    return {name: fact if isinstance(fact, str | int) else _array(fact) for name, fact in entry.facts.items()}


def _array(facts: Facts) -> pa.Array:
    return facts if isinstance(facts, pa.Array) else pa.array(facts)


def _left_out(book: Book, known: Bools) -> Lines:
    of = book.totals(np.ones(len(book.frame), dtype=np.int64))
    missing = book.totals((~known).astype(np.int64))
    concerned = np.flatnonzero((missing > 0) & book.named)
    facts = {"parcels": pa.array(missing[concerned]), "of": pa.array(of[concerned])}
    return Lines("LEFT_OUT", concerned, np.zeros_like(concerned), facts)


def _summed(entry: Entry, book: Book, pack: Pack) -> Lines:
    named = np.flatnonzero(book.named[book.group[entry.rows]])
    group, columns = book.group[entry.rows[named]], _columns(entry)
    crop = columns.get("crop", "") if entry.code in _BY_CROP else ""
    sums = _Sums.over(group if isinstance(crop, str | int) else _keys(group, dictionary(crop.take(pa.array(named)))))
    effects = sums.of(entry.effects[named])
    facts = {name: _taken(fact, named[sums.first]) for name, fact in columns.items() if _is_farmers(name, entry.code)}
    if entry.areas is not None:
        facts["area"] = area_texts(sums.of(entry.areas[named]), pack)
    if entry.code == "KEPT_APPROVED":
        facts["amount"] = money_texts(effects, pack)
    facts["parcels"] = pa.array(sums.runs_of(entry.rows[named]))
    return Lines(entry.code, group[sums.first], effects, facts)


def _keys(group: Ints, crop: pa.DictionaryArray) -> Ints:
    return group * len(crop.dictionary) + np.asarray(crop.indices, dtype=np.int64)


def _is_farmers(name: str, code: str) -> bool:
    return name not in _OF_ONE_PARCEL and (code in _BY_CROP or name not in {"crop", "declared"})


def _taken(column: Column, places: npt.NDArray[np.intp]) -> Column:
    return column if isinstance(column, str | int) else column.take(pa.array(places))


@dataclass(frozen=True, slots=True)
class _Sums:
    """Sums over equal keys, in the order in which the keys first come.

    Attributes:
        first: where each key comes first, shape (s,).
        at: the sum that each line belongs to, shape (k,).
    """

    first: npt.NDArray[np.intp]
    at: npt.NDArray[np.intp]

    @classmethod
    def over(cls, keys: Ints) -> _Sums:
        at, different = pd.factorize(keys)
        first = np.empty(len(different), dtype=np.intp)
        first[at[::-1]] = np.arange(len(keys))[::-1]
        return cls(first, at)

    def of(self, values: Ints) -> Ints:
        sums = np.zeros(len(self.first), dtype=np.int64)
        np.add.at(sums, self.at, values)
        return sums

    def runs_of(self, rows: Ints) -> Ints:
        """How many parcels each sum holds; a parcel's own lines follow each other."""
        if np.all(rows[1:] > rows[:-1]):
            return np.bincount(self.at, minlength=len(self.first))
        order = np.argsort(self.at, kind="stable")
        at, row = self.at[order], rows[order]
        fresh = np.ones(len(row), dtype=np.int64)
        fresh[1:] = (at[1:] != at[:-1]) | (row[1:] != row[:-1])
        return np.bincount(at, weights=fresh, minlength=len(self.first)).astype(np.int64)
