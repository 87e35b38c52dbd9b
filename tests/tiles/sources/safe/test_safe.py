from __future__ import annotations

import re
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import rasterio

from geo.bands import BANDS
from geo.errors import AcrelineError, InputError
from geo.season import Season
from tests.tiles.sources.safe.safe_product import RESOLUTIONS, Product, write_safe, write_zip
from tiles.guard import reflectance_rule
from tiles.sources.checksums import checked_sha256
from tiles.sources.safe import SafeFolder

YEAR = Season(date(2020, 1, 1), date(2020, 12, 31))
AROUND = (4.0, 50.0, 5.0, 51.0)
OLD = Product()
NEW = Product(sensed="20200506T105031", baseline="05.00", made="20230510T134530", offset=-1000)
REMEDY = "Fetch the product again, or take it out of the folder."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "products"
    path.mkdir()
    return path


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def refused(path: Path, cache: Path) -> str:
    with pytest.raises(AcrelineError) as caught:
        SafeFolder(path, cache).search(AROUND, YEAR)
    assert "\n" not in str(caught.value)
    return f"{caught.value.code} {caught.value}"


def test_digital_numbers_come_through_unchanged(folder: Path, cache: Path) -> None:
    (item,) = SafeFolder(write_safe(folder, OLD), cache).search(AROUND, YEAR)
    assert list(item.assets) == [*BANDS, "SCL"]
    for band, asset in item.assets.items():
        with rasterio.open(asset.href) as file:
            assert np.array_equal(file.read(1), OLD.pixels(band))
            assert file.dtypes[0] == ("uint8" if band == "SCL" else "uint16")
            assert (file.nodata, file.crs.to_epsg(), file.profile["compress"]) == (0, 32631, "deflate")
            assert file.res == ((10, 10) if band in RESOLUTIONS[10] else (20, 20))
            assert (file.transform.c, file.transform.f) == (OLD.left, OLD.top)
            assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"


def test_overviews_are_made_of_the_pixels_themselves(folder: Path, cache: Path) -> None:
    wide = replace(OLD, side_px=1100)
    (item,) = SafeFolder(write_safe(folder, wide), cache).search(AROUND, YEAR)
    with rasterio.open(item.assets["B02"].href) as file:
        assert file.overviews(1)
        small = file.read(1, out_shape=(550, 550))
    assert np.isin(small, wide.pixels("B02")).all()


def test_the_item_says_what_the_product_says(folder: Path, cache: Path) -> None:
    (item,) = SafeFolder(write_safe(folder, NEW), cache).search(AROUND, YEAR)
    assert item.id == NEW.name
    assert item.datetime is not None
    assert item.datetime.isoformat() == "2020-05-06T10:50:31.024000+00:00"
    said = item.properties
    assert said["s2:processing_baseline"] == "05.00"
    assert said["s2:datatake_id"] == "GS2A_20200506T105031_025378_N05.00"
    assert said["grid:code"] == "MGRS-31UES"
    assert said["eo:cloud_cover"] == pytest.approx(12.345)
    assert said["created"] == "2023-05-10T13:45:30.024Z"
    assert (said["acreline:catalogue"], said["acreline:harmonised"]) == ("safe", False)
    for asset in item.assets.values():
        assert re.fullmatch("1220[0-9a-f]{64}", asset.extra_fields["file:checksum"])
        checked_sha256(asset)


def test_the_offset_is_the_products_own(folder: Path, cache: Path) -> None:
    write_safe(folder, OLD)
    write_safe(folder, NEW)
    before, after = map(reflectance_rule, SafeFolder(folder, cache).search(AROUND, YEAR))
    assert (before.scale, before.offset, before.verified) == (pytest.approx(1e-4), 0.0, True)
    assert (after.scale, after.offset, after.verified) == (pytest.approx(1e-4), pytest.approx(-0.1), True)


def test_an_offset_that_a_new_product_does_not_state_is_not_made_up(folder: Path, cache: Path) -> None:
    (item,) = SafeFolder(write_safe(folder, replace(NEW, offset=None)), cache).search(AROUND, YEAR)
    assert item.assets["B02"].extra_fields["raster:bands"] == [
        {"data_type": "uint16", "nodata": 0, "scale": pytest.approx(1e-4)}
    ]


