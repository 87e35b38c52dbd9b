"""The tables that packages meet in: their columns, types and checks.

models writes what it saw, scoring reads it, and neither knows the other. A table that does not fit its schema is
refused when written and when read.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from geo.bands import BANDS
from geo.errors import DataError

_DATE = pa.date32()
_INSTANT = pa.timestamp("us", tz="UTC")
_TEXT = pa.string()
_TEXTS = pa.list_(pa.string())


def _required(name: str, kind: pa.DataType) -> pa.Field:
    return pa.field(name, kind, nullable=False)


#: One row per parcel x acquisition (solar day). clear_share is the share of the parcel's area that is clear, 0 to 1;
#: n_px the clear area in pixels; indices and bands are area-weighted over clear pixels (reflectance, 1 = 100 %), null
#: where nothing was clear. sensed_at is when it was acquired, known_at when it became known: "as of" filters on it.
SERIES: Final = pa.schema(
    [
        _required("parcel_id", _TEXT),
        _required("geometry_version", _TEXT),
        _required("date", _DATE),
        pa.field("sensed_at", _INSTANT),
        _required("known_at", _INSTANT),
        _required("level", _TEXT),
        _required("clear_share", pa.float32()),
        _required("n_px", pa.float32()),
        pa.field("ndvi", pa.float32()),
        pa.field("ndvi_std", pa.float32()),
        pa.field("ndwi", pa.float32()),
        *(pa.field(f"{band}_{what}", pa.float32()) for band in BANDS for what in ("mean", "std")),
        _required("source_hash", _TEXT),
    ]
)

#: One row per parcel x Sentinel-1 pass (relative orbit and solar day) that shows at least some of it. vv_db and vh_db
#: are area-weighted means in linear power, in decibels; water_share the share of the seen area at the level of open
#: water, 0 to 1; n_px the seen area in pixels.
RADAR: Final = pa.schema(
    [
        _required("parcel_id", _TEXT),
        _required("geometry_version", _TEXT),
        _required("date", _DATE),
        _required("sensed_at", _INSTANT),
        _required("known_at", _INSTANT),
        _required("orbit", _TEXT),
        _required("vv_db", pa.float32()),
        _required("vh_db", pa.float32()),
        _required("water_share", pa.float32()),
        _required("n_px", pa.float32()),
        _required("source_hash", _TEXT),
    ]
)

#: What a parcel's interior pixels come to as of a look (date), known by the end of known_on (UTC): rows of some looks,
#: ten days apart or more. n_px interior pixels, looks those that showed most of the parcel. split_*: the best cut into
#: two groups (scoring.growth.pixels.split); built_*: what is being built on (scoring.growth.pixels.construction); null
#: where unknown.
PIXEL_LOOKS: Final = pa.schema(
    [
        _required("parcel_id", _TEXT),
        _required("date", _DATE),
        _required("known_on", _DATE),
        _required("n_px", pa.int32()),
        _required("looks", pa.int32()),
        *(pa.field(f"split_{what}", pa.float32()) for what in ("share", "gap", "ratio", "compact", "apart")),
        pa.field("split_since", _DATE),
        *(pa.field(f"built_{what}", pa.float32()) for what in ("share", "pixels", "compact")),
        pa.field("built_before", _DATE),
        pa.field("built_since", _DATE),
    ]
)

#: One row per site, measure (geo.sites.SiteMeasure) and acquisition that shows enough of it. value and error (one
#: standard error) are in the measure's unit; clear_share is the share of the measured ground that is clear, 0 to 1.
SITE_LOOKS: Final = pa.schema(
    [
        _required("site_id", _TEXT),
        _required("measure", _TEXT),
        _required("date", _DATE),
        _required("known_at", _INSTANT),
        _required("value", pa.float64()),
        _required("error", pa.float64()),
        _required("clear_share", pa.float32()),
        _required("source_hash", _TEXT),
    ]
)

_DECISION = [
    pa.field("crop", _TEXT),
    pa.field("crop_prob", pa.float32()),
    _required("crop_set", _TEXTS),
    pa.field("vigour_pct", pa.float32()),
    pa.field("ndvi_peak", pa.float32()),
    pa.field("sos", _DATE),
    pa.field("pos", _DATE),
    pa.field("eos", _DATE),
]

#: One row per parcel, season and cycle (1, 2, ...): a parcel may carry wheat and then maize.
SEASONS: Final = pa.schema(
    [
        _required("parcel_id", _TEXT),
        _required("geometry_version", _TEXT),
        _required("season_id", _TEXT),
        _required("cycle", pa.int16()),
        *_DECISION,
    ]
)

#: One row per input parcel, always. crop is the best guess; it is decided only where status is OK. vigour_pct, here and
#: in SEASONS, is a percentile among the run's stands of the same crop and region (geo.peers), null below 20 of them.
PARCELS: Final = pa.schema(
    [
        _required("parcel_id", _TEXT),
        _required("geometry_version", _TEXT),
        _required("season_id", _TEXT),
        _required("status", _TEXT),
        pa.field("farmer_id", _TEXT),
        pa.field("declared_crop", _TEXT),
        _required("area_ha", pa.float64()),
        pa.field("cropped_area_ha", pa.float64()),
        *_DECISION,
        _required("clear_dates", pa.int32()),
    ]
)

#: One row per subject ("parcel" or "farmer"). amount_minor counts the smallest unit of the currency; null where no
#: amount can be given. reasons is JSON: a list of lines, see scoring.receipt.
LIMITS: Final = pa.schema(
    [
        _required("subject_kind", _TEXT),
        _required("subject_id", _TEXT),
        pa.field("farmer_id", _TEXT),
        pa.field("amount_minor", pa.int64()),
        _required("currency", _TEXT),
        pa.field("low_minor", pa.int64()),
        pa.field("high_minor", pa.int64()),
        _required("needs_visit", pa.bool_()),
        _required("policy_id", _TEXT),
        _required("policy_hash", _TEXT),
        _required("reasons", _TEXT),
    ]
)

#: What parcels' figures rest on: the pixels (row and column on the tile's grid window, coverage 0 to 1).
PIXELS: Final = pa.schema(
    [
        _required("parcel_id", _TEXT),
        _required("tile", _TEXT),
        _required("row", pa.int32()),
        _required("column", pa.int32()),
        _required("weight", pa.float32()),
    ]
)

SCHEMAS: Final = {
    "series": SERIES,
    "seasons": SEASONS,
    "parcels": PARCELS,
    "limits": LIMITS,
    "pixels": PIXELS,
    "radar": RADAR,
}

#: A date counts as clear for a parcel where at least this share of its area is clear.
CLEAR_SHARE: Final = 0.5

_ALIASES: Final = {"pid": "parcel_id", "clear": "clear_share"}


def to_table(frame: pd.DataFrame, schema: pa.Schema) -> pa.Table:
    """Arrow table of exactly the schema's columns; columns that may be null are filled in where absent.

    Raises:
        DataError: a required column is missing or holds nulls, or a value does not fit its type.
    """
    known = frame.copy(deep=False)
    for field in schema:
        if field.name not in known.columns:
            if not field.nullable:
                raise DataError("TABLE_COLUMN", f"The table lacks the column {field.name!r}.")
            known[field.name] = None
    try:
        table = pa.Table.from_pandas(known[schema.names], schema=_all_nullable(schema), preserve_index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise DataError("TABLE_TYPE", f"The table does not fit its schema: {error}.") from error
    _refuse_nulls(table, schema)
    return table.replace_schema_metadata({}).cast(schema)


def _all_nullable(schema: pa.Schema) -> pa.Schema:
    # pyarrow meets a null in a required column with a bare ValueError: it is let in here and refused below by name.
    return pa.schema([field.with_nullable(True) for field in schema])


def _refuse_nulls(table: pa.Table, schema: pa.Schema) -> None:
    for field in schema:
        if not field.nullable and table.column(field.name).null_count:
            raise DataError("TABLE_NULL", f"The column {field.name!r} must not be empty in any row.")


def write_table(frame: pd.DataFrame, schema: pa.Schema, path: Path) -> None:
    """Write a checked Parquet table; the same rows give the same bytes."""
    pq.write_table(to_table(frame, schema), path, compression="zstd", version="2.6")


def read_table(path: Path, schema: pa.Schema) -> pd.DataFrame:
    """Read and check a Parquet table.

    Dates come as datetime.date objects, absent numbers as NaN, absent text as None. `pid` is accepted for parcel_id;
    `clear`, or 1 - `cloud_mean` (clipped to 0..1, missing counts as not clear), for clear_share.

    Raises:
        DataError: the file is missing, unreadable or does not fit the schema.
    """
    try:
        frame = pq.read_table(path).to_pandas(date_as_object=True)
    except (OSError, pa.ArrowException) as error:
        raise DataError("TABLE_UNREADABLE", f"{path.name} cannot be read: {error}.", "Run the season again.") from error
    checked: pd.DataFrame = to_table(_with_our_names(frame), schema).to_pandas(date_as_object=True)
    return checked


def _with_our_names(frame: pd.DataFrame) -> pd.DataFrame:
    wanted = {old: new for old, new in _ALIASES.items() if old in frame and new not in frame.columns}
    named = frame.rename(columns=wanted)
    if "clear_share" not in named and "cloud_mean" in named:
        named["clear_share"] = (1.0 - named["cloud_mean"]).clip(0.0, 1.0).fillna(0.0)
    return named
