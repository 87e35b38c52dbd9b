"""One limit as it stands on record, with its lines."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scoring.replay import limit_bytes
from scoring.wording import WORDINGS


@dataclass(frozen=True, slots=True)
class Limit:
    """A row of geo.observations.LIMITS.

    Attributes:
        kind: "parcel" or "farmer".
        subject_id: of the parcel or farmer.
        farmer_id: of the parcel's farmer; None where there is none.
        amount_minor: smallest unit of the currency; None where no amount can be given.
        low_minor: lower end of the interval; None with the amount.
        high_minor: upper end.
        currency: ISO 4217.
        needs_visit: whether a person has to look.
        policy_id: policy pack.
        policy_hash: its content hash.
        lines: as scoring.receipt.write_line gives them; their effects add up to the amount.
        sha256: of the row's canonical bytes (scoring.replay.limit_bytes): what a replay prints.
    """

    kind: str
    subject_id: str
    farmer_id: str | None
    amount_minor: int | None
    low_minor: int | None
    high_minor: int | None
    currency: str
    needs_visit: bool
    policy_id: str
    policy_hash: str
    lines: tuple[Mapping[str, Any], ...]
    sha256: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Limit:
        """Limit from a row with Python's own values (None where empty)."""
        said = {name: row[name] for name in cls.__dataclass_fields__ if name in row}
        return cls(
            kind=row["subject_kind"],
            lines=tuple(json.loads(row["reasons"])),
            sha256=hashlib.sha256(limit_bytes(dict(row))).hexdigest(),
            **said,
        )

    @property
    def principal(self) -> tuple[Mapping[str, Any], ...]:
        """Lines that are principal reasons, at most four: the most telling kind first, then the largest effect."""
        marked = [line for line in self.lines if line["principal"]]
        return tuple(sorted(marked, key=lambda line: (_rank(line["code"]), -abs(int(line["effect_minor"])))))


def _rank(code: str) -> int:
    """Place of a code among reasons; one that only a newer version knows comes last."""
    return WORDINGS[code].rank if code in WORDINGS else sys.maxsize
