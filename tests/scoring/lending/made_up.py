"""A made-up core system: its mapping, and loans as its file has them."""

from __future__ import annotations

import copy
from typing import Any

import pandas as pd

from scoring.lending.mapping import LoanMapping

MAPPING: dict[str, Any] = {
    "loan_format": 1,
    "id": "made-up",
    "title": "Made-up core system",
    "source": "core",
    "rows": "loans",
    "currencies": [{"code": "CNY", "exponent": 2}, {"code": "JPY", "exponent": 0}],
    "products": {
        "planting": {"currency": "CNY", "revolving": True, "codes": ["P01"]},
        "yen": {"currency": "JPY", "revolving": False},
    },
    "loan": {
        "loan_number": {"column": "no"},
        "facility_number": {"column": "line"},
        "farmer_id": {"column": "customer"},
        "product": {"column": "code"},
        "currency": {"column": "ccy"},
        "sanctioned": {"column": "limit"},
        "drawing": {"column": "drawable"},
        "outstanding": {"column": "balance"},
        "days_overdue": {"column": "late"},
        "rate": {"column": "rate", "unit": "percent"},
        "opened_on": {"column": "opened"},
        "due_on": {"column": "due"},
        "loan_class": {"column": "class"},
    },
    "not_known": {"principal": "not exported", "overdue": "not exported"},
    "plot": {
        "parcel_id": {"column": "plot"},
        "area": {"column": "mu", "unit": "mu"},
        "crop": {"column": "crop", "words": {"dongxiaomai": "wheat"}},
        "starts_on": {"column": "from"},
        "ends_on": {"column": "to"},
    },
    "insurance": {
        "insurance_kind": {"constant": "crop", "reason": "the file is of crops"},
        "insurer": {"column": "insurer"},
        "policy_number": {"column": "policy"},
        "insured": {"column": "sum"},
        "premium": {"column": "premium"},
        "insured_from": {"column": "cover_from"},
        "insured_to": {"column": "cover_to"},
        "event": {"column": "event", "words": {"hail": "hail", "flood": "flood"}},
        "event_from": {"column": "event_from"},
        "event_to": {"column": "event_to"},
        "claim_outcome": {"column": "claim"},
        "claim_paid": {"column": "paid"},
    },
}

LOAN: dict[str, str | None] = {
    "no": "L1", "line": "F1", "customer": "C1", "code": "P01", "ccy": "CNY", "limit": "5000.00", "drawable": "4000",
    "balance": "1200.50", "late": "0", "rate": "6.5", "opened": "2026-03-01", "due": "2027-02-28", "class": "正常",
    "plot": "p1", "mu": "15", "crop": "dongxiaomai", "from": "2026-03-01", "to": "2026-06-30", "insurer": None,
    "policy": None, "sum": None, "premium": None, "cover_from": None, "cover_to": None, "event": None,
    "event_from": None, "event_to": None, "claim": None, "paid": None,
}  # fmt: skip

POLICY: dict[str, str | None] = {
    "insurer": "PICC", "policy": "N-7", "sum": "3000", "premium": "90.00", "cover_from": "2026-03-01",
    "cover_to": "2026-07-31", "event": "hail", "event_from": "2026-05-02", "event_to": "2026-05-02", "claim": "paid",
    "paid": "800",
}  # fmt: skip


def rows_of(*changes: dict[str, str | None]) -> pd.DataFrame:
    """One loan a row: L1, L2, ... of lines and plots of their own, with what a row changes."""
    own = (
        LOAN | {"no": f"L{n}", "line": f"F{n}", "customer": f"C{n}", "plot": f"p{n}"} | change
        for n, change in enumerate(changes, start=1)
    )
    return pd.DataFrame(list(own), dtype=object)


def mapping_with(**changes: Any) -> LoanMapping:
    return LoanMapping.model_validate(copy.deepcopy(MAPPING) | changes)
