"""Kisan Credit Card: the circular's steps, worked out line by line for one farmer (a book's are in scoring.kcc_book).

First year: scale of finance x area, + consumption and maintenance shares, + insurance. Each later year adds the
escalation share of the limit before it. The last year's limit plus term loans is the maximum permissible limit, which
is not drawable: the year's drawing limit is. Every rounding is the pack's and a line of its own. No vigour.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import numpy as np

from geo.area import convert_area
from geo.errors import InputError
from scoring.facts import CropFact, FlexibleCardFact, KccFacts, TermLoan, parse_facts
from scoring.money import Mode, allocate, in_words, plain_number, round_to, to_major
from scoring.pack_schema import KccRules, Pack, Rounding
from scoring.receipt import Fact
from scoring.steps import percent
from scoring.working import Tally, Working

#: Premiums, each a fact and a line of its own.
INSURANCES: Final = ("crop_insurance", "personal_insurance", "asset_insurance")


def working(facts: Mapping[str, object], pack: Pack) -> Working:
    """Work a Kisan Credit Card limit out, step by step.

    Args:
        facts: see scoring.facts.KccFacts: crops (crop, area, unit, scale_of_finance), term_loans, year,
            crop_insurance, personal_insurance, asset_insurance, flexible_card.
        pack: a pack with the formula "kcc".

    Returns:
        The steps, whose effects add up to the limit, and the figures: years (short-term limits before the last
        rounding), short_term_limit, term_loans, insurance, limit, year, drawing_limit and sub_limits of that year, and
        the same of every year (by_year).

    Raises:
        InputError: another formula, or a fact that is missing or wrong (named).
    """
    if not isinstance(pack.rules, KccRules):
        raise InputError(
            "POLICY_FORMULA",
            f"The policy {pack.id!r} is not a Kisan Credit Card.",
            "Choose a policy with the formula kcc.",
        )
    said = parse_facts(KccFacts, facts)
    _check_years(said, pack.rules)
    tally = Tally(pack)
    parts = _first_year(tally, said, pack.rules, pack)
    years = _years(tally, pack.rules)
    _rounded(tally, tally.amount, pack.rules.rounding.final)
    short_term = tally.amount
    for loan in said.term_loans:
        tally.add("TERM_LOAN", loan.amount, {"year": loan.year, "amount": in_words(loan.amount)})
    figures: dict[str, object] = {
        "years": [plain_number(year) for year in years],
        "short_term_limit": plain_number(short_term),
        "term_loans": plain_number(tally.amount - short_term),
        "limit": plain_number(tally.amount),
        "year": said.year,
        **_drawing([*years[:-1], short_term], parts, said, pack),
        "insurance": plain_number(sum((getattr(said, name) for name in INSURANCES), Decimal(0))),
        "flexible_card": _flexible(tally, said.flexible_card, pack.rules),
        "flexible_card_set_by": None if said.flexible_card is None else said.flexible_card.set_by,
    }
    return tally.working(figures)


def _check_years(said: KccFacts, rules: KccRules) -> None:
    years = {"year": said.year} | {f"term_loans.{place}.year": loan.year for place, loan in enumerate(said.term_loans)}
    for name, year in years.items():
        if year > rules.years:
            raise InputError("FACTS", f"facts: {name!r} is {year}; the policy has years 1 to {rules.years}.")


def _drawing(limits: list[Decimal], parts: Mapping[str, Decimal], said: KccFacts, pack: Pack) -> dict[str, object]:
    """What may be drawn each year, with its sub-limits, and the same of the year asked for."""
    by_year: list[dict[str, object]] = []
    for year, limit in enumerate(limits, start=1):
        outstanding = _outstanding(said.term_loans, year, pack)
        by_year.append(
            {
                "year": year,
                "short_term_limit": plain_number(limit),
                "term_loans_outstanding": plain_number(outstanding),
                "drawing_limit": plain_number(limit + outstanding),
                "sub_limits": _sub_limits(parts, limit, pack),
            }
        )
    asked = by_year[said.year - 1]
    return {
        "drawing_limit": asked["drawing_limit"],
        "drawing_limits": [each["drawing_limit"] for each in by_year],
        "sub_limits": asked["sub_limits"],
        "by_year": by_year,
    }


def _first_year(tally: Tally, said: KccFacts, rules: KccRules, pack: Pack) -> dict[str, Decimal]:
    """Post the first year's limit; its parts by sub-limit."""
    for place, crop in enumerate(said.crops):
        _post_crop(tally, crop, place, pack)
    crops = tally.amount
    shares = {"CONSUMPTION": rules.consumption_share, "MAINTENANCE": rules.maintenance_share}
    for code, share in shares.items():
        tally.add(code, tally.in_minor_units(crops * share), {"share": percent(share)})
        _rounded(tally, tally.last_effect, rules.rounding.share)
    before = tally.amount
    for name in INSURANCES:
        _post_insurance(tally, name, getattr(said, name), rules)
    parts = {"crop": crops + tally.amount - before, **_share_parts(tally)}
    _rounded(tally, tally.amount, rules.rounding.first_year)
    tally.add("YEAR_LIMIT", Decimal(0), {"year": 1})
    return parts


