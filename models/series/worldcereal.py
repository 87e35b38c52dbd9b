"""Reader of WorldCereal point series: monthly or ten-day composites, digital numbers, 65535 = no data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.bands import BANDS, RADAR_CHANNELS
from geo.errors import InputError
from geo.legend import load_legend
from models.series.levels import narrow_infrared
from models.series.parcels import block_names
from models.series.sample import SeriesSet, no_radar, to_grid

_NODATA: Final = 65535
_SCALE: Final = 1e-4

#: Backscatter sigma0 in dB is 20 log10(DN) less this (WorldCereal's and OpenEO's scaling of Sentinel-1 to 16 bits).
_RADAR_OFFSET_DB: Final = 83.0

#: Blue reflectance above which a composite counts as cloud or snow: the files carry no mask.
_BRIGHT_BLUE: Final = 0.15

#: Land cover of samples without a crop code (phase I): 41 and 42 trees, 60 built-up, 70 water.
_LAND_COVER: Final = {40: "forest", 41: "forest", 42: "forest", 60: "built", 70: "water"}


@dataclass(frozen=True, slots=True)
class PointSource:
    """One file of worldcereal-series.

    Attributes:
        name: source name in tables.
        file: file name.
        year: main year.
        step_days: length of a composite, 10 or about 30 days; its middle becomes its date.
        scheme: legend scheme of its codes.
        code_column: column that holds the code.
    """

    name: str
    file: str
    year: int
    step_days: int
    scheme: str
    code_column: str


POINT_SOURCES: Final = (
    PointSource("france-2023", "2023_FRA_LPIS_POLY_110.dekad.parquet", 2023, 10, "ewoc", "ewoc_code"),
    PointSource("corsica-2022", "2022_FRA_LPIS_POLY_110.month.parquet", 2022, 30, "ewoc", "ewoc_code"),
    PointSource("flanders-2021", "2021_BEL_LPIS-Flanders_100samples.parquet", 2021, 30, "ewoc", "ewoc_code"),
    PointSource("canada-2017", "canada_2017.parquet", 2017, 30, "worldcereal", "CROPTYPE_LABEL"),
)

_BLOCK_DEGREES: Final = (0.5, 0.5)


def read_point_series(folder: Path, source: PointSource) -> SeriesSet:
    """Labelled points of one source; points whose code the legend does not know are left out.

    Composites brighter than 0.15 in the blue count as cloud or snow: the files carry no mask.

    Raises:
        InputError: the file is missing.
    """
    path = folder / "worldcereal-series" / source.file
    if not path.is_file():
        raise InputError("NO_TRAINING_DATA", f"{path} is missing.", "Name the folder that holds worldcereal-series.")
    table = pd.read_parquet(path)
    keys, values = to_grid(_composites(table, source), source.year)
    facts = table.groupby("sample_id").first().loc[keys.tolist()]
    crop = np.array([_crop_of(row, source) for _, row in facts.iterrows()], dtype=object)
    known = np.array([key is not None for key in crop])
    lon, lat = facts["lon"].to_numpy(dtype=float), facts["lat"].to_numpy(dtype=float)
    everything = SeriesSet(
        values=values,
        spread=np.full((len(keys), len(BANDS)), np.nan, dtype=np.float32),
        radar=_radar(table, source, keys),
        crop=crop,
        source=np.full(len(keys), source.name, dtype=object),
        block=np.array(block_names(source.name, lon, lat, _BLOCK_DEGREES), dtype=object),
        lonlat=np.stack([lon, lat], axis=1),
        simulated=np.zeros(len(keys), dtype=bool),
    )
    return everything.take(known)


def _composites(table: pd.DataFrame, source: PointSource) -> pd.DataFrame:
    digital = table[[f"S2-L2A-{band}" for band in BANDS if f"S2-L2A-{band}" in table]]
    frame = digital.astype(np.float64).rename(columns=lambda name: name.removeprefix("S2-L2A-"))
    frame = frame.where((frame != _NODATA) & (frame > 0)) * _SCALE
    if "B8A" not in frame or frame["B8A"].isna().all():
        frame["B8A"] = narrow_infrared(frame)
    return _dated(frame, table, source)[frame["B02"] <= _BRIGHT_BLUE].dropna()


def _dated(frame: pd.DataFrame, table: pd.DataFrame, source: PointSource) -> pd.DataFrame:
    """Composites with the middle of their step as date, and the sample's name as key."""
    middle = pd.Timedelta(days=4 if source.step_days == 10 else 14)  # noqa: PLR2004 - a ten-day step, not a month
    # Some stamps are local midnight written in UTC: two hours bring them to the day that is meant.
    frame["date"] = (pd.to_datetime(table["timestamp"]) + pd.Timedelta(hours=2)).dt.normalize() + middle
    frame["key"] = table["sample_id"]
    return frame


def _radar(table: pd.DataFrame, source: PointSource, keys: NDArray[np.object_]) -> NDArray[np.float32]:
    """Backscatter of the samples in the order of their keys, (n, slots, 2) dB."""
    digital = table[[f"S1-SIGMA0-{channel}" for channel in RADAR_CHANNELS]].astype(np.float64)
    known = digital.where((digital != _NODATA) & (digital > 0))
    frame = pd.DataFrame(20 * np.log10(known) - _RADAR_OFFSET_DB)
    frame = frame.rename(columns=lambda name: name.removeprefix("S1-SIGMA0-"))
    named, radar = to_grid(_dated(frame, table, source).dropna(), source.year, RADAR_CHANNELS)
    row = {key: place for place, key in enumerate(named)}
    out = no_radar(len(keys))
    for place, key in enumerate(keys):
        if key in row:
            out[place] = radar[row[key]]
    return out


def _crop_of(row: pd.Series, source: PointSource) -> str | None:
    code = int(row[source.code_column])
    if code == 0 and "LANDCOVER_LABEL" in row.index:
        return _LAND_COVER.get(int(row["LANDCOVER_LABEL"]))
    crop = load_legend().coded(code, source.scheme)
    return None if crop is None else crop.key
