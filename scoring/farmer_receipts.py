"""Receipts of farmers: the parcels' lines, put together by kind and crop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from scoring.book import Book
from scoring.pack_schema import Pack
from scoring.receipt import Entry, Fact, Ledger, Line, money_fact, write_line
from scoring.steps import area_texts

#: Lines that keep crops apart on a farmer's receipt.
_BY_CROP: Final = frozenset(("CROP_COST", "NO_PRICE", "CYCLE_NO_PRICE", "CYCLE_REPEATED", "CYCLE_UNCERTAIN"))


@dataclass(slots=True)
class _Sum:
    """Lines of one kind and crop of one farmer."""

    facts: dict[str, Fact]
    effect: int = 0
    area: int = 0
    parcels: int = 0
    last_row: int = -1

    def add(self, row: int, effect: int, area: int) -> None:
        self.effect += effect
        self.area += area
        self.parcels += row != self.last_row
        self.last_row = row


def farmer_receipts(ledger: Ledger, book: Book, known: npt.NDArray[np.bool_], pack: Pack) -> list[list[Line]]:
    """Lines of every group, in the order of the ledger; what was left out comes first."""
    receipts = _left_out(book, known, pack)
    for entry in ledger.entries:
        for (group, _), total in _summed(entry, book).items():
            facts = _facts(entry, total, pack)
            receipts[group].append(write_line(pack, "farmer", entry.code, total.effect, facts))
    return receipts


def _summed(entry: Entry, book: Book) -> dict[tuple[int, Fact], _Sum]:
    sums: dict[tuple[int, Fact], _Sum] = {}
    groups = book.group[entry.rows].tolist()
    areas = entry.areas.tolist() if entry.areas is not None else [0] * len(groups)
    effects, rows = entry.effects.tolist(), entry.rows.tolist()
    for place, group in enumerate(groups):
        if book.farmers[group] is None:
            continue
        crop = entry.facts_at(place)["crop"] if entry.code in _BY_CROP else ""
        key = (group, crop)
        if key not in sums:
            sums[key] = _Sum(entry.facts_at(place))
        sums[key].add(rows[place], effects[place], areas[place])
    return sums


def _facts(entry: Entry, total: _Sum, pack: Pack) -> dict[str, Fact]:
    """Facts of the sum; those of a single parcel (its cycle, its declared crop) are not the farmer's."""
    own = {name: fact for name, fact in total.facts.items() if name not in {"cycle", "measured", "factor", "peers"}}
    if entry.code not in _BY_CROP:
        own = {name: fact for name, fact in own.items() if name not in {"crop", "declared"}}
    if entry.areas is not None:
        own["area"] = area_texts(np.array([total.area]), pack)[0]
    if entry.code == "KEPT_APPROVED":
        own["amount"] = money_fact(total.effect, pack)
    own["parcels"] = total.parcels
    return own


def _left_out(book: Book, known: npt.NDArray[np.bool_], pack: Pack) -> list[list[Line]]:
    of = book.totals(np.ones(len(book.frame), dtype=np.int64))
    missing = book.totals((~known).astype(np.int64))
    return [
        [write_line(pack, "farmer", "LEFT_OUT", 0, {"parcels": int(out), "of": int(count)})] if out else []
        for out, count in zip(missing, of, strict=True)
    ]
