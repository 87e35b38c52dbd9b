"""What a reason says to a farmer: short sentences without terms of banking or remote sensing.

Every code that may be a principal reason has one (tests/scoring/wording). Braces hold the facts that the code's own
wording has; how much a reason adds or takes off is said beside it (scoring.receipts.explanation).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from scoring.wording.plain.land import LAND
from scoring.wording.plain.money import MONEY
from scoring.wording.plain.plots import CROPS, NOT_JUDGED
from scoring.wording.plain.seasons import SEASONS
from scoring.wording.plain.sentences import Plain

__all__ = ["PLAIN", "Plain"]

PLAIN: Final[Mapping[str, Plain]] = {**NOT_JUDGED, **CROPS, **LAND, **MONEY, **SEASONS}
