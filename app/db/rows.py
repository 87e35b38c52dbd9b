"""The rows that a run brings, checked against each other before the database sees them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from geo.errors import DataError
from geo.observations import LIMITS, PARCELS, SEASONS, to_table
from geo.season import Season, parse_season
from geo.status import Status

CHUNK_ROWS: Final = 5_000

Row = dict[str, Any]
_T = TypeVar("_T")

_OUTLINE_COLUMNS: Final = ("parcel_id", "geometry_version", "area_ha")
_WGS84: Final = 4326


def chunked(items: Sequence[_T], size: int = CHUNK_ROWS) -> Iterator[Sequence[_T]]:
    """Slices of so many items at most, as a statement can carry them."""
    return (items[start : start + size] for start in range(0, len(items), size))


@dataclass(frozen=True, slots=True)
class RunRows:
    """All rows of one run.

    Attributes:
        season: the season of the run.
        outlines: parcel_id, geometry_version, area_ha, wkb (None where there is no outline), minx, miny, maxx, maxy
            (degrees, NaN where there is no outline); one row per parcel.
        parcels: table of geo.observations.PARCELS.
        seasons: table of geo.observations.SEASONS.
        limits: table of geo.observations.LIMITS.
    """

    season: Season
    outlines: pd.DataFrame
    parcels: pa.Table
    seasons: pa.Table
    limits: pa.Table

    def parcel_rows(self) -> Iterator[list[Row]]:
        """Rows of parcel_observation, in chunks."""
        return _chunks(self.parcels.drop_columns(["season_id"]))

    def season_rows(self) -> Iterator[list[Row]]:
        """Rows of season_observation, in chunks."""
        return _chunks(self.seasons.drop_columns(["season_id"]))

    def limit_rows(self) -> Iterator[list[Row]]:
        """Rows of credit_limit, in chunks; reasons as lists."""
        return (list(map(_with_reasons, chunk)) for chunk in _chunks(self.limits))

    def content_hash(self) -> str:
        """Hash of all rows, whatever their order."""
        digest = hashlib.sha256(self.season.id.encode())
        for rows in (self.parcel_rows, self.season_rows, self.limit_rows):
            _feed(digest.update, rows)
        for outline in self.outlines.sort_values("parcel_id").itertuples(index=False):
            digest.update(f"{outline.parcel_id}\n{outline.geometry_version}\n".encode())
        return digest.hexdigest()


def check_rows(
    parcels_geo: gpd.GeoDataFrame, parcels: pd.DataFrame, seasons: pd.DataFrame, limits: pd.DataFrame
) -> RunRows:
    """Rows of a run, in key order, which fit their schemas and each other.

    Raises:
        DataError: a table does not fit its schema, a key comes twice, a season, outline or limit belongs to no
            parcel of the run, or the outlines are not in EPSG:4326.
    """
    checked = to_table(parcels, PARCELS).sort_by("parcel_id")
    rows = RunRows(
        season=_only_season(parcels, seasons),
        outlines=_with_invalid(outline_rows(parcels_geo), parcels),
        parcels=checked,
        seasons=to_table(seasons, SEASONS).sort_by([("parcel_id", "ascending"), ("cycle", "ascending")]),
        limits=to_table(limits, LIMITS).sort_by([("subject_kind", "ascending"), ("subject_id", "ascending")]),
    )
    _refuse_repeats(rows.parcels, ["parcel_id"], "parcels")
    _refuse_repeats(rows.seasons, ["parcel_id", "cycle"], "seasons")
    _refuse_repeats(rows.limits, ["subject_kind", "subject_id"], "limits")
    _refuse_strangers(rows)
    return rows


def _only_season(parcels: pd.DataFrame, seasons: pd.DataFrame) -> Season:
    found = sorted({str(each) for frame in (parcels, seasons) for each in frame.get("season_id", ())})
    if len(found) != 1:
        raise DataError("LOAD_SEASONS", f"A run has one season, and these tables hold {len(found)}: {found[:3]}.")
    return parse_season(found[0])


def outline_rows(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    """Outlines as RunRows has them, of parcel_id, geometry_version, area_ha and geometry in EPSG:4326.

    Raises:
        DataError: a column is missing, or the frame is in another reference system.
    """
    missing = [name for name in _OUTLINE_COLUMNS if name not in frame.columns]
    if missing:
        raise DataError("LOAD_COLUMN", f"The outlines lack the column {missing[0]!r}.")
    if frame.crs is None or frame.crs.to_epsg() != _WGS84:
        raise DataError("LOAD_CRS", f"The outlines are in {frame.crs}, not in EPSG:4326.", "Reproject them first.")
    shapes = np.asarray(frame.geometry.array, dtype=object)
    usable = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    wkb = np.full(len(shapes), None, dtype=object)
    wkb[usable] = shapely.to_wkb(shapes[usable], output_dimension=2, byte_order=1)
    table = pd.DataFrame(frame[list(_OUTLINE_COLUMNS)]).reset_index(drop=True)
    table["wkb"] = pd.Series(wkb, dtype=object)
    table[["minx", "miny", "maxx", "maxy"]] = np.where(usable[:, None], shapely.bounds(shapes), np.nan)
    return table


def _with_invalid(outlines: pd.DataFrame, parcels: pd.DataFrame) -> pd.DataFrame:
    """Outlines, with an empty one for each parcel whose geometry is invalid and therefore left out of them."""
    absent = (parcels["status"] == Status.INVALID_GEOMETRY) & ~parcels["parcel_id"].isin(outlines["parcel_id"])
    if not absent.any():
        return outlines
    empty = parcels.loc[absent, list(_OUTLINE_COLUMNS)].assign(wkb=None)
    return pd.DataFrame([*outlines.to_dict("records"), *empty.to_dict("records")], columns=outlines.columns)


def _refuse_repeats(table: pa.Table, keys: list[str], name: str) -> None:
    counts = table.group_by(keys).aggregate([([], "count_all")])
    repeated = counts.filter(pc.greater(counts["count_all"], 1))
    if repeated.num_rows:
        key = "/".join(str(repeated[column][0].as_py()) for column in keys)
        raise DataError("LOAD_DUPLICATE", f"The row {key!r} comes twice in the table of {name}.")


def _refuse_strangers(rows: RunRows) -> None:
    outlined = set(zip(rows.outlines["parcel_id"], rows.outlines["geometry_version"], strict=True))
    if len(outlined) != len(rows.outlines) or rows.outlines["parcel_id"].duplicated().any():
        raise DataError("LOAD_DUPLICATE", "A parcel comes twice among the outlines.")
    seen = set(zip(*(rows.parcels[name].to_pylist() for name in _OUTLINE_COLUMNS[:2]), strict=True))
    cycles = set(zip(*(rows.seasons[name].to_pylist() for name in _OUTLINE_COLUMNS[:2]), strict=True))
    limited = rows.limits.filter(pc.equal(rows.limits["subject_kind"], "parcel"))["subject_id"].to_pylist()
    _refuse(sorted(seen - outlined), "parcel", "outline")
    _refuse(sorted(cycles - seen), "season", "parcel")
    _refuse(sorted({(subject,) for subject in limited} - {(parcel_id,) for parcel_id, _ in seen}), "limit", "parcel")


def _refuse(strangers: list[Any], what: str, lacking: str) -> None:
    if strangers:
        key = " ".join(strangers[0])
        raise DataError("LOAD_STRANGER", f"The {what} {key!r} has no {lacking} in this run ({len(strangers)} such).")


def _chunks(table: pa.Table) -> Iterator[list[Row]]:
    return (batch.to_pylist() for batch in table.combine_chunks().to_batches(max_chunksize=CHUNK_ROWS))


def _with_reasons(row: Row) -> Row:
    try:
        reasons = json.loads(row["reasons"])
    except json.JSONDecodeError as error:
        raise DataError("LOAD_REASONS", f"The reasons of {row['subject_id']!r} are not JSON: {error}.") from error
    return {**row, "reasons": reasons}


def _feed(update: Callable[[bytes], None], rows: Callable[[], Iterator[list[Row]]]) -> None:
    for chunk in rows():
        update(json.dumps(chunk, sort_keys=True, default=str).encode())
