"""Reader of WorldCereal point series: monthly or ten-day composites, digital numbers, 65535 = no data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from geo.bands import BANDS
from geo.errors import InputError
from geo.legend import load_legend
from models.series.levels import narrow_infrared
from models.series.parcels import block_names
from models.series.sample import SeriesSet, to_grid

_NODATA: Final = 65535
_SCALE: Final = 1e-4

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
    middle = pd.Timedelta(days=4 if source.step_days == 10 else 14)  # noqa: PLR2004 - a ten-day step, not a month
    # Some stamps are local midnight written in UTC: two hours bring them to the day that is meant.
    frame["date"] = (pd.to_datetime(table["timestamp"]) + pd.Timedelta(hours=2)).dt.normalize() + middle
    frame["key"] = table["sample_id"]
    return frame[frame["B02"] <= _BRIGHT_BLUE].dropna()


def _crop_of(row: pd.Series, source: PointSource) -> str | None:
    code = int(row[source.code_column])
    if code == 0 and "LANDCOVER_LABEL" in row.index:
        return _LAND_COVER.get(int(row["LANDCOVER_LABEL"]))
    crop = load_legend().coded(code, source.scheme)
    return None if crop is None else crop.key