def test_an_archive_is_the_same_product(folder: Path, cache: Path) -> None:
    (packed,) = SafeFolder(write_zip(folder, OLD), cache).search(AROUND, YEAR)
    write_safe(folder, OLD)
    (both,) = SafeFolder(folder, cache).search(AROUND, YEAR)
    assert packed.to_dict() == both.to_dict()
    assert len(list((cache / "safe").iterdir())) == 1


def test_a_product_is_converted_once(folder: Path, cache: Path) -> None:
    source = SafeFolder(write_safe(folder, OLD), cache)
    (first,) = source.search(AROUND, YEAR)
    stamps = {asset.href: Path(asset.href).stat().st_mtime_ns for asset in first.assets.values()}
    (again,) = source.search(AROUND, YEAR)
    assert again.to_dict() == first.to_dict()
    assert {href: Path(href).stat().st_mtime_ns for href in stamps} == stamps


def test_only_what_is_asked_for_is_converted(folder: Path, cache: Path) -> None:
    write_safe(folder, OLD)
    write_safe(folder, NEW)
    told: list[tuple[int, int]] = []
    first_days = Season(date(2020, 5, 1), date(2020, 5, 3))
    (item,) = SafeFolder(folder, cache, lambda done, total: told.append((done, total))).search(AROUND, first_days)
    assert item.id == OLD.name
    assert [path.name.rpartition("-")[0] for path in (cache / "safe").iterdir()] == [OLD.name]
    assert told == [(0, 1), (1, 1)]


def test_a_file_of_the_cache_that_was_cut_is_made_again(folder: Path, cache: Path) -> None:
    source = SafeFolder(write_safe(folder, OLD), cache)
    (first,) = source.search(AROUND, YEAR)
    path = Path(first.assets["B08"].href)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    (again,) = source.search(AROUND, YEAR)
    assert path.read_bytes() == whole
    assert again.to_dict() == first.to_dict()


KILLED = """
    import os, signal, sys
    from datetime import date
    from pathlib import Path
    import rasterio.shutil
    from geo.season import Season
    from tiles.sources.safe import SafeFolder

    copy, count = rasterio.shutil.copy, []

    def dying(*arguments, **options):
        copy(*arguments, **options)
        count.append(1)
        if len(count) == 4:
            os.kill(os.getpid(), signal.SIGKILL)

    rasterio.shutil.copy = dying
    season = Season(date(2020, 1, 1), date(2020, 12, 31))
    SafeFolder(Path(sys.argv[1]), Path(sys.argv[2])).search((4, 50, 5, 51), season)
"""


def test_a_killed_conversion_leaves_nothing_half_and_goes_on(folder: Path, cache: Path, tmp_path: Path) -> None:
    product = write_safe(folder, OLD)
    script = textwrap.dedent(KILLED)
    killed = subprocess.run([sys.executable, "-c", script, product, cache], check=False, cwd=Path.cwd())
    assert killed.returncode == -signal.SIGKILL
    (kept,) = (cache / "safe").iterdir()
    whole = {path.name: path.stat().st_mtime_ns for path in kept.glob("*.tif")}
    assert sorted(whole) == ["B02.tif", "B03.tif", "B04.tif"]
    assert len(list(kept.glob(".*.part*"))) == 1
    assert not (kept / "item.json").exists()
    (item,) = SafeFolder(product, cache).search(AROUND, YEAR)
    assert {name: (kept / name).stat().st_mtime_ns for name in whole} == whole
    assert list(kept.glob(".*.part*")) == []
    (straight,) = SafeFolder(product, tmp_path / "other").search(AROUND, YEAR)
    for band, asset in item.assets.items():
        assert Path(asset.href).read_bytes() == Path(straight.assets[band].href).read_bytes()


def test_two_at_a_time_convert_once(folder: Path, cache: Path) -> None:
    product = write_safe(folder, OLD)
    script = (
        "import sys; from datetime import date; from pathlib import Path; from geo.season import Season\n"
        "from tiles.sources.safe import SafeFolder\n"
        "SafeFolder(Path(sys.argv[1]), Path(sys.argv[2])).search((4, 50, 5, 51), Season(date(2020, 1, 1), "
        "date(2020, 12, 31)))"
    )
    both = [subprocess.Popen([sys.executable, "-c", script, product, cache], cwd=Path.cwd()) for _ in range(2)]
    assert [process.wait(timeout=120) for process in both] == [0, 0]
    assert len(SafeFolder(product, cache).search(AROUND, YEAR)) == 1


