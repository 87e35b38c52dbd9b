"""Steps that formulas share: crops on their area, and changes of a farmer's total shared among the parcels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pyarrow as pa

from scoring.book import Book, Case, step_count
from scoring.crop_lines import Bools
from scoring.money import Ints, Mode, allocate, in_words, multiply_divide, round_columns, times_fraction
from scoring.pack_schema import Pack, Rounding
from scoring.receipt import Fact, Ledger, decimal_texts, money_texts, texts_once


def area_texts(steps: Ints, pack: Pack) -> pa.StringArray:
    """Areas as decimal text in the pack's unit, shape (n,)."""
    return decimal_texts(steps, pack.area.decimals)


def percent(share: Decimal) -> str:
    """Share as people read it: 0.7 is "70 %"."""
    return f"{(share * 100).normalize():f} %"


def post_crops(ledger: Ledger, book: Book, case: Case, pack: Pack) -> None:
    """Area x price of every crop line of the decided parcels."""
    used = np.flatnonzero(book.decided[book.lines.row] & ((case.price > 0) | book.lines.counted))
    rows, price = book.lines.row[used], case.price[used]
    effects = multiply_divide(case.area[rows], price, step_count(pack.area), Mode.HALF_UP)

    def facts() -> dict[str, pa.Array]:
        said = {
            "crop": texts_once(book.lines.crop[used]),
            "cycle": pa.array(book.lines.cycle[used]),
            "area": area_texts(case.area[rows], pack),
            "price": money_texts(price, pack),
        }
        return said | ({"season": texts_once(book.lines.season[used])} if pack.prices.seasons else {})

    ledger.post("CROP_COST", rows, effects, facts, areas=case.area[rows])


def decided_totals(ledger: Ledger, book: Book) -> Ints:
    """Running totals of each farmer's decided parcels, shape (g,)."""
    return book.totals(np.where(book.decided, ledger.amounts, 0))


def post_change(
    ledger: Ledger,
    book: Book,
    code: str,
    change: Ints,
    facts: Mapping[str, Fact | pa.Array] | Callable[[Ints], Mapping[str, pa.Array]] | None = None,
) -> None:
    """Share a change of each farmer's total among the decided parcels, by their amounts, to the last minor unit.

    Args:
        ledger: the running amounts.
        book: parcels and groups.
        code: reason code.
        change: minor units by group, shape (g,); a cut never exceeds the total.
        facts: columns with one fact per group, or one fact for all; or what gives columns for some groups.
    """
    concerned = np.flatnonzero(change[book.group])
    group = book.group[concerned]
    weights = np.where(book.decided, ledger.amounts, 0)[concerned]
    share = allocate(np.abs(change), weights, group) * np.sign(change)[group]
    posted = np.flatnonzero(book.decided[concerned] & (share != 0))

    def said() -> Mapping[str, Fact | pa.Array]:
        if callable(facts):
            return facts(group[posted])
        at = pa.array(group[posted])
        return {name: fact if isinstance(fact, str | int) else fact.take(at) for name, fact in (facts or {}).items()}

    ledger.post(code, concerned[posted], share[posted], said)


def post_ceiling(ledger: Ledger, book: Book, code: str, ceiling: Ints, pack: Pack) -> None:
    """Cut each farmer's total to a ceiling; amounts kept as approved use it up first, and are not cut."""
    room = np.maximum(ceiling - book.totals(book.kept), 0)
    totals = decided_totals(ledger, book)

    def said(groups: Ints) -> dict[str, pa.Array]:
        return {"amount": money_texts(ceiling[groups], pack)}

    post_change(ledger, book, code, -np.maximum(totals - room, 0), said)
    over = np.flatnonzero((book.totals(book.kept) > ceiling)[book.group] & (book.decided | book.is_kept))
    ledger.post("KEPT_ABOVE_CAP", over, 0, lambda: said(book.group[over]))


def post_share(
    ledger: Ledger,
    book: Book,
    code: str,
    base: Ints,
    share: Decimal,
    rounding: Rounding,
    pack: Pack,
    facts: Mapping[str, Fact] | None = None,
) -> None:
    """Add a share of each farmer's base (shape (g,)); what its rounding changes is a line of its own.

    Args:
        ledger: the running amounts.
        book: parcels and groups.
        code: reason code.
        base: what the share is of, minor units by group, shape (g,).
        share: of the base, to the minor unit, nearest.
        rounding: of what is added.
        pack: the policy.
        facts: of the line, before the share.
    """
    added = times_fraction(base, Fraction(share), Mode.HALF_UP)
    change = round_columns(added, pack.minor(rounding.to), rounding.mode) - added
    post_change(ledger, book, code, added, {**(facts or {}), "share": percent(share)})
    post_change(ledger, book, "ROUNDING", change, _rounding_facts(rounding))


def post_rounding(ledger: Ledger, book: Book, rounding: Rounding, pack: Pack, among: Bools | None = None) -> None:
    """Round the total of each farmer, or of those among (shape (g,))."""
    totals = decided_totals(ledger, book)
    change = round_columns(totals, pack.minor(rounding.to), rounding.mode) - totals
    if among is not None:
        change = np.where(among, change, 0)
    post_change(ledger, book, "ROUNDING", change, _rounding_facts(rounding))


def _rounding_facts(rounding: Rounding) -> dict[str, str]:
    return {"step": in_words(rounding.to), "mode": str(rounding.mode)}
