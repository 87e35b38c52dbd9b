"""Which rasters of which runs a person may see, found by their content: nothing else can be named from outside."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from threading import Lock
from typing import Final, TypeAlias

from sqlalchemy import Engine, exists, select

from app.alerts.reach import units_below, within
from app.artefacts.runs import RECORD, RunShelf
from app.db.season_runs import of_crops
from app.db.tables import Parcel, ParcelObservation, Run
from app.maplayers.blocks import FORMS, stored_square
from app.maplayers.dated import (
    BLOCK_PX,
    DATED_ZOOM,
    INDEX_NAME,
    MOSAIC,
    DatedDay,
    DatedImagery,
    dated_file,
    imagery_folder,
    mosaic_file,
    names_folder,
    read_index,
)
from app.maplayers.handles import OpenRasters
from app.maplayers.rasters import LAYERS, MAX_ZOOM, Bounds, Form, Square, bounds_of, encoded, seen
from geo.errors import InputError
from geo.manifest import MANIFEST_NAME, read_manifest
from geo.runrecord import RunRecord

#: Longest time for which a run or parcel that came or went is not noticed, seconds.
FRESH_S: Final = 60.0
#: For a raster that is not known here runs are read anew where they are older, seconds: another process of the service
#: may have told of it.
AGAIN_S: Final = 5.0
#: Characters of a content hash in addresses.
HASH_CHARACTERS: Final = 32
#: Rasters of a run folder: those of zones beside the main one have its code in their names.
_FILE: Final = re.compile(rf"({'|'.join(LAYERS)})(_32[67]\d\d)?\.tif")

_Stamp: TypeAlias = tuple[tuple[int, int, int] | None, ...]


@dataclass(frozen=True, slots=True)
class Raster:
    """One raster that may be shown.

    Attributes:
        layer: of LAYERS, or a DatedLayer.
        path: its file.
        content_hash: of its content, HASH_CHARACTERS hex digits.
        form: in which its squares are handed out.
        bounds: west, south, east, north, degrees.
        max_zoom: deepest zoom of squares of 512 px; maps stretch it further.
        on_squares: whether its blocks are squares of the map.
    """

    layer: str
    path: Path
    content_hash: str
    form: Form
    bounds: Bounds
    max_zoom: int
    on_squares: bool = False


@dataclass(frozen=True, slots=True)
class ShownDay:
    """A date of a run and its rasters."""

    dated: DatedDay
    rasters: tuple[Raster, ...]


@dataclass(frozen=True, slots=True)
class ShownRun:
    """A run as the database knows it."""

    run_id: str
    season_start: date
    season_end: date
    created_at: datetime
    simulated: bool


@dataclass(frozen=True, slots=True)
class Imagery:
    """Rasters of a run.

    Attributes:
        pictures: of the whole season; those from its folder, but a mosaic on the map's squares goes before.
        days: ascending.
        by_hash: all rasters by content and layer.
        stamp: of the manifests that say so; another one is another content.
    """

    pictures: tuple[Raster, ...]
    days: tuple[ShownDay, ...]
    by_hash: Mapping[tuple[str, str], Raster]
    stamp: _Stamp


@dataclass(slots=True)
class _Reached:
    """Runs that people of a unit see, and when that was read; a lock that one thread holds while it reads."""

    runs: Mapping[str, ShownRun] = field(default_factory=dict)
    read_at: float = float("-inf")
    lock: Lock = field(default_factory=Lock)


class ImageryShelf:
    """Rasters by the unit of who looks; safe to use from several threads."""

    def __init__(self, engine: Engine, runs: RunShelf, folder: Path | None, clock: Callable[[], float]) -> None:
        """Shelf over a database.

        Args:
            engine: the database.
            runs: folders of runs.
            folder: where dated imagery is made; None: there is none.
            clock: counts seconds and never goes back.
        """
        self._engine = engine
        self._runs = runs
        self._folder = folder
        self._clock = clock
        self._reached: dict[str, _Reached] = {}
        self._imagery: dict[str, Imagery] = {}
        self._run_of: dict[str, str] = {}
        self._open = OpenRasters()

    def seen(self, unit: str) -> Iterator[tuple[ShownRun, Imagery]]:
        """Runs that people of a unit see (a parcel of theirs is in them) and that have rasters; the newest first.

        Raises:
            InputError: there is no such unit.
            DataError: a manifest or raster is damaged.
        """
        for run in self._runs_of(unit).values():
            imagery = self._imagery_of(run.run_id)
            if imagery.by_hash:
                yield run, imagery

    def raster(self, unit: str, content_hash: str, layer: str) -> Raster:
        """A raster that people of a unit see.

        Raises:
            InputError: LAYER_UNKNOWN; one of others, one that was, and a wrong name are not told apart.
        """
        for at_most_s in (FRESH_S, AGAIN_S):
            found = self._known(self._runs_of(unit, at_most_s), content_hash, layer)
            if found is not None:
                return found
        raise InputError("LAYER_UNKNOWN", "There is no such map layer.", "Ask for the list of imagery again.")

    def square(self, raster: Raster, square: Square) -> bytes | None:
        """One square (column, row, zoom) of 512 px; None where nothing is seen.

        Raises:
            DataError: the raster is missing or damaged.
        """
        with self._open.reader(raster.path, raster.content_hash) as source:
            if raster.on_squares:
                return stored_square(source, raster.path, raster.layer, square)
            layer = LAYERS[raster.layer]
            image = seen(source, square, BLOCK_PX, layer.resampling)
        return None if image is None else encoded(image, layer.colours() if layer.colours else None, raster.form)

    def _known(self, runs: Mapping[str, ShownRun], content_hash: str, layer: str) -> Raster | None:
        likely = self._run_of.get(content_hash)
        for run_id in [likely, *runs] if likely in runs else runs:
            found = self._imagery_of(str(run_id)).by_hash.get((content_hash, layer))
            if found is not None:
                self._run_of[content_hash] = str(run_id)
                return found
        return None

    def _runs_of(self, unit: str, at_most_s: float = FRESH_S) -> Mapping[str, ShownRun]:
        reached = self._reached.setdefault(unit, _Reached())
        if self._clock() - reached.read_at < at_most_s:
            return reached.runs
        # One thread reads; the others go on with what there is, and wait where there is nothing.
        if reached.lock.acquire(blocking=reached.read_at == float("-inf")):
            try:
                if self._clock() - reached.read_at >= at_most_s:
                    reached.runs, reached.read_at = self._read_runs(unit), self._clock()
            finally:
                reached.lock.release()
        return reached.runs

    def _read_runs(self, unit: str) -> Mapping[str, ShownRun]:
        columns = (Run.run_id, Run.season_start, Run.season_end, Run.created_at, Run.simulated)
        newest = (Run.season_end.desc(), Run.created_at.desc(), Run.run_id)
        with self._engine.connect() as connection:
            seen_there = exists().where(
                ParcelObservation.run_id == Run.run_id,
                ParcelObservation.parcel_id == Parcel.parcel_id,
                within(units_below(connection, unit)),
            )
            rows = connection.execute(select(*columns).where(seen_there, of_crops()).order_by(*newest))
            return {row.run_id: ShownRun(*row) for row in rows}

    def _imagery_of(self, run_id: str) -> Imagery:
        """Rasters of a run; looked at again whenever a manifest is another."""
        held = self._imagery.get(run_id)
        folder = self._runs.find(run_id)
        dated = None if self._folder is None or not names_folder(run_id) else imagery_folder(self._folder, run_id)
        stamp = _stamp(folder and folder / MANIFEST_NAME), _stamp(dated and dated / INDEX_NAME)
        if held is None or held.stamp != stamp:
            held = _read_imagery(run_id, folder, dated, stamp)
            self._imagery[run_id] = held
        return held


def _stamp(path: Path | None) -> tuple[int, int, int] | None:
    try:
        said = None if path is None else path.stat()
    except OSError:
        return None
    return None if said is None else (said.st_mtime_ns, said.st_size, said.st_ino)


def _read_imagery(run_id: str, folder: Path | None, dated: Path | None, stamp: _Stamp) -> Imagery:
    in_run = [] if folder is None else list(_pictures(run_id, folder))
    index = None if dated is None else read_index(dated)
    if dated is None or index is None or index.run_id != run_id:
        return Imagery(tuple(in_run), (), _by_hash(in_run), stamp)
    mosaic = list(_mosaic(dated, index))
    days = tuple(_days(dated, index))
    shown = [each for each in in_run if not mosaic or each.layer != MOSAIC]
    every = [*in_run, *mosaic, *(raster for day in days for raster in day.rasters)]
    return Imagery((*mosaic, *shown), days, _by_hash(every), stamp)


def _by_hash(rasters: Iterable[Raster]) -> Mapping[tuple[str, str], Raster]:
    """An address that was given out before a mosaic came onto the map's squares still answers."""
    return {(raster.content_hash, raster.layer): raster for raster in rasters}


