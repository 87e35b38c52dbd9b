"""Raster layers of the map through sign-in, side by side with plain titiler-core on the same files.

    python benchmarks/rasters.py                  # 41 km x 41 km, three interleaved rounds; under four minutes
    python benchmarks/rasters.py --quick          # 10 km x 10 km, one round of a second

Needs wrk; without it a word is said and nothing measured. Each server is one process with one worker. Both are asked
for the same squares of 512 px in turn, first by one client that never rests (p50), then by four (answers a second).
"ratio" is our time over titiler's, the median of the rounds: p50, and processor time per answer, which tells more on a
machine that others use. titiler-core opens the file for each square and knows nobody; ours checks the session and the
scope first.
"""

from __future__ import annotations

import argparse
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import psutil
from odc.geo.geobox import GeoBox
from rasterio.warp import transform_bounds
from serve import Load, Site, load, say, signed_in, spans, square_at, wait_for
from serve_book import RUN, build

_SEED: Final = 7
_ZOOMS: Final = (11, 12, 13)
_PLACES: Final = 40
_OK: Final = 200
_DAY: Final = date(2026, 5, 3)
_LEFT, _TOP, _EPSG = 300_000, 3_900_000, 32650
#: Edge of a made-up field, pixels.
_FIELD_PX: Final = 12
#: Where p50 and answers a second must lie (issue: raster layers).
_MOST_P50_MS, _LEAST_A_SECOND, _MOST_RATIO = 30.0, 40.0, 1.1

Image = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Pair:
    """The same squares of one layer at both servers."""

    layer: str
    ours: list[str]
    theirs: list[str]


def main() -> None:
    """Measure and print."""
    asked = _asked()
    if asked.serve:
        _serve(Path(asked.serve), asked.port)
    elif asked.titiler:
        _serve_titiler(asked.port)
    elif shutil.which("wrk") is None:
        print("wrk is missing (Debian has it: apt install wrk): nothing is measured.")
    else:
        with tempfile.TemporaryDirectory() as scratch:
            _compare(Path(asked.keep or scratch), asked)


def _compare(folder: Path, asked: argparse.Namespace) -> None:
    side, rounds, seconds = (1024, 1, 1) if asked.quick else (4096, asked.rounds, asked.seconds)
    if not (folder / "acreline.db").is_file():
        _make(folder, side)
    with (
        _served(folder, "--serve", asked.port, signed_in(folder), "/api/v1/me") as ours,
        _served(folder, "--titiler", asked.port + 1, "", "/healthz") as theirs,
    ):
        pairs = list(_pairs(folder, ours))
        found: dict[str, list[tuple[Load, Load]]] = {}
        for _ in range(rounds):
            for pair in pairs:
                for clients in (1, 4):
                    mine = load(ours, pair.layer, pair.ours, None, seconds, clients)
                    other = load(theirs, pair.layer, pair.theirs, None, seconds, clients)
                    found.setdefault(f"{pair.layer} {clients}", []).append((mine, other))
        for pair in pairs:
            _tell(pair.layer, found[f"{pair.layer} 1"], found[f"{pair.layer} 4"])
        say("server", ours_mib=_memory(ours), titiler_mib=_memory(theirs), load=round(psutil.getloadavg()[0], 1))


def _tell(layer: str, alone: list[tuple[Load, Load]], four: list[tuple[Load, Load]]) -> None:
    p50 = [statistics.median(pair[which].p50_ms for pair in alone) for which in (0, 1)]
    rate = [statistics.median(pair[which].a_second for pair in four) for which in (0, 1)]
    cpu = [statistics.median(pair[which].cpu_ms for pair in alone) for which in (0, 1)]
    ratio = statistics.median(mine.p50_ms / other.p50_ms for mine, other in alone)
    cpu_ratio = statistics.median(mine.cpu_ms / other.cpu_ms for mine, other in alone)
    refused = sum(each.refused for pair in (*alone, *four) for each in pair)
    say(
        layer,
        p50_ms=round(p50[0], 1),
        titiler_p50_ms=round(p50[1], 1),
        p50_ratio=round(ratio, 2),
        a_second=round(rate[0]),
        titiler_a_second=round(rate[1]),
        cpu_ms=round(cpu[0], 1),
        titiler_cpu_ms=round(cpu[1], 1),
        cpu_ratio=round(cpu_ratio, 2),
        bytes_each=alone[0][0].bytes_each,
        titiler_bytes_each=alone[0][1].bytes_each,
        refused=refused,
        met=p50[0] <= _MOST_P50_MS and rate[0] >= _LEAST_A_SECOND and ratio <= _MOST_RATIO and not refused,
    )


