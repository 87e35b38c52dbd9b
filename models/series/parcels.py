"""Reader of per-parcel series (parcel-series): mean and spread of clear pixels per parcel and acquisition."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.bands import BANDS
from geo.errors import InputError
from geo.legend import load_legend
from models.series.sample import SeriesSet, joined, no_radar, to_grid
from models.series.tables import clear_acquisitions

#: Day of the year from which a crop that follows wheat is on the field.
_SECOND_CROP_FROM: Final = 171


@dataclass(frozen=True, slots=True)
class ParcelSource:
    """One file pair of parcel-series.

    Attributes:
        name: source name in tables.
        stem: file name without extension, and legend scheme.
        year: main year.
        block_degrees: size of a spatial block, (longitude, latitude).
    """

    name: str
    stem: str
    year: int
    block_degrees: tuple[float, float]


PARCEL_SOURCES: Final = (
    ParcelSource("bavaria-2018", "bavaria", 2018, (0.0136, 0.009)),  # about 1 km, as the parcels lie within 4 x 3 km
    ParcelSource("centralasia-2016", "centralasia", 2016, (0.1, 0.1)),
)


def read_parcel_series(folder: Path, source: ParcelSource) -> SeriesSet:
    """Labelled parcels of one source; parcels whose label the legend does not know are left out.

    Where a known crop follows wheat ("wheat-rice"), the series from late June on is a further series of that crop.

    Raises:
        InputError: a file is missing.
    """
    table = folder / "parcel-series" / f"{source.stem}.parquet"
    outlines = table.with_suffix(".gpkg")
    for path in (table, outlines):
        if not path.is_file():
            raise InputError("NO_TRAINING_DATA", f"{path} is missing.", "Name the folder that holds parcel-series.")
    acquisitions = clear_acquisitions(pd.read_parquet(table).rename(columns={"pid": "key"}), table)
    keys, values = to_grid(acquisitions, source.year)
    labels = _labels(outlines, source)
    known = np.isin(keys, labels.index.to_numpy(dtype=object))
    facts = labels.loc[keys[known].tolist()]
    spread = acquisitions.groupby("key")[[f"{band}_std" for band in BANDS]].median().loc[facts.index.tolist()]
    series = SeriesSet(
        values=values[known],
        spread=spread.to_numpy(dtype=np.float32),
        radar=no_radar(len(facts)),
        crop=facts["crop"].to_numpy(dtype=object),
        source=np.full(len(facts), source.name, dtype=object),
        block=facts["block"].to_numpy(dtype=object),
        lonlat=facts[["lon", "lat"]].to_numpy(dtype=np.float64),
        simulated=np.zeros(len(facts), dtype=bool),
    )
    follows = (facts["crop"] == "wheat").to_numpy() & facts["second"].notna().to_numpy()
    second = facts["second"].to_numpy(dtype=object)[follows]
    later = series.take(follows).within(_SECOND_CROP_FROM, np.inf).as_cycles(second)
    return joined([series, later])


def _labels(outlines: Path, source: ParcelSource) -> pd.DataFrame:
    frame = gpd.read_file(outlines).set_index("pid")
    centre = frame.geometry.representative_point()
    lon, lat = centre.x.to_numpy(), centre.y.to_numpy()
    facts = pd.DataFrame({"lon": lon, "lat": lat}, index=frame.index)
    facts["crop"] = [_key(label, source.stem) for label in frame["label"]]
    facts["second"] = [_key(label.partition("-")[2], source.stem) for label in frame["label"]]
    facts["block"] = block_names(source.name, lon, lat, source.block_degrees)
    return facts[facts["crop"].notna()]


def _key(label: str, scheme: str) -> str | None:
    crop = load_legend().coded(label, scheme)
    return None if crop is None else crop.key


def block_names(
    source: str, lon: NDArray[np.float64], lat: NDArray[np.float64], degrees: tuple[float, float]
) -> list[str]:
    """Names of the cells of a longitude-latitude grid, one per point."""
    columns, rows = np.floor(lon / degrees[0]).astype(int), np.floor(lat / degrees[1]).astype(int)
    return [f"{source}:{column}:{row}" for column, row in zip(columns, rows, strict=True)]
