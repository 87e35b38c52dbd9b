from __future__ import annotations

from pathlib import Path
from typing import Any

import botocore.exceptions
import dask
import numpy as np
import pytest
import xarray as xr
from upath import UPath

from geo.errors import DataError, TransientError
from geo.manifest import verify_manifest
from tiles.places import Place
from tiles.store import begin, commit, has_block, is_complete, open_cube, write_block

TIMES, HEIGHT, WIDTH = 10, 300, 520
RNG = np.random.default_rng(0)
NUMBERS = RNG.integers(-300, 9000, (TIMES, 2, HEIGHT, WIDTH), dtype=np.int16)
NUMBERS[0, :, :5] = -32_768
CLASSES = RNG.integers(0, 12, (TIMES, HEIGHT, WIDTH), dtype=np.uint8)
ROWS = (slice(0, 152), slice(152, 300))
COLUMNS = (slice(0, 352), slice(352, 520))


def cube(**attrs: Any) -> xr.Dataset:
    packed = {"units": "1", "scale_factor": 1e-4, "_FillValue": -32_768}
    return xr.Dataset(
        {
            "reflectance": (("time", "band", "y", "x"), NUMBERS, packed),
            "scl": (("time", "y", "x"), CLASSES),
        },
        {
            "time": np.datetime64("2020-05-01", "ns") + np.arange(TIMES) * np.timedelta64(5, "D"),
            "band": np.array(["B02", "B08"], dtype=object),
            "items": ("time", np.array([f"scene-{index}" for index in range(TIMES)], dtype=object)),
            "verified": ("time", np.arange(TIMES) % 2 == 0),
            "y": 5_000_005.0 - 10 * np.arange(HEIGHT),
            "x": 600_005.0 + 10 * np.arange(WIDTH),
        },
        {"crs": "EPSG:32631", **attrs},
    )


def write(place: str, rows: slice, columns: slice) -> None:
    part = {"reflectance": NUMBERS[:, :, rows, columns], "scl": CLASSES[:, rows, columns]}
    write_block(place, f"{rows.start}-{columns.start}", part, {"y": rows, "x": columns})


def write_all(place: str) -> None:
    begin(place, cube())
    for rows in ROWS:
        for columns in COLUMNS:
            write(place, rows, columns)
    commit(place)


