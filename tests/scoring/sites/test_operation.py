"""Findings of operation: from the lower bound, from the latest look, with evidence; land rules."""

from __future__ import annotations

from datetime import date

import numpy as np

from scoring.sites.operation import Footprint, SiteAreas, SiteCause, land_findings, operation_findings

DAYS = np.array(["2024-05-01", "2024-05-11", "2024-05-21"], dtype="datetime64[D]")
DAY = date(2024, 6, 1)


def areas(values: list[float], error: float = 300.0, before: date | None = None) -> SiteAreas:
    return SiteAreas(DAYS, np.array(values), np.full(3, error), 40_000.0, before)


def test_a_finding_rests_on_the_latest_look_and_on_its_lower_bound() -> None:
    sites = [areas([0, 0, 9000.0]), areas([0, 0, 9000.0], error=6000.0), areas([9000.0, 0, 0]), areas([np.nan] * 3)]
    found = operation_findings(SiteCause.FIRE, sites, DAY)
    assert found.raised.tolist() == [True, False, False, False]
    assert found.judged.tolist() == [True, True, True, False]
    assert found.severity[0] > 0.5
    assert found.evidence is not None
    assert found.evidence[0].tolist() == [False, False, True]
    assert not found.evidence[3].any()


def test_a_hidden_look_changes_nothing_and_one_judged_before_says_nothing_new() -> None:
    hidden = operation_findings(SiteCause.WATER, [areas([0, 9000.0, np.nan])], DAY)
    assert hidden.raised[0]
    assert hidden.look_day[0] == DAYS[1]
    again = operation_findings(SiteCause.WATER, [areas([0, 9000.0, np.nan], before=date(2024, 5, 11))], DAY)
    assert not again.judged[0]


def test_land_rules_judge_prior_use_and_red_lines() -> None:
    end = date(2023, 12, 31)
    sites = [
        Footprint(1e5, {"wheat": 5e4}, 0.9, {}, end),
        Footprint(1e5, {"grass": 5e4}, 0.9, {}, end),
        Footprint(1e5, {"wheat": 3e4}, 0.3, {}, end),
        Footprint(1e5, {}, 0.0, {"forest reserve": 4e3}, end),
    ]
    found = land_findings(sites, frozenset({"wheat", "forest"}), DAY)
    assert found.judged.tolist() == [True, True, False, True]
    assert found.raised.tolist() == [True, False, False, True]
    assert found.why.tolist() == ["prior_use", "", "", "red_line"]
