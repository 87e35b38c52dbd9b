"""Small cards and books."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from scoring.risk.scorecard import Scorecard, parse_scorecard

CARD: dict[str, Any] = {
    "scorecard_format": 1,
    "id": "small",
    "version": "1",
    "valid_from": "2026-01-01",
    "title": {"en": "Small card", "zh": "小卡"},
    "approval": {"state": "example", "by": "nobody"},
    "scaling": {"pdo": 20, "base_score": 600, "base_odds": 50},
    "base_points": 500,
    "attributes": [
        {
            "name": "years",
            "kind": "numeric",
            "text": {"en": "Years of farming", "zh": "种植年限"},
            "missing": {"points": 0},
            "reference": "some",
            "bins": [
                {"id": "few", "text": {"en": "under 3", "zh": "不足3年"}, "below": 3, "points": 5},
                {"id": "some", "text": {"en": "3 to 9", "zh": "3至9年"}, "below": 10, "points": 30},
                {"id": "many", "text": {"en": "10 or more", "zh": "10年及以上"}, "points": 60},
            ],
        },
        {
            "name": "right",
            "kind": "category",
            "text": {"en": "Right to the land", "zh": "土地权利"},
            "missing": {"points": 0},
            "reference": "owned",
            "bins": [
                {"id": "owned", "text": {"en": "certificate", "zh": "确权"}, "values": ["certificate"], "points": 40},
                {"id": "let", "text": {"en": "lease", "zh": "流转"}, "values": ["lease", "share"], "points": 10},
            ],
        },
        {
            "name": "debt",
            "kind": "numeric",
            "text": {"en": "Debt to income", "zh": "负债收入比"},
            "missing": "incomplete",
            "reference": "low",
            "bins": [
                {"id": "low", "text": {"en": "under 0.5", "zh": "低于0.5"}, "below": 0.5, "points": 20},
                {"id": "high", "text": {"en": "0.5 or more", "zh": "0.5及以上"}, "points": 0},
            ],
        },
    ],
}


@pytest.fixture
def card_facts() -> dict[str, Any]:
    return copy.deepcopy(CARD)


@pytest.fixture
def card() -> Scorecard:
    return parse_scorecard(json.dumps(CARD), "small.json")


@pytest.fixture
def book() -> Callable[..., pd.DataFrame]:
    """Builder of a loan file: one keyword dictionary a loan, over sound defaults."""

    def build(*rows: dict[str, Any]) -> pd.DataFrame:
        sound = {"loan_class": "正常", "days_overdue": "0", "grade": "A", "security": "none", "ead_minor": "100"}
        return pd.DataFrame([{"loan_id": f"l{n}", **sound, "currency": "CNY", **row} for n, row in enumerate(rows, 1)])

    return build
