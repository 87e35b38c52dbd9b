from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import rankdata

from geo.peers import MIN_PEERS, peers_of


def test_a_percentile_is_the_mid_rank_among_the_peers_of_a_step() -> None:
    ndvi = np.round(np.linspace(0.2, 0.8, 25), 2)[:, None]
    group = np.zeros(25, dtype=np.int64)
    expected = 100 * (rankdata(ndvi[:, 0]) - 0.5) / 25
    np.testing.assert_allclose(peers_of(ndvi, group, 1).percentile(ndvi, group), expected, rtol=1e-5)


def test_equal_stands_share_the_middle() -> None:
    ndvi, group = np.full((30, 4), 0.5), np.zeros(30, dtype=np.int64)
    np.testing.assert_allclose(peers_of(ndvi, group, 1).percentile(ndvi, group), 50.0)


@pytest.mark.parametrize(("peers", "given"), [(MIN_PEERS - 1, False), (MIN_PEERS, True)])
def test_a_percentile_is_given_from_twenty_peers(peers: int, given: bool) -> None:
    ndvi, group = np.linspace(0.1, 0.9, peers)[:, None], np.zeros(peers, dtype=np.int64)
    assert np.isfinite(peers_of(ndvi, group, 1).percentile(ndvi, group)).all() == given


def test_groups_do_not_meet_and_minus_one_is_nobodys_peer() -> None:
    rng = np.random.default_rng(0)
    ndvi, group = rng.random((90, 6)), np.repeat([0, 1, -1], 30)
    both = peers_of(ndvi, group, 2).percentile(ndvi, group)
    for number in (0, 1):
        alone = ndvi[group == number]
        same = np.zeros(30, dtype=np.int64)
        np.testing.assert_array_equal(both[group == number], peers_of(alone, same, 1).percentile(alone, same))
    assert np.isnan(both[group == -1]).all()


def test_steps_count_by_their_peers_and_not_below_twenty() -> None:
    ndvi = np.full((60, 3), np.nan)
    ndvi[:, 0] = np.linspace(0.2, 0.8, 60)
    ndvi[:30, 1] = np.linspace(0.8, 0.2, 30)
    ndvi[:5, 2] = 0.3
    group = np.zeros(60, dtype=np.int64)
    first, second = 100 * 0.5 / 60, 100 * 29.5 / 30
    found = peers_of(ndvi, group, 1).percentile(ndvi, group)
    assert found[0] == pytest.approx((60 * first + 30 * second) / 90, abs=0.01)


def test_clouds_on_some_steps_move_a_stand_little() -> None:
    rng = np.random.default_rng(1)
    better = rng.normal(0, 0.08, 400)
    ndvi = 0.5 + better[:, None] + rng.normal(0, 0.03, (400, 30))
    seen = np.where(rng.random(ndvi.shape) < 0.6, np.nan, ndvi)
    group = np.zeros(400, dtype=np.int64)
    found = peers_of(seen, group, 1).percentile(seen, group)
    assert np.corrcoef(found, better)[0, 1] > 0.95


def test_others_may_be_ranked_among_peers() -> None:
    """Pixels among parcels: who is ranked need not be a peer."""
    peers = peers_of(np.linspace(0.3, 0.7, 41)[:, None], np.zeros(41, dtype=np.int64), 1)
    ranked = np.array([[0.1], [0.5], [0.95], [np.nan]])
    found = peers.percentile(ranked, np.zeros(4, dtype=np.int64))
    np.testing.assert_allclose(found[:3], [0, 50, 100], atol=0.1)
    assert np.isnan(found[3])