def _share_parts(tally: Tally) -> dict[str, Decimal]:
    """Consumption and maintenance parts with their roundings, from the lines posted."""
    parts = {"consumption": Decimal(0), "maintenance": Decimal(0)}
    current = ""
    for line in tally.lines:
        current = line.code.lower() if line.code != "ROUNDING" else current
        if current in parts:
            parts[current] += line.effect
    return parts


def _post_crop(tally: Tally, crop: CropFact, place: int, pack: Pack) -> None:
    area, price = crop.area, crop.scale_of_finance
    unit = crop.unit
    if price is None:
        price = pack.prices.amount(crop.crop, crop.district, crop.season)
        area, unit = convert_area(crop.area, crop.unit, pack.prices.area_unit), pack.prices.area_unit
    if price is None:
        raise InputError(
            "FACTS",
            f"facts: 'crops.{place}.scale_of_finance' is missing and the policy {pack.id!r} has none for {crop.crop}.",
            "Give the scale of finance of the district.",
        )
    facts: dict[str, Fact] = {
        "crop": crop.crop, "area": f"{round(area, 4).normalize():f}", "price": in_words(price),
        "unit": unit,
    }  # fmt: skip
    tally.add("CROP_STATED", tally.in_minor_units(area * price), facts)


def _post_insurance(tally: Tally, name: str, premium: Decimal, rules: KccRules) -> None:
    if not premium:
        return
    if name == "crop_insurance" and rules.crop_insurance == "in_scale_of_finance":
        said = "facts: 'crop_insurance' lies inside the scale of finance under this policy."
        raise InputError("FACTS", said, "Leave it out, or take a policy that adds it after the shares.")
    tally.add(name.upper(), premium, {"amount": in_words(premium)})


def _years(tally: Tally, rules: KccRules) -> list[Decimal]:
    """Short-term limits of all years; each increment is rounded before it is added."""
    years = [tally.amount]
    for year in range(2, rules.years + 1):
        increment = tally.in_minor_units(tally.amount * rules.escalation_share)
        tally.add("ESCALATION", increment, {"year": year, "share": percent(rules.escalation_share)})
        _rounded(tally, increment, rules.rounding.increment)
        tally.add("YEAR_LIMIT", Decimal(0), {"year": year})
        years.append(tally.amount)
    return years


def _rounded(tally: Tally, figure: Decimal, rounding: Rounding) -> None:
    """Post what rounding a figure changes; nothing where it is round already."""
    change = round_to(figure, rounding.to, rounding.mode) - figure
    if change:
        tally.add("ROUNDING", change, {"step": in_words(rounding.to), "mode": str(rounding.mode)})


def _outstanding(loans: tuple[TermLoan, ...], year: int, pack: Pack) -> Decimal:
    """Term loans drawn by a year less what was due before it, in equal yearly parts; whole without a schedule.

    To the smallest unit of the currency, nearest.
    """
    total = Decimal(0)
    for loan in loans:
        if loan.year > year:
            continue
        repaid = min(year - loan.year, loan.repaid_over_years) if loan.repaid_over_years else 0
        total += loan.amount - (loan.amount * repaid / loan.repaid_over_years if loan.repaid_over_years else 0)
    return round_to(total, Decimal(1).scaleb(-pack.currency.exponent), Mode.HALF_UP)


def _sub_limits(parts: Mapping[str, Decimal], limit: Decimal, pack: Pack) -> dict[str, int | float]:
    """The year's limit shared as in the first year: crop (with insurance), consumption, maintenance."""
    weights = np.array([int(part.scaleb(pack.currency.exponent)) for part in parts.values()], dtype=np.int64)
    total = np.array([pack.minor(limit)], dtype=np.int64)
    shares = allocate(total, weights, np.zeros(len(weights), dtype=np.int64))
    return {
        name: plain_number(to_major(int(share), pack.currency.exponent))
        for name, share in zip(parts, shares, strict=True)
    }


def _flexible(tally: Tally, card: FlexibleCardFact | None, rules: KccRules) -> int | float | None:
    """A flexible card is recorded within its bounds, never computed: a line without effect."""
    if card is None:
        return None
    bounds = rules.flexible_card
    if not bounds.least <= card.amount <= bounds.most:
        raise InputError(
            "FACTS",
            f"facts: 'flexible_card' is {card.amount}; the policy allows {bounds.least} to {bounds.most}.",
            "Record what the branch manager set within these bounds.",
        )
    words = {"amount": card.amount, "least": bounds.least, "most": bounds.most}
    tally.add("FLEXIBLE_CARD", Decimal(0), {name: in_words(amount) for name, amount in words.items()})
    return plain_number(card.amount)