def _pictures(run_id: str, folder: Path) -> Iterator[Raster]:
    """Rasters that the manifest of a run folder names; none where the folder holds another run by now."""
    if RunRecord.from_json((folder / RECORD).read_bytes()).run_id != run_id:
        return
    for name, entry in read_manifest(folder).items():
        match = _FILE.fullmatch(name)
        if match is not None:
            layer, path = LAYERS[match[1]], folder / name
            form = Form.WEBP if layer.colours is None else Form.PNG
            yield Raster(layer.name, path, entry.sha256[:HASH_CHARACTERS], form, bounds_of(path), MAX_ZOOM)


def _mosaic(dated: Path, index: DatedImagery) -> Iterator[Raster]:
    if index.mosaic is not None:
        yield _on_squares(MOSAIC, mosaic_file(dated, index.mosaic), index.mosaic, index)


def _days(dated: Path, index: DatedImagery) -> Iterator[ShownDay]:
    for day in index.days:
        rasters = (
            _on_squares(layer.value, dated_file(dated, day.day, layer, content_hash), content_hash, index)
            for layer, content_hash in day.hashes.items()
        )
        yield ShownDay(day, tuple(rasters))


def _on_squares(layer: str, path: Path, content_hash: str, index: DatedImagery) -> Raster:
    name = content_hash[:HASH_CHARACTERS]
    return Raster(layer, path, name, FORMS[layer], index.bounds, DATED_ZOOM, on_squares=True)
