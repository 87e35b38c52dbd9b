"""Kisan Credit Cards of a book: the year's drawing limit of every farmer, shared among the farmer's parcels.

The steps and roundings are those of scoring.kcc, in columns. The first year's limit comes from the crops on the land
and the premiums; each year up to that of the facility adds the escalation share; the last year of the policy has a
rounding of its own; term loans outstanding in the year come on top.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from scoring.book import Book, Case
from scoring.crop_lines import Bools
from scoring.intake import CARD
from scoring.kcc import INSURANCES
from scoring.money import Ints, part_of
from scoring.pack_schema import KccRules, Pack
from scoring.receipt import Ledger, money_texts
from scoring.steps import decided_totals, post_change, post_crops, post_rounding, post_share


@dataclass(frozen=True, slots=True)
class _Cards:
    """What is stated of the cards of g farmers; of figures that disagree the least, which gives the least limit.

    Attributes:
        year: of the facility, as stated; 1 where it is not.
        is_stated: whether the year is.
        premiums: minor units by scoring.kcc.INSURANCES, each of shape (g,); 0 where not stated.
        insured: whether any premium is stated.
        term_loan: outstanding in the year, minor units; 0 where not stated.
        disagree: whether the farmer's parcels state different figures.
    """

    year: Ints
    is_stated: Bools
    premiums: Mapping[str, Ints]
    insured: Bools
    term_loan: Ints
    disagree: Bools

    @classmethod
    def of(cls, book: Book) -> _Cards:
        """Facts of the farmers, stated on any of their parcels."""
        facts = {name: book.group_fact(name, "min") for name in CARD}
        year, is_stated, _ = facts["facility_year"]
        premiums = {name: facts[f"{name}_minor"] for name in INSURANCES}
        return cls(
            year=np.where(is_stated, year, 1),
            is_stated=is_stated,
            premiums={name: amount for name, (amount, _, _) in premiums.items()},
            insured=np.any([stated for _, stated, _ in premiums.values()], axis=0),
            term_loan=facts["term_loan_minor"][0],
            disagree=np.any([differs for _, _, differs in facts.values()], axis=0),
        )

    def ended(self, rules: KccRules) -> Bools:
        """Facilities past their last year, shape (g,)."""
        return self.year > rules.years


def post_kcc(ledger: Ledger, book: Book, case: Case, rules: KccRules, pack: Pack) -> None:
    """Post the drawing limit of every farmer's year; that of a first year where none is stated, or the last is over."""
    cards = _Cards.of(book)
    post_crops(ledger, book, case, pack)
    base = decided_totals(ledger, book)
    post_share(ledger, book, "CONSUMPTION", base, rules.consumption_share, rules.rounding.share, pack)
    post_share(ledger, book, "MAINTENANCE", base, rules.maintenance_share, rules.rounding.share, pack)
    for name, premium in cards.premiums.items():
        if name != "crop_insurance" or rules.crop_insurance == "added_after_shares":
            _post_of_farmer(ledger, book, name.upper(), premium, pack)
    post_rounding(ledger, book, rules.rounding.first_year, pack)
    _post_years(ledger, book, cards, rules, pack)
    _post_of_farmer(ledger, book, "TERM_LOANS_OUTSTANDING", cards.term_loan, pack)


def post_kcc_facts(ledger: Ledger, book: Book, rules: KccRules, pack: Pack) -> None:
    """Lines without effect: what is not stated, does not agree, or does not count."""
    cards = _Cards.of(book)
    year = pa.array(cards.year)
    ended = np.flatnonzero(book.decided & cards.ended(rules)[book.group])
    ledger.post("FACILITY_ENDED", ended, 0, {"year": year.take(pa.array(book.group[ended])), "years": rules.years})
    ledger.post("INSURANCE_NOT_STATED", np.flatnonzero(book.decided & ~cards.insured[book.group]))
    if rules.crop_insurance == "in_scale_of_finance":
        premium = cards.premiums["crop_insurance"]
        inside = np.flatnonzero(book.decided & (premium > 0)[book.group])
        ledger.post("CROP_INSURANCE_INSIDE", inside, 0, {"amount": money_texts(premium[book.group[inside]], pack)})
    ledger.post("CARD_FACTS_DISAGREE", np.flatnonzero(book.decided & cards.disagree[book.group]))


def _post_years(ledger: Ledger, book: Book, cards: _Cards, rules: KccRules, pack: Pack) -> None:
    """Post the years of the facilities after the first; nothing is said of years where none is stated."""
    year = np.where(cards.ended(rules), 1, cards.year)
    _post_year(ledger, book, 1, cards.is_stated)
    for number in range(2, int(year.max(initial=1)) + 1):
        going = year >= number
        base = np.where(going, decided_totals(ledger, book), 0)
        share, rounding = rules.escalation_share, rules.rounding.increment
        post_share(ledger, book, "ESCALATION", base, share, rounding, pack, {"year": number})
        _post_year(ledger, book, number, going)
    post_rounding(ledger, book, rules.rounding.final, pack, cards.is_stated & (year == rules.years))


def _post_year(ledger: Ledger, book: Book, number: int, going: Bools) -> None:
    ledger.post("YEAR_LIMIT", np.flatnonzero(book.decided & going[book.group]), 0, {"year": number})


def _post_of_farmer(ledger: Ledger, book: Book, code: str, figure: Ints, pack: Pack) -> None:
    """Add a figure of each farmer (shape (g,)), shared among the decided parcels.

    Amounts kept as last approved hold their part of it already, by their share of the amounts: it is taken off again.
    """
    if not figure.any():
        return
    totals = decided_totals(ledger, book)
    full = np.where(totals > 0, figure, 0)
    part = part_of(full, totals, totals + book.totals(book.kept))
    post_change(ledger, book, code, full, {"amount": money_texts(figure, pack)})
    post_change(ledger, book, "KEPT_PART", part - full)
