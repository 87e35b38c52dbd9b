from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from app.jobs.feasibility import Estimate, Share, column_labels, estimate
from geo.errors import InputError
from geo.parcels import read_parcels
from models.card import ModelCard
from models.release import load_release
from tiles.simulation.season import SimulatedSeason
from tiles.sources.local import LocalCatalog


@pytest.fixture(scope="module")
def card() -> ModelCard:
    return load_release().card


def _frame(season: SimulatedSeason) -> gpd.GeoDataFrame:
    return read_parcels(season.parcels).frame


def _by(found: Estimate, by: str) -> dict[str, Share]:
    return {share.group: share for share in found.shares if share.by == by}


@pytest.fixture(scope="module")
def simulated(border_season: SimulatedSeason, card: ModelCard) -> Estimate:
    frame = _frame(border_season)
    items = LocalCatalog(border_season.catalog).search(tuple(frame.total_bounds), border_season.season)
    groups = column_labels(border_season.parcels, None, "village")
    return estimate(frame, card, items=items, season=border_season.season, groups=groups)


def test_every_grouping_adds_up_to_the_book(border_season: SimulatedSeason, simulated: Estimate) -> None:
    frame = _frame(border_season)
    whole = simulated.shares[0]
    assert (whole.by, whole.group, whole.parcels) == ("all", "all parcels", len(frame))
    assert whole.area_ha == pytest.approx(frame.area_ha.sum(), abs=1e-3)
    for by in ("all", "size", "region", "village"):
        shares = _by(simulated, by).values()
        assert sum(share.parcels for share in shares) == len(frame)
        assert sum(share.decidable for share in shares) == pytest.approx(whole.decidable, abs=0.05)
        assert sum(share.area_ha for share in shares) == pytest.approx(whole.area_ha, abs=0.01)
    for share in simulated.shares:
        assert share.decidable + sum(share.reasons.values()) == pytest.approx(share.parcels, abs=0.05)


def test_the_estimate_foretells_the_run(simulated: Estimate, finished: tuple[Path, object]) -> None:
    """Small parcels are known before; those that a run decides are no more than the estimate's upper bound."""
    status = pd.read_parquet(finished[0] / "parcels.parquet").status
    assert simulated.shares[0].reasons["TOO_SMALL"] == (status == "TOO_SMALL").sum()
    assert simulated.shares[0].decidable >= (status == "OK").sum() - 1


def test_size_classes_come_in_their_order(simulated: Estimate) -> None:
    sizes = list(_by(simulated, "size"))
    known = ["under 0.1 ha", "0.1 to 0.3 ha", "0.3 to 1 ha", "1 to 3 ha", "3 to 10 ha", "10 ha and more"]
    assert sizes == [size for size in known if size in sizes]


def test_without_a_catalogue_only_size_and_place_count(border_season: SimulatedSeason, card: ModelCard) -> None:
    found = estimate(_frame(border_season), card)
    assert found.scenes is None
    assert found.shares[0].clear_looks is None
    assert found.assumptions[1] == "No catalogue was given: neither imagery nor cloud is considered."
    # a simulated county lies in no region that the network may be believed in for real imagery
    assert set(_by(found, "region")) == {"in no region of the model card"}
    assert found.shares[0].decidable == 0


def test_cloud_lowers_the_share_by_its_chance(border_season: SimulatedSeason, card: ModelCard) -> None:
    frame = _frame(border_season)
    items = LocalCatalog(border_season.catalog).search(tuple(frame.total_bounds), border_season.season)
    shares = []
    for cover in (0.0, 60.0, 100.0):
        for item in items:
            item.properties["eo:cloud_cover"] = cover
        shares.append(estimate(frame, card, items=items, season=border_season.season).shares[0])
    clear, some, overcast = shares
    assert clear.decidable > some.decidable > overcast.decidable == 0
    assert overcast.reasons["CLOUDY"] == clear.decidable
    assert (clear.clear_looks, overcast.clear_looks) == (18.0, 0.0)
    assert some.clear_looks == pytest.approx(18 * 0.4, abs=0.1)


def test_a_declared_crop_that_the_card_lacks_is_outside_validation(
    border_season: SimulatedSeason, card: ModelCard
) -> None:
    frame = _frame(border_season)
    items = LocalCatalog(border_season.catalog).search(tuple(frame.total_bounds), border_season.season)
    declared = frame.assign(declared_crop=np.where(np.arange(len(frame)) < 10, "tea", None))
    found = estimate(declared, card, items=items, season=border_season.season)
    assert found.shares[0].reasons["OUTSIDE_VALIDATION"] > 0


def test_an_unknown_column_is_named_with_those_there_are(border_season: SimulatedSeason) -> None:
    with pytest.raises(InputError, match=r"has no column 'county'\. It has: .*village"):
        column_labels(border_season.parcels, None, "county")


@pytest.mark.shared_data
def test_real_parcels_of_flanders(shared_data: Path, card: ModelCard) -> None:
    frame = read_parcels(shared_data / "flanders-2019" / "parcels.gpkg").frame
    found = estimate(frame, card)
    assert set(_by(found, "region")) == {"flanders-2021"}
    assert found.shares[0].parcels == 17
    assert found.shares[0].decidable == sum(share.decidable for share in _by(found, "size").values()) > 0
