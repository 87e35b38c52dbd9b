from __future__ import annotations

import numpy as np
import pytest

from geo.bands import band_index
from tiles.simulation.calendars import load_region
from tiles.simulation.spectra import load_spectra, wet_soil

SPECTRA = load_spectra()
GROUPS = (SPECTRA.soil, SPECTRA.ground, SPECTRA.dry, SPECTRA.flower, SPECTRA.canopy)


def test_end_members_are_reflectances():
    for group in GROUPS:
        for name, spectrum in group.items():
            assert spectrum.shape == (10,), name
            assert ((spectrum > 0) & (spectrum < 0.7)).all(), name


@pytest.mark.parametrize("crop", sorted(SPECTRA.canopy))
def test_a_closed_canopy_has_a_red_edge_and_soil_has_none(crop: str):
    red, edge, near = (SPECTRA.canopy[crop][band_index(name)] for name in ("B04", "B06", "B08"))
    assert near > 5 * red
    assert red < edge < near


def test_soil_brightens_towards_the_infrared_and_darkens_when_wet():
    loam = SPECTRA.soil["loam"]
    assert (np.diff(loam[:9]) > 0).all()
    wet = wet_soil(loam[None], np.array([[0.0, 0.5, 1.0]], dtype=np.float32), SPECTRA.wetness)[0]
    np.testing.assert_allclose(wet[0], loam)
    assert (np.diff(wet, axis=0) < 0).all()
    assert wet[2, 9] / wet[0, 9] < wet[2, 0] / wet[0, 0]


@pytest.mark.parametrize("name", ["huanghuai", "europe", "north_india"])
def test_calendars_name_only_spectra_that_exist(name: str):
    for forms in load_region(name).calendars.values():
        for form in forms:
            assert form.canopy in SPECTRA.canopy
            assert form.material in SPECTRA.dry
            assert form.ground == "soil" or form.ground in SPECTRA.ground
            assert form.flower is None or form.flower.kind in SPECTRA.flower
