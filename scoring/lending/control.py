"""The control file beside a loan file: what the core system counted and summed, which the rows must give again."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Literal

from pydantic import Field, ValidationError

from geo.errors import InputError
from scoring.lending.loanbook import LoanBook
from scoring.money import to_major, to_minor
from scoring.pack_values import Exact, Strict
from scoring.policy import describe

Summed = Literal["sanctioned", "drawing", "principal", "outstanding", "overdue"]

_REMEDY = "Export loan file and control file again together: nothing was written."


class Control(Strict):
    """Counts and sums of a loan file, as the core system states them; sums by currency in major units."""

    control_format: Literal[1]
    as_of: date
    loans: int = Field(ge=0)
    plots: int | None = Field(default=None, ge=0)
    sums: dict[str, dict[Summed, Exact]] = Field(default_factory=dict)


def parse_control(text: str, name: str) -> Control:
    """Control from TOML text; InputError names the file and the key."""
    try:
        return Control.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise InputError("LOAN_CONTROL_FILE", f"{name} is not valid TOML: {error}.", "Mend the file.") from error
    except ValidationError as error:
        raise InputError("LOAN_CONTROL_FILE", describe(error, name), "docs/book.md lists every key.") from error


def check_control(book: LoanBook, control: Control, exponents: dict[str, int]) -> None:
    """Refuse a book that does not give its control file again, to the last minor unit.

    Args:
        book: that was read.
        control: beside it.
        exponents: number of decimals of each currency.

    Raises:
        InputError: day, counts, currencies or sums differ; all differences are named.
    """
    wrong = _counts(book, control)
    totals = book.totals()
    if control.sums and set(control.sums) != set(totals):
        wrong.append(
            f"currencies {', '.join(sorted(totals))} in the rows, {', '.join(sorted(control.sums))} in control"
        )
    for currency in sorted(set(control.sums) & set(totals)):
        for name, stated in control.sums[currency].items():
            wrong += _sum(name, currency, totals[currency], to_minor(stated, exponents[currency]), exponents[currency])
    if wrong:
        raise InputError("LOAN_CONTROL", f"The loan file does not reconcile: {'; '.join(wrong)}.", _REMEDY)


def _counts(book: LoanBook, control: Control) -> list[str]:
    pairs = [("the day", book.as_of, control.as_of), ("loans", len(book.loans), control.loans)]
    if control.plots is not None:
        pairs.append(("plots", len(book.plots), control.plots))
    return [f"{what} {found} in the rows, {stated} in control" for what, found, stated in pairs if found != stated]


def _sum(name: str, currency: str, totals: dict[str, int | None], stated: int, exponent: int) -> list[str]:
    unknown, found = totals[f"{name}_unknown"], totals[f"{name}_minor"]
    if unknown or found is None:
        return [f"{name} is not known of {unknown} loans in {currency}, and control has a sum of it"]
    if found == stated:
        return []
    one, other, apart = (to_major(value, exponent) for value in (found, stated, found - stated))
    return [f"{name} {currency} {one} in the rows, {other} in control ({apart:+})"]
