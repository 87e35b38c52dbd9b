"""Acquisitions to disk: each answer is kept as it comes, so that nothing is paid for twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree
from threading import Event, Lock
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from affine import Affine
from odc.geo.geobox import GeoBox
from rasterio.errors import RasterioError
from rasterio.io import MemoryFile

from geo.bands import SCL
from geo.errors import DataError, InputError
from geo.files import whole_file
from geo.raster import write_cog
from tiles.sources.sentinel_hub.connection import Answer, Connection, waiting_is_no_warning
from tiles.sources.sentinel_hub.cost import processing_units
from tiles.sources.sentinel_hub.evalscript import Layer
from tiles.sources.sentinel_hub.planning import Acquisition, FetchPlan
from tiles.sources.sentinel_hub.stac import COLLECTION, NODATA, Written, item_of, save_catalogue, save_item, written

#: Answers whose acquisition is not complete yet.
_INCOMING: Final = "incoming"
_THREADS: Final = 4


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a fetch.

    Attributes:
        catalog: the catalogue over everything planned, ready for a run.
        fetched: acquisitions fetched now.
        kept: acquisitions that were there already.
        outdated: of those kept, how many the service now has newer products for.
        units: processing units that all of them took, earlier runs included.
    """

    catalog: Path
    fetched: int
    kept: int
    outdated: int
    units: float


@dataclass(slots=True)
class _Meter:
    """Processing units spent and promised; answers that are still to come count as promised."""

    budget: float | None
    spent: float
    promised: float = 0.0
    lock: Lock = field(default_factory=Lock)

    def promise(self, units: float) -> bool:
        """Whether the budget bears these units too; if so they are set aside."""
        with self.lock:
            fits = self.budget is None or self.spent + self.promised + units <= self.budget + 1e-9
            self.promised += units if fits else 0.0
            return fits

    def settle(self, promised: float, spent: float) -> None:
        """Put what was spent in the place of what was promised."""
        with self.lock:
            self.promised -= promised
            self.spent += spent


def item_file(folder: Path, acquisition: Acquisition) -> Path:
    """Where the item of an acquisition lies; it is written last, so it says that all bands are there."""
    return folder / COLLECTION / acquisition.id / f"{acquisition.id}.json"


def still_to_fetch(plan: FetchPlan, folder: Path) -> list[Acquisition]:
    """Acquisitions of a plan that a folder does not hold yet."""
    return [found for found in plan.acquisitions if not item_file(folder, found).is_file()]


def fetch(
    connection: Connection,
    plan: FetchPlan,
    folder: Path,
    *,
    budget: float | None = None,
    each: Callable[[], None] = lambda: None,
) -> Outcome:
    """Fetch what a folder lacks of a plan, then write the catalogue.

    The first failure ends it after the requests under way; what is complete stays, and the same call goes on from
    there. The catalogue appears only when all of the plan is there.

    Args:
        connection: the account.
        plan: what to fetch.
        folder: gets catalog.json and sentinel-2-l2a/<item>/<band>.tif.
        budget: processing units that the plan's acquisitions may take in all, earlier runs included; None: no limit.
        each: called after each acquisition, from the calling thread.

    Raises:
        InputError: the budget is used up, the account refused, or it has no units left.
        DataError: an answer is not what was asked for.
        TransientError: the service does not answer.
    """
    todo = still_to_fetch(plan, folder)
    lacking = {found.id for found in todo}
    earlier = [_read_json(item_file(folder, found)) for found in plan.acquisitions if found.id not in lacking]
    paid = [float(item["properties"]["acreline:processing_units"]) for item in earlier]
    meter = _Meter(budget, sum(paid) + _units_of_answers(folder, todo))
    work = _Work(connection, plan, folder, meter)
    with waiting_is_no_warning():
        work.run(todo, each)
    if work.over_budget:
        raise _budget_used_up(plan, folder, meter)
    catalog = save_catalogue(folder, _all_items(folder))
    for found in plan.acquisitions:  # answers that a killed run had used already
        rmtree(folder / _INCOMING / found.id, ignore_errors=True)
    with suppress(OSError):  # answers of other plans may wait in it
        (folder / _INCOMING).rmdir()
    return Outcome(catalog, len(todo), len(earlier), _outdated(plan, earlier), meter.spent)


