"""What visits found: precision, misses from the part by chance, priors that follow outcomes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from geo.errors import DataError, InputError
from scoring.alerts.outcomes import OUTCOMES, Prior, measured_priors, misses, precision, rules_text, wilson
from scoring.alerts.rules import load_rules

RULES = load_rules("growth-1")


def visit(outcome: str, cause: str | None = "flood", level: str = "watch", **more: object) -> dict[str, object]:
    drawn = {"rank": 1, "drawn": "ranked", "draw_probability": None, "confidence": 1.0}
    return {"subject_id": "p", "cause": cause, "level": level, "outcome": outcome, **drawn, **more}


def by_chance(outcome: str, probability: float, level: str = "none") -> dict[str, object]:
    cause = None if level == "none" else "flood"
    return visit(outcome, cause, level, drawn="random", draw_probability=probability, confidence=None)


def table(*rows: dict[str, object]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=OUTCOMES)


def prior(outcomes: pa.Table, level: str, visits: float = 20.0) -> Prior:
    (found,) = [row for row in measured_priors(outcomes, RULES, visits) if (row.cause, row.level) == ("flood", level)]
    return found


def test_precision_counts_what_was_reached_and_says_what_was_not() -> None:
    outcomes = table(
        visit("confirmed"),
        visit("partly", level="action", rank=2),
        visit("other_cause", rank=3),
        visit("not_confirmed", cause="open_canopy", rank=4),
        visit("not_reached", rank=5),
        by_chance("confirmed", 0.1, level="watch"),
    )
    whole = precision(outcomes)[0]
    assert (whole.visits, whole.reached, whole.share) == (5, 4, 0.5)
    assert (whole.confirmed, whole.partly, whole.other_cause, whole.not_confirmed) == (1, 1, 1, 1)
    assert [(row.cause, row.level) for row in precision(outcomes)] == [
        ("", ""),
        ("flood", ""),
        ("open_canopy", ""),
        ("", "watch"),
        ("", "action"),
        ("flood", "watch"),
        ("flood", "action"),
        ("open_canopy", "watch"),
    ]
    assert precision(outcomes, top=2)[0].share == 1.0
    (none,) = precision(table())
    assert (none.visits, none.share, none.low) == (0, None, None)


@given(st.integers(1, 200), st.data())
def test_the_interval_is_wilsons(trials: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, trials))
    theirs = binomtest(successes, trials).proportion_ci(0.95, method="wilson")
    assert wilson(successes, trials) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_misses_weigh_visits_by_what_they_stand_for() -> None:
    outcomes = table(
        by_chance("other_cause", 0.01),
        by_chance("not_confirmed", 0.01),
        by_chance("not_confirmed", 0.02),
        by_chance("not_reached", 0.02),
        by_chance("confirmed", 0.02, level="watch"),
        visit("confirmed"),
    )
    found = misses(outcomes)
    assert (found.drawn, found.with_alert, found.not_reached, found.reached, found.found) == (5, 1, 1, 3, 1)
    assert found.share == pytest.approx(100 / 250)
    assert found.effective == pytest.approx(250**2 / (100**2 + 100**2 + 50**2))
    assert found.low is not None
    assert found.high is not None
    assert 0 < found.low < 0.4 < found.high < 1
    assert misses(table(visit("confirmed"))).share is None


def test_misses_of_draws_of_different_weeks_come_out_right() -> None:
    """A small branch and a large one, one visited ten times as densely: the share is that of all parcels."""
    rng = np.random.default_rng(7)
    rates = []
    for _ in range(200):
        rows = [by_chance("other_cause" if rng.random() < 0.5 else "not_confirmed", 0.1) for _ in range(20)]
        rows += [by_chance("other_cause" if rng.random() < 0.1 else "not_confirmed", 0.01) for _ in range(20)]
        share = misses(table(*rows)).share
        assert share is not None
        rates.append(share)
    assert np.mean(rates) == pytest.approx((200 * 0.5 + 2000 * 0.1) / 2200, abs=0.02)


def test_few_outcomes_leave_a_prior_where_it_was_and_many_move_it() -> None:
    assert prior(table(), "watch").after == pytest.approx(0.4)
    one = prior(table(visit("confirmed")), "watch")
    assert one.after == pytest.approx((20 * 0.4 + 1) / 21)
    assert (one.visits, one.expected, one.confirmed) == (1, pytest.approx(0.4), 1)
    many = prior(table(*[visit("not_confirmed")] * 400), "watch")
    assert many.after == pytest.approx(8 / 420)


def test_an_unsure_alert_counts_for_less_when_it_is_not_confirmed() -> None:
    sure = prior(table(*[visit("not_confirmed")] * 10), "watch").after
    unsure = prior(table(*[visit("not_confirmed", confidence=0.5)] * 10), "watch").after
    unknown = prior(table(*[visit("not_confirmed", confidence=None)] * 10), "watch").after
    assert sure < unknown < unsure < 0.4


def test_priors_never_fall_with_the_level() -> None:
    odd = [visit("confirmed")] * 60 + [visit("not_confirmed", level="action")] * 60
    found = [row.after for row in measured_priors(table(*odd), RULES) if row.cause == "flood"]
    assert found == sorted(found)
    assert found[0] == pytest.approx(found[-1])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["watch", "warning", "action"]), st.booleans()), max_size=40))
def test_measured_priors_fit_into_the_rules(visits: list[tuple[str, bool]]) -> None:
    rows = [visit("confirmed" if there else "not_confirmed", level=level) for level, there in visits]
    found = [row for row in measured_priors(table(*rows), RULES) if row.cause == "flood"]
    assert [row.after for row in found] == sorted(row.after for row in found)
    assert all(0 <= row.after <= 1 for row in found)


def test_priors_are_told_as_lines_of_a_rules_file() -> None:
    lines = rules_text(measured_priors(table(visit("confirmed")), RULES))
    assert lines == {"flood": "prior = { watch = 0.429, warning = 0.600, action = 0.700 }"}


def test_outcomes_that_nobody_knows_are_refused() -> None:
    with pytest.raises(DataError, match="the outcome 'perhaps'"):
        precision(table(visit("perhaps")))
    with pytest.raises(DataError, match="does not name the alert's cause"):
        precision(table(visit("confirmed", cause=None)))
    with pytest.raises(DataError, match="no probability of having been drawn"):
        misses(table(visit("confirmed", None, "none", drawn="random")))
    with pytest.raises(InputError, match="say nothing of the cause 'locusts'"):
        measured_priors(table(visit("confirmed", cause="locusts")), RULES)
