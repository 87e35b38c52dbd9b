from __future__ import annotations

import numpy as np
import shapely

from tiles.simulation.county import CountyPlan, build_county
from tiles.simulation.ledger import make_book


def test_the_embedded_county_is_what_is_promised():
    plan = CountyPlan()
    book = make_book(build_county(plan))
    parcels = book.parcels
    area_ha = parcels.to_crs(plan.epsg).area / 1e4
    assert plan.side_m == 5120
    assert len(plan.days) >= 36
    assert all(day in plan.season for day in plan.days)
    assert len(parcels) >= 400
    assert parcels["declared_crop"].nunique() >= 6
    assert (book.truth["main"].groupby(book.truth["parcel_id"]).sum() == 1).all()
    assert (book.truth.groupby("parcel_id").size() == 2).mean() > 0.4
    assert (area_ha < 0.15).sum() >= 20
    assert area_ha.max() > 2
    assert book.truth.query("main")["crop"].nunique() >= 8


def test_the_book_holds_facts_as_banks_have_them(small_plan: CountyPlan):
    book = make_book(build_county(small_plan))
    parcels, truth = book.parcels, book.truth.query("main").set_index("parcel_id")
    assert parcels["parcel_id"].is_unique
    assert not {"vigour", "vigour_pct", "crop", "rotation"} & set(parcels.columns)
    assert parcels.groupby("farmer_id").size().between(1, 6).all()
    assert (parcels.groupby("farmer_id")["village"].nunique() == 1).all()
    assert (parcels.groupby("farmer_id")["household_capacity_minor"].nunique() <= 1).all()
    wrong = parcels["declared_crop"].to_numpy() != truth.loc[parcels["parcel_id"], "crop"].to_numpy()
    assert 0 < wrong.mean() < 0.15
    assert set(parcels["land_right"]) == {"certificate", "lease"}
    assert parcels["approved_minor"].isna().any()
    assert parcels["approved_minor"].notna().any()
    assert parcels["village"].str.contains("Simulated").all()
    ratio = parcels["certified_area_ha"] / (parcels.to_crs(small_plan.epsg).area / 1e4)
    assert ratio.median() == np.clip(ratio.median(), 0.98, 1.02)
    assert (ratio > 1.08).any()


def test_outlines_match_the_plots_and_not_the_pixels(small_plan: CountyPlan):
    county = build_county(small_plan)
    drawn = make_book(county).parcels.to_crs(small_plan.epsg)
    corners = shapely.get_coordinates(drawn.geometry.to_numpy()) / 10.0
    assert np.abs(corners - np.round(corners)).mean() > 0.15
    assert drawn.geometry.is_valid.all()
    plots = shapely.transform(county.mosaic.shapes, lambda xy: xy * (1.0, -1.0) + (small_plan.left_m, small_plan.top_m))
    tree = shapely.STRtree(plots)
    nearest = plots[tree.nearest(shapely.centroid(drawn.geometry.to_numpy()))]
    common = shapely.area(shapely.intersection(nearest, drawn.geometry.to_numpy()))
    assert np.median(common / shapely.area(nearest)) > 0.93
