"""The shipped rules of sites: each cause that a site can have, what its values are, and how its alerts come and go."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from geo.errors import InputError
from scoring.alerts.following import Block, follow
from scoring.alerts.rules import load_rules, parse_rules
from scoring.sites.delay import BEHIND_PLAN
from scoring.sites.operation import Footprint, SiteAreas, SiteCause, land_findings, operation_findings
from tests.scoring.alerts.test_rules import TEXT

RULES = load_rules("sites-1")
DAYS = np.datetime64("2024-05-01") + 10 * np.arange(6)
GROUND_M2 = 100_000.0
SEASON = "2024-01-01/2024-12-31"


def test_every_cause_of_sites_has_a_rule_in_both_languages() -> None:
    assert set(RULES.causes) == {BEHIND_PLAN, *SiteCause}
    for rule in RULES.causes.values():
        said = f"{rule.title.en} {rule.looks_for.en}".casefold()
        assert not any(word in said for word in ("fraud", "illegal", "blame", "default", "divert", "cheat", "violat"))
        assert rule.looks_for.en.endswith("?")
        assert rule.looks_for.zh.endswith("？")


def test_values_are_shares_of_plan_and_footprint_and_areas_of_the_others() -> None:
    shares = {cause for cause, rule in RULES.causes.items() if rule.unit == "share"}
    assert shares == {BEHIND_PLAN, SiteCause.LAND_RULE}
    assert {rule.unit for cause, rule in RULES.causes.items() if cause not in shares} == {"m2"}
    assert {rule.unit for rule in load_rules("growth-1").causes.values()} == {None}


def test_rules_without_a_unit_keep_their_hash_and_an_unknown_one_is_refused() -> None:
    plain = parse_rules(TEXT, "ours.toml")
    stated = parse_rules(f'{TEXT}unit = "m2"\n', "ours.toml")
    assert "unit" not in plain.model_dump(mode="json", exclude_none=True)["causes"]["smoke"]
    assert stated.content_hash != plain.content_hash
    with pytest.raises(InputError, match=r"causes\.smoke\.unit"):
        parse_rules(f'{TEXT}unit = "acre"\n', "ours.toml")


def lines(cause: SiteCause, areas: list[float]) -> list[tuple[str, str]]:
    """Event and level of the alerts of one site, looks by day."""
    found = []
    for at, day in enumerate(DAYS[: len(areas)]):
        before = None if at == 0 else DAYS[at - 1].item()
        site = SiteAreas(DAYS[: at + 1], np.array(areas[: at + 1]), np.full(at + 1, 200.0), GROUND_M2, before)
        found.append(operation_findings(cause, [site], day.item()))
    block = Block(np.array(["s"]), SEASON, DAYS[:0], np.empty((1, 0)))
    table = follow([replace(each, evidence=None) for each in found], block, RULES, until=date(2024, 12, 1)).to_pylist()
    return [(row["kind"], row["level"]) for row in table]


def test_fire_is_told_at_once_and_two_looks_raise_it_to_action() -> None:
    assert lines(SiteCause.FIRE, [0, 12_000]) == [("opened", "warning")]
    assert lines(SiteCause.FIRE, [0, 20_000, 20_000]) == [("opened", "warning"), ("raised", "action")]
    assert lines(SiteCause.FIRE, [0, 1_700, 0, 0]) == []  # the lower bound is below what is let pass


def test_water_that_has_run_off_by_the_next_look_ends_its_alert() -> None:
    assert lines(SiteCause.WATER, [0, 30_000, 0]) == [("opened", "watch"), ("ended", "none")]
    assert lines(SiteCause.WATER, [0, 30_000, 30_000]) == [("opened", "watch"), ("raised", "warning")]


def test_plants_are_information_until_two_looks_agree() -> None:
    assert lines(SiteCause.CANOPY, [0, 25_000]) == [("opened", "info")]
    assert lines(SiteCause.CANOPY, [0, 25_000, 25_000]) == [("opened", "info"), ("raised", "warning")]


def test_building_outside_needs_two_findings_and_stays() -> None:
    assert lines(SiteCause.OUTSIDE, [0, 8_000]) == []
    assert lines(SiteCause.OUTSIDE, [0, 8_000, 8_000, 0, 0]) == [("opened", "warning")]


def test_what_was_built_near_is_told_by_one_finding_and_never_of_level_action() -> None:
    assert lines(SiteCause.BUILT_NEAR, [0, 50_000]) == [("opened", "warning")]


def test_a_land_rule_is_told_by_one_finding_and_ends_with_the_line() -> None:
    end = date(2023, 12, 31)
    touched = Footprint(1e5, {}, 0.0, {"land office: farmland": 2e4}, end)
    freed = Footprint(1e5, {}, 0.0, {"land office: farmland": 0.0}, end)
    days = [day.item() for day in DAYS[:2]]
    found = [land_findings([each], frozenset(), day) for each, day in zip((touched, freed), days, strict=True)]
    block = Block(np.array(["s"]), SEASON, DAYS[:0], np.empty((1, 0)))
    table = follow(found, block, RULES).to_pylist()
    assert [(row["kind"], row["level"]) for row in table] == [("opened", "warning"), ("ended", "none")]
