"""Windows of a stored cube, whichever chunks they touch and wherever it lies."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
import zarr
from upath import UPath

from geo.errors import DataError
from tiles import store
from tiles.store import begin, commit, write_block
from tiles.windows import read_window

RNG = np.random.default_rng(3)
SHAPE = (11, 2, 300, 280)
NUMBERS = RNG.integers(-300, 9000, SHAPE, dtype=np.int16)
CLASSES = RNG.integers(1, 12, (11, 300, 280), dtype=np.uint8)
CLASSES[:8, :152] = 0  # whole chunks of the fill value
POWER = RNG.normal(size=(11, 300, 280)).astype(np.float32)

REGIONS: list[Mapping[str, slice]] = [
    {},
    {"y": slice(0, 152), "x": slice(0, 144)},  # one chunk along y and x
    {"y": slice(152, 300), "x": slice(144, 280)},  # cut by the grid's edge
    {"y": slice(151, 153), "x": slice(100, 200), "time": slice(7, 9)},
]


def written(place: str) -> str:
    variables = {
        "numbers": (("time", "band", "y", "x"), NUMBERS),
        "classes": (("time", "y", "x"), CLASSES),
        "power": (("time", "y", "x"), POWER),
    }
    begin(place, xr.Dataset(variables))
    write_block(place, "all", {name: values for name, (_, values) in variables.items()}, {})
    commit(place)
    return place


@pytest.mark.parametrize("region", REGIONS)
def test_a_window_comes_as_it_is_stored(place: str, region: Mapping[str, slice]) -> None:
    part = read_window(written(place), ("classes", "numbers", "power"), region)
    time, rows, columns = (region.get(name, slice(None)) for name in ("time", "y", "x"))
    np.testing.assert_array_equal(part["numbers"], NUMBERS[time, :, rows, columns])
    np.testing.assert_array_equal(part["classes"], CLASSES[time, rows, columns])
    np.testing.assert_array_equal(part["power"], POWER[time, rows, columns])
    assert part["numbers"].dtype == np.int16


def test_arrays_that_are_stored_otherwise_are_read_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = {"chunks": None, "compressors": (zarr.codecs.GzipCodec(level=1),)}
    monkeypatch.setattr(store, "_encoding", lambda variable: plain | {"chunks": variable.shape})
    monkeypatch.setattr(store, "chunk_length", lambda _dim, size: size)
    part = read_window(written(str(tmp_path / "c")), ("classes",), {"y": slice(5, 9)})
    np.testing.assert_array_equal(part["classes"], CLASSES[:, 5:9])


def test_a_cube_that_lacks_a_file_is_refused(place: str) -> None:
    (UPath(written(place)) / "cube.zarr" / "power" / "c" / "0" / "1" / "1").unlink()
    with pytest.raises(DataError, match=r"power/c/0/1/1 is missing"):
        read_window(place, ("classes",), {})


def test_a_chunk_that_cannot_be_decoded_is_named(tmp_path: Path) -> None:
    damaged = tmp_path / "c" / "cube.zarr" / "power" / "c" / "0" / "1" / "1"
    written(str(tmp_path / "c"))
    damaged.write_bytes(bytes(damaged.stat().st_size))
    with pytest.raises(DataError, match=r"power/c/0/1/1 is damaged"):
        read_window(tmp_path / "c", ("power",), {})
