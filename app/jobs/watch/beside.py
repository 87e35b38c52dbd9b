"""What a run holds beside its clear looks, as sources of a watch: radar shows floods, pixels two crops and building."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from app.jobs.progress import Reporter
from app.jobs.stages import Workshop
from app.jobs.watch.asking import Asked
from app.jobs.watch.book import WatchedBook
from app.jobs.watch.pixelcurves import TileCube, make_pixel_looks, read_pixel_looks, tile_cubes
from app.jobs.watch.radarlooks import HeldRadar, read_radar
from geo.errors import DataError
from scoring.alerts.findings import Findings
from scoring.growth.flood import CAUSE as FLOOD
from scoring.growth.flood import OpticalWater, flood_findings, paddy_days
from scoring.growth.neighbours import nearest_of_crop
from scoring.growth.pixels.findings import CAUSES as PIXEL_CAUSES
from scoring.growth.pixels.findings import pixel_findings
from scoring.growth.watching.fields import Fields, SeasonLooks

Ints = npt.NDArray[np.int64]

_RICE: Final = "rice"
_MNDWI_COLUMNS: Final = ("parcel_id", "date", "known_at", "clear_share", "B03_mean", "B11_mean")
_BATCH_ROWS: Final = 1 << 18
_NEVER: Final = np.datetime64("NaT", "D")


@dataclass(frozen=True, slots=True)
class Beside:
    """What there is.

    Attributes:
        radar: passes over the book's parcels; None where the run read no radar.
        cubes: those that the run was made from and that still lie in its folder.
    """

    radar: HeldRadar | None
    cubes: tuple[TileCube, ...]

    @property
    def causes(self) -> frozenset[str]:
        """Causes that it can tell of; those it cannot are not looked for, and a watch says so."""
        flood = frozenset({FLOOD}) if self.radar is not None else frozenset()
        return flood | (PIXEL_CAUSES if self.cubes else frozenset())

    def digest(self, asked: Asked) -> bytes:
        """SHA-256 of what of it was known by the day. Pixels are of the scenes that the looks are of."""
        digest = hashlib.sha256(" ".join(sorted(self.causes)).encode())
        if self.radar is not None:
            digest.update(self.radar.digest(asked.request.as_of))
        return digest.digest()


def read_beside(asked: Asked, book: WatchedBook) -> Beside:
    """What a run holds beside its looks.

    Raises:
        DataError: a table cannot be read.
    """
    radar = read_radar(asked.request.run, book.parcel_ids, book.area_ha, known_after=_known_after(asked))
    return Beside(radar, tile_cubes(asked.request.run, asked.record) if asked.request.pixels else ())


def sources_beside(
    beside: Beside, asked: Asked, field: Fields, looks: SeasonLooks, folder: Path, report: Reporter
) -> tuple[FloodSource | PixelSource, ...]:
    """Sources of what there is.

    Args:
        beside: of `read_beside`.
        asked: the request.
        field: parcels of the book.
        looks: at them.
        folder: where what pixels come to is kept.
        report: told of every tile.

    Raises:
        DataError: a table or a cube is damaged.
    """
    found: list[FloodSource | PixelSource] = []
    if beside.radar is not None:
        found.append(FloodSource.of(beside.radar, asked, field, looks))
    if beside.cubes:
        files = make_pixel_looks(Workshop(folder), beside.cubes, report, known_after=_known_after(asked))
        found.append(PixelSource.of(asked, field.parcel_ids, beside.cubes, files))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class FloodSource:
    """Floods from radar, set against clear optical looks.

    Attributes:
        radar: of the n parcels.
        wet: MNDWI of their clear looks, in the place of the NDVI.
        field: the parcels.
        neighbours: (n, k) positions of the nearest parcels whatever grows there, -1 for none.
        asked: the request.
    """

    radar: HeldRadar
    wet: SeasonLooks
    field: Fields
    neighbours: npt.NDArray[np.int32]
    asked: Asked

    @classmethod
    def of(cls, radar: HeldRadar, asked: Asked, field: Fields, looks: SeasonLooks) -> FloodSource:
        """With neighbours found and MNDWI read."""
        placed = np.where(np.isfinite(field.points).all(axis=1), 0, -1)
        neighbours = nearest_of_crop(field.points, placed).astype(np.int32)
        batches = _water_batches(asked.request.run / "series.parquet", _known_after(asked))
        wet = SeasonLooks.read(field.parcel_ids, looks.days, batches)
        return cls(radar, wet, field, neighbours, asked)

    @property
    def causes(self) -> frozenset[str]:
        """Floods."""
        return frozenset({FLOOD})

    def findings(self, block: Ints) -> Iterator[Findings]:
        """Floods of the parcels at some positions of the book."""
        near = np.unique(self.neighbours[block])
        rows = np.concatenate([block, near[(near >= 0) & ~np.isin(near, block)]]).astype(np.int64)
        within = np.full(len(self.field) + 1, -1, dtype=np.int64)
        within[rows] = np.arange(len(rows))
        wet, field = self.wet.at(rows), self.field.at(rows)
        seen = wet.percent > 0
        optical = OpticalWater(
            mndwi=wet.ndvi.astype(np.float64),
            known=np.where(seen, wet.known_on.astype(np.int64).astype("datetime64[D]"), _NEVER),
            days=wet.days,
        )
        found = flood_findings(
            self.radar.at(rows),
            until=self.asked.request.as_of,
            optical=optical,
            paddy=paddy_days(field.crops == _RICE, field.expected),
            neighbours=within[self.neighbours[rows]],
        )
        return (own for each in found if (own := _first(each, len(block))).judged.any())


@dataclass(frozen=True, slots=True)
class PixelSource:
    """Two crops and construction from pixels.

    Attributes:
        parcel_ids: (n,) of the book.
        tile: (n,) position of the tile of each parcel, -1 for none.
        files: table of each tile.
        asked: the request.
    """

    parcel_ids: npt.NDArray[np.str_]
    tile: Ints
    files: Sequence[Path]
    asked: Asked

    @classmethod
    def of(
        cls, asked: Asked, parcel_ids: npt.NDArray[np.str_], cubes: Sequence[TileCube], files: Sequence[Path]
    ) -> PixelSource:
        """With the tile of every parcel."""
        tile_of = {name: number for number, cube in enumerate(cubes) for name in cube.parcels.parcel_id}
        tile = np.array([tile_of.get(name, -1) for name in parcel_ids.tolist()], dtype=np.int64)
        return cls(parcel_ids, tile, files, asked)

    @property
    def causes(self) -> frozenset[str]:
        """Two crops and construction."""
        return PIXEL_CAUSES

    def findings(self, block: Ints) -> Iterator[Findings]:
        """Findings of the parcels at some positions of the book."""
        tiles = np.unique(self.tile[block])
        rows = read_pixel_looks([self.files[tile] for tile in tiles if tile >= 0], self.parcel_ids[block].tolist())
        return pixel_findings(rows, len(block), until=self.asked.request.as_of)


def _known_after(asked: Asked) -> int | None:
    return asked.request.known_after if asked.request.known_by == "sensed" else None


def _first(found: Findings, count: int) -> Findings:
    """Findings of the first subjects alone."""
    parts = {field.name: getattr(found, field.name) for field in fields(found)}
    own: dict[str, Any] = {name: part[:count] for name, part in parts.items() if isinstance(part, np.ndarray)}
    return replace(found, **own)


def _water_batches(path: Path, known_after: int | None) -> Iterator[pa.RecordBatch]:
    """Looks with MNDWI where `SeasonLooks.read` expects NDVI: both lie in -1..1."""
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(_BATCH_ROWS, columns=list(_MNDWI_COLUMNS)):
                yield _as_looks(batch, known_after)
    except (OSError, pa.ArrowException) as error:
        raise DataError("TABLE_UNREADABLE", f"{path.name} cannot be read: {error}.", "Run the season again.") from error


def _as_looks(batch: pa.RecordBatch, known_after: int | None) -> pa.RecordBatch:
    green, swir = (batch.column(name).cast(pa.float64()) for name in ("B03_mean", "B11_mean"))
    index = pc.divide(pc.subtract(green, swir), pc.add(green, swir))
    known = batch.column("known_at")
    if known_after is not None:
        later = pc.add(batch.column("date").cast(pa.int32()).cast(pa.int64()), known_after)
        known = pc.multiply(later, 86_400_000_000).cast(pa.timestamp("us", "UTC"))
    names = ["parcel_id", "date", "known_at", "ndvi", "clear_share"]
    columns = [batch.column("parcel_id"), batch.column("date"), known, index, batch.column("clear_share")]
    return pa.RecordBatch.from_arrays(columns, names=names)