class _Work:
    """Threads that fetch acquisitions until all are there or one fails."""

    def __init__(self, connection: Connection, plan: FetchPlan, folder: Path, meter: _Meter) -> None:
        self._connection = connection
        self._plan = plan
        self._folder = folder
        self._meter = meter
        self._stop = Event()
        self.over_budget = False

    def run(self, todo: Sequence[Acquisition], each: Callable[[], None]) -> None:
        failure: Exception | None = None
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="fetch") as pool:
            try:
                for future in as_completed([pool.submit(self._one, acquisition) for acquisition in todo]):
                    try:
                        if future.result():
                            each()
                    except Exception as error:  # noqa: BLE001 - raised below, when the others have ended
                        failure = failure or error
                        self._stop.set()
            finally:
                self._stop.set()  # Ctrl-C: those that wait in line end at once
        if failure is not None:
            raise failure

    def _one(self, acquisition: Acquisition) -> bool:
        """Fetch one acquisition; whether it is complete."""
        answers: dict[str, tuple[npt.NDArray[np.uint16], float]] = {}
        for layer in self._plan.layers:
            got = self._layer(acquisition, layer)
            if got is None:
                return False
            answers[layer.name] = got
        self._keep(acquisition, answers)
        return True

    def _layer(self, acquisition: Acquisition, layer: Layer) -> tuple[npt.NDArray[np.uint16], float] | None:
        """Numbers (band, y, x) of a layer and the units they took: from disk if they came before; None when stopped."""
        place = _answer_file(self._folder, acquisition, layer)
        if place.is_file():
            units = float(_read_json(place.with_suffix(".json"))["units"])
            return _numbers(place.read_bytes(), layer, acquisition), units
        expected = processing_units(layer)
        if self._stop.is_set():
            return None
        if not self._meter.promise(expected):
            self.over_budget = True
            self._stop.set()
            return None
        units = 0.0
        try:
            answer = self._connection.image(acquisition, layer, self._plan.max_cloud_pct)
            units = expected if answer.units is None else answer.units
            return self._keep_answer(answer, layer, acquisition, place, units), units
        finally:
            self._meter.settle(expected, units)

    def _keep_answer(
        self, answer: Answer, layer: Layer, acquisition: Acquisition, place: Path, units: float
    ) -> npt.NDArray[np.uint16]:
        numbers = _numbers(answer.content, layer, acquisition)
        with whole_file(place.with_suffix(".json")) as part:
            part.write_text(json.dumps({"units": units}), encoding="utf-8")
        with whole_file(place) as part:
            part.write_bytes(answer.content)
        return numbers

    def _keep(self, acquisition: Acquisition, answers: dict[str, tuple[npt.NDArray[np.uint16], float]]) -> None:
        """Bands as COGs, then the item; then the answers are no longer needed."""
        place = item_file(self._folder, acquisition)
        rmtree(place.parent, ignore_errors=True)  # bands, whole and half, of a run that was killed here
        files: dict[str, Written] = {}
        scl = np.zeros((1, 1), dtype=np.uint8)
        for layer in self._plan.layers:
            geobox = _grid(acquisition, layer)
            for band, numbers in zip(layer.bands, answers[layer.name][0], strict=True):
                pixels = numbers.astype(np.uint8) if band == SCL else numbers
                path = place.parent / f"{band}.tif"
                write_cog(path, pixels, geobox, nodata=NODATA)
                files[band] = written(path, geobox)
                scl = pixels if band == SCL else scl
        units = sum(units for _, units in answers.values())
        save_item(item_of(acquisition, self._connection.deployment, files, scl, units), place)
        rmtree(self._folder / _INCOMING / acquisition.id, ignore_errors=True)


def _answer_file(folder: Path, acquisition: Acquisition, layer: Layer) -> Path:
    """Where an answer waits for the others of its acquisition; beside it, written before, what it took."""
    return folder / _INCOMING / acquisition.id / f"{layer.name}.tif"


def _units_of_answers(folder: Path, todo: Sequence[Acquisition]) -> float:
    """Processing units of answers that came before an earlier run ended."""
    waiting = (path for found in todo for path in (folder / _INCOMING / found.id).glob("*.tif"))
    return sum(float(_read_json(path.with_suffix(".json"))["units"]) for path in waiting)


def _grid(acquisition: Acquisition, layer: Layer) -> GeoBox:
    left, _, _, top = acquisition.tile.bounds
    step = layer.resolution_m
    affine = Affine(step, 0, left, 0, -step, top)
    return GeoBox((layer.side_px, layer.side_px), affine, f"EPSG:{acquisition.tile.epsg}")


def _numbers(content: bytes, layer: Layer, acquisition: Acquisition) -> npt.NDArray[np.uint16]:
    """Numbers (band, y, x) of an answer; DataError where it is not the image that was asked for."""
    thing = f"The answer for tile {acquisition.tile.name} on {acquisition.day} ({layer.name})"
    remedy = "Run the same command again; report it if that does not help."
    try:
        with MemoryFile(content) as memory, memory.open() as file:
            numbers: npt.NDArray[np.uint16] = file.read()
            grid = (file.crs, file.transform)
    except RasterioError as error:
        raise DataError("UNREADABLE_RASTER", f"{thing} is not a whole image.", remedy) from error
    wanted = (len(layer.bands), layer.side_px, layer.side_px)
    geobox = _grid(acquisition, layer)
    if numbers.shape != wanted or numbers.dtype != np.uint16 or not _same_grid(grid, geobox, acquisition.tile.epsg):
        raise DataError("WRONG_ANSWER", f"{thing} is not on the grid that was asked for.", remedy)
    return numbers


def _same_grid(grid: tuple[Any, Affine], geobox: GeoBox, epsg: int) -> bool:
    crs, transform = grid
    return crs is not None and crs.to_epsg() == epsg and transform.almost_equals(geobox.affine, 1e-3)


def _all_items(folder: Path) -> list[Path]:
    """Items of every complete acquisition of a folder, those of other seasons and tiles too."""
    return sorted(path for path in (folder / COLLECTION).glob("*/*.json") if path.stem == path.parent.name)


def _outdated(plan: FetchPlan, items: Sequence[dict[str, Any]]) -> int:
    products = {found.id: [product.id for product in found.products] for found in plan.acquisitions}
    return sum(item["properties"]["acreline:products"] != products[item["id"]] for item in items)


def _budget_used_up(plan: FetchPlan, folder: Path, meter: _Meter) -> InputError:
    done = len(plan.acquisitions) - len(still_to_fetch(plan, folder))
    return InputError(
        "BUDGET_REACHED",
        f"The budget of {meter.budget:g} processing units ends here: {done} of {len(plan.acquisitions)} scenes are "
        f"fetched, {meter.spent:.2f} units spent, {plan.cost().units:.2f} needed in all.",
        "Run the same command with a larger --budget-pu: what is fetched stays.",
    )


def _read_json(path: Path) -> dict[str, Any]:
    try:
        read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError("ITEM_DAMAGED", f"{path} is damaged.", "Remove its folder; it is fetched again.") from error
    return read
