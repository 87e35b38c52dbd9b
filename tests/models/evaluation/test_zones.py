from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.evaluation.decisions import decision_table
from models.evaluation.heldout import targets_of
from models.evaluation.states import clear_steps_of, last_months_of, states
from models.evaluation.zones import CrossFitted, calibration_units, fit_zones, zone_name, zones_of
from models.series.sample import SeriesSet

CLASSES = ("wheat", "maize", "grass")


def _said(series: SeriesSet, share_right: float, sure_when_wrong: float = 1.0) -> np.ndarray:
    """Logits that are sure and right for a share of the series, and as sure as asked for the others."""
    rng = np.random.default_rng(5)
    target = targets_of(series, CLASSES)
    wrong = rng.random(len(series)) >= share_right
    logits = rng.normal(0, 0.3, (len(series), len(CLASSES)))
    logits[np.arange(len(series)), (target + wrong) % len(CLASSES)] += np.where(wrong, sure_when_wrong, 4.0)
    return logits


@pytest.fixture(scope="module")
def two_zones(labelled: SeriesSet) -> SeriesSet:
    """Half of the series of Bavarian parcels, half of Canadian points."""
    half = np.arange(len(labelled)) % 2 == 0
    source = np.where(half, "bavaria-2018", "canada-2017").astype(object)
    spread = np.where(half[:, None], 0.01, np.nan).astype(np.float32) * np.ones_like(labelled.spread)
    return replace(labelled, source=source, spread=spread)


def test_zones_join_sources_and_keep_the_simulation_apart() -> None:
    assert zone_name("bavaria-2018", simulated=False) == zone_name("france-2023", simulated=False)
    assert zone_name("centralasia-2016/cycles", simulated=False) == "central-asia"
    assert zone_name("simulated-europe", simulated=True) == "simulated"
    assert zone_name("elsewhere-2030", simulated=False) == "elsewhere-2030"


def test_parcels_are_the_units_where_there_are_enough(two_zones: SeriesSet, labelled: SeriesSet) -> None:
    _, units = calibration_units(two_zones)
    assert units == {"temperate-europe": "points", "canada": "points"}  # 90 parcels are too few
    twice = replace(labelled, source=np.full(len(labelled), "bavaria-2018", dtype=object))
    spread = np.where(np.arange(len(labelled))[:, None] < 120, 0.01, np.nan) * np.ones((1, 10))
    used, units = calibration_units(replace(twice, spread=spread.astype(np.float32)))
    assert units == {"temperate-europe": "parcels"}
    assert used.sum() == 120


def test_a_zone_is_calibrated_on_its_own_series_alone(two_zones: SeriesSet) -> None:
    target = targets_of(two_zones, CLASSES)
    canadian = zones_of(two_zones) == "canada"
    good, bad = _said(two_zones, 1.0), _said(two_zones, 0.5, 4.0)
    seen = list(states(two_zones, lambda _: np.where(canadian[:, None], bad, good), months=(12,)))
    canada, europe = fit_zones(two_zones, target, seen)
    assert (canada.zone, canada.series, europe.series) == ("canada", 90, 90)
    column = europe.clear_steps.index(16)
    assert europe.sure[11][column] < 1 < canada.sure[11][column]
    assert europe.sure[11][0] > 1  # too few clear steps
    assert europe.sure[5][column] > 1  # a month that was not fitted


def test_figures_come_from_folds_that_set_no_threshold(two_zones: SeriesSet) -> None:
    target, fold = targets_of(two_zones, CLASSES), np.arange(len(two_zones)) % 3
    logits = _said(two_zones, 0.98)
    seen = list(states(two_zones, lambda _: logits, months=(12,)))
    fitted = CrossFitted.of(two_zones, target, fold, seen)
    months = np.full(len(two_zones), 12)
    assert (last_months_of(two_zones.values) <= 12).all()
    _, inside = fitted.judge(np.arange(len(two_zones)), logits, months, clear_steps_of(two_zones.values))
    table = decision_table(two_zones, target, fitted, seen, inside)
    zones = {row.group: row for row in table if row.by == "zone"}
    assert set(zones) == {"canada", "temperate-europe"}
    for row in zones.values():
        assert row.series == 90
        assert row.coverage >= 0.9
        assert row.coverage_p == 1
        assert row.share_decided > 0.5
        assert row.wrong_of_decided is not None
        assert row.wrong_of_decided <= 0.05
    assert {row.group for row in table if row.by == "crop"} == set(CLASSES)
    assert any(row.group == "canada, 4 to 6" for row in table if row.by == "clear steps")


def test_one_fold_leaves_nothing_to_calibrate_on(two_zones: SeriesSet) -> None:
    target = targets_of(two_zones, CLASSES)
    with pytest.raises(ValueError, match="two folds"):
        CrossFitted.of(two_zones, target, np.zeros(len(two_zones), dtype=int), [])
