from __future__ import annotations

import pandas as pd
import pytest

from geo.errors import InputError
from scoring.costs.cleaning import clean_survey, per_unit
from scoring.costs.mapping import SurveyMapping
from tests.scoring.costs.conftest import MAPPING


def _left_out(survey: pd.DataFrame, mapping: SurveyMapping) -> dict[str, int]:
    return {each.reason: each.rows for each in clean_survey(survey, mapping, "rice", 3.5).left_out}


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("acres", None, "no area"),
        ("acres", "0", "no area"),
        ("acres", "-1", "no area"),
        ("acres", "some", "no area"),
        ("acres", "inf", "no area"),
        ("labour", None, "no labour"),
        ("labour", "-5", "no labour"),
        ("labour", "0", "no cost at all"),
        ("labour", "900000", "implausible cost"),
        ("labour", "2", "implausible cost"),
        ("district", None, "no district"),
        ("fertilisers", "DAP Urea", "no urea"),
    ],
)
def test_a_row_that_says_too_little_or_too_much_is_counted(
    survey: pd.DataFrame, mapping: SurveyMapping, column: str, value: str | None, reason: str
) -> None:
    survey.loc[3, column] = value
    assert _left_out(survey, mapping) == {reason: 1}


def test_an_id_that_stands_twice_leaves_both_rows_out(survey: pd.DataFrame, mapping: SurveyMapping) -> None:
    survey.loc[5, "farm"] = "f4"
    assert _left_out(survey, mapping) == {"id missing or not alone": 2}


def test_rows_in_are_rows_kept_and_left_out(survey: pd.DataFrame, mapping: SurveyMapping) -> None:
    survey.loc[1, "acres"] = None
    survey.loc[1, "labour"] = None  # one row counts once
    survey.loc[2, "labour"] = None
    cleaned = clean_survey(survey, mapping, "rice", 3.5)
    assert len(cleaned.farms) + sum(each.rows for each in cleaned.left_out) == cleaned.rows == 40
    assert _left_out(survey, mapping) == {"no area": 1, "no labour": 1}


def test_an_empty_cost_is_zero_only_where_the_mapping_says_why(survey: pd.DataFrame, mapping: SurveyMapping) -> None:
    survey.loc[:2, "urea_kg"] = "45"
    survey.loc[:2, "fertilisers"] = "DAP Urea"
    survey.loc[0, ["labour", "hired"]] = [None, "no"]
    survey.loc[1, ["labour", "hired"]] = [None, None]
    survey.loc[2, "labour"] = None
    cleaned = clean_survey(survey, mapping, "rice", 50.0)
    assert [each.reason for each in cleaned.left_out] == ["no labour"]
    assert cleaned.items.iloc[0].tolist() == pytest.approx([0, 121])
    assert cleaned.farms.cost.iloc[1] == pytest.approx(121)


def test_equal_costs_bound_nothing(survey: pd.DataFrame, mapping: SurveyMapping) -> None:
    survey["labour"] = "2000"
    survey.loc[0, "labour"] = "90000"
    cleaned = clean_survey(survey, mapping, "rice", 3.5)
    assert (cleaned.least, cleaned.most) == (None, None)
    assert len(cleaned.farms) == 40


def test_an_addition_is_converted_to_the_unit_of_the_survey(survey: pd.DataFrame) -> None:
    extra = {"additions": [{"item": "seed", "amount": 1000, "unit": "ha", "source": "committee"}]}
    cleaned = clean_survey(survey, SurveyMapping.model_validate(MAPPING | extra), "rice", 3.5)
    assert cleaned.items["seed"].iloc[0] == pytest.approx(404.68564224)
    assert per_unit(404.68564224, "acre", "ha") == pytest.approx(1000)


def test_crops_of_a_column_are_chosen_by_the_legend(survey: pd.DataFrame) -> None:
    several = {key: value for key, value in MAPPING.items() if key != "crop"} | {"crop_column": "grown"}
    survey["grown"] = ["Paddy"] * 35 + ["wheat"] * 4 + [None]
    mapping = SurveyMapping.model_validate(several)
    assert _left_out(survey, mapping) == {"another crop": 5}
    with pytest.raises(InputError, match="no row of cotton"):
        clean_survey(survey, mapping, "cotton", 3.5)


def test_a_weight_column_counts(survey: pd.DataFrame) -> None:
    survey["design"] = ["2.5"] * 39 + ["0"]
    mapping = SurveyMapping.model_validate(MAPPING | {"weight_column": "design"})
    cleaned = clean_survey(survey, mapping, "rice", 3.5)
    assert set(cleaned.farms.weight) == {2.5}
    assert _left_out(survey, mapping) == {"no weight": 1}


def test_what_does_not_fit_refuses(survey: pd.DataFrame, mapping: SurveyMapping) -> None:
    with pytest.raises(InputError, match="labour, hired"):
        clean_survey(survey.drop(columns=["labour", "hired"]), mapping, "rice", 3.5)
    with pytest.raises(InputError, match="of rice, not of wheat"):
        clean_survey(survey, mapping, "wheat", 3.5)
