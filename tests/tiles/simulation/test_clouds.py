from __future__ import annotations

import numpy as np
import pytest

from geo.bands import band_index
from tiles.simulation.clouds import (
    BARE,
    CIRRUS,
    CLOUD_HIGH,
    SHADOW,
    VEGETATION,
    WATER,
    Sky,
    apply_sky,
    classify_scene,
    draw_sky,
    smooth_field,
)
from tiles.simulation.spectra import load_spectra

NOTHING = np.zeros((32, 32), dtype=np.float32)


def ground(spectrum: np.ndarray) -> np.ndarray:
    return np.broadcast_to(spectrum[:, None, None], (10, 32, 32)).astype(np.float32)


def scene(clear: np.ndarray, sky: Sky) -> np.ndarray:
    return classify_scene(clear, apply_sky(clear, sky), sky, np.random.default_rng(0))


def test_fields_are_standardised():
    field = smooth_field(np.random.default_rng(2), 64, 20.0)
    assert field.std() == pytest.approx(1.0, rel=1e-3)
    assert abs(field.mean()) < 1e-3


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_clouds_cover_about_the_wanted_share(share: float):
    covered = [(draw_sky(np.random.default_rng(seed), 128, share, 45, 150).thick > 0.1).mean() for seed in range(12)]
    assert np.mean(covered) == pytest.approx(share, abs=0.12)


def test_no_cloud_is_clear_and_full_cloud_hides_everything():
    assert draw_sky(np.random.default_rng(1), 64, 0.0, 45, 150).thick.max() == 0
    assert draw_sky(np.random.default_rng(1), 64, 1.0, 45, 150).thick.min() > 0.9


def test_shadows_lie_on_the_far_side_from_the_sun():
    """Sun in the south: the shadow is the cloud moved north (up the rows), so it agrees best when moved back down."""
    agreement = np.zeros(121)
    for seed in range(6):
        sky = draw_sky(np.random.default_rng(seed), 256, 0.15, 60.0, 180.0)
        cloud = sky.thick > 0.5
        shadow = sky.shadow > 0.5
        for moved in range(-60, 61):
            agreement[moved + 60] += np.sum(np.roll(cloud, -moved, axis=0) & shadow)
    assert agreement[60:].max() > 2 * agreement[:60].max()


def test_shadow_darkens_and_cloud_brightens():
    clear = ground(load_spectra().canopy["wheat"])
    full = np.ones((32, 32), dtype=np.float32)
    shaded = apply_sky(clear, Sky(NOTHING, NOTHING, full, NOTHING))
    clouded = apply_sky(clear, Sky(full, NOTHING, NOTHING, NOTHING))
    assert (shaded < 0.7 * clear).all()
    assert (clouded[band_index("B02")] > 0.4).all()


def test_classes_follow_what_is_there():
    spectra = load_spectra()
    none = Sky(NOTHING, NOTHING, NOTHING, NOTHING)
    full = np.ones((32, 32), dtype=np.float32)
    wheat = ground(spectra.canopy["wheat"])
    assert (scene(wheat, none) == VEGETATION).all()
    assert (scene(ground(spectra.soil["loam"]), none) == BARE).all()
    assert (scene(ground(spectra.ground["water"]), none) == WATER).all()
    assert (scene(wheat, Sky(full, NOTHING, NOTHING, NOTHING)) == CLOUD_HIGH).all()
    assert (scene(wheat, Sky(NOTHING, full, NOTHING, NOTHING)) == CIRRUS).all()
    assert (scene(wheat, Sky(NOTHING, NOTHING, full, NOTHING)) == SHADOW).mean() > 0.9


def test_thin_cloud_is_missed_now_and_then():
    wheat = ground(load_spectra().canopy["wheat"])
    faint = np.full((32, 32), 0.12, dtype=np.float32)
    seen = scene(wheat, Sky(NOTHING, faint, NOTHING, NOTHING))
    assert (seen == VEGETATION).mean() > 0.5
