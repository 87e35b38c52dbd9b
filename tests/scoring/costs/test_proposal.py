from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from app.jobs.tabular import read_cells
from geo.errors import InputError
from scoring.costs.mapping import SurveyMapping, load_survey_mapping
from scoring.costs.proposal import Proposal, propose_scale
from scoring.costs.scale import ScaleOptions
from scoring.costs.statistics import Statistic
from scoring.money import Mode
from scoring.pack_check import check_pack
from scoring.policy import pack_text


def _propose(survey: pd.DataFrame, mapping: SurveyMapping, **options: object) -> Proposal:
    return propose_scale(survey, mapping, "rice", ScaleOptions(**({"by": None, "unit": "acre"} | options)), 3.5)  # type: ignore[arg-type]


def test_a_group_with_too_few_farms_takes_the_wider_figure(survey: pd.DataFrame, mapping: SurveyMapping) -> None:
    rows = {row.group: row for row in _propose(survey, mapping, by="district").rows}
    assert rows["Large"].counted == "Large"
    assert (rows["Small"].farms, rows["Small"].counted) == (10, "everywhere")
    assert rows["Small"].amount == rows["everywhere"].amount == Decimal(1200)


def test_a_block_takes_the_figure_of_its_own_district(survey: pd.DataFrame, mapping: SurveyMapping) -> None:
    rows = {row.group: row for row in _propose(survey, mapping, by="block", least_farms=16).rows}
    assert list(rows) == ["everywhere", "North, Large", "North, Small", "South, Large", "South, Small"]
    assert rows["North, Large"].counted == "Large"
    assert rows["North, Small"].counted == "everywhere"


def test_too_few_farms_everywhere_give_no_figure(survey: pd.DataFrame, mapping: SurveyMapping) -> None:
    proposal = _propose(survey, mapping, by="district", least_farms=41)
    assert {row.amount for row in proposal.rows} == {None}
    assert proposal.as_dict()["groups"][0] == {"group": "everywhere", "farms": 40, "counted": None, "amount": None}
    with pytest.raises(InputError, match="too few"):
        proposal.pack_rows()


def test_units_and_roundings_are_exact(survey: pd.DataFrame, mapping: SurveyMapping) -> None:
    survey["labour"] = "809.3712844800"  # 404.6856422400 an acre, 1,000 a hectare, 200 / 3 a mu
    for unit, mode, amount in (("ha", "half_up", "1000"), ("mu", "down", "66.6"), ("mu", "up", "66.7")):
        options = {"unit": unit, "round_to": Decimal("0.1"), "mode": Mode(mode)}
        assert _propose(survey, mapping, **options).rows[0].amount == Decimal(amount)


def test_larger_areas_weigh_more_when_asked(survey: pd.DataFrame, mapping: SurveyMapping) -> None:
    survey.loc[39, ["acres", "labour"]] = ["200", "300000"]
    figures = [_propose(survey, mapping, by_area=by_area).rows[0].figures for by_area in (False, True)]
    assert figures[0] is not None
    assert figures[1] is not None
    assert figures[0].median < figures[1].median == 1500


def test_the_statistic_that_is_asked_for_is_proposed(survey: pd.DataFrame, mapping: SurveyMapping) -> None:
    survey.loc[30:, "labour"] = "2760"
    options = {"round_to": Decimal(1)}
    medians, means = (_propose(survey, mapping, statistic=each, **options).rows[0] for each in Statistic)
    assert (medians.amount, means.amount) == (Decimal(1195), Decimal(1205))


@pytest.mark.parametrize("by", [None, "district"])
def test_rows_paste_into_a_pack_that_checks(survey: pd.DataFrame, mapping: SurveyMapping, by: str | None) -> None:
    said = _propose(survey, mapping, by=by).pack_rows()
    assert said.startswith("# EXAMPLE, to be set by the district committee")
    checked = check_pack(_with_rows(said), "pasted.toml", pd.Timestamp("2026-01-01").date())
    assert checked.pack is not None, checked.findings
    assert checked.pack.prices.example
    assert checked.pack.prices.amount("rice", "Small") == 1200
    assert checked.pack.prices.amount("rice", "Large") == (1200 if by is None else 1100)


def _with_rows(said: str) -> str:
    """The shipped pack with the lines of a proposal in the place of its own."""
    _, text = pack_text("in-kcc-2018")
    start = text.index("[prices]\n") + len("[prices]\n")
    end = text.index("cites", start)
    rows = text.index("rows = [", end)
    after = text.index("]\n", rows) + 2
    pasted = text[:start] + said + text[end:rows] + text[after:]
    return pasted.replace('not_financed = [\n  "wheat",', 'not_financed = [\n  "sugarcane", "wheat",')


def test_a_pack_has_no_prices_by_block(survey: pd.DataFrame, mapping: SurveyMapping) -> None:
    with pytest.raises(InputError, match="no prices by block"):
        _propose(survey, mapping, by="block").pack_rows()
    with pytest.raises(InputError, match="no groups by 'village'"):
        _propose(survey, mapping, by="village")


@pytest.mark.shared_data
def test_the_survey_of_bihar(shared_data: Path) -> None:
    survey = read_cells(shared_data / "bihar-rice-survey" / "Train.csv")
    proposal = _propose(survey, load_survey_mapping("bihar-rice-survey"), by="district")
    said = proposal.as_dict()
    assert (said["rows"], said["farms"]) == (3870, 3049)
    assert {each["reason"]: each["rows"] for each in said["left_out"]} == {
        "no irrigation at transplanting": 672,
        "no harvest by hand": 107,
        "no urea, basal": 27,
        "no urea, second top dressing": 9,
        "implausible cost": 6,
    }
    amounts = {row.group: row.amount for row in proposal.rows}
    assert amounts == {"everywhere": 4500, "Gaya": 2300, "Jamui": 3600, "Nalanda": 3900, "Vaishali": 8000}
    rows = tomllib.loads(proposal.pack_rows())["rows"]
    assert rows[1] == {"crop": "rice", "amount": 2300, "district": "Gaya"}
    assert check_pack(_with_rows(proposal.pack_rows()), "b.toml", pd.Timestamp("2026-01-01").date()).pack is not None
