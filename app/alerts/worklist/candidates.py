"""Alerts as candidates for a visit: what the ranking needs of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from geo.errors import InputError
from geo.season import parse_season
from scoring.alerts.ranking import CANDIDATES, expected_losses, season_left, share_at_risk
from scoring.alerts.rules import AlertRules, load_rules

NO_ALERT: Final = {"level": "none"}


class RulesAtHand:
    """Alert rules by id, each read once; None where they are neither shipped nor in the bank's folder."""

    def __init__(self, rules_dir: Path | None = None) -> None:
        self._rules_dir = rules_dir
        self._read: dict[str, AlertRules | None] = {}

    def __call__(self, rules_id: str) -> AlertRules | None:
        """Rules of an id."""
        if rules_id not in self._read:
            try:
                self._read[rules_id] = load_rules(rules_id, self._rules_dir)
            except InputError as error:
                if error.code != "ALERT_RULES_UNKNOWN":
                    raise
                self._read[rules_id] = None
        return self._read[rules_id]


def at_risk(rules: AlertRules | None, cause: str, severity: float | None, season_id: str, day: date) -> float | None:
    """Share of an exposure that a visit on a day can still save; None where severity or the rule is not known."""
    rule = None if rules is None else rules.causes.get(cause)
    if rule is None or severity is None:
        return None
    left = season_left(parse_season(season_id), day)
    return float(share_at_risk(np.array([severity]), left, rule.saved_at_end)[0])


def table_of(rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Table of the schema CANDIDATES from rows that may lack what is not known."""
    return pa.Table.from_pylist([dict.fromkeys(CANDIDATES.names) | dict(row) for row in rows], CANDIDATES)


def losses_of(rows: Iterable[Mapping[str, Any]]) -> list[int | None]:
    """Expected losses avoided in minor units, by row of table_of; None where a factor is not known."""
    return [None if np.isnan(loss) else int(loss) for loss in expected_losses(table_of(rows))]