def files(place: str) -> dict[str, bytes]:
    root = UPath(place)
    return {str(path)[len(str(root)) + 1 :]: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_all_comes_back(place: str) -> None:
    write_all(place)
    stored, wanted = open_cube(place), cube()
    assert dask.is_dask_collection(stored.reflectance)
    assert stored.reflectance.chunks == ((8, 2), (2,), (152, 148), (176, 176, 168))
    expected = np.where(NUMBERS == -32_768, np.nan, NUMBERS / np.float64(10_000)).astype(np.float32)
    np.testing.assert_array_equal(stored.reflectance, expected)
    np.testing.assert_array_equal(stored.scl, CLASSES)
    assert stored.reflectance.dtype == np.float32
    assert stored.reflectance.attrs == {"units": "1"}
    for name, coordinate in wanted.coords.items():
        xr.testing.assert_equal(stored[name], coordinate)
        assert stored[name].dtype == coordinate.dtype, name
        assert not dask.is_dask_collection(stored[name])
    assert all(type(text) is str for text in stored["items"].values)
    assert stored.attrs == wanted.attrs


def test_the_stored_numbers_come_back_as_they_are(place: str) -> None:
    write_all(place)
    stored = open_cube(place, unpack=False)
    assert stored.reflectance.dtype == np.int16
    np.testing.assert_array_equal(stored.reflectance, NUMBERS)
    assert list(stored["items"].to_numpy()) == list(cube()["items"].to_numpy())


def test_the_manifest_names_every_file_with_its_hash(place: str) -> None:
    write_all(place)
    named = verify_manifest(UPath(place))
    assert named.keys() | {"manifest.json"} == files(place).keys()
    assert "cube.zarr/reflectance/c/1/0/1/2" in named


def test_other_readers_of_the_file_see_reflectance(tmp_path: Path) -> None:
    write_all(str(tmp_path / "c"))
    plain = xr.open_zarr(tmp_path / "c" / "cube.zarr", consolidated=False)
    expected = np.where(NUMBERS == -32_768, np.nan, NUMBERS / 10_000)
    np.testing.assert_allclose(plain.reflectance, expected, atol=1e-6)


def test_another_kind_of_cube(place: str) -> None:
    values = RNG.normal(size=(3, 20, 30)).astype(np.float32)
    values[1, :4] = np.nan
    radar = xr.Dataset({"vv": (("time", "y", "x"), values)}, {"orbit": ("time", [15, 88, 15])})
    assert begin(place, radar)
    write_block(place, "all", {"vv": values}, {})
    commit(place)
    xr.testing.assert_identical(open_cube(place).compute(), radar)


def test_nothing_is_readable_before_the_manifest(place: str) -> None:
    begin(place, cube())
    write(place, ROWS[0], COLUMNS[0])
    assert not is_complete(place)
    with pytest.raises(DataError) as caught:
        open_cube(place)
    assert str(caught.value) == (
        f"{place} has no manifest.json: it was never finished. Run the season again: what is whole is kept."
    )


def test_a_cube_that_lacks_blocks_is_not_committed(place: str) -> None:
    begin(place, cube())
    for rows, columns in ((ROWS[0], COLUMNS[0]), (ROWS[1], COLUMNS[1])):
        write(place, rows, columns)
    with pytest.raises(DataError) as caught:
        commit(place)
    assert caught.value.code == "CUBE_UNFINISHED"
    assert str(caught.value) == (f"The cube {place} lacks 3 of its chunks. Build it again: what is written is kept.")
    assert not is_complete(place)


def test_a_block_that_lacks_a_variable_does_not_count(tmp_path: Path) -> None:
    place = str(tmp_path / "c")
    begin(place, cube())
    write_block(place, "all", {"scl": CLASSES}, {"y": slice(0, HEIGHT), "x": slice(0, WIDTH)})
    with pytest.raises(DataError, match="lacks 6 of its chunks"):
        commit(place)


def test_what_was_never_begun_cannot_be_committed(place: str) -> None:
    with pytest.raises(DataError) as caught:
        commit(place)
    assert str(caught.value) == f"The cube {place} was never begun. Build it again: what is written is kept."


def test_begun_again_goes_on_with_what_is_there(place: str) -> None:
    begin(place, cube())
    write(place, ROWS[0], COLUMNS[0])
    assert begin(place, cube())
    assert has_block(place, "0-0")
    assert not has_block(place, "152-0")


def test_another_cube_clears_the_place(place: str) -> None:
    begin(place, cube())
    write(place, ROWS[0], COLUMNS[0])
    assert begin(place, cube(masking={"outliers": False}))
    assert not has_block(place, "0-0")
    assert not any("/c/0/0/0/0" in name for name in files(place))


def test_a_committed_cube_is_left_alone(place: str) -> None:
    write_all(place)
    before = files(place)
    assert not begin(place, cube())
    assert has_block(place, "0-0")
    commit(place)
    assert files(place) == before


def test_a_committed_cube_with_a_file_gone_is_begun_afresh(place: str) -> None:
    write_all(place)
    (UPath(place) / "cube.zarr" / "scl" / "c" / "0" / "0" / "0").unlink()
    assert not is_complete(place)
    with pytest.raises(DataError, match=r"scl/c/0/0/0 is missing"):
        open_cube(place, verify=False)
    assert begin(place, cube())
    assert not has_block(place, "0-0")


def test_what_a_killed_process_left_is_swept(tmp_path: Path) -> None:
    folder = tmp_path / "c"
    begin(str(folder), cube())
    half = folder / "cube.zarr" / "reflectance" / "c" / "0" / "0" / "0" / "0.0123456789abcdef.partial"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half")
    write_all(str(folder))
    assert not half.exists()
    assert not (folder / "work").exists()


def test_a_kill_between_manifest_and_sweep_is_made_good(place: str) -> None:
    write_all(place)
    before = files(place)
    left = UPath(place) / "work" / "head.json"
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_bytes(b"{}")
    assert is_complete(place)
    assert not begin(place, cube())
    assert files(place) == before


def test_a_chunk_that_changed_before_the_commit_is_found(place: str) -> None:
    """Hashes are of what was written, not of what the disk made of it."""
    begin(place, cube())
    for rows in ROWS:
        for columns in COLUMNS:
            write(place, rows, columns)
    chunk = UPath(place) / "cube.zarr" / "scl" / "c" / "0" / "0" / "0"
    content = bytearray(chunk.read_bytes())
    content[len(content) // 2] ^= 1
    chunk.write_bytes(bytes(content))
    commit(place)
    assert is_complete(place)  # sizes alone do not tell
    with pytest.raises(DataError) as caught:
        open_cube(place)
    assert caught.value.code == "FILE_DAMAGED"
    assert str(caught.value) == (
        f"{chunk} is damaged: it is not what was written. Run the season again: what is whole is kept."
    )


def test_a_region_that_cuts_a_chunk_is_refused(tmp_path: Path) -> None:
    place = str(tmp_path / "c")
    begin(place, cube())
    with pytest.raises(ValueError, match="0 to 100 along y cuts a chunk of 152"):
        write_block(place, "x", {"scl": CLASSES[:, :100]}, {"y": slice(0, 100), "x": slice(0, WIDTH)})


def test_a_refusing_disk_is_a_data_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    place = tmp_path / "file" / "c"
    with pytest.raises(DataError) as caught:
        begin(place, cube())
    assert caught.value.code == "STORE_WRITE"
    assert str(caught.value) == (
        f"The cube {place} cannot be written: Not a directory. Free some space or check the permissions."
    )


@pytest.mark.usefixtures("object_store")
def test_a_bucket_that_is_missing_is_named() -> None:
    with pytest.raises(DataError) as caught:
        begin("s3://nowhere/c", cube())
    assert caught.value.code == "STORE_WRITE"
    assert str(caught.value) == (
        "The cube s3://nowhere/c cannot be written: The specified bucket does not exist. "
        "Free some space or check the permissions."
    )
    assert not is_complete("s3://nowhere/c")


@pytest.mark.parametrize(
    ("failure", "kind", "message"),
    [
        (
            botocore.exceptions.EndpointConnectionError(endpoint_url="http://user:secret@127.0.0.1:9"),
            TransientError,
            "The store of s3://cubes/c does not answer. Check the address and the network; try again.",
        ),
        (
            botocore.exceptions.NoCredentialsError(),
            DataError,
            "The cube s3://cubes/c cannot be written: Unable to locate credentials. Check the permissions.",
        ),
    ],
)
def test_an_object_store_that_fails_is_one_line(failure: Exception, kind: type[Exception], message: str) -> None:
    with (
        pytest.raises(kind) as caught,
        Place("s3://cubes/c").reached("STORE_WRITE", "written", "Check the permissions."),
    ):
        raise failure
    assert str(caught.value) == message
