from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from pydantic import ValidationError

from models.calibration import NEVER
from models.card import ModelCard, Region, ZoneCalibration
from models.decide import Evidence, crop_sets, decide
from models.release import Release
from tests.models.conftest import make_card

DAYS = [date(2018, 12, 25), date(2019, 3, 2), date(2019, 3, 8), date(2019, 5, 12), date(2020, 1, 3)]
CHANCE = np.array([[0.9, 0.07, 0.03], [0.6, 0.3, 0.1], [np.nan] * 3], dtype=np.float32)


def _zone(
    *, temperature: float = 1.0, sure: float = 0.8, threshold: float = 0.05, clear_steps: tuple[int, ...] = (1, 3)
) -> ZoneCalibration:
    """Figures of a zone where one or two clear steps decide nothing."""
    never, of_all = NEVER, len(clear_steps) - 1
    return ZoneCalibration(
        zone="lowlands",
        units="parcels",
        series=9,
        blocks=3,
        clear_steps=clear_steps,
        temperature=((1.0, *(temperature,) * of_all),) * 12,
        sure=((never, *(sure,) * of_all),) * 12,
        threshold=((threshold,) * len(clear_steps),) * 12,
    )


def _card(zone: ZoneCalibration) -> ModelCard:
    plain = make_card()
    regions = tuple(region.model_copy(update={"zone": "lowlands"}) for region in plain.regions)
    return plain.model_copy(update={"zones": (zone,), "regions": regions})


def _evidence(card: ModelCard, steps: int) -> Evidence:
    days = [date(2019, 5 + number // 3, 1 + 10 * (number % 3)) for number in range(steps)]
    return Evidence.of([card.regions[1]] * len(CHANCE), np.ones((len(CHANCE), steps), dtype=bool), days, 2019)


def test_what_is_known_of_a_series() -> None:
    clear = np.array([[1, 1, 1, 1, 0], [1, 0, 0, 0, 0], [0, 1, 1, 0, 1], [0, 0, 0, 0, 0]], dtype=bool)
    known = Evidence.of([None] * 4, clear, DAYS, 2019)
    assert known.last_month.tolist() == [5, 1, 12, 1]
    assert known.clear_steps.tolist() == [3, 1, 2, 0]  # the two days of March are one step
    assert known.by_month[0].tolist() == [0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1]
    assert known.zone.tolist() == [""] * 4
    assert known.take(np.array([2])).clear_steps.tolist() == [2]


def test_a_sure_series_has_one_crop_and_any_other_several() -> None:
    card = _card(_zone())
    assert decide(CHANCE, card, _evidence(card, 4)).sets == [("wheat",), ("wheat", "maize", "grass"), ()]
    strict = _card(_zone(threshold=0.5))
    assert decide(CHANCE, strict, _evidence(strict, 4)).sets == [("wheat",), ("wheat", "maize"), ()]


def test_too_few_clear_steps_decide_nothing() -> None:
    card = _card(_zone())
    assert [len(crops) for crops in decide(CHANCE, card, _evidence(card, 2)).sets] == [2, 3, 0]


def test_probabilities_are_calibrated_for_what_is_known() -> None:
    card = _card(_zone(temperature=2.0, sure=0.85))
    decision = decide(CHANCE, card, _evidence(card, 4))
    flat = np.sqrt(CHANCE[:2]) / np.sqrt(CHANCE[:2]).sum(axis=1, keepdims=True)
    assert decision.probabilities[:2] == pytest.approx(flat, abs=1e-6)
    assert np.isnan(decision.probabilities[2]).all()
    assert decision.sets[0] == ("wheat", "maize", "grass")


def test_a_novel_series_is_not_decided() -> None:
    limits = ((0.5, 0.5),) * 12
    card = _card(_zone().model_copy(update={"novelty": limits}))
    known = replace(_evidence(card, 4), novelty=np.array([0.4, 0.4, np.nan]))
    assert decide(CHANCE, card, known).sets[0] == ("wheat",)
    strange = replace(known, novelty=np.array([0.6, 0.4, np.nan]))
    assert decide(CHANCE, card, strange).sets == [("wheat", "maize"), ("wheat", "maize", "grass"), ()]


def test_outside_all_zones_the_threshold_of_the_card_holds() -> None:
    card = _card(_zone())
    nowhere = decide(CHANCE, card, Evidence.nowhere(len(CHANCE)))
    assert nowhere.sets == crop_sets(CHANCE, card) == [("wheat",), ("wheat", "maize"), ()]


def _region(months: tuple[int, ...]) -> Region:
    return make_card().regions[1].model_copy(update={"months": months})


def _by_month(**steps: int) -> list[int]:
    return [steps.get(name, 0) for name in ("jan", "feb", "mar", "apr", "may", "jun", *"jasond")]


def test_a_few_steps_in_an_unknown_month_are_no_reason_to_say_nothing() -> None:
    region = _region((1, 3, 4, 5))
    assert region.covers_season(_by_month(feb=1, mar=4, apr=5), last=4)
    assert not region.covers_season(_by_month(feb=2, mar=4, apr=5), last=4)
    assert not region.covers_season(_by_month(feb=1, mar=4, apr=5), last=2)
    assert region.covers_season(_by_month(feb=1, mar=9))
    assert region.covers_season([0] * 12, last=1)


def test_region_crop_and_months_must_be_covered(release: Release) -> None:
    region = release.card.regions[1]  # wheat, May and June
    days = [date(2019, 5, 5), date(2019, 6, 5), date(2019, 8, 5)]
    clear = np.array([[1, 1, 0], [1, 1, 0], [1, 1, 0], [1, 1, 1], [1, 1, 0]], dtype=bool)
    known = Evidence.of([region, region, None, region, region], clear, days, 2019)
    said = known.covered(["wheat", "maize", "wheat", "wheat", None], release.card)
    assert said.tolist() == [True, False, False, False, False]


def test_a_zone_needs_figures_for_every_month() -> None:
    good = _zone().model_dump()
    with pytest.raises(ValidationError, match="12 months"):
        ZoneCalibration.model_validate({**good, "sure": good["sure"][:11]})


def test_a_region_without_its_calibration_is_refused() -> None:
    card = _card(_zone()).model_dump()
    with pytest.raises(ValidationError, match="not calibrated"):
        ModelCard.model_validate({**card, "zones": ()})
