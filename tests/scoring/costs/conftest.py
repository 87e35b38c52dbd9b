from __future__ import annotations

import pandas as pd
import pytest

from scoring.costs.mapping import SurveyMapping

MAPPING = {
    "survey_format": 1,
    "id": "made-up",
    "title": "Made-up farms",
    "source": "this test",
    "currency": {"code": "INR", "exponent": 2},
    "crop": "rice",
    "id_column": "farm",
    "area": {"column": "acres", "unit": "acre"},
    "groups": {"district": {"column": "district"}, "block": {"column": "block", "within": "district"}},
    "costs": [
        {"item": "labour", "column": "labour", "zero_where": {"hired": ["no", ""]}},
        {
            "item": "urea",
            "column": "urea_kg",
            "price": 242,
            "price_per": 45,
            "price_source": "bag",
            "zero_unless": {"fertilisers": "Urea"},
        },
    ],
    "lacks": ["seed"],
}


@pytest.fixture
def mapping() -> SurveyMapping:
    return SurveyMapping.model_validate(MAPPING)


@pytest.fixture
def survey() -> pd.DataFrame:
    """Forty farms of 1,000 to 1,390 an acre in two districts, one of them with only ten farms."""
    rows = [
        {
            "farm": f"f{number}",
            "acres": "2",
            "district": "Large" if number < 30 else "Small",
            "block": "North" if number % 2 else "South",
            "labour": str(2000 + 20 * number),
            "hired": "yes",
            "urea_kg": None,
            "fertilisers": "DAP",
        }
        for number in range(40)
    ]
    return pd.DataFrame(rows, dtype=object)
