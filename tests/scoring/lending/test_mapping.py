from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from geo.errors import InputError
from scoring.lending.mapping import LoanMapping, load_loan_mapping
from tests.scoring.lending.made_up import MAPPING


def _without(part: str, name: str) -> dict[str, Any]:
    return {part: {key: value for key, value in MAPPING[part].items() if key != name}}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_without("loan", "loan_number"), "loan_number is missing"),
        (_without("loan", "outstanding"), "why it is not known"),
        (_without("loan", "currency"), "several currencies"),
        (_without("insurance", "insurer"), "insurer is missing"),
        ({"not_known": MAPPING["not_known"] | {"rate": "no"}}, "say where rate is"),
        ({"loan": MAPPING["loan"] | {"product": {"constant": "P01"}}}, "a constant needs a reason"),
        ({"loan": MAPPING["loan"] | {"product": {"column": "a", "columns": ["b"]}}}, "give one of"),
        ({"loan": MAPPING["loan"] | {"rate": {"column": "rate", "unit": "percentage"}}}, "unit of rate"),
        ({"plot": {"crop": {"column": "crop", "unit": "ha"}}}, "unit of crop"),
        ({"products": {"x": {"currency": "USD", "revolving": True}}}, "not in currencies"),
        (
            {"products": {name: {"currency": "CNY", "revolving": True, "codes": ["A"]} for name in "xy"}},
            "code stands twice",
        ),
        ({"numbers": {"decimal": ".", "thousands": "."}}, "must differ"),
        ({"owner": "bank"}, "Extra inputs"),
        ({"join": "no"}, "with join"),
    ],
)
def test_a_mapping_loads_strictly(make_mapping: Callable[..., LoanMapping], change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        make_mapping(**change)


@pytest.mark.parametrize("named", ["sicor-proagro", "sicor-proagro-glebas"])
def test_shipped_mappings_load(named: str) -> None:
    mapping = load_loan_mapping(named)
    assert mapping.id == named
    assert len(mapping.content_hash) == 64


def test_a_mapping_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(InputError, match="sicor-proagro"):
        load_loan_mapping("core")
