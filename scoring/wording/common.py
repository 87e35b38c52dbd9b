"""Wordings that every formula shares: roundings, and facts of a farmer that do not agree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from scoring.wording.texts import Wording, say

COMMON: Final[Mapping[str, Wording]] = {
    "ROUNDING": say(0, "Rounding to {step} {currency_en} ({mode}).", "取整至{step}{currency_zh}（{mode}）。"),
    "FACTS_DISAGREE": say(
        3,
        "The farmer's parcels state different debts or capacities: the more careful figure counts.",
        "同一农户各地块的负债或还款能力不一致：取较审慎者。",
    ),
}
