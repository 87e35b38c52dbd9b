"""Which scenes and pixels the guard looks at, in files on disk and behind HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pystac
import pytest
import rasterio
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from rasterio.enums import Resampling
from rasterio.errors import NotGeoreferencedWarning

from geo.bands import BANDS, SCL
from geo.errors import DataError, TransientError
from geo.grid import Bounds
from tests.tiles.file_server import serve_folder
from tiles.guard.evidence import Sample
from tiles.guard.sampling import _stretch, read_sample, spread, take_samples
from tiles.guard.season import assess_items
from tiles.guard.verdicts import Verdict
from tiles.sources.base import with_band_keys


def items_in(path: Path) -> list[pystac.Item]:
    return [with_band_keys(item) for item in pystac.Catalog.from_file(str(path)).get_items(recursive=True)]


def flanders_items(data: Path, count: int) -> list[pystac.Item]:
    """Scenes of spring, which show dense vegetation."""
    found = [item for item in items_in_flanders(data) if item.datetime.date().isoformat() > "2019-03-20"]
    return found[:count]


def items_in_flanders(data: Path) -> list[Any]:
    catalogue = pystac.Catalog.from_file(str(data / "flanders-2019" / "catalog.json"))
    optical = [item for item in catalogue.get_items(recursive=True) if "L2A" in item.id]
    return sorted((with_band_keys(item) for item in optical), key=lambda item: item.id)


def copied(items: list[pystac.Item], folder: Path, add: int) -> list[pystac.Item]:
    """Items whose files are copies with `add` on every number of a band."""
    for item in items:
        place = folder / item.id
        place.mkdir()
        for band, asset in item.assets.items():
            target = place / f"{band}.tif"
            with rasterio.open(asset.href) as file:
                numbers, profile = file.read(1), file.profile
            if band != SCL:
                numbers = np.where(numbers > 0, numbers + add, 0).astype(numbers.dtype)
            with rasterio.open(target, "w", **profile) as file:
                file.write(numbers, 1)
            asset.href = str(target)
    return items


@pytest.mark.shared_data
def test_a_real_season_is_confirmed_from_some_of_its_scenes(shared_data: Path) -> None:
    items = items_in_flanders(shared_data)
    assessment = assess_items(items, (4.0600, 50.7440, 4.0660, 50.7480))
    (group,) = assessment.groups
    assert (group.verdict, group.scenes, group.sampled) == (Verdict.CONFIRMED, 72, 24)
    assert set(assessment.rules) == {item.id for item in items}
    assert assess_items(items[::-1], (4.0600, 50.7440, 4.0660, 50.7480)) == assessment


@pytest.mark.shared_data
def test_files_with_an_offset_that_nobody_mentions_are_corrected(shared_data: Path, tmp_path: Path) -> None:
    items = copied(flanders_items(shared_data, 12), tmp_path, 1000)
    assessment = assess_items(items)
    (group,) = assessment.groups
    assert (group.verdict, group.stated_offset, group.offset) == (Verdict.CORRECTED, 0.0, -0.1)
    assert "pixels show otherwise (offset of -0.1 still to be applied): dense vegetation shows 0.1" in group.reason


@pytest.mark.shared_data
def test_files_behind_http_are_judged_alike(shared_data: Path, tmp_path: Path) -> None:
    items = copied(flanders_items(shared_data, 4), tmp_path, 0)
    here = assess_items(items)
    with serve_folder(tmp_path) as server:
        for item in items:
            for band, asset in item.assets.items():
                asset.href = f"{server.url}/{item.id}/{band}.tif"
        assert assess_items(items) == here


@pytest.mark.shared_data
def test_what_cannot_be_read_is_named_and_the_rest_judged(shared_data: Path, tmp_path: Path) -> None:
    items = copied(flanders_items(shared_data, 12), tmp_path, 0)
    lost = Path(items[3].assets["B11"].href)
    lost.unlink()
    (group,) = assess_items(items).groups
    assert group.verdict is Verdict.CONFIRMED
    assert group.unread == (
        (items[3].id, f"There is no file {lost}. Fetch it again, or take its scene out of the catalogue."),
    )
    assert group.sampled == 11


def test_nothing_to_read_is_an_error(catalogue: Callable[..., Path], new_scene: Any) -> None:
    items = items_in(catalogue(new_scene()))
    Path(items[0].assets["B02"].href).unlink()
    with pytest.raises(DataError) as caught:
        assess_items(items)
    assert caught.value.code == "MISSING_ASSET"


def test_a_source_that_does_not_answer_is_not_held_against_its_scene(
    catalogue: Callable[..., Path], new_scene: Any
) -> None:
    items = items_in(catalogue(new_scene(), new_scene(id="S2_B_L2A")))
    down = TransientError("SOURCE_DOWN", "x did not answer.")

    def read(item: pystac.Item, area: Bounds | None) -> Sample | None:
        if item.id == "S2_B_L2A":
            raise down
        return read_sample(item, area)

    with pytest.raises(TransientError) as caught:
        take_samples(items, read=read)
    assert caught.value is down


def test_a_file_without_a_place_is_an_error(catalogue: Callable[..., Path], new_scene: Any) -> None:
    items = items_in(catalogue(new_scene()))
    path = items[0].assets["B02"].href
    with rasterio.open(path) as file:
        numbers, profile = (
            file.read(1),
            {key: file.profile[key] for key in ("driver", "width", "height", "dtype", "count")},
        )
    with pytest.warns(NotGeoreferencedWarning), rasterio.open(path, "w", **profile) as file:
        file.write(numbers, 1)
    with pytest.raises(DataError) as caught:
        assess_items(items)
    assert str(caught.value) == (
        f"{path} cannot be read: it has no CRS or no geotransform. "
        "Fetch the file again, or take its scene out of the catalogue."
    )


def test_flat_ground_is_unverified(catalogue: Callable[..., Path], new_scene: Any) -> None:
    scenes = [new_scene(id=f"S2_{day}_L2A", when=f"2020-05-{day:02}T10:50:00Z") for day in range(1, 6)]
    (group,) = assess_items(items_in(catalogue(*scenes))).groups
    assert (group.verdict, group.sampled) == (Verdict.UNVERIFIED, 5)


def test_an_area_beside_the_scenes_shows_nothing(catalogue: Callable[..., Path], new_scene: Any) -> None:
    items = items_in(catalogue(new_scene()))
    assert read_sample(items[0], (20.0, 10.0, 20.1, 10.1)) is None
    assert take_samples(items, (20.0, 10.0, 20.1, 10.1)) == ({}, {})
    (group,) = assess_items(items, (20.0, 10.0, 20.1, 10.1)).groups
    assert (group.verdict, group.sampled) == (Verdict.UNVERIFIED, 0)


def test_points_of_one_sample_are_those_of_another(catalogue: Callable[..., Path], new_scene: Any) -> None:
    items = items_in(catalogue(new_scene(), new_scene(id="S2_B_L2A", number=3000)))
    one, other = (read_sample(item) for item in items)
    assert one is not None
    assert other is not None
    assert one.place == other.place
    assert one.numbers.shape == (len(BANDS), 64)
    np.testing.assert_array_equal(other.numbers - one.numbers, 1000)


def test_no_data_stays_out(catalogue: Callable[..., Path], new_scene: Any) -> None:
    (item,) = items_in(catalogue(new_scene()))
    with rasterio.open(item.assets["B04"].href, "r+") as file:
        file.write(np.zeros((16, 16), dtype=np.uint16), 1)
    sample = read_sample(item)
    assert sample is not None
    assert np.isnan(sample.numbers[BANDS.index("B04")]).all()
    assert np.isfinite(sample.numbers[BANDS.index("B03")]).all()


def write_large(folder: Path, epsg: int, left: int, top: int) -> pystac.Item:
    """A scene of 3000 x 3000 px with averaged overviews, its classes 3 and 7 in turn."""
    item = pystac.Item("S2_L2A", None, None, datetime(2020, 5, 1, tzinfo=UTC), {})
    for band in (*BANDS, SCL):
        side = 3000 if band in ("B02", "B03", "B04", "B08") else 1500
        kind = "uint8" if band == SCL else "uint16"
        stripes = np.where(np.arange(side) % 2, 3, 7) if band == SCL else np.full(side, 2000)
        profile = {"driver": "GTiff", "width": side, "height": side, "count": 1, "dtype": kind, "nodata": 0}
        step = 30_000 // side
        profile |= {"crs": f"EPSG:{epsg}", "transform": Affine(step, 0, left, 0, -step, top)}
        path = folder / f"{band}.tif"
        with rasterio.open(path, "w", tiled=True, compress="deflate", **profile) as file:
            file.write(np.broadcast_to(stripes.astype(kind), (side, side)), 1)
            file.build_overviews([2, 4, 8], Resampling.average)
        item.add_asset(band, pystac.Asset(str(path)))
    return item


def test_large_scenes_are_thinned_out_and_classes_never_averaged(tmp_path: Path) -> None:
    item = write_large(tmp_path, 32631, 600_000, 5_600_000)
    sample = read_sample(item)
    assert sample is not None
    assert sample.numbers.shape == (len(BANDS), 256 * 256)
    assert "604760.0" in sample.place  # (3000 - 2048) / 2 pixels from the edge
    with rasterio.open(item.assets[SCL].href) as file:
        assert set(np.unique(file.read(1, out_shape=(187, 187)))) == {5}  # which would be ground
    assert not sample.ground.any()


def test_of_a_small_area_the_surroundings_are_looked_at_too() -> None:
    assert _stretch(1000.0, 7.0, 3000) == (746, 512)  # the middle stays in the middle
    assert _stretch(0.0, 7.0, 3000) == (0, 512)
    assert _stretch(2990.0, 50.0, 3000) == (2488, 512)
    assert _stretch(10.0, 7.0, 64) == (0, 64)
    assert _stretch(1000.0, 600.0, 3000) == (1000, 600)


def test_areas_across_the_antimeridian_are_understood(tmp_path: Path) -> None:
    item = write_large(tmp_path, 32601, 272_000, 5_550_000)
    sample = read_sample(item, (179.95, 49.95, -179.95, 50.0))
    assert sample is not None
    assert 0 < sample.numbers.shape[1] < 256 * 256
    assert read_sample(item, (178.0, 49.95, 178.1, 50.0)) is None


@given(start=st.floats(-1e5, 1e5), length=st.floats(0, 1e5), size=st.integers(2, 10980))
def test_a_stretch_lies_within_the_raster_on_even_pixels(start: float, length: float, size: int) -> None:
    found = _stretch(start, length, size)
    if found is None:
        assert start >= size or start + length <= 0 or start + length == start
        return
    low, extent = found
    assert low % 2 == 0
    assert 0 <= low < low + extent <= size
    assert extent <= 2052
    assert extent % 2 == 0 or low + extent == size


@given(covers=st.lists(st.one_of(st.none(), st.floats(0, 100)), min_size=1, max_size=40), count=st.integers(1, 24))
def test_the_least_cloudy_scene_of_each_stretch_is_taken(covers: list[float | None], count: int) -> None:
    items = [
        pystac.Item(
            f"{n:02}", None, None, datetime(2020, 1 + n // 28, 1 + n % 28, tzinfo=UTC), {"eo:cloud_cover": cover}
        )
        for n, cover in enumerate(covers)
    ]
    chosen = spread(items[::-1], count)
    assert len(chosen) == min(count, len(items))
    assert [item.id for item in chosen] == sorted({item.id for item in chosen})
    clearest = min(50.0 if cover is None else cover for cover in covers)
    assert clearest in {50.0 if (cover := item.properties["eo:cloud_cover"]) is None else cover for item in chosen}
