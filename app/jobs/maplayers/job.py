"""The job: the season's picture of a finished run, and a true-colour raster and one of NDVI for each clear date."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from rasterio.warp import transform_bounds

from app.jobs.lock import sole_user
from app.jobs.maplayers.frames import Cube, frame_of, open_frames
from app.jobs.maplayers.rasters import raster_path, write_day, write_season
from app.jobs.maplayers.season import season_files, season_squares, season_windows
from app.jobs.maplayers.shares import chosen_days, clear_shares
from app.jobs.maplayers.squares import Squares, squares_over
from app.jobs.progress import Reporter
from app.jobs.publish import write_json
from app.jobs.runcubes import cube_of
from app.jobs.watch.asking import whole_run
from app.maplayers.dated import (
    LEAST_CLEAR,
    MOSAIC,
    SEASON_FOLDER,
    DatedDay,
    DatedImagery,
    DatedLayer,
    dated_name,
    imagery_folder,
    write_index,
)
from app.maplayers.rasters import Bounds
from geo.errors import DataError, InputError
from geo.files import fingerprint, sha256_of
from geo.manifest import is_whole, read_manifest, write_manifest
from geo.runrecord import RunRecord

#: Raised by hand when rasters change in meaning.
_VERSION: Final = 1
_MADE: Final = "made.json"
_WORK: Final = "work"
_STAGE: Final = "Imagery"


@dataclass(frozen=True, slots=True)
class LayerRequest:
    """What is asked for.

    Attributes:
        run: folder of a finished run, with its cubes.
        layers: folder of map layers.
        least_clear: share of the parcels' area that must be clear on a date, above 0 to 1.
        most: dates at most, the clearest; None for all that are clear enough.
    """

    run: Path
    layers: Path
    least_clear: float = LEAST_CLEAR
    most: int | None = None


@dataclass(frozen=True, slots=True)
class LayerSummary:
    """What came of it.

    Attributes:
        run_id: of the run.
        folder: of its imagery.
        days: dates that may be shown, with their clear share.
        made: how many of them were made now.
        too_cloudy: dates that are not clear enough.
        left_out: dates that are clear enough, beyond the most that were wanted.
        missing: processing tiles of the run whose cubes are gone.
        bytes: of all rasters.
    """

    run_id: str
    folder: Path
    days: Mapping[date, float]
    made: int
    too_cloudy: int
    left_out: int
    missing: tuple[str, ...]
    bytes: int

    def as_dict(self) -> dict[str, Any]:
        """As JSON can carry it."""
        days = {day.isoformat(): round(share, 4) for day, share in self.days.items()}
        return asdict(self) | {"folder": str(self.folder), "days": days}


def make_layers(request: LayerRequest, report: Reporter) -> LayerSummary:
    """Make the season's picture and the rasters of all dates that are clear enough, and say which those are.

    What stands is kept.

    A killed process leaves whole dates and what was said before; the same request goes on.

    Raises:
        InputError: no date is clear enough, or somebody else makes the same.
        DataError: the folder holds no finished run, its cubes are gone, or a file is damaged.
    """
    record = whole_run(request.run)
    folder = imagery_folder(request.layers, record.run_id)
    cubes, missing = _cubes(request.run, record)
    shares = clear_shares(request.run)
    days = chosen_days(shares, request.least_clear, request.most)
    _require_folder(request.layers)
    with sole_user(folder):
        squares = squares_over(cube.grid for cube in cubes)
        report.begin(_STAGE, len(days) + 1)
        mosaic = _make_season(folder, request.run, report)
        made = [_make_day(folder, day, cubes, squares, report) for day in days]
        report.end(_STAGE, f"{len(days)} dates, {sum(made)} of them new")
        dated = tuple(_said(folder, day, shares[day], cubes) for day in days)
        write_index(folder, DatedImagery(record.run_id, _bounds(cubes), request.least_clear, dated, missing, mosaic))
        _tidy(folder, days)
    clear = sum(share >= request.least_clear for share in shares.values())
    return LayerSummary(
        run_id=record.run_id,
        folder=folder,
        days={day: shares[day] for day in days},
        made=sum(made),
        too_cloudy=len(shares) - clear,
        left_out=clear - len(days),
        missing=missing,
        bytes=sum(path.stat().st_size for path in folder.glob("*/*.tif")),
    )


def _cubes(run: Path, record: RunRecord) -> tuple[list[Cube], tuple[str, ...]]:
    """Cubes of a run, by tile, and tiles that have none."""
    tiles = sorted(map(str, record.parameters.get("tiles", ())))
    places = {tile: cube_of(run, tile, record) for tile in tiles}
    found = [open_frames(tile, place) for tile, place in places.items() if place is not None]
    if not found:
        raise DataError(
            "CUBES_GONE", f"The cubes of {run} are gone.", "Run the season again into the same folder, and then this."
        )
    return found, tuple(tile for tile, place in places.items() if place is None)


def _make_day(folder: Path, day: date, cubes: Sequence[Cube], squares: Squares, report: Reporter) -> bool:
    """Make the rasters of a date where they do not stand; whether they were made."""
    seen = [cube for cube in cubes if day in cube.days]
    rests_on = fingerprint(_VERSION, squares, [(cube.tile, cube.hashes[cube.days.index(day)]) for cube in seen])

    def write(part: Path) -> None:
        write_day(part, (frame_of(cube, day, squares) for cube in seen), squares, part)

    made = _make(folder, day.isoformat(), rests_on, list(DatedLayer), write)
    report.advance(_STAGE)
    return made


def _make_season(folder: Path, run: Path, report: Reporter) -> str | None:
    """Make the season's picture where it does not stand; its SHA-256, None for a run without one."""
    hashes = season_files(run)
    if not hashes:
        return None
    paths = [run / name for name in hashes]

    def write(part: Path) -> None:
        squares = season_squares(paths)
        write_season(part, season_windows(paths, squares), squares, part)

    _make(folder, SEASON_FOLDER, fingerprint(_VERSION, list(hashes.items())), [MOSAIC], write)
    report.advance(_STAGE)
    entries = read_manifest(folder / SEASON_FOLDER)
    return next(entry.sha256 for name, entry in entries.items() if name == dated_name(MOSAIC, entry.sha256))


