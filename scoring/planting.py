"""Planting loans: area backed by a land right x financed cost, less other debt, under ceilings.

The order of the steps is the order of the receipt: crops, rent of leased land, growth, haircut for the land right, own
funds, ceiling per area, other debt, ceilings per farmer, rounding down. Every step is monotone in area, price and
vigour.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pyarrow as pa

from scoring.book import Book, Case, step_count
from scoring.money import Ints, Mode, divide, multiply_divide, times_fraction
from scoring.pack_schema import Haircuts, Pack, PlantingRules, Vigour
from scoring.receipt import Fact, Facts, Ledger, money_fact, money_texts, texts_of
from scoring.steps import (
    area_texts,
    decided_totals,
    percent,
    post_ceiling,
    post_change,
    post_crops,
    post_rounding,
)

#: Vigour factors are whole ten-thousandths.
_FACTOR_ONE = 10_000


def post_planting(ledger: Ledger, book: Book, case: Case, rules: PlantingRules, pack: Pack) -> None:
    """Post all steps of a planting loan for a book."""
    post_crops(ledger, book, case, pack)
    _post_rent(ledger, book, case, rules, pack)
    _post_vigour(ledger, book, pack.vigour)
    _post_haircuts(ledger, book, rules.haircuts)
    _post_own_funds(ledger, book, rules)
    _post_area_cap(ledger, book, case, rules, pack)
    _post_debt(ledger, book, pack)
    _post_ceilings(ledger, book, rules, pack)
    post_rounding(ledger, book, rules.rounding, pack)


def post_planting_facts(ledger: Ledger, book: Book) -> None:
    """Lines without effect: what the file does not say."""
    land_right = book.frame.land_right.isna().to_numpy()
    ledger.post("LAND_RIGHT_NOT_STATED", np.flatnonzero(book.decided & land_right))
    disagree = np.zeros(len(book.frame), dtype=bool)
    for column, careful, code in (
        ("other_debt_minor", "max", "INCOMPLETE_DEBT"),
        ("household_capacity_minor", "min", "INCOMPLETE_HOUSEHOLD"),
    ):
        _, stated, differs = book.group_fact(column, careful)
        ledger.post(code, np.flatnonzero(book.decided & ~stated[book.group]))
        disagree |= differs[book.group]
    ledger.post("FACTS_DISAGREE", np.flatnonzero(book.decided & disagree))


def _post_rent(ledger: Ledger, book: Book, case: Case, rules: PlantingRules, pack: Pack) -> None:
    leased = book.frame.land_right.eq("lease").fillna(value=False).to_numpy(dtype=bool)
    rows = np.flatnonzero(book.decided & leased)
    rent = pack.minor(rules.rent)
    effects = multiply_divide(case.area[rows], np.full_like(rows, rent), step_count(pack.area), Mode.HALF_UP)
    cycles = np.ones(len(book.frame), dtype=np.int64)
    cycles[book.lines.row] = np.maximum(book.lines.cycles, 1)

    def facts() -> dict[str, Facts | Fact]:
        area = area_texts(case.area[rows], pack)
        return {"area": area, "price": money_fact(rent, pack), "cycles": pa.array(cycles[rows])}

    ledger.post("RENT", rows, effects, facts, areas=case.area[rows])


def _post_vigour(ledger: Ledger, book: Book, vigour: Vigour | None) -> None:
    if vigour is None or not vigour.applied:
        return
    factor, peers = vigour_factors(book, vigour)
    few = np.flatnonzero(book.decided & (peers < vigour.least_peers))
    ledger.post("VIGOUR_FEW_PEERS", few, 0, {"least": vigour.least_peers})
    rows = np.flatnonzero(book.decided & (factor != _FACTOR_ONE))
    now = ledger.amounts[rows]
    effects = divide(now.astype(object) * factor[rows], _FACTOR_ONE, Mode.HALF_UP) - now

    def facts() -> dict[str, pa.Array]:
        said = texts_of(factor[rows], lambda factor: f"{factor / _FACTOR_ONE:.4f}")
        return {"factor": said, "peers": pa.array(peers[rows])}

    ledger.post("VIGOUR", rows, effects, facts)


def vigour_factors(book: Book, vigour: Vigour) -> tuple[Ints, Ints]:
    """Factor in ten-thousandths and number of peers of each parcel, shape (n,).

    Peers are the decided parcels of the same crop and district (scoring.intake). The factor is 1 within a band
    around their median, moves with `slope` beyond it, stays within the pack's bounds, and is 1 below the least number
    of peers or without a figure of its own.
    """
    own = book.frame.vigour_pct.astype(float).where(book.decided)
    peers = book.frame.peers.fillna(0).to_numpy(dtype=np.int64)
    away = (own - book.frame.peer_median.astype(float)).to_numpy(dtype=float)
    beyond = np.sign(away) * np.maximum(np.abs(away) - float(vigour.band_points), 0.0)
    raw = 1.0 + float(vigour.slope) * beyond / 100.0
    bounded = np.clip(raw, float(vigour.lowest), float(vigour.highest))
    counts = (peers >= vigour.least_peers) & own.notna().to_numpy()
    return np.where(counts, np.rint(np.nan_to_num(bounded, nan=1.0) * _FACTOR_ONE), _FACTOR_ONE).astype(np.int64), peers


def _post_haircuts(ledger: Ledger, book: Book, haircuts: Haircuts | None) -> None:
    """Cut a parcel's cost by its land right, down to the smallest unit of what is left."""
    if haircuts is None:
        return
    right = book.frame.land_right.fillna("not_stated").to_numpy(dtype=object)
    for name, share in (
        ("certificate", haircuts.certificate),
        ("lease", haircuts.lease),
        ("not_stated", haircuts.not_stated),
    ):
        rows = np.flatnonzero(book.decided & (right == name)) if share else np.empty(0, dtype=np.intp)
        now = ledger.amounts[rows]
        ledger.post(
            "HAIRCUT", rows, times_fraction(now, 1 - Fraction(share), Mode.DOWN) - now, {"share": percent(share)}
        )


