"""Findings folded into alerts: what opens, raises, lowers and ends one, and what must not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from geo.errors import DataError, InputError
from scoring.alerts.following import Block, follow
from scoring.alerts.levels import Level
from scoring.alerts.rules import load_rules
from scoring.alerts.transitions import TRANSITIONS
from tests.scoring.alerts.days import FIRST, block_of, finding

RULES = load_rules("growth-1")


def told(
    *severities: float | None, step: int = 5, cause: str = "abrupt_loss", **more: float
) -> list[tuple[int, str, str]]:
    """Day, kind and level of the changes of one subject; a severity of -1 is clear, None is a gap."""
    findings = [
        finding(FIRST + timedelta(step * i), [-1.0 if s is None else s], cause=cause, judged=s is not None, **more)
        for i, s in enumerate(severities)
    ]
    rows = follow(findings, block_of(1), RULES).to_pylist()
    return [((row["day"] - FIRST).days, row["kind"], row["level"]) for row in rows]


def test_one_look_brings_a_notice_and_the_second_the_level_of_the_loss() -> None:
    assert told(0.7) == [(0, "opened", "watch")]
    assert told(0.7, 0.7) == [(0, "opened", "watch"), (5, "raised", "action")]
    assert told(0.7, 0.4) == [(0, "opened", "watch"), (5, "raised", "warning")]


def test_a_notice_that_the_next_look_does_not_bear_out_ends_after_its_least_days() -> None:
    assert told(0.7, -1) == [(0, "opened", "watch"), (5, "ended", "none")]
    assert told(0.7, -1, -1, step=3) == [(0, "opened", "watch"), (6, "ended", "none")]


def test_looks_just_below_a_threshold_do_not_lower_an_alert() -> None:
    held = told(0.62, 0.62, 0.57, 0.62, 0.56, 0.58, 0.56)
    assert held == [(0, "opened", "watch"), (5, "raised", "action")]


def test_an_alert_falls_level_by_level_while_something_is_left_and_ends_at_once_when_nothing_is() -> None:
    assert told(0.7, 0.7, 0.2, 0.2, 0.2)[2:] == [(10, "lowered", "warning"), (15, "lowered", "watch")]
    assert told(0.7, 0.7, -1)[2:] == [(10, "ended", "none")]


def test_an_alert_that_ended_opens_anew_with_a_day_of_its_own() -> None:
    findings = [finding(FIRST + timedelta(5 * i), [s]) for i, s in enumerate((0.7, -1, 0.7))]
    rows = follow(findings, block_of(1), RULES).to_pylist()
    assert [row["kind"] for row in rows] == ["opened", "ended", "opened"]
    assert [row["opened_on"] for row in rows] == [FIRST, FIRST, FIRST + timedelta(10)]


def test_without_a_first_notice_nothing_opens_before_enough_findings_in_a_row() -> None:
    assert told(0.5, 0.5, cause="construction") == []
    assert told(0.5, -1, 0.5, 0.5, cause="construction") == []
    assert told(0.5, None, 0.5, None, None, 0.5, cause="construction") == [(25, "opened", "warning")]


def test_a_raised_finding_of_unknown_severity_counts_as_the_least() -> None:
    unknown = replace(finding(FIRST, [0.5]), severity=np.array([np.nan]))
    (row,) = follow([unknown], block_of(1), RULES).to_pylist()
    assert (row["level"], row["severity"]) == ("info", None)


def test_scope_says_whether_the_region_fell_and_is_refined_when_more_is_known() -> None:
    def scopes(*fallen: float) -> list[str]:
        days = [finding(FIRST + timedelta(5 * i), [0.7], fallen=share) for i, share in enumerate(fallen)]
        return [row["scope"] for row in follow(days, block_of(1), RULES).to_pylist()]

    assert scopes(0.6, 0.6) == ["regional", "regional"]
    assert scopes(np.nan, 0.1) == ["unclear", "own"]
    assert scopes(0.1, 0.35) == ["own", "own"]
    assert scopes(0.1, 0.9) == ["own", "regional"]


def test_a_new_alert_knows_nothing_of_the_scope_of_the_last() -> None:
    shown = ((0.7, 0.9), (-1.0, np.nan), (0.7, np.nan))
    days = [finding(FIRST + timedelta(5 * i), [s], fallen=share) for i, (s, share) in enumerate(shown)]
    rows = follow(days, block_of(1), RULES).to_pylist()
    assert [row["scope"] for row in rows] == ["regional", "regional", "unclear"]


def test_probability_is_the_prior_of_the_level_by_what_the_confidence_is_worth() -> None:
    sure = follow([finding(FIRST, [0.7], confidence=1.0)], block_of(1), RULES).to_pylist()[0]
    half = follow([finding(FIRST, [0.7], confidence=0.5)], block_of(1), RULES).to_pylist()[0]
    assert sure["probability"] == pytest.approx(0.4)
    assert half["probability"] == pytest.approx(0.2)


def test_a_finding_that_cannot_tell_enough_brings_no_higher_level_than_it_says() -> None:
    findings = [
        replace(finding(FIRST + timedelta(5 * i), [0.9]), at_most=np.array([most], dtype=np.int8))
        for i, most in enumerate((Level.INFO, Level.WATCH, Level.WATCH, Level.ACTION, Level.ACTION))
    ]
    rows = follow(findings, block_of(1), RULES).to_pylist()
    assert [(row["kind"], row["level"]) for row in rows] == [
        ("opened", "info"),
        ("raised", "watch"),
        ("raised", "action"),
    ]


def test_a_level_that_the_cause_does_not_have_leaves_its_lowest() -> None:
    low = replace(finding(FIRST, [0.9], cause="not_sown"), at_most=np.array([Level.INFO], dtype=np.int8))
    assert [row["level"] for row in follow([low], block_of(1), RULES).to_pylist()] == ["watch"]


def test_evidence_is_that_of_the_looks_named() -> None:
    days = [FIRST, FIRST + timedelta(5)]
    block = block_of(2, days)
    (row,) = follow(
        [finding(days[1], [-1, 0.3], evidence=np.array([[True, True], [False, True]]))], block, RULES
    ).to_pylist()
    assert row["subject_id"] == "p001"
    assert row["evidence_dates"] == [days[1]]
    assert row["evidence_values"] == pytest.approx([block.values[1, 1]])
    assert (row["rules_id"], row["rules_hash"]) == ("growth-1", RULES.content_hash)


def test_alerts_end_with_the_season_and_nothing_opens_after_it() -> None:
    closing = date(2019, 3, 2)
    late = [finding(date(2018, 12, 20), [0.7]), finding(date(2019, 3, 1), [0.7]), finding(date(2019, 3, 2), [-1])]
    assert [row["kind"] for row in follow(late, block_of(1), RULES).to_pylist()] == ["opened", "raised"]
    *_, last = follow(late, block_of(1), RULES, until=date(2019, 4, 1)).to_pylist()
    assert (last["kind"], last["day"], last["why"], last["severity"]) == ("ended", closing, "season over", None)
    assert follow(late, block_of(1), RULES, until=date(2019, 3, 1)).num_rows == 2


def test_rules_that_do_not_hold_on_the_day_are_refused() -> None:
    with pytest.raises(InputError, match="in force from 2015-01-01 to further notice, not on 2014-12-31"):
        follow([], block_of(1), RULES, until=date(2014, 12, 31))


def test_a_fold_of_nothing_is_an_empty_table() -> None:
    assert follow([], block_of(2), RULES) == TRANSITIONS.empty_table()


def test_findings_that_do_not_fit_are_refused() -> None:
    with pytest.raises(DataError, match="are not of 2 subjects"):
        follow([finding(FIRST, [0.1])], block_of(2), RULES)
    with pytest.raises(DataError, match="come after those of"):
        follow([finding(FIRST, [0.1]), finding(FIRST, [0.1])], block_of(1), RULES)
    with pytest.raises(DataError, match=r"outside 0\.\.1"):
        follow([finding(FIRST, [1.2])], block_of(1), RULES)
    with pytest.raises(DataError, match="Evidence"):
        follow([finding(FIRST, [0.2], evidence=np.ones((1, 3), dtype=np.bool_))], block_of(1), RULES)
    with pytest.raises(InputError, match="say nothing of the cause 'locusts'"):
        follow([finding(FIRST, [0.2], cause="locusts")], block_of(1), RULES)


def test_a_block_names_a_season() -> None:
    block = Block(np.array(["p"]), "spring", np.array([], dtype="datetime64[D]"), np.zeros((1, 0)))
    with pytest.raises(InputError, match="is not a season"):
        follow([], block, RULES)
