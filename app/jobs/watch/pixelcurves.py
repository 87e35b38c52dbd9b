"""Curves of the pixels within parcels, from the cubes of a run: is one crop there or two, does somebody build?

A watch asks for it, tile by tile and square by square, so that memory is bounded by a square with all its looks. A
finished tile is kept by what it depends on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import dask
import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import xarray as xr

from app.jobs.progress import Reporter
from app.jobs.runcubes import cube_of
from app.jobs.stages import Workshop
from geo.coverage import coverage_of
from geo.errors import DataError
from geo.files import fingerprint, whole_file
from geo.observations import PIXEL_LOOKS, read_table, write_table
from geo.runrecord import RunRecord
from scoring.growth.pixels.construction import Built, BuiltWatch
from scoring.growth.pixels.curves import Pixels
from scoring.growth.pixels.split import Split, split_uneven, uneven_looks, usable_looks
from tiles.clear import Mask
from tiles.cube import days_of, geobox_of
from tiles.store import open_cube

Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Days = npt.NDArray[np.datetime64]

#: Raised by hand when rows change in meaning.
_VERSION: Final = 1
#: Bands that are read: blue, red, near and short-wave infrared.
_BANDS: Final = ("B02", "B04", "B08", "B11")
#: Parcels whose first pixel lies in the same square are worked on together, pixels.
_SQUARE_PX: Final = 256
#: Pixels count that lie wholly within the parcel and at least a pixel off its border, where neighbours shine in.
_INWARD_M: Final = 10.0
_WHOLE: Final = 1.0 - 1e-5
#: Days between two looks at which the parcels are judged.
_APART: Final = np.timedelta64(10, "D")
_NEVER: Final = np.datetime64("NaT", "D")
_BATCH_ROWS: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class TileCube:
    """A cube of a run and the parcels that are judged in it.

    Attributes:
        name: of the tile.
        place: folder of the cube.
        parcels: parcel_id and geometry of its parcels, each in the one tile that holds most of it; in any CRS.
    """

    name: str
    place: Path
    parcels: gpd.GeoDataFrame


def tile_cubes(run: Path, record: RunRecord) -> tuple[TileCube, ...]:
    """Cubes of a run that are still there and hold what its record says, with their parcels; none where they are gone.

    Args:
        run: folder of a finished run.
        record: of it.

    Raises:
        DataError: a table of the run is damaged.
    """
    tile_of = _largest_parts(run / "pixels.parquet")
    outlines = gpd.read_file(run / "parcels.geojson").set_index("parcel_id").geometry
    found = []
    for name, rows in tile_of.groupby("tile", sort=True):
        place = cube_of(run, str(name), record)
        ids = outlines.index[outlines.index.isin(rows.parcel_id)]
        if place is not None and len(ids):
            frame = gpd.GeoDataFrame({"parcel_id": ids}, geometry=outlines[ids].to_numpy(), crs=outlines.crs)
            found.append(TileCube(str(name), place, frame))
    return tuple(found)


def make_pixel_looks(
    shop: Workshop, cubes: Sequence[TileCube], report: Reporter, *, known_after: int | None = None
) -> list[Path]:
    """Tables (PIXEL_LOOKS) of all tiles; finished ones are kept, and finished squares of a tile that was not.

    Args:
        shop: keeps the stages.
        cubes: of `tile_cubes`.
        report: told of every tile.
        known_after: a look counts as known so many days after its own day; None: as the catalogue says.

    Raises:
        DataError: a cube is damaged.
    """
    report.begin("Pixels", len(cubes))
    made = []
    for cube in cubes:
        outlines = fingerprint(*(shape.wkb_hex for shape in cube.parcels.geometry), *cube.parcels.parcel_id)
        key = fingerprint("pixels", _VERSION, cube.place.name, outlines, known_after)
        stage = shop.stage(f"pixels/{cube.name}", key, partial(_write_tile, cube, known_after=known_after))
        made.append(stage.folder / "looks.parquet")
        report.advance("Pixels")
    report.end("Pixels")
    return made


def read_pixel_looks(files: Sequence[Path], parcel_ids: Sequence[str]) -> pd.DataFrame:
    """Rows of some parcels, schema PIXEL_LOOKS, with their position in the order asked for as `position`."""
    wanted = [("parcel_id", "in", list(parcel_ids))]
    parts = [pq.read_table(path, filters=wanted).to_pandas(date_as_object=False) for path in files]
    frame: pd.DataFrame = pd.concat(parts) if parts else PIXEL_LOOKS.empty_table().to_pandas(date_as_object=False)
    return frame.assign(position=pd.Index(parcel_ids).get_indexer(pd.Index(frame.parcel_id)))


def known_days(cube: xr.Dataset, known_after: int | None) -> Days:
    """(t,) day (UTC) on which each look of a cube became known."""
    if known_after is not None:
        return np.array([day + timedelta(days=known_after) for day in days_of(cube)], dtype="datetime64[D]")
    return np.asarray(cube.known_at.to_numpy(), dtype="datetime64[D]")


def pixel_rows(
    reflectance: npt.NDArray[np.floating[Any]], days: Days, known: Days, pixels: Pixels, ids: Sequence[str]
) -> pd.DataFrame:
    """Rows (PIXEL_LOOKS) of n parcels, each from its own and earlier looks alone.

    Args:
        reflectance: (p, b, t) of _BANDS, NaN where a pixel was not clear.
        days: (t,) ascending.
        known: (t,) days on which looks became known; one that did after a later one is left out.
        pixels: interior pixels of the n parcels.
        ids: n.
    """
    number = known.astype(np.int64)
    kept = np.flatnonzero(number <= np.minimum.accumulate(number[::-1])[::-1])
    blue, red, nir, swir = (reflectance[:, band][:, kept] for band in range(len(_BANDS)))
    with np.errstate(invalid="ignore", divide="ignore"):
        ndvi = np.where(nir + red > 0, (nir - red) / (nir + red), np.nan)
    usable, uneven = usable_looks(ndvi, pixels), uneven_looks(ndvi, pixels)
    watch, rows = BuiltWatch(pixels), []
    shown = np.full(len(ids), _NEVER)
    done = np.datetime64("1900-01-01", "D")
    fresh = np.zeros(len(ids), dtype=np.bool_)
    for column, day in enumerate(days[kept]):
        watch.look(day, blue[:, column], red[:, column], nir[:, column], swir[:, column])
        fresh |= usable[:, column]
        shown[usable[:, column]] = day
        if fresh.any() and day - done >= _APART:
            upto = slice(column + 1)
            split = split_uneven(ndvi[:, upto], days[kept][upto], pixels, usable[:, upto], uneven[:, upto])
            rows.append(_rows(fresh, shown, known[kept][column], pixels, split, watch.built(), ids))
            done, fresh = day, np.zeros(len(ids), dtype=np.bool_)
    return pd.concat(rows) if rows else PIXEL_LOOKS.empty_table().to_pandas()


def _largest_parts(path: Path) -> pd.DataFrame:
    """Columns parcel_id and tile: the tile that holds most of each parcel. The table is never in memory whole."""
    keys = ["parcel_id", "tile"]
    try:
        with pq.ParquetFile(path) as file:
            batches = file.iter_batches(_BATCH_ROWS, columns=[*keys, "weight"])
            parts = [pa.Table.from_batches([each]).group_by(keys).aggregate([("weight", "sum")]) for each in batches]
    except (OSError, pa.ArrowException) as error:
        raise DataError("TABLE_UNREADABLE", f"{path.name} cannot be read: {error}.", "Run the season again.") from error
    if not parts:
        return pd.DataFrame({key: [] for key in keys})
    weight = pa.concat_tables(parts).to_pandas().groupby(keys, sort=True).weight_sum.sum().reset_index()
    largest: pd.DataFrame = weight.sort_values("weight_sum", kind="stable").drop_duplicates("parcel_id", keep="last")
    return largest[keys]


def _write_tile(cube: TileCube, folder: Path, *, known_after: int | None) -> None:
    opened = open_cube(cube.place)
    parts = []
    for number, (ids, pixels) in enumerate(_squares(cube, opened)):
        path = folder / f"square-{number:05d}.parquet"
        if not path.exists():
            window = _read(opened, pixels)
            known = known_days(opened, known_after)
            rows = pixel_rows(window, np.array(days_of(opened), dtype="datetime64[D]"), known, pixels, ids)
            with whole_file(path) as part:
                write_table(rows, PIXEL_LOOKS, part)
        parts.append(path)
    tables = [read_table(path, PIXEL_LOOKS) for path in parts]
    whole = pd.concat(tables) if tables else PIXEL_LOOKS.empty_table().to_pandas()
    with whole_file(folder / "looks.parquet") as part:
        write_table(whole, PIXEL_LOOKS, part)
    for path in parts:
        path.unlink()


def _squares(cube: TileCube, opened: xr.Dataset) -> Iterator[tuple[list[str], Pixels]]:
    """Parcels that lie together, and their interior pixels."""
    grid = geobox_of(opened)
    inner = cube.parcels.geometry.to_crs(opened.attrs["crs"]).buffer(-_INWARD_M)
    weights = coverage_of(inner, grid).matrix.tocoo()
    whole = weights.data >= _WHOLE
    parcel, flat = weights.coords[0][whole].astype(np.int64), weights.coords[1][whole].astype(np.int64)
    row, column = np.divmod(flat, grid.shape[1])
    first = np.full(len(inner), -1, dtype=np.int64)
    names, at = np.unique(parcel, return_index=True)
    first[names] = (row[at] // _SQUARE_PX) * (grid.shape[1] // _SQUARE_PX + 1) + column[at] // _SQUARE_PX
    for square in np.unique(first[names]):
        members = np.flatnonzero(first == square)
        mine = first[parcel] == square
        ids = cube.parcels.parcel_id.iloc[members].tolist()
        yield ids, Pixels.of(np.searchsorted(members, parcel[mine]), row[mine], column[mine], len(members))


def _read(opened: xr.Dataset, pixels: Pixels) -> npt.NDArray[np.float32]:
    """(p, b, t) reflectance of the pixels, NaN where not clear."""
    top, left = int(pixels.row.min()), int(pixels.column.min())
    rows, columns = slice(top, int(pixels.row.max()) + 1), slice(left, int(pixels.column.max()) + 1)
    part = opened.isel(y=rows, x=columns).sel(band=list(_BANDS))
    with dask.config.set(scheduler="synchronous"):
        clear = part.mask.transpose("y", "x", "time").to_numpy() == Mask.CLEAR
        values = part.reflectance.transpose("y", "x", "band", "time").to_numpy()
    at = pixels.row - top, pixels.column - left
    taken: npt.NDArray[np.float32] = np.where(clear[at][:, None], values[at], np.float32(np.nan))
    return taken


def _rows(
    fresh: Flags, shown: Days, known: np.datetime64, pixels: Pixels, split: Split, built: Built, ids: Sequence[str]
) -> pd.DataFrame:
    """Rows of the parcels of which something new was seen."""
    columns = {
        "parcel_id": np.asarray(ids, dtype=object),
        "date": shown,
        "n_px": pixels.count.astype(np.int32),
        "looks": split.looks.astype(np.int32),
        **{f"split_{name}": getattr(split, name) for name in ("share", "gap", "ratio", "compact", "apart", "since")},
        **{f"built_{name}": getattr(built, name) for name in ("share", "pixels", "compact", "before", "since")},
    }
    frame = pd.DataFrame({name: values[fresh] for name, values in columns.items()}).assign(known_on=known)
    days = [field.name for field in PIXEL_LOOKS if str(field.type) == "date32[day]"]
    return frame.assign(**{name: frame[name].to_numpy().astype("datetime64[D]").astype(object) for name in days})
