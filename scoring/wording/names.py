"""Names of units, currencies and directions of rounding, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

UNITS: Final[Mapping[str, tuple[str, str]]] = {"mu": ("mu", "亩"), "acre": ("acre", "英亩"), "ha": ("ha", "公顷")}
_CURRENCIES: Final[Mapping[str, tuple[str, str]]] = {"CNY": ("yuan", "元"), "INR": ("rupees", "卢比")}
MODES: Final[Mapping[str, tuple[str, str]]] = {
    "down": ("down", "向下"),
    "up": ("up", "向上"),
    "half_up": ("to the nearest", "四舍五入"),
    "half_even": ("to the nearest even", "四舍六入五成双"),
}


def currency_words(code: str) -> tuple[str, str]:
    """English and Chinese name of a currency; its code where no name is known."""
    return _CURRENCIES.get(code, (code, code))
