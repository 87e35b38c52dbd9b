"""Cards learned with optbinning (extra "risk")."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from geo.errors import InputError
from scoring.risk.logistic import require_risk_packages
from scoring.risk.outcomes import block_column, late_rows, outcomes
from scoring.risk.planted import BASELINE, SATELLITE, PlantedBook, plant
from scoring.risk.points import score_applicants
from scoring.risk.scorecard import NumericAttribute, Scaling, parse_scorecard, write_scorecard
from scoring.risk.training import CardOrder, TrainedCard, train_scorecard

ORDER = CardOrder(
    id="made",
    made_on=date(2026, 1, 1),
    target="default",
    attributes=(*BASELINE, *SATELLITE, "noise"),
    block="branch",
    scaling=Scaling(pdo=20, base_score=600, base_odds=50),
)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    found = plant(PlantedBook(rows=5000, branches=100, effect=0.4), 5)
    return found.assign(noise=np.random.default_rng(0).standard_normal(len(found)))


@pytest.fixture(scope="module")
def trained(table) -> TrainedCard:
    pytest.importorskip("optbinning", reason="the extra risk is not installed: pip install 'acreline[risk]'")
    return _train(table, ORDER)


def _train(table: pd.DataFrame, order: CardOrder) -> TrainedCard:
    late = late_rows(table, "applied_on", "2025-01-01")
    return train_scorecard(table, order, outcomes(table, "default"), block_column(table, "branch"), late)


def test_a_card_reads_back_and_has_what_tells_something(trained) -> None:
    assert parse_scorecard(write_scorecard(trained.card), "made.json") == trained.card
    taken = {each.name for each in trained.card.attributes}
    assert taken >= {"debt_ratio", "years_farming", *SATELLITE}
    assert taken | set(trained.left_out) == set(ORDER.attributes)
    assert trained.left_out["noise"].startswith("information")


def test_points_of_numbers_rise_or_fall_throughout(trained) -> None:
    for attribute in trained.card.attributes:
        if isinstance(attribute, NumericAttribute):
            steps = np.diff([each.points for each in attribute.bins])
            assert (steps >= 0).all() or (steps <= 0).all()
            assert min(each.points for each in attribute.bins) >= 0


def test_it_holds_later_and_elsewhere_nearly_as_well(trained) -> None:
    by_part = {each.part: each for each in trained.judged}
    assert set(by_part) == {"train", "later", "elsewhere"}
    assert by_part["train"].gini.value > 0.4
    assert all(by_part[part].gini.value > by_part["train"].gini.value - 0.1 for part in ("later", "elsewhere"))
    assert all(each.stability < 0.1 for each in trained.judged)


def test_its_pd_is_about_right_where_it_was_not_learned(trained, table) -> None:
    later = table[table.applied_on >= "2025-01-01"]
    predicted = score_applicants(trained.card, later).default_probability
    assert predicted.mean() == pytest.approx(later.default.mean(), abs=0.03)


def test_points_are_those_of_the_regression_on_woe(trained, table) -> None:
    """Rounding aside, score differences are factor times differences of the log odds of a refit on the same WOE."""
    scored = score_applicants(trained.card, table)
    odds = np.log((1 - scored.default_probability) / scored.default_probability)
    slope = LogisticRegression(C=np.inf).fit(odds[:, None], table.default == 0).coef_[0, 0]
    assert slope == pytest.approx(1, abs=0.12)


def test_an_attribute_whose_weight_has_the_wrong_sign_is_left_out() -> None:
    """Alone `mixed` goes with default as `cause` does; beside it, it stands for `brake`, which works against it."""
    pytest.importorskip("optbinning", reason="the extra risk is not installed: pip install 'acreline[risk]'")
    rng = np.random.default_rng(2)
    cause, brake = rng.standard_normal((2, 4000))
    default = rng.random(4000) < 1 / (1 + np.exp(1.5 - 1.2 * cause + 0.9 * brake))
    table = pd.DataFrame({"cause": cause, "mixed": cause + 0.5 * brake, "default": default.astype(int)})
    block = (np.arange(4000) % 50).astype(object)
    found = train_scorecard(table, replace(ORDER, attributes=("cause", "mixed")), default, block)
    assert [each.name for each in found.card.attributes] == ["cause"]
    assert "wrong sign" in found.left_out["mixed"]


def test_nothing_that_tells_refuses(table) -> None:
    pytest.importorskip("optbinning", reason="the extra risk is not installed: pip install 'acreline[risk]'")
    with pytest.raises(InputError, match="No attribute tells"):
        _train(table, replace(ORDER, attributes=("noise",)))


def test_a_missing_package_is_named_with_the_extra() -> None:
    with pytest.raises(InputError, match=r"no_such_package.*acreline\[risk\]"):
        require_risk_packages("no_such_package")
