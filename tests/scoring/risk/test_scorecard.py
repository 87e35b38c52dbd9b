"""Points tables: strict, on scale, adding up, with reasons that name facts."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import DataError, InputError
from scoring.risk.points import score_applicants
from scoring.risk.scorecard import Scaling, parse_scorecard, write_scorecard
from tests.scoring.risk.conftest import CARD

APPLICANTS = pd.DataFrame(
    {
        "years": [2.0, 3.0, 10.0, np.nan, 9.99],
        "right": ["lease", "certificate", "certificate", None, "share"],
        "debt": [0.5, 0.49, 0.1, 0.1, np.nan],
    }
)


def test_points_are_looked_up_at_the_edges(card) -> None:
    scored = score_applicants(card, APPLICANTS)
    assert scored.points.tolist() == [[5, 10, 0], [30, 40, 20], [60, 40, 20], [0, 0, 20], [30, 10, 0]]
    assert scored.score[:4].tolist() == [515, 590, 620, 520]


def test_a_fact_that_the_card_needs_leaves_no_score(card) -> None:
    scored = score_applicants(card, APPLICANTS)
    assert scored.complete.tolist() == [True, True, True, True, False]
    assert np.isnan([scored.score[4], scored.default_probability[4]]).all()
    assert scored.reason_texts()[4, 0] == "Debt to income: not stated"


def test_effects_and_reference_add_up_to_the_score(card) -> None:
    scored = score_applicants(card, APPLICANTS.iloc[:4])
    assert (card.reference_score + scored.effects().sum(axis=1)).tolist() == scored.score.tolist()


def test_lost_points_are_counted_against_the_best_bin(card) -> None:
    scored = score_applicants(card, APPLICANTS)
    assert scored.lost[0].tolist() == [55, 30, 20]
    assert scored.reason_texts()[0, :3].tolist() == [
        "Years of farming: under 3",
        "Right to the land: lease",
        "Debt to income: 0.5 or more",
    ]
    assert scored.reason_texts("zh")[0, 0] == "种植年限：不足3年"
    assert scored.reason_texts()[2].tolist() == [None] * 4


def test_reasons_are_four_at_most(card_facts) -> None:
    template = card_facts["attributes"][0]
    card_facts["attributes"] = [template | {"name": f"a{number}"} for number in range(6)]
    card = parse_scorecard(json.dumps(card_facts), "six.json")
    scored = score_applicants(card, pd.DataFrame({f"a{number}": [1.0] for number in range(6)}))
    assert scored.principal_reasons(most=6).tolist() == [[0, 1, 2, 3]]


def test_scale_is_that_of_the_definition() -> None:
    scaling = Scaling(pdo=20, base_score=600, base_odds=50)
    assert scaling.factor == pytest.approx(28.8539, abs=1e-4)
    assert scaling.offset == pytest.approx(487.123, abs=1e-3)
    assert scaling.default_probability(np.array([600.0, 620.0])).tolist() == pytest.approx([1 / 51, 1 / 101])


@given(st.floats(1e-6, 1 - 1e-6), st.floats(1, 100), st.floats(0.1, 1000))
def test_pd_and_score_are_inverse(probability, pdo, odds) -> None:
    scaling = Scaling(pdo=pdo, base_score=600, base_odds=odds)
    back = scaling.default_probability(scaling.score(np.array([probability])))
    assert back[0] == pytest.approx(probability, rel=1e-6)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30))
def test_pd_falls_as_the_score_rises(scores) -> None:
    ordered = np.sort(np.array(scores))
    chances = Scaling(pdo=20, base_score=600, base_odds=50).default_probability(ordered)
    assert (np.diff(chances) <= 0).all()


def test_a_card_reads_back_as_itself(card) -> None:
    again = parse_scorecard(write_scorecard(card), "again.json")
    assert again == card
    assert again.content_hash == card.content_hash


def _broken(path: list[object], value: object) -> dict[str, object]:
    facts = json.loads(json.dumps(CARD))
    place = facts
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return facts


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (["pdoo"], 1, "unknown key 'pdoo'"),
        (["scaling", "pdo"], 0, "scaling.pdo"),
        (["base_points"], 1.5, "base_points"),
        (["attributes", 0, "reference"], "none", "reference 'none'"),
        (["attributes", 0, "bins", 1, "below"], 2, "must rise"),
        (["attributes", 0, "bins", 1, "below"], None, "needs 'below'"),
        (["attributes", 0, "missing"], {"points": 61}, "must not earn more"),
        (["attributes", 0, "missing"], "zero", "missing"),
        (["attributes", 1, "bins", 1, "values"], ["certificate"], "'certificate' stands twice"),
        (["attributes", 1, "other"], "none", "'other' names 'none'"),
        (["attributes", 1, "name"], "years", "two attributes"),
        (["attributes", 0, "text"], {"en": "Does not meet policy", "zh": "年限"}, "is no reason"),
        (["attributes", 0, "text"], {"en": "Years", "zh": "综合评分不足"}, "is no reason"),
    ],
)
def test_a_wrong_key_refuses_and_is_named(path, value, said) -> None:
    with pytest.raises(InputError, match=r"small\.json") as refused:
        parse_scorecard(json.dumps(_broken(path, value)), "small.json")
    assert said in str(refused.value)


@pytest.mark.parametrize("text", ["{", '{"id": "a", "id": "b"}', "[]"])
def test_what_is_no_card_refuses(text) -> None:
    with pytest.raises(InputError, match="bad"):
        parse_scorecard(text, "bad.json")


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [("years", "ten", "is no number"), ("years", np.inf, "is no number"), ("right", "squat", "stands in no bin")],
)
def test_a_value_outside_every_bin_is_named_with_its_row(card, column, value, said) -> None:
    table = APPLICANTS.astype({column: object})
    table.loc[1, column] = value
    with pytest.raises(DataError, match=rf"row 2, {said}"):
        score_applicants(card, table)


def test_a_missing_column_is_named(card) -> None:
    with pytest.raises(DataError, match="'debt'"):
        score_applicants(card, APPLICANTS.drop(columns="debt"))
