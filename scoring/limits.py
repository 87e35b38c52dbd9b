"""Credit limits of a whole book: one row per parcel, one per farmer, each with its receipt.

What cannot be decided keeps its last approved amount, or has none; it is never lowered or raised by an observation.
Parcels add up to their farmer to the last minor unit.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from geo.season import Season
from scoring.book import Book, Bools, Case, open_book
from scoring.farmer_receipts import farmer_receipts
from scoring.flags import post_flags, post_undecided
from scoring.kcc import post_kcc, post_kcc_facts
from scoring.money import Ints
from scoring.pack_schema import KccRules, Pack
from scoring.planting import post_planting, post_planting_facts
from scoring.receipt import Ledger, Line, mark_principal, to_json, write_line

_ALWAYS_VISIT: Final = ("NOT_DECIDED_", "NO_PRICE", "CROP_NOT_NAMED", "LEFT_OUT")


def limit_book(parcels: pd.DataFrame, seasons: pd.DataFrame, pack: Pack, season: Season) -> pd.DataFrame:
    """Limits of a book under a policy.

    Args:
        parcels: geo.observations.PARCELS columns and, where known, the facts of geo.parcels.ParcelBook: land_right,
            certified_area_ha, district, other_debt_minor and household_capacity_minor (of the farmer, on any of the
            farmer's parcels), approved_minor (of the parcel). A column that is absent is a fact that is not stated.
        seasons: geo.observations.SEASONS; cycles of other seasons are passed over.
        pack: the policy.
        season: the season that the parcels were observed in.

    Returns:
        Columns of geo.observations.LIMITS: parcels in their order, then farmers in the order of their first parcel.
        amount_minor, low_minor and high_minor are Int64, missing where no amount can be given.

    Raises:
        DataError: the table of parcels does not hold together; the parcel is named.
    """
    book = open_book(parcels, seasons, pack, season)
    ledger = _posted(book, book.mid, pack)
    low, high = (_posted(book, case, pack).amounts for case in (book.low, book.high))
    _post_facts(ledger, book, pack)
    known = book.decided | book.is_kept
    receipts = _parcel_receipts(ledger, book, pack)
    rows = _rows("parcel", book.frame.parcel_id.tolist(), book.frame.farmer_id, ledger.amounts, known, pack)
    rows = _with_interval(rows, low, high, known).assign(reasons=pd.Series(receipts, dtype=object))
    named = np.array([farmer is not None for farmer in book.farmers], dtype=bool)
    table = pd.concat([rows, _farmer_rows(ledger, book, low, high, known, pack)[named]], ignore_index=True)
    table["needs_visit"] = [_needs_visit(lines, pack) for lines in table.reasons]
    table["reasons"] = [to_json(mark_principal(lines)) for lines in table.reasons]
    return table


def _posted(book: Book, case: Case, pack: Pack) -> Ledger:
    """Amounts of one view of what is uncertain, kept ones included."""
    ledger = Ledger(np.zeros(len(book.frame), dtype=np.int64))
    if isinstance(pack.rules, KccRules):
        post_kcc(ledger, book, case, pack.rules, pack)
    else:
        post_planting(ledger, book, case, pack.rules, pack)
    post_undecided(ledger, book, pack)
    return ledger


def _post_facts(ledger: Ledger, book: Book, pack: Pack) -> None:
    """Lines that change nothing and say why a person should look."""
    post_flags(ledger, book, pack)
    if isinstance(pack.rules, KccRules):
        post_kcc_facts(ledger, book)
    else:
        post_planting_facts(ledger, book)


def _parcel_receipts(ledger: Ledger, book: Book, pack: Pack) -> list[list[Line]]:
    receipts: list[list[Line]] = [[] for _ in range(len(book.frame))]
    for entry in ledger.entries:
        for place, (row, effect) in enumerate(zip(entry.rows.tolist(), entry.effects.tolist(), strict=True)):
            receipts[row].append(write_line(pack, "parcel", entry.code, effect, entry.facts_at(place)))
    return receipts


def _farmer_rows(ledger: Ledger, book: Book, low: Ints, high: Ints, known: Bools, pack: Pack) -> pd.DataFrame:
    any_known = book.totals(known.astype(np.int64)) > 0
    farmers = pd.Series(book.farmers, dtype=object)
    rows = _rows("farmer", list(book.farmers), farmers, book.totals(ledger.amounts), any_known, pack)
    rows = _with_interval(rows, book.totals(low), book.totals(high), any_known)
    return rows.assign(reasons=pd.Series(farmer_receipts(ledger, book, known, pack), dtype=object))


def _rows(
    kind: str,
    subjects: list[str] | list[str | None],
    farmers: pd.Series[str],
    amounts: Ints,
    known: Bools,
    pack: Pack,
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "subject_kind": kind,
            "subject_id": subjects,
            "farmer_id": farmers.astype(object).where(farmers.notna(), None).to_numpy(),
            "amount_minor": pd.array(amounts, dtype="Int64"),
            "currency": pack.currency.code,
            "policy_id": pack.id,
            "policy_hash": pack.content_hash,
        }
    ).assign(amount_minor=lambda frame: frame.amount_minor.where(known))


def _with_interval(rows: pd.DataFrame, low: Ints, high: Ints, known: Bools) -> pd.DataFrame:
    """Ends of the interval; they stop at the amount, past which sharing a farmer's ceiling may move a parcel's own."""
    amount = rows.amount_minor.fillna(0).to_numpy(dtype=np.int64)
    ends = {"low_minor": np.minimum(low, amount), "high_minor": np.maximum(high, amount)}
    return rows.assign(**{name: pd.Series(pd.array(end, dtype="Int64")).where(known) for name, end in ends.items()})


def _needs_visit(lines: list[Line], pack: Pack) -> bool:
    codes = [str(line["code"]) for line in lines]
    return any(code.startswith(_ALWAYS_VISIT) or code in pack.evidence.visit_reasons for code in codes)
