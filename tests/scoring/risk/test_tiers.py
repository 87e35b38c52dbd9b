"""Gates and pools."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geo.errors import DataError, InputError
from scoring.risk.rules import load_risk_rules, parse_risk_rules
from scoring.risk.tiers import Tiers, assign_tiers

TIERS = load_risk_rules("cn-risk-example").risk.tiers


def _applicants(**changed) -> pd.DataFrame:
    return pd.DataFrame({"score": [620.0], "days_overdue": [0.0], "debt_to_income": [0.2]} | changed)


@pytest.mark.parametrize(("score", "tier"), [(700, "A"), (620, "A"), (619, "B"), (580, "B"), (579, "C"), (0, "C")])
def test_pools_by_score(score, tier) -> None:
    assert assign_tiers(_applicants(score=[score]), TIERS).tier.tolist() == [tier]


def test_a_refusing_gate_closes_and_a_referring_one_asks() -> None:
    found = assign_tiers(
        _applicants(score=[620.0] * 3, days_overdue=[31, 30, 31], debt_to_income=[0.2, 0.8, 0.8]), TIERS
    )
    assert found.state.tolist() == ["refuse", "refer", "refuse"]
    assert found.tier.tolist() == [None, "A", None]
    assert found.gates.tolist() == [["OVERDUE_NOW"], ["DEBT_TO_INCOME"], ["OVERDUE_NOW", "DEBT_TO_INCOME"]]


def test_a_missing_fact_leaves_the_tier_open() -> None:
    found = assign_tiers(_applicants(debt_to_income=[np.nan]), TIERS)
    assert found[["tier", "state", "missing"]].iloc[0].tolist() == [None, "incomplete", ["debt_to_income"]]


def test_a_refusal_stands_although_another_fact_is_missing() -> None:
    found = assign_tiers(_applicants(days_overdue=[99], score=[np.nan]), TIERS)
    assert found[["tier", "state"]].iloc[0].tolist() == [None, "refuse"]


@pytest.mark.parametrize("change", [{"score": ["high"]}, {"days_overdue": ["no"]}])
def test_words_refuse(change) -> None:
    with pytest.raises(DataError, match="something else than numbers"):
        assign_tiers(_applicants(**change), TIERS)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("score_from = 580", "score_from = 640", "must fall"),
        ('pd = "0.035"\n\n', 'pd = "0.5"\n\n', "must rise"),
        ("score_from = 580\n", "", "needs 'score_from'"),
        ('code = "DEBT_TO_INCOME"', 'code = "OVERDUE_NOW"', "twice"),
        ("Another loan is more than 30 days overdue", "Does not meet policy", "is no reason"),
        ('cites = "classes-2023"', 'cites = "nothing"', "no citation"),
        ("days_over = 270", "days_over = 70", "must rise"),
        ("[risk.loss]", "[risk.losses]", "unknown key"),
        ('{ grade = "B", pd = "0.035" }', '{ grade = "B", pd = "0.036" }', "two different PDs"),
        ('{ grade = "B", pd = "0.035" }', '{ grade = "B", pd = 0.035 }', "write 0.035 as text"),
        ("risk_format = 1", "risk_format =", "not valid TOML"),
    ],
)
def test_rules_that_do_not_hang_together_refuse(old, new, said) -> None:
    text = _shipped("cn-risk-example")
    assert old in text
    with pytest.raises(InputError, match=r"x\.toml") as refused:
        parse_risk_rules(text.replace(old, new), "x.toml")
    assert said in str(refused.value)


def test_rules_load_from_a_file_and_say_what_there_is(tmp_path) -> None:
    (tmp_path / "own.toml").write_text(_shipped("cn-risk-example") + "\n# a remark\n")
    assert load_risk_rules(tmp_path / "own.toml").content_hash == load_risk_rules("cn-risk-example").content_hash
    with pytest.raises(InputError, match="cn-risk-example, in-risk-example"):
        load_risk_rules("nowhere")


def test_a_pool_alone_is_enough() -> None:
    tiers = Tiers.model_validate({"pools": [{"id": "all", "title": {"en": "a", "zh": "一"}, "pd": 1}], "cites": "own"})
    assert assign_tiers(_applicants(), tiers).tier.tolist() == ["all"]


def _shipped(name: str) -> str:
    from importlib import resources  # noqa: PLC0415 - this helper alone needs it

    return resources.files("scoring.risk").joinpath("data", f"{name}.toml").read_text(encoding="utf-8")
