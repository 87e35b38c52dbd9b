"""Abrupt losses as findings: by the calendar, by what neighbours did, and by how much is gone."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest

from geo.season import Season
from scoring.alerts.findings import Findings
from scoring.alerts.levels import Level
from scoring.growth.losses.of_run import timely
from scoring.growth.watching.fields import SeasonLooks
from scoring.growth.watching.of_losses import CAUSE
from tests.scoring.growth.seasons import Floats, stand
from tests.scoring.growth.watched import AT, all_findings, fields_of

#: The dates from which something is lost: the last of June.
_HIT = int(np.searchsorted(AT, np.datetime64("2018-07-01")))
_NONE = Season(date(2018, 6, 21), date(2018, 6, 22))


def _losses(curves: Floats, crops: list[str], until: date = date(2018, 7, 31)) -> list[Findings]:
    looks = SeasonLooks.of(curves, np.ones_like(curves), AT)
    return [one for one in all_findings(looks, fields_of(crops), _NONE, until) if one.cause == CAUSE]


def _stands(n: int, seed: int = 3) -> Floats:
    # Green from April to the end of October: nothing ripens while a loss is looked for.
    curve = stand("04-01", "10-30")
    return np.stack([curve] * n) + np.random.default_rng(seed).normal(0, 0.01, (n, len(AT)))


def _cut(curves: Floats, rows: slice, share: float, dates: slice = slice(_HIT, None)) -> Floats:
    out = curves.copy()
    out[rows, dates] = 0.2 + (1.0 - share) * (out[rows, dates] - 0.2)
    return out


def _raised(found: list[Findings]) -> npt.NDArray[np.bool_]:
    raised: npt.NDArray[np.bool_] = np.any([one.raised for one in found], axis=0)
    return raised


def test_one_maize_field_that_loses_its_stand_is_raised_alone() -> None:
    found = _losses(_cut(_stands(30), slice(0, 1), 0.6), ["maize"] * 30)
    assert _raised(found).tolist() == [True] + [False] * 29
    last = found[-1]
    assert last.raised[0]
    assert 0.5 < last.severity[0] < 0.7
    assert last.event_on[0] == AT[_HIT]
    assert last.event_from[0] == AT[_HIT - 1]
    assert last.fallen[0] == 0.0
    assert last.evidence is not None
    assert last.evidence[0].sum() >= 3


def test_hail_over_all_is_raised_with_the_second_look_and_is_the_regions() -> None:
    found = _losses(_cut(_stands(30), slice(None), 0.6), ["maize"] * 30)
    by_day = {np.datetime64(one.day): one for one in found}
    assert not by_day[AT[_HIT]].raised.any()
    second = by_day[AT[_HIT + 1]]
    assert second.raised.all()
    assert (second.fallen > 0.9).all()
    assert "most neighbours" in second.why[0]
    assert by_day[AT[_HIT + 2]].raised.all()


def test_haze_over_all_that_is_gone_at_the_next_look_raises_nobody() -> None:
    found = _losses(_cut(_stands(30), slice(None), 0.5, slice(_HIT, _HIT + 1)), ["maize"] * 30)
    assert not _raised(found).any()


@pytest.mark.parametrize("crop", ["grass", "fallow"])
def test_a_cut_of_grass_is_information(crop: str) -> None:
    found = _losses(_cut(_stands(12), slice(0, 1), 0.6), [crop] * 12)
    assert _raised(found).tolist() == [True] + [False] * 11
    assert {int(one.at_most[0]) for one in found if one.at_most is not None} == {Level.INFO}
    assert "cut?" in found[-1].why[0]


def test_without_a_calendar_it_is_said_and_weighs_less() -> None:
    found = _losses(_cut(_stands(12), slice(0, 1), 0.6), [""] * 12)
    assert _raised(found)[0]
    assert "no calendar" in found[-1].why[0]
    assert found[-1].confidence[0] <= 0.5
    assert {int(one.at_most[0]) for one in found if one.at_most is not None} == {Level.WATCH}


def test_roofs_and_water_lose_nothing() -> None:
    assert not _raised(_losses(_cut(_stands(12), slice(0, 1), 0.6), ["built"] * 12)).any()


def test_a_field_reaped_in_its_time_has_lost_nothing() -> None:
    reaped = np.stack([stand("03-25", "07-12")] * 20)
    reaped[:10] = stand("03-25", "07-22")
    found = _losses(reaped, ["wheat winter"] * 20, date(2018, 9, 1))
    assert not _raised(found).any()


@pytest.mark.parametrize("crop", ["maize", "grass", ""])
def test_a_deeper_loss_is_never_less_severe(crop: str) -> None:
    shares = (0.3, 0.45, 0.6, 0.75)
    found = [_losses(_cut(_stands(20), slice(0, 1), share), [crop] * 20) for share in shares]
    for lesser, greater in pairwise(found):
        for one, other in zip(lesser, greater, strict=True):
            assert one.day == other.day
            assert not one.raised[0] or other.raised[0]
            assert not one.raised[0] or one.severity[0] <= other.severity[0] + 1e-9


def test_looks_known_after_later_ones_are_not_timely() -> None:
    ndvi = np.full((1, 4), 0.5)
    known = AT[[0, 5, 2, 5]][None]
    looks = SeasonLooks.of(ndvi, np.ones_like(ndvi), AT[:4], known)
    assert timely(looks).tolist() == [[True, False, True, True]]