def _make(folder: Path, name: str, rests_on: str, layers: Sequence[str], write: Callable[[Path], None]) -> bool:
    """Make a folder of rasters where it does not stand on the same; whether it was made."""
    whole = folder / name
    if is_whole(whole) and json.loads((whole / _MADE).read_bytes()).get("rests_on") == rests_on:
        return False
    part = folder / _WORK / name
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    write(part)
    write_json(part / _MADE, {"rests_on": rests_on})
    write_manifest(part, [_MADE, *(_named(part, layer) for layer in layers)])
    shutil.rmtree(whole, ignore_errors=True)
    part.rename(whole)
    return True


def _named(part: Path, layer: str) -> Path:
    """A raster under the name that its content gives it."""
    made = raster_path(part, layer)
    return made.rename(part / dated_name(layer, sha256_of(made)))


def _said(folder: Path, day: date, share: float, cubes: Sequence[Cube]) -> DatedDay:
    entries = read_manifest(folder / day.isoformat())
    hashes = {
        layer: entry.sha256
        for name, entry in entries.items()
        for layer in DatedLayer
        if name == dated_name(layer, entry.sha256)
    }
    texts = (cube.scenes[cube.days.index(day)] for cube in cubes if day in cube.days)
    scenes = tuple(sorted({scene for text in texts for scene in text.split()}))
    return DatedDay(day, round(share, 4), scenes, hashes)


def _bounds(cubes: Sequence[Cube]) -> Bounds:
    boxes = [transform_bounds(str(cube.grid.crs), "EPSG:4326", *cube.grid.boundingbox.bbox) for cube in cubes]
    wests, souths, easts, norths = zip(*boxes, strict=True)
    return min(wests), min(souths), max(easts), max(norths)


def _require_folder(layers: Path) -> None:
    if not layers.is_dir():
        raise InputError("LAYER_FOLDER", f"The folder of map layers, {layers}, does not exist.", "Make it first.")


def _tidy(folder: Path, days: Sequence[date]) -> None:
    """Take away what is not shown any more, after the index says so."""
    kept = {SEASON_FOLDER, *(day.isoformat() for day in days)}
    for path in folder.iterdir():
        if path.is_dir() and path.name not in kept:
            shutil.rmtree(path)
