"""What every reason line says, in English and Chinese; a pack may word a code its own way.

`parcel` speaks of one parcel, `farmer` of all parcels of one farmer. Braces hold facts of the line. `rank` orders the
principal reasons, most telling first; 0 never counts as one. Codes of one kind stand in a module of their own, as a
mapping that is joined here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from scoring.wording.cards import CARDS
from scoring.wording.common import COMMON
from scoring.wording.crops import CROPS
from scoring.wording.decisions import DECISIONS
from scoring.wording.names import MODES, UNITS, currency_words
from scoring.wording.planting import PLANTING
from scoring.wording.seasons import SEASONS
from scoring.wording.texts import Text, Wording, braces

__all__ = [
    "CODES",
    "MODES",
    "MOST_PRINCIPAL",
    "UNITS",
    "WORDINGS",
    "Text",
    "Wording",
    "braces",
    "common_braces",
    "currency_words",
]

MOST_PRINCIPAL: Final = 4

WORDINGS: Final[Mapping[str, Wording]] = {**DECISIONS, **SEASONS, **CROPS, **PLANTING, **CARDS, **COMMON}

CODES: Final = frozenset(WORDINGS)


def common_braces(code: str) -> frozenset[str]:
    """Names that a pack's own text for a code may use: those known on parcels' and on farmers' receipts alike."""
    wording = WORDINGS[code]
    names = braces(wording.parcel.en) | braces(wording.parcel.zh)
    if wording.farmer is not None:
        names &= braces(wording.farmer.en) | braces(wording.farmer.zh)
    return names
