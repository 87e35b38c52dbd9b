"""Amounts as people write them."""

from __future__ import annotations

from typing import Final

from scoring.money import to_major

#: Digits after the point where they are not two (ISO 4217).
_EXPONENTS: Final = {"JPY": 0, "KRW": 0, "VND": 0, "BHD": 3, "KWD": 3, "TND": 3}


def major_text(minor: int, currency: str) -> str:
    """Minor units as text: 12,300.00 CNY."""
    digits = exponent_of(currency)
    return f"{to_major(minor, digits):,.{digits}f} {currency}".strip()


def exponent_of(currency: str) -> int:
    """Number of decimals of a currency."""
    return _EXPONENTS.get(currency, 2)