def _post_own_funds(ledger: Ledger, book: Book, rules: PlantingRules) -> None:
    rows = np.flatnonzero(book.decided)
    now = ledger.amounts[rows]
    effects = times_fraction(now, Fraction(rules.financed_share), Mode.DOWN) - now
    ledger.post("OWN_FUNDS", rows, effects, {"share": percent(rules.financed_share)})


def _post_area_cap(ledger: Ledger, book: Book, case: Case, rules: PlantingRules, pack: Pack) -> None:
    if rules.most_per_area is None:
        return
    most = pack.minor(rules.most_per_area)
    cap = multiply_divide(case.area, np.full_like(case.area, most), step_count(pack.area), Mode.DOWN)
    rows = np.flatnonzero(book.decided & (ledger.amounts > cap))
    ledger.post("AREA_CAP", rows, cap[rows] - ledger.amounts[rows], {"price": money_fact(most, pack)})


def _post_debt(ledger: Ledger, book: Book, pack: Pack) -> None:
    debt, _, _ = book.group_fact("other_debt_minor", "max")
    cut = np.minimum(debt, decided_totals(ledger, book))
    post_change(ledger, book, "OTHER_DEBT", -cut, lambda groups: {"amount": money_texts(debt[groups], pack)})


def _post_ceilings(ledger: Ledger, book: Book, rules: PlantingRules, pack: Pack) -> None:
    if rules.most_per_farmer is not None:
        most = np.full(len(book.named), pack.minor(rules.most_per_farmer), dtype=np.int64)
        post_ceiling(ledger, book, "PRODUCT_CAP", most, pack)
    capacity, stated, _ = book.group_fact("household_capacity_minor", "min")
    unbounded = np.iinfo(np.int64).max // 2
    post_ceiling(ledger, book, "HOUSEHOLD_CAPACITY", np.where(stated, capacity, unbounded), pack)
