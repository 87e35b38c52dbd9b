"""Markers as findings: causes of made seasons, and how bad each is said to be."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from geo.season import Season
from scoring.alerts.findings import Findings
from scoring.alerts.rules import load_rules
from scoring.growth.watching.fields import SeasonLooks
from scoring.growth.watching.of_markers import CAUSES
from tests.scoring.growth.seasons import DAYS, Floats, bare, stand
from tests.scoring.growth.watched import AT, all_findings, fields_of


def _found(cause: str, *odd: Floats, crop: str = "maize", first: str = "06-25", until: str = "12-20") -> list[Findings]:
    """Findings of a cause: the odd parcels first, then twenty plain ones around them."""
    plain = stand() if crop == "maize" else stand("03-25", "07-12")
    curves = np.stack([*odd, *[plain] * 20]) + np.random.default_rng(1).normal(0, 0.01, (len(odd) + 20, len(DAYS)))
    looks = SeasonLooks.of(curves, np.ones_like(curves), AT)
    season = Season(date.fromisoformat(f"2018-{first}"), date.fromisoformat(f"2018-{until}"))
    return [
        one for one in all_findings(looks, fields_of([crop] * len(curves)), season, season.end) if one.cause == cause
    ]


def test_every_cause_has_a_rule() -> None:
    rules = load_rules("growth-1")
    assert {cause.key for cause in CAUSES} <= set(rules.causes)


def test_a_bare_field_is_worse_from_day_to_day() -> None:
    found = [one for one in _found("not_sown", bare(), until="09-20") if one.raised[0]]
    severity = [one.severity[0] for one in found]
    assert len(found) >= 4
    assert severity == sorted(severity)
    assert 0.4 <= severity[0] < severity[-1]
    assert found[0].fallen[0] == 0.0
    assert not any(one.raised[1:].any() for one in found)


def test_a_bare_field_has_no_canopy_to_close() -> None:
    assert not any(one.raised[0] for one in _found("open_canopy", bare(), until="10-10"))


def test_a_thinner_stand_misses_more_of_its_canopy() -> None:
    last = _found("open_canopy", stand(top=0.55), stand(top=0.47), first="09-05", until="09-30")[-1]
    assert last.raised[:2].all()
    assert 0 < last.severity[0] < last.severity[1] <= 1
    assert not last.raised[2:].any()


def test_a_later_stand_is_worse() -> None:
    found = _found("late_sowing", stand("07-10", "10-25"), stand("07-20", "10-25"), first="07-25", until="08-31")
    severity = np.max([np.where(one.raised, one.severity, 0.0) for one in found], axis=0)[:2]
    assert 0 < severity[0] < severity[1] <= 1


def test_a_stand_cut_sooner_lost_more_of_its_season() -> None:
    found = _found("early_harvest", stand(fall="08-05"), stand(fall="07-15"), first="07-05", until="10-20")
    severity = np.max([np.where(one.raised, one.severity, 0.0) for one in found], axis=0)[:2]
    assert 0 < severity[0] < severity[1] <= 1


@pytest.mark.parametrize(("cause", "curve"), [("not_harvested", stand(fall="12-30")), ("abandoned", np.full(72, 0.42))])
def test_what_shows_after_harvest(cause: str, curve: Floats) -> None:
    found = _found(cause, curve, first="11-25", until="12-31")
    assert found[-1].raised[0]
    assert not found[-1].raised[1:].any()
    assert found[-1].look_day[0] <= np.datetime64(found[-1].day)


def test_another_crop_is_named() -> None:
    found = _found("other_crop", stand(), crop="wheat winter", first="10-05", until="10-31")
    assert found[-1].raised[0]
    assert "maize" in found[-1].why[0]
    assert 0 < found[-1].severity[0] <= 1


def test_two_crops_in_a_season_are_information() -> None:
    double = np.maximum(stand("03-20", "06-15"), stand("07-25", "10-10"))
    found = _found("several_crops", double, crop="wheat winter", first="09-05", until="10-31")
    assert found[-1].raised[0]
    assert found[-1].severity[0] == pytest.approx(0.1)
