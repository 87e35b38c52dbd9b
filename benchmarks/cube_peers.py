"""What odc-stac and stackstac do in benchmarks/cube.py: load lazily, composite with xarray, write with `to_zarr`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import odc.stac
import stackstac
import xarray as xr
from cube_stack import BANDS, Stack
from distributed import Client
from zarr.codecs import BloscCodec

from geo.bands import SCL
from geo.season import dekad_of
from tiles.clear import CLEAR_CLASSES
from tiles.cube import NODATA
from tiles.simulation.catalogue import OFFSET, SCALE
from tiles.store import CHUNKS

#: Side of their chunks; each holds all dates of one band.
_PEER_PX: Final = 512

#: Writes a stack to a folder with the workers of a client.
Work = Callable[[Stack, Client, Path], None]


def odc_stac(stack: Stack) -> tuple[xr.DataArray, xr.DataArray]:
    """Numbers (time, band, y, x) uint16 and scene classes (time, y, x) by odc-stac, lazy."""
    chunks = {"time": -1, "x": _PEER_PX, "y": _PEER_PX}
    loaded = odc.stac.load(
        stack.items, [*BANDS, SCL], geobox=stack.geobox, groupby="solar_day", chunks=chunks, resampling="nearest"
    )
    return loaded[list(BANDS)].to_dataarray("band").transpose("time", "band", "y", "x"), loaded[SCL]


def stack_stac(stack: Stack) -> tuple[xr.DataArray, xr.DataArray]:
    """The same by stackstac."""
    stacked = stackstac.stack(
        list(stack.items),
        assets=[*BANDS, SCL],
        epsg=stack.geobox.crs.epsg,
        resolution=10,
        bounds=tuple(stack.geobox.boundingbox),
        snap_bounds=False,
        dtype=np.dtype("uint16"),
        fill_value=np.uint16(0),
        rescale=False,
        chunksize=(-1, 1, _PEER_PX, _PEER_PX),
        xy_coords="center",
        properties=False,
        band_coords=False,
    ).drop_attrs()
    return stacked.sel(band=list(BANDS)), stacked.sel(band=SCL, drop=True).astype(np.uint8)


def peer_medians(load: Callable[[Stack], tuple[xr.DataArray, xr.DataArray]]) -> Work:
    """Ten-day medians with xarray of what a peer loads."""

    def work(stack: Stack, client: Client, place: Path) -> None:
        del client  # Dask finds it
        numbers, scl = load(stack)
        starts = [dekad_of(day) for day in numbers.time.values.astype("datetime64[D]").tolist()]
        kept = numbers.where(scl.isin(CLEAR_CLASSES) & (numbers > 0))
        grouped = kept.assign_coords(step=("time", np.array(starts, dtype="datetime64[ns]"))).groupby("step")
        medians = (grouped.median() + OFFSET / SCALE).round().fillna(NODATA).astype(np.int16)
        _to_zarr({"reflectance": medians.transpose("step", "band", "y", "x")}, place)

    return work


def peer_cube(load: Callable[[Stack], tuple[xr.DataArray, xr.DataArray]]) -> Work:
    """All dates of what a peer loads."""

    def work(stack: Stack, client: Client, place: Path) -> None:
        del client
        numbers, scl = load(stack)
        shifted = (numbers.astype(np.int32) + round(OFFSET / SCALE)).astype(np.int16)
        _to_zarr({"reflectance": shifted.where(numbers > 0, np.int16(NODATA)), "scl": scl}, place)

    return work


def _to_zarr(variables: Mapping[str, xr.DataArray], place: Path) -> None:
    """Write arrays as Acreline's store keeps them; each task writes whole chunks."""
    sizes = {"time": CHUNKS["time"], "step": CHUNKS["step"], "band": -1, "y": _PEER_PX, "x": _PEER_PX}
    cube = xr.Dataset(
        {name: array.reset_coords(drop=True).drop_vars("band", errors="ignore") for name, array in variables.items()}
    )
    cube = cube.drop_encoding().drop_attrs().chunk({dim: size for dim, size in sizes.items() if dim in cube.dims})
    encoding = {
        name: {
            "chunks": tuple(min(CHUNKS.get(str(dim), size), size) for dim, size in array.sizes.items()),
            "compressors": (BloscCodec(cname="zstd", clevel=1, shuffle="bitshuffle", blocksize=1 << 18),),
        }
        for name, array in cube.data_vars.items()
    }
    cube.to_zarr(place / "cube.zarr", mode="w", zarr_format=3, consolidated=False, encoding=encoding)
