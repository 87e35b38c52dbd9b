from __future__ import annotations

import numpy as np
import pytest

from geo.errors import InputError
from geo.legend import load_legend
from tiles.simulation.calendars import load_region

REGIONS = ("huanghuai", "europe", "north_india")


@pytest.mark.parametrize("name", REGIONS)
def test_every_rotation_has_calendars_and_legend_keys(name: str):
    region = load_region(name)
    assert sum(region.weights) == pytest.approx(1.0)
    for rotation in region.rotations:
        assert set(rotation) <= set(region.crops)
    assert all(crop in load_legend() for crop in region.crops)


@pytest.mark.parametrize("name", REGIONS)
def test_crops_are_cut_after_their_peak(name: str):
    for forms in load_region(name).calendars.values():
        for form in forms:
            assert all(phase.rise < phase.fall for phase in form.phases)
            assert all(0 < phase.cover < 1 for phase in form.phases)
            assert form.harvest is None or form.harvest > form.phases[-1].rise + 20


@pytest.mark.parametrize("name", REGIONS)
def test_the_second_crop_follows_the_first(name: str):
    region = load_region(name)
    for rotation in (rotation for rotation in region.rotations if len(rotation) > 1):
        first, second = (region.calendars[crop][0] for crop in rotation)
        assert first.harvest is not None
        assert second.phases[0].rise > first.harvest


def test_unknown_names_are_refused():
    with pytest.raises(InputError, match="atlantis"):
        load_region("atlantis")
    with pytest.raises(InputError, match="sugar_beet"):
        load_region("huanghuai").pick("sugar_beet", np.random.default_rng(0))


def test_wheat_is_the_main_crop_before_maize():
    assert load_region("huanghuai").main_crop(("wheat", "maize")) == 0
