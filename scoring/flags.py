"""Reason lines that every formula shares: what was not decided, and what does not agree."""

from __future__ import annotations

import numpy as np
import pandas as pd

from scoring.book import Book
from scoring.crop_lines import plain_texts
from scoring.pack_schema import Pack
from scoring.receipt import Ledger, money_texts
from scoring.remarks import post_remarks
from scoring.status import UNDECIDED
from scoring.steps import area_texts


def post_undecided(ledger: Ledger, book: Book, pack: Pack) -> None:
    """Parcels whose status is not OK, or whose crop has no price; kept amounts come in here."""
    for status in UNDECIDED:
        ledger.post(f"NOT_DECIDED_{status}", np.flatnonzero(book.status == status))
    kept = np.flatnonzero(book.is_kept)
    ledger.post("KEPT_APPROVED", kept, book.kept[kept], lambda: {"amount": money_texts(book.kept[kept], pack)})
    lines = book.lines
    unpriced = np.flatnonzero(lines.own & ~lines.known)
    named, undated = pd.notna(lines.crop[unpriced]), lines.undated[unpriced]
    for code, where in (("NO_PRICE", named & ~undated), ("NO_PRICE_SEASON_UNKNOWN", undated)):
        ledger.post(code, lines.row[unpriced[where]], 0, {"crop": lines.crop[unpriced[where]].tolist()})
    ledger.post("CROP_NOT_NAMED", lines.row[unpriced[~named]])


def post_flags(ledger: Ledger, book: Book, pack: Pack) -> None:
    """Lines without effect: remarks, and of decided parcels further crops, areas and declarations that do not agree."""
    post_remarks(ledger, book.frame.remarks)
    _post_further_crops(ledger, book)
    _post_areas(ledger, book, pack)
    _post_declared(ledger, book)


def _post_further_crops(ledger: Ledger, book: Book) -> None:
    lines = book.lines
    further = book.decided[lines.row] & ~lines.own
    for code, where in (
        ("CYCLE_NO_PRICE", further & ~lines.known & ~lines.undated),
        ("CYCLE_SEASON_UNKNOWN", further & lines.undated),
        ("CYCLE_REPEATED", further & lines.known & lines.repeated),
        ("CYCLE_UNCERTAIN", further & lines.known & ~lines.repeated & ~lines.certain),
    ):
        facts = {"crop": lines.crop[where].tolist(), "cycle": lines.cycle[where].tolist()}
        ledger.post(code, lines.row[where], 0, facts)


def _post_areas(ledger: Ledger, book: Book, pack: Pack) -> None:
    stated = book.decided & (book.certified >= 0)
    apart = np.abs(book.measured - book.certified) > float(pack.area.mismatch_share) * book.certified
    smaller = book.certified < book.measured
    bounds = pack.area.basis == "lesser_of_measured_and_certified"
    for code, where in (("CERTIFIED_AREA", stated & smaller & bounds), ("AREA_MISMATCH", stated & apart)):
        rows = np.flatnonzero(where)
        facts = {"area": area_texts(book.certified[rows], pack), "measured": area_texts(book.measured[rows], pack)}
        ledger.post(code, rows, 0, facts, areas=book.certified[rows])


def _post_declared(ledger: Ledger, book: Book) -> None:
    """A declared crop that was not seen in any cycle."""
    declared, crop = plain_texts(book.frame.declared_crop), plain_texts(book.frame.crop)
    seen = np.zeros(len(book.frame), dtype=bool)
    seen[book.lines.row[book.lines.crop == declared[book.lines.row]]] = True
    rows = np.flatnonzero(book.decided & pd.notna(declared) & ~seen)
    ledger.post("CROP_MISMATCH", rows, 0, {"declared": declared[rows].tolist(), "crop": crop[rows].tolist()})