def _pairs(folder: Path, ours: Site) -> Iterator[Pair]:
    """Squares that show something, of each layer, in an order that jumps about."""
    (run,) = ours.get("/api/v1/imagery").json()["runs"]
    dated = folder / "imagery" / RUN / _DAY.isoformat()
    layers = {each["layer"]: each for each in (*run["layers"], *run["dates"][0]["layers"])}
    files = {"crop": folder / "runs" / RUN / "crop.tif", "mosaic": next(dated.parent.glob("season/mosaic-*.tif"))}
    files |= {name: next(dated.glob(f"{name}-*.tif")) for name in ("true-colour", "ndvi")}
    rng = np.random.default_rng(_SEED)
    squares = [
        (zoom, *square_at(run["bounds"], *place, zoom))
        for place in rng.uniform(0.05, 0.95, (_PLACES, 2))
        for zoom in _ZOOMS
    ]
    for name, file in files.items():
        address: str = layers[name]["url"]
        form = address.rsplit(".", 1)[1]
        colours = "&colormap_name=viridis" if name == "ndvi" else ""
        query = f"url={file}&tilesize=512{colours}"
        shown = [
            each for each in squares if ours.get(address.format(z=each[0], x=each[1], y=each[2])).status_code == _OK
        ]
        yield Pair(
            name,
            [address.format(z=z, x=x, y=y) for z, x, y in shown],
            [f"/tiles/WebMercatorQuad/{z}/{x}/{y}.{form}?{query}" for z, x, y in shown],
        )


def _make(folder: Path, side: int) -> None:
    """A run folder and one date of imagery over fields of one colour each with noise, and a book that knows the run."""
    from app.db.engine import open_engine, sqlite_url  # noqa: PLC0415 - servers do without
    from app.db.migrate import upgrade  # noqa: PLC0415 - same

    url = sqlite_url(folder / "acreline.db")
    upgrade(url)
    engine = open_engine(url)
    build(engine, 20, _SEED)
    engine.dispose()
    grid = GeoBox.from_bbox((_LEFT, _TOP - 10 * side, _LEFT + 10 * side, _TOP), f"EPSG:{_EPSG}", resolution=10)
    _make_run(folder / "runs" / RUN, grid)
    _make_layers(folder, grid)


def _make_run(run: Path, grid: GeoBox) -> None:
    from geo.legend import load_legend  # noqa: PLC0415 - same
    from geo.raster import write_cog  # noqa: PLC0415 - same
    from geo.runrecord import RunRecord, write_manifest  # noqa: PLC0415 - same

    rng, side = np.random.default_rng(_SEED), grid.shape[0]
    legend = {crop.value: crop.colour for crop in load_legend()}
    colours = {value: (*bytes.fromhex(colour[1:]), 255) for value, colour in legend.items()}
    crop = np.array(sorted(legend), np.uint8)[_fields(rng, side, len(legend))]
    write_cog(run / "crop.tif", crop, grid, nodata=0, colormap=colours)
    write_cog(run / "mosaic.tif", _picture(rng, side), grid, nodata=0)
    record = RunRecord(RUN, datetime.now(UTC), "0", {}, {})
    (run / "run.json").write_text(record.to_json(), encoding="utf-8")
    write_manifest(run, ["run.json", "crop.tif", "mosaic.tif"])


def _make_layers(layers: Path, grid: GeoBox) -> None:
    """As `acreline layers make` makes them, without cubes."""
    from app.maplayers import dated  # noqa: PLC0415 - same

    folder = dated.imagery_folder(layers, RUN)
    hashes = _make_day(folder / _DAY.isoformat(), grid)
    mosaic = _make_season(folder / dated.SEASON_FOLDER, layers / "runs" / RUN / "mosaic.tif")
    west, south, east, north = transform_bounds(str(grid.crs), "EPSG:4326", *grid.boundingbox.bbox)
    day = dated.DatedDay(_DAY, 1.0, (), {dated.DatedLayer(layer): found for layer, found in hashes.items()})
    dated.write_index(folder, dated.DatedImagery(RUN, (west, south, east, north), 0.5, (day,), mosaic=mosaic))


