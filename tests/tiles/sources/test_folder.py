from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

from geo.bands import BANDS
from geo.errors import AcrelineError
from geo.season import Season
from tiles.guard import baseline_of
from tiles.sources.folder import RasterFolder

YEAR = Season(date(2019, 1, 1), date(2019, 12, 31))
AROUND = (4.0, 50.0, 5.0, 51.0)
SENSED = "20190715T105031"
FINE = ("B02", "B03", "B04", "B08")


def write(
    path: Path, metres: int = 10, left: int = 600_000, count: int = 1, epsg: int | None = 32631, **more: float
) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    side = 160 // metres
    profile = {"driver": "GTiff", "height": side, "width": side, "count": count, "dtype": "uint16", "nodata": 0}
    place = {} if epsg is None else {"crs": f"EPSG:{epsg}"}
    with rasterio.open(path, "w", **profile, **place, transform=Affine(metres, 0, left, 0, -metres, 5_600_000)) as file:
        file.write(np.full((count, side, side), 2000, dtype=np.uint16))
        if more:
            file.scales, file.offsets = [more["scale"]], [more["offset"]]
    return path


def write_scene(folder: Path, form: str, **fields: str) -> None:
    for band in (*BANDS, "SCL"):
        metres = 10 if band in FINE else 20
        write(folder / form.format(band=band, metres=metres, **fields), metres)


def refused(rule: str | Path) -> str:
    with pytest.raises(AcrelineError) as caught:
        RasterFolder(str(rule)).search(AROUND, YEAR)
    assert "\n" not in str(caught.value)
    return f"{caught.value.code} {caught.value}"


def test_names_of_sentinel2_are_known_at_any_depth(tmp_path: Path) -> None:
    write_scene(tmp_path, "july/T31UFS_20190715T105031_{band}_{metres}m.tif")
    write_scene(tmp_path, "L2A_T31UFS_20190625T105031_{band}_{metres}m.tif")
    first, second = RasterFolder(str(tmp_path)).search(AROUND, YEAR)
    assert (first.id, second.id) == ("S2_31UFS_20190625T105031", "S2_31UFS_20190715T105031")
    assert list(second.assets) == [*BANDS, "SCL"]
    assert Path(second.assets["B8A"].href) == tmp_path / "july" / "T31UFS_20190715T105031_B8A_20m.tif"
    assert str(second.datetime) == "2019-07-15 10:50:31+00:00"
    assert second.properties["grid:code"] == "MGRS-31UFS"
    assert second.properties["acreline:catalogue"] == tmp_path.name


def test_the_finest_resolution_of_a_band_is_taken(tmp_path: Path) -> None:
    write_scene(tmp_path, "T31UFS_20190715T105031_{band}_{metres}m.tif")
    write(tmp_path / "T31UFS_20190715T105031_B02_20m.tif", 20)
    write(tmp_path / "T31UFS_20190715T105031_B02_60m.tif", 20)
    write(tmp_path / "T31UFS_20190715T105031_AOT_10m.tif")
    write(tmp_path / "notes.tif")
    (item,) = RasterFolder(str(tmp_path)).search(AROUND, YEAR)
    assert item.assets["B02"].href.endswith("_B02_10m.tif")


def test_a_rule_of_ones_own(tmp_path: Path) -> None:
    write_scene(
        tmp_path,
        "{day}/s2-{tile}-{level}-{baseline}/{band}.tif",
        day="2019-07-15",
        tile="31UFS",
        level="L2A",
        baseline="N0213",
    )
    (item,) = RasterFolder(f"{tmp_path}/{{date}}/s2-{{tile}}-{{level}}-{{baseline}}/{{band}}.tif").search(AROUND, YEAR)
    assert item.id == "S2_31UFS_20190715_L2A_02.13"
    assert (baseline_of(item), item.properties["processing:level"]) == ("02.13", "L2A")


def test_common_names_of_bands_and_short_ones(tmp_path: Path) -> None:
    names = {"B02": "blue", "B03": "B3", "B8A": "nir08", "SCL": "scl"}
    for band in (*BANDS, "SCL"):
        write(tmp_path / f"x_20190715_{names.get(band, band)}_v1.tif")
    (item,) = RasterFolder(f"{tmp_path}/*_{{date}}_{{band}}_*.tif").search(AROUND, YEAR)
    assert item.assets["B03"].href.endswith("_B3_v1.tif")


def test_a_field_that_comes_twice_says_the_same_twice(tmp_path: Path) -> None:
    write_scene(tmp_path, "20190715/20190715_{band}.tif")
    write(tmp_path / "20190715" / "20190716_B02.tif")
    (item,) = RasterFolder(f"{tmp_path}/{{date}}/{{date}}_{{band}}.tif").search(AROUND, YEAR)
    assert item.id == "S2_20190715"


@pytest.mark.parametrize(
    ("left", "epsg", "hour"), [(600_000, 32631, "10:12"), (600_000, 32651, "02:12"), (400_000, 32601, "22:24")]
)
def test_a_day_without_a_time_gets_the_hour_of_the_pass(tmp_path: Path, left: int, epsg: int, hour: str) -> None:
    for band in (*BANDS, "SCL"):
        write(tmp_path / f"20190715_{band}.tif", left=left, epsg=epsg)
    (item,) = RasterFolder(f"{tmp_path}/{{date}}_{{band}}.tif").search((-180.0, 50.0, 180.0, 51.0), YEAR)
    assert item.datetime is not None
    assert item.datetime.date() == date(2019, 7, 15)
    minutes = item.datetime.hour * 60 + item.datetime.minute
    assert abs(minutes - (int(hour[:2]) * 60 + int(hour[3:]))) < 45