def test_level_1c_is_refused(folder: Path, cache: Path) -> None:
    write_safe(folder, OLD)
    odd = replace(OLD, level="1C")
    write_safe(folder, odd)
    assert refused(folder, cache) == (
        f"L1C_SCENE Product {odd.name} is L1C (top of atmosphere), never mixed with surface reflectance. Use L2A "
        "products only, or leave it out with --leave-out-l1c."
    )


def test_level_1c_is_left_out_on_request(folder: Path, cache: Path) -> None:
    write_safe(folder, OLD)
    write_safe(folder, replace(OLD, level="1C"))
    (item,) = SafeFolder(folder, cache, levels="leave-out").search(AROUND, YEAR)
    assert item.id == OLD.name


def test_a_missing_image_is_named_and_never_read_as_empty(folder: Path, cache: Path) -> None:
    product = write_safe(folder, replace(OLD, omit=("B11",)))
    assert refused(product, cache) == (
        f"MISSING_BAND Scene {OLD.name} has no asset for band B11. Each scene needs {', '.join((*BANDS, 'SCL'))}."
    )


def test_products_can_be_listed_without_converting_them(folder: Path, cache: Path) -> None:
    product = write_safe(folder, OLD)
    (item,) = SafeFolder(product, cache).found(AROUND, YEAR)
    assert item.id == OLD.name
    assert item.assets["B02"].href == str(image_of(product, "B02"))
    assert item.assets["B02"].extra_fields["file:size"] == image_of(product, "B02").stat().st_size
    assert not cache.exists()


def image_of(product: Path, band: str) -> Path:
    return next(product.rglob(f"*_{band}_*.jp2"))


def test_a_changed_image_is_found_by_the_manifest(folder: Path, cache: Path) -> None:
    product = write_safe(folder, OLD)
    image = image_of(product, "B08")
    content = bytearray(image.read_bytes())
    content[-9] ^= 1
    image.write_bytes(content)
    said = refused(product, cache)
    name = image.relative_to(product).as_posix()
    assert said.startswith(
        f"SAFE_DAMAGED {name} of product {OLD.name} is not the file that its manifest describes: SHA3-256 "
    )
    assert said.endswith(REMEDY)


def test_a_truncated_image_without_a_manifest(folder: Path, cache: Path) -> None:
    product = write_safe(folder, replace(OLD, manifest=False))
    image = image_of(product, "B08")
    image.write_bytes(image.read_bytes()[:-200])
    said = refused(product, cache)
    assert said.startswith(
        f"SAFE_DAMAGED {image.relative_to(product).as_posix()} of product {OLD.name} cannot be read: "
    )
    assert not list(cache.rglob("B08.tif"))


def test_a_truncated_archive(folder: Path, cache: Path) -> None:
    archive = write_zip(folder, OLD)
    archive.write_bytes(archive.read_bytes()[:5000])
    assert refused(archive, cache) == f"UNREADABLE_ARCHIVE {archive} cannot be read: File is not a zip file. {REMEDY}"


def test_damaged_metadata(folder: Path, cache: Path) -> None:
    product = write_safe(folder, OLD)
    path = product / "MTD_MSIL2A.xml"
    text = path.read_text()
    path.write_text(text.replace("PROCESSING_BASELINE", "PROCESSING_BASE"))
    assert (
        refused(product, cache)
        == f"SAFE_METADATA The metadata of product {OLD.name} lack PROCESSING_BASELINE. {REMEDY}"
    )
    path.write_text(text[:900])
    assert refused(product, cache).startswith(f"SAFE_METADATA The metadata of product {OLD.name} cannot be read: ")


def test_a_product_of_another_format(folder: Path, cache: Path) -> None:
    product = folder / "S2A_OPER_PRD_MSIL2A_X.SAFE"
    product.mkdir()
    assert refused(product, cache) == (
        f"SAFE_FORMAT {product} holds no MTD_MSIL2A.xml. Name Sentinel-2 L2A products in the format in use since "
        "December 2016."
    )


def test_no_product_at_all(folder: Path, cache: Path) -> None:
    assert refused(folder, cache) == (
        f"NO_SAFE {folder} holds no Sentinel-2 product. Name a .SAFE folder, its .zip, or a folder."
    )


def test_a_cache_that_cannot_be_written(folder: Path, cache: Path) -> None:
    product = write_safe(folder, OLD)
    cache.write_text("in the way")
    with pytest.raises(InputError, match=r"cannot be written to .*Name another in the setting ACRELINE_CACHE_DIR\.$"):
        SafeFolder(product, cache).search(AROUND, YEAR)
