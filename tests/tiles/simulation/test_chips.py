from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from geo.errors import InputError
from geo.legend import load_legend
from tiles.simulation.chips import Block, simulate_block
from tiles.simulation.mosaic import Layout
from tiles.simulation.sensor import COARSE_AT, coarsen

LEGEND = load_legend()


@pytest.fixture(scope="module")
def block() -> Block:
    return simulate_block(11, 48, n_dates=12)


def test_a_block_has_matching_layers(block: Block):
    assert block.reflectance.shape == (12, 10, 48, 48)
    assert block.reflectance.dtype == np.float32
    assert np.isfinite(block.reflectance).all()
    assert ((block.reflectance > 0) & (block.reflectance < 1.3)).all()
    assert block.scl.shape == (12, 48, 48)
    assert set(np.unique(block.scl)) <= {2, 3, 4, 5, 6, 7, 8, 9, 10}
    assert list(block.days) == sorted(set(block.days))
    assert ((block.vigour >= 0) & (block.vigour <= 100)).all()


def test_labels_lie_where_plots_lie(block: Block):
    assert ((block.crop == 0) == (block.parcel < 0)).all()
    for plot in np.unique(block.parcel[block.parcel >= 0]):
        inside = block.parcel == plot
        assert len(np.unique(block.crop[inside])) == 1
        assert block.crop[inside][0] in block.cycles[:, inside]


def test_coarse_bands_are_constant_in_20_m_pixels(block: Block):
    coarse = block.reflectance[:, COARSE_AT]
    np.testing.assert_array_equal(coarse[..., ::2, ::2], coarse[..., 1::2, 1::2])
    assert not np.array_equal(block.reflectance[:, 0, ::2, ::2], block.reflectance[:, 0, 1::2, 1::2])


def test_coarsening_keeps_means_and_its_argument():
    values = np.random.default_rng(0).random((10, 8, 8)).astype(np.float32)
    before = values.copy()
    np.testing.assert_allclose(coarsen(values).mean(axis=(1, 2)), values.mean(axis=(1, 2)), rtol=1e-5)
    np.testing.assert_array_equal(values, before)


def test_the_same_arguments_give_the_same_block(block: Block):
    again = simulate_block(11, 48, n_dates=12)
    np.testing.assert_array_equal(block.reflectance, again.reflectance)
    np.testing.assert_array_equal(block.scl, again.scl)
    assert not np.array_equal(block.reflectance, simulate_block(12, 48, n_dates=12).reflectance)


def test_crops_and_days_can_be_chosen():
    days = (date(2024, 4, 1), date(2024, 8, 1))
    chosen = simulate_block(3, 32, days=days, crops=["wheat+maize", "cotton"], layout=Layout(plot_ha=0.4))
    assert chosen.days == days
    assert set(np.unique(chosen.crop)) - {0} == {LEGEND["wheat"].value, LEGEND["cotton"].value}
    wheat = chosen.crop == LEGEND["wheat"].value
    assert (chosen.cycles[1][wheat] == LEGEND["maize"].value).all()
    assert (chosen.cycles[1][chosen.crop == LEGEND["cotton"].value] == 0).all()


def test_vigour_shows_in_the_reflectance():
    """Over plots of one crop the near infrared in spring rises with the true vigour."""
    block = simulate_block(8, 64, days=[date(2024, 4, 20)], crops=["wheat"], layout=Layout(plot_ha=0.5))
    clear = np.isin(block.scl[0], (4, 5)) & (block.share > 0.99) & (block.parcel >= 0)
    assert clear.sum() > 200
    assert np.corrcoef(block.vigour[clear], block.reflectance[0, 6][clear])[0, 1] > 0.4


def test_unknown_crop_is_refused():
    with pytest.raises(InputError, match="sugarcane"):
        simulate_block(1, 16, n_dates=3, crops=["sugarcane"])