def test_scale_and_offset_come_from_the_files(tmp_path: Path) -> None:
    write_scene(tmp_path, "T31UFS_20190715T105031_{band}_{metres}m.tif")
    write(tmp_path / "T31UFS_20190715T105031_B02_10m.tif", scale=0.0001, offset=-0.1)
    (item,) = RasterFolder(str(tmp_path)).search(AROUND, YEAR)
    assert item.assets["B02"].extra_fields["raster:bands"][0] == {
        "data_type": "uint16",
        "nodata": 0,
        "scale": 0.0001,
        "offset": -0.1,
    }
    assert "scale" not in item.assets["B03"].extra_fields["raster:bands"][0]


def test_level_1c_by_name(tmp_path: Path) -> None:
    write_scene(tmp_path, "20190715_L1C_{band}.tif")
    assert refused(f"{tmp_path}/{{date}}_{{level}}_{{band}}.tif") == (
        f"L1C_SCENE Scene S2_20190715_L1C in {tmp_path.name} is L1C (top of atmosphere), never mixed with surface "
        "reflectance. Use a catalogue of L2A scenes only, or leave the others out with --leave-out-l1c."
    )


def test_no_level_and_no_scene_classification(tmp_path: Path) -> None:
    write_scene(tmp_path, "T31UFS_20190715T105031_{band}_{metres}m.tif")
    (tmp_path / "T31UFS_20190715T105031_SCL_20m.tif").unlink()
    assert refused(tmp_path).startswith(
        "SCENE_LEVEL Scene S2_31UFS_20190715T105031 does not say whether it is L1C or L2A."
    )


def test_a_missing_band_is_named(tmp_path: Path) -> None:
    write_scene(tmp_path, "T31UFS_20190715T105031_{band}_{metres}m.tif")
    (tmp_path / "T31UFS_20190715T105031_B11_20m.tif").unlink()
    assert refused(tmp_path).startswith("MISSING_BAND Scene S2_31UFS_20190715T105031 has no asset for band B11.")


def test_the_same_band_twice(tmp_path: Path) -> None:
    write_scene(tmp_path, "a/T31UFS_20190715T105031_{band}_{metres}m.tif")
    twin = write(tmp_path / "b" / "T31UFS_20190715T105031_B02_10m.tif")
    assert refused(tmp_path) == (
        f"RASTER_TWICE {tmp_path}/a/T31UFS_20190715T105031_B02_10m.tif and {twin} are the same band of one scene. "
        "Remove one, or give a naming rule that tells them apart."
    )


def test_several_bands_in_one_file(tmp_path: Path) -> None:
    write_scene(tmp_path, "T31UFS_20190715T105031_{band}_{metres}m.tif")
    path = write(tmp_path / "T31UFS_20190715T105031_B04_10m.tif", count=3)
    assert refused(tmp_path) == f"RASTER_BANDS {path} holds 3 bands, not one. Split it into one file for each band."


def test_a_truncated_file(tmp_path: Path) -> None:
    write_scene(tmp_path, "T31UFS_20190715T105031_{band}_{metres}m.tif")
    path = tmp_path / "T31UFS_20190715T105031_B08_10m.tif"
    path.write_bytes(path.read_bytes()[:60])
    said = refused(tmp_path)
    assert said.startswith(f"UNREADABLE_RASTER {path} cannot be read: ")
    assert said.endswith("Fetch the file again, or remove its scene.")


def test_a_file_without_crs(tmp_path: Path) -> None:
    for band in (*BANDS, "SCL"):
        write(tmp_path / f"T31UFS_20190715T105031_{band}_10m.tif", epsg=None)
    assert "cannot be read: it has no CRS." in refused(tmp_path)


def test_files_named_otherwise(tmp_path: Path) -> None:
    write(tmp_path / "a.tif")
    assert refused(tmp_path) == (
        f"NO_RASTERS No file in {tmp_path} is named like T31UFS_20190715T105031_B02_10m.tif. Give a naming rule for "
        "--catalog: FOLDER/{date}/{band}.tif."
    )


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ("{date}/{bnd}.tif", "has an unknown field {bnd}"),
        ("{date}.tif", "has no field {band}"),
        ("{band}.tif", "has no field {date}"),
    ],
)
def test_a_rule_that_cannot_be_used(tmp_path: Path, rule: str, fault: str) -> None:
    assert refused(f"{tmp_path}/{rule}") == (
        f"NAMING_RULE The naming rule {tmp_path}/{rule} {fault}. Use {{date}} and {{band}}, and where names tell them "
        "{tile}, {level}, {baseline} and {resolution}; * is any text."
    )


def test_a_date_that_is_none(tmp_path: Path) -> None:
    path = write(tmp_path / "20191315_B02.tif")
    assert refused(f"{tmp_path}/{{date}}_{{band}}.tif") == (
        f"RASTER_DATE 20191315 in the name of {path} is no date. Rename the file."
    )


def test_no_such_folder(tmp_path: Path) -> None:
    assert refused(f"{tmp_path}/none/{{date}}_{{band}}.tif") == (
        f"NO_CATALOG There is no folder {tmp_path}/none. Check --catalog."
    )
