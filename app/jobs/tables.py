"""The tables stage: series, seasons, parcels, pixels and outlines of a whole run, in the book's order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from app.jobs.cycles import cycle_table
from app.jobs.measure import TileWork
from app.jobs.observe import decision_table, evidence_of, observed, series_table
from app.jobs.parcel_rows import evidence_table, parcel_table, season_table, unseen_table
from app.jobs.plan import ZonePlan
from app.jobs.stages import Stage
from app.jobs.vigour import with_vigour
from app.jobs.zones import gather_map, gather_series
from geo.coverage import coverage_of
from geo.errors import DataError
from geo.observations import PARCELS, PIXELS, SEASONS, SERIES, write_table
from geo.parcels import ParcelBook
from geo.season import Season
from models.release import Release


def write_tables(
    folder: Path,
    book: ParcelBook,
    season: Season,
    release: Release,
    zones: Sequence[ZonePlan],
    works: Sequence[TileWork],
    stages: dict[str, dict[str, Stage]],
    *,
    simulated: bool,
) -> None:
    """Write the observation tables of a run.

    Args:
        folder: where series.parquet, seasons.parquet, parcels.parquet, pixels.parquet and parcels.geojson go.
        book: all parcels.
        season: the season.
        release: the network that made the maps.
        zones: UTM zones of the run.
        works: tiles of the run.
        stages: finished stages by kind ("cube", "series", "map") and tile name.
        simulated: whether the imagery is simulated.

    Raises:
        DataError: no parcel was clear on any date.
    """
    results = [
        _zone_tables(zone, [w for w in works if w.plan.key.epsg == zone.epsg], book, season, release, stages, simulated)
        for zone in zones
        if zone.tiles
    ]
    done = set(np.concatenate([result["rows"].row.to_numpy() for result in results]))
    rest = book.frame[[row not in done for row in range(len(book.frame))]]
    parcels = pd.concat([*(result["parcels"] for result in results), unseen_table(rest, season)])
    _refuse_all_cloud(parcels, season)
    order = pd.Index(book.frame.parcel_id)
    write_table(parcels.set_index("parcel_id").loc[order].reset_index(), PARCELS, folder / "parcels.parquet")
    for name, schema in (("series", SERIES), ("seasons", SEASONS), ("pixels", PIXELS)):
        write_table(pd.concat([result[name] for result in results]), schema, folder / f"{name}.parquet")
    write_outlines(book.frame, folder / "parcels.geojson")


def _zone_tables(
    zone: ZonePlan,
    works: Sequence[TileWork],
    book: ParcelBook,
    season: Season,
    release: Release,
    stages: dict[str, dict[str, Stage]],
    simulated: bool,
) -> dict[str, pd.DataFrame]:
    series = gather_series(zone, [(w.plan, _folder(stages["cube"], w), _files(stages["series"], w)) for w in works])
    said = gather_map(zone, [(w.plan, _files(stages["map"], w)) for w in works], len(release.card.classes))
    seen = observed(book.frame, zone, series)
    evidence = evidence_of(seen, said, release, season, simulated=simulated)
    decided = decision_table(seen, said, release, evidence)
    cycles = cycle_table(seen, decided, season, release, evidence)
    decided, cycles, _ = with_vigour(seen, decided, cycles, zone, season)
    status = evidence_table(seen, zone, series, decided, evidence, release.card)
    return {
        "rows": pd.DataFrame({"row": zone.rows}),
        "series": series_table(seen, series),
        "parcels": parcel_table(seen, decided, cycles, status, season),
        "seasons": season_table(seen, cycles, season),
        "pixels": pd.concat([_pixel_rows(zone, work, book.frame) for work in works]),
    }


def _files(stages: dict[str, Stage], work: TileWork) -> list[Path]:
    return sorted(_folder(stages, work).glob("*.npz"))


def _folder(stages: dict[str, Stage], work: TileWork) -> Path:
    return stages[work.plan.key.name].folder


def _pixel_rows(zone: ZonePlan, work: TileWork, frame: gpd.GeoDataFrame) -> pd.DataFrame:
    weights = coverage_of(work.shapes, work.plan.core).matrix.tocoo()
    row, column = np.divmod(weights.coords[1], work.plan.core.shape[1])
    ids = frame.parcel_id.to_numpy()[zone.rows[work.plan.parcels]]
    return pd.DataFrame(
        {
            "parcel_id": ids[weights.coords[0]],
            "tile": work.plan.key.name,
            "row": row.astype(np.int32),
            "column": column.astype(np.int32),
            "weight": weights.data.astype(np.float32),
        }
    )


def _refuse_all_cloud(parcels: pd.DataFrame, season: Season) -> None:
    if not parcels.clear_dates.astype(float).gt(0).any():
        raise DataError(
            "NO_CLEAR_DATE",
            f"No parcel is clear on any date of the season {season.id}.",
            "Widen the season, or wait for the next acquisitions; finished tiles are kept.",
        )


def write_outlines(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Outlines for the map: RFC 7946 GeoJSON of valid parcels with parcel_id only, seven decimals (1 cm)."""
    shapes = frame.loc[frame.valid, ["parcel_id", "geometry"]]
    shapes.to_file(path, driver="GeoJSON", RFC7946="YES", COORDINATE_PRECISION=7, engine="pyogrio")
