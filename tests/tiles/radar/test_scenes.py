from __future__ import annotations

import pystac
import pytest

from geo.errors import InputError
from tiles.radar.scenes import KIND_PROPERTY, Calibration, calibration, radar_items, radar_kind


def test_rtc_is_gamma0(radar_item):
    (item,) = radar_items([radar_item()], "here")
    assert item.properties[KIND_PROPERTY] == "gamma0"
    assert sorted(item.assets) == ["vh", "vv"]


@pytest.mark.parametrize(
    ("collection", "properties", "kind"),
    [
        ("sentinel-1-rtc", {}, "gamma0"),
        ("s1-backscatter", {"product__type": "NRB"}, "gamma0"),
        ("sentinel-1-terrain-corrected", {"sar__measurement": "sigma0"}, "sigma0"),
        ("sentinel-1-grd", {}, None),
        ("sentinel-1-grd", {"sar__product_type": "GRD"}, None),
    ],
)
def test_an_item_is_taken_at_its_word(radar_item, collection, properties, kind):
    assert radar_kind(radar_item(collection=collection, **properties)) == kind


def test_raw_grd_is_refused_with_the_reason(radar_item):
    item = radar_item(collection="sentinel-1-grd", item_id="S1A_IW_GRDH_1")
    with pytest.raises(InputError) as caught:
        radar_items([item], "the catalogue")
    assert caught.value.code == "RAW_GRD"
    assert str(caught.value) == (
        "Scene S1A_IW_GRDH_1 of the catalogue does not say that it is terrain-corrected: on slopes, raw GRD lies "
        "beside the fields and changes with the orbit. Use a collection of RTC gamma0, or declare corrected rasters "
        "with --radar-kind sigma0."
    )


def test_corrected_rasters_can_be_declared(radar_item):
    (item,) = radar_items([radar_item(collection="sentinel-1-grd")], "here", declared="sigma0")
    assert item.properties[KIND_PROPERTY] == "sigma0"


def test_an_item_that_says_what_it_holds_is_not_overruled(radar_item):
    (item,) = radar_items([radar_item()], "here", declared="sigma0")
    assert item.properties[KIND_PROPERTY] == "gamma0"


def test_optical_scenes_are_passed_over_and_the_rest_sorted(radar_item):
    late, early = radar_item(when="2019-06-01T17:32:00Z"), radar_item(when="2019-05-01T17:32:00Z")
    optical = radar_item(collection="sentinel-2-l2a", item_id="S2A_1", platform="sentinel-2a")
    assert [item.id for item in radar_items([late, optical, early], "here")] == [early.id, late.id]
    with pytest.raises(InputError, match=r"^here holds no Sentinel-1 scene"):
        radar_items([optical], "here")


def test_both_polarisations_are_needed(radar_item):
    with pytest.raises(InputError, match=r"has no asset for VH. Each radar scene needs vv and vh."):
        radar_items([radar_item(assets=("vv",))], "here")


def test_upper_case_assets_are_found(radar_item):
    (item,) = radar_items([radar_item(assets=("VV", "VH"))], "here")
    assert set(item.assets) == {"vv", "vh"}


def test_calibration_of_decibels_and_of_power(radar_item):
    stored = {"scale": 0.01, "offset": 0.0, "unit": "dB", "nodata": -32768}
    assert calibration(radar_item(band=stored).assets["vv"], "x") == Calibration(0.01, 0.0, "dB", -32768.0)
    assert calibration(radar_item().assets["vv"], "x") == Calibration(1.0, 0.0, "power", None)


def test_amplitude_is_refused(radar_item):
    with pytest.raises(InputError, match=r"^x is stored in 'amplitude', neither linear power nor dB."):
        calibration(radar_item(band={"unit": "amplitude"}).assets["vv"], "x")


@pytest.mark.shared_data
def test_the_real_scenes_need_a_declaration(shared_data):
    catalogue = pystac.Catalog.from_file(str(shared_data / "flanders-2019" / "catalog.json"))
    items = list(catalogue.get_items(recursive=True))
    with pytest.raises(InputError, match=r"does not say that it is terrain-corrected"):
        radar_items(items, "flanders-2019")
    assert len(radar_items(items, "flanders-2019", declared="sigma0")) == 80