def _make_day(folder: Path, grid: GeoBox) -> dict[str, str]:
    """Hashes of the layers of a date."""
    from app.jobs.maplayers.frames import Frame  # noqa: PLC0415 - same
    from app.jobs.maplayers.rasters import write_day  # noqa: PLC0415 - same
    from app.jobs.maplayers.squares import squares_over  # noqa: PLC0415 - same
    from app.maplayers.dated import DatedLayer  # noqa: PLC0415 - same

    rng, squares = np.random.default_rng(_SEED), squares_over([grid])
    window = squares.window(grid)
    side = max(window.height, window.width)
    shape = (slice(None), slice(window.height), slice(window.width))
    colour = np.concatenate([_picture(rng, side), np.full((1, side, side), 255, np.uint8)])[shape]
    ndvi = (100 + _fields(rng, side, 90) + rng.integers(0, 4, (side, side)))[None].astype(np.uint8)[shape]
    folder.mkdir(parents=True)
    write_day(folder, [Frame(window, colour, ndvi)], squares, folder)
    return {layer: _named(folder, layer) for layer in DatedLayer}


def _make_season(folder: Path, picture: Path) -> str:
    """Hash of the season's picture."""
    from app.jobs.maplayers.rasters import write_season  # noqa: PLC0415 - same
    from app.jobs.maplayers.season import season_squares, season_windows  # noqa: PLC0415 - same
    from app.maplayers.dated import MOSAIC  # noqa: PLC0415 - same

    folder.mkdir()
    squares = season_squares([picture])
    write_season(folder, season_windows([picture], squares), squares, folder)
    return _named(folder, MOSAIC)


def _named(folder: Path, layer: str) -> str:
    """Hash of a raster, which its name now holds."""
    from app.jobs.maplayers.rasters import raster_path  # noqa: PLC0415 - same
    from app.maplayers.dated import dated_name  # noqa: PLC0415 - same
    from geo.files import sha256_of  # noqa: PLC0415 - same

    made = raster_path(folder, layer)
    content_hash = sha256_of(made)
    made.rename(folder / dated_name(layer, content_hash))
    return content_hash


def _fields(rng: np.random.Generator, side: int, kinds: int) -> npt.NDArray[np.int64]:
    """(side, side) number of a kind, the same within a field."""
    count = -(-side // _FIELD_PX)
    return rng.integers(0, kinds, (count, count)).repeat(_FIELD_PX, 0).repeat(_FIELD_PX, 1)[:side, :side]


def _picture(rng: np.random.Generator, side: int) -> Image:
    """(3, side, side) colours of fields with the grain of a field."""
    field = _fields(rng, side, 60)
    grain = rng.integers(0, 12, (side, side))
    return np.stack([60 + field + grain, 80 + field // 2 + grain, 40 + field // 3 + grain]).astype(np.uint8)


@contextmanager
def _served(folder: Path, what: str, port: int, cookie: str, path: str) -> Iterator[Site]:
    command = [sys.executable, __file__, what, str(folder), "--port", str(port)]
    process = subprocess.Popen(command)  # noqa: S603 - our own words
    site = Site(f"http://127.0.0.1:{port}", cookie, psutil.Process(process.pid))
    try:
        wait_for(site, process, path)
        yield site
    finally:
        process.terminate()
        process.wait()


def _serve(folder: Path, port: int) -> None:
    import uvicorn  # noqa: PLC0415 - only the server's process needs it

    from app.api.access.passwords import Passwords  # noqa: PLC0415 - same
    from app.api.access.signing_in import Access  # noqa: PLC0415 - same
    from app.api.institution import create_institution_app  # noqa: PLC0415 - same
    from app.artefacts.folders import Folders  # noqa: PLC0415 - same
    from app.db.engine import open_engine, sqlite_url  # noqa: PLC0415 - same

    engine = open_engine(sqlite_url(folder / "acreline.db"))
    access = Access(engine, Passwords(), spans(), lambda: datetime.now(UTC), secrets.token_bytes)
    app = create_institution_app(access, folders=Folders(layers=folder, runs=folder / "runs"))
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


def _serve_titiler(port: int) -> None:
    import uvicorn  # noqa: PLC0415 - same
    from fastapi import FastAPI  # noqa: PLC0415 - same
    from titiler.core.factory import TilerFactory  # noqa: PLC0415 - same

    app = FastAPI()
    app.include_router(TilerFactory().router)

    @app.get("/healthz")
    def healthz() -> dict[str, Any]:
        return {}

    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


def _memory(site: Site) -> int:
    return round(site.process.memory_info().rss / 2**20)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3, help="of load for each layer, server and round")
    parser.add_argument("--port", type=int, default=8785, help="and the next one")
    parser.add_argument("--keep", help="folder that keeps what is made")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--titiler", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
