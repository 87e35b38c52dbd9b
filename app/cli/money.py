"""Amounts as people write them."""

from __future__ import annotations

from typing import Final

from geo.errors import InputError
from scoring.money import exact_decimal, to_major, to_minor

#: Digits after the point where they are not two (ISO 4217).
_EXPONENTS: Final = {"JPY": 0, "KRW": 0, "VND": 0, "BHD": 3, "KWD": 3, "TND": 3}


def major_text(minor: int, currency: str) -> str:
    """Minor units as text: 12,300.00 CNY."""
    digits = exponent_of(currency)
    return f"{to_major(minor, digits):,.{digits}f} {currency}".strip()


def exponent_of(currency: str) -> int:
    """Number of decimals of a currency."""
    return _EXPONENTS.get(currency, 2)


def minor_of(text: str, currency: str) -> int:
    """Minor units of an amount as a person writes it, in major units; InputError where it is none."""
    try:
        amount = exact_decimal(text)
    except ValueError as error:
        raise InputError("AMOUNT", f"{text!r} is no amount.", "Write it like 12000 or 12000.50.") from error
    if amount < 0:
        raise InputError("AMOUNT", f"The amount {text} is negative.", "Write it like 12000 or 12000.50.")
    return to_minor(amount, exponent_of(currency))
