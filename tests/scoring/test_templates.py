from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from scoring.pack_check import check_pack
from scoring.pack_schema import KccRoundings, KccRules, Pack, PlantingRules, Strict
from scoring.policy import parse_pack, policy_ids, template_text

FORMULAS = ("planting", "kcc")
GUIDE = Path(__file__).resolve().parents[2] / "docs" / "policy.md"


def _tables(kind: object) -> set[type[BaseModel]]:
    """Every table that a field's type can hold, itself among them."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {kind}.union(*(_tables(field.annotation) for field in kind.model_fields.values()))
    return set().union(*(_tables(part) for part in get_args(kind)))


def _keys() -> set[str]:
    tables = {table for table in _tables(Pack) if issubclass(table, Strict) and ".risk." not in table.__module__}
    return {name for table in tables for name in table.model_fields}


def _shown(formula: str) -> set[str]:
    found = re.findall(r"(?:^(?:#opt )?|[{,] |\[|\.)(\w+)(?= =|\]|\.)", template_text(formula), flags=re.MULTILINE)
    return set(found)


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_template_is_a_sound_example_and_no_pack_to_choose(formula):
    checked = check_pack(template_text(formula), "our-bank-2027.toml", date(2027, 6, 1))
    assert checked.pack is not None
    assert checked.pack.rules.formula == formula
    assert not checked.of("error")
    assert not checked.of("gap")
    assert checked.pack.approval.state == "example"
    assert "our-bank-2027" not in policy_ids()


def test_templates_show_every_key():
    assert sorted(_keys() - _shown("planting") - _shown("kcc") - {"risk"}) == []
    assert set(PlantingRules.model_fields) <= _shown("planting")
    assert {*KccRules.model_fields, *KccRoundings.model_fields} <= _shown("kcc")


def test_optional_keys_of_a_template_may_be_used():
    text = template_text("planting").replace("#opt most_per_area", "most_per_area").replace("#opt amount", "amount")
    pack = parse_pack(text, "our-bank-2027.toml")
    assert (pack.rules.most_per_area, pack.notes[0].amount) == (1000, 100000)


def test_the_guide_names_every_key():
    guide = GUIDE.read_text(encoding="utf-8")
    named = {word for code in re.findall(r"`([^`\n]+)`", guide) for word in re.findall(r"\w+", code)}
    assert sorted(_keys() - named) == []
