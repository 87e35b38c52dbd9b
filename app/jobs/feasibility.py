"""Which share of a parcel book can be decided at all, before any imagery is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pystac
from shapely import box

from app.jobs.looks import Looks, expected_looks
from geo.coverage import full_pixels
from geo.errors import InputError
from geo.grid import snapped_geobox, tiles_over
from geo.parcel_file import read_features
from geo.season import Season
from geo.status import Status
from models.card import ModelCard
from scoring.status import LEAST_CLEAR_DATES, decide_status

#: Edges of the size classes, ha; 1 mu = 1/15 ha.
_SIZES_HA: Final = (0.0, 0.1, 0.3, 1.0, 3.0, 10.0, np.inf)
_SIZES: Final = ("under 0.1 ha", "0.1 to 0.3 ha", "0.3 to 1 ha", "1 to 3 ha", "3 to 10 ha", "10 ha and more")

_NOWHERE: Final = "in no region of the model card"
_EMPTY: Final = "(empty)"


@dataclass(frozen=True, slots=True)
class Share:
    """What can be expected of a group of parcels.

    Attributes:
        by: what the groups differ in: "all", "size", "region" or a column of the parcel file.
        group: the group.
        parcels: parcels in it.
        area_ha: their geodesic area.
        decidable: expected number that can be decided, if what grows there is clear-cut.
        decidable_ha: expected area of these.
        reasons: expected number of the others by the status that they would get.
        passes: median over parcels of the days with a scene; None without a catalogue.
        clear_looks: median of the expected clear ones; None where no cloud cover is stated.
    """

    by: str
    group: str
    parcels: int
    area_ha: float
    decidable: float
    decidable_ha: float
    reasons: dict[str, float]
    passes: float | None
    clear_looks: float | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """Outcome of `estimate`.

    Attributes:
        shares: the whole book first, then each grouping.
        season_id: the season looked at, None without one.
        scenes: scenes of the catalogue over the book, None without one.
        without_cover: scenes among them that state no cloud cover; None without a catalogue.
        assumptions: what the figures rest on, one sentence each.
    """

    shares: tuple[Share, ...]
    season_id: str | None
    scenes: int | None
    without_cover: int | None
    assumptions: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return asdict(self)


def estimate(
    frame: gpd.GeoDataFrame,
    card: ModelCard,
    *,
    items: Sequence[pystac.Item] | None = None,
    season: Season | None = None,
    groups: pd.Series[str] | None = None,
) -> Estimate:
    """Expected share of a book that can be decided, by size, region and, if asked, a column.

    A parcel that cannot be decided counts under the status that a run would give it (`scoring.status.decide_status`).
    Cloud is a matter of chance: a parcel counts as decidable with the probability of enough clear dates.

    Args:
        frame: geo.parcels.ParcelBook.frame.
        card: the network's model card.
        items: scenes of the season over the book; None: neither imagery nor cloud is considered.
        season: their season.
        groups: a label for each parcel, named after its column.
    """
    centres = frame.geometry.representative_point().where(frame.valid)
    looks = expected_looks(centres, items, LEAST_CLEAR_DATES) if items is not None else None
    regions, covered = _covered(frame, centres, card, looks, items)
    evidence = pd.DataFrame(
        {
            "valid": frame.valid.to_numpy(),
            "inside": True if looks is None else looks.passes > 0,
            "full_pixels": _full_pixels(frame),
            "verified": True,
            "clear_dates": LEAST_CLEAR_DATES,
            "covered": covered,
            "set_size": 1,
        },
        index=frame.index,
    )
    table = _table(frame, decide_status(evidence), looks)
    sizes = pd.cut(frame.area_ha, list(_SIZES_HA), right=False, labels=list(_SIZES))
    keys = [pd.Series("all parcels", frame.index, name="all"), sizes.rename("size"), regions.rename("region")]
    shares = tuple(share for key in [*keys, *([] if groups is None else [groups])] for share in _shares(table, key))
    return Estimate(
        shares=shares,
        season_id=None if season is None else season.id,
        scenes=None if items is None else len(items),
        without_cover=None if looks is None else looks.without_cover,
        assumptions=_assumptions(items, looks),
    )


def column_labels(path: Path, crs: str | None, column: str) -> pd.Series[str]:
    """Labels of all parcels from a column of their file, "(empty)" where it says nothing.

    Raises:
        InputError: there is no such column; the columns that there are are named.
    """
    source = read_features(path, crs)
    if column not in source.columns or column == source.geometry.name:
        names = ", ".join(str(name) for name in source.columns if name != source.geometry.name)
        raise InputError("COLUMN_MISSING", f"{path} has no column {column!r}.", f"It has: {names}.")
    said = [_EMPTY if pd.isna(value) else str(value) for value in source[column]]
    return pd.Series(said, index=source.index, name=column)


def _full_pixels(frame: gpd.GeoDataFrame) -> npt.NDArray[np.int64]:
    """Whole pixels of each parcel after the inward buffer, tile by tile, so that memory does not grow with the area."""
    count = np.zeros(len(frame), dtype=np.int64)
    for epsg in sorted(set(frame.epsg[frame.valid])):
        rows = np.flatnonzero((frame.valid & (frame.epsg == epsg)).to_numpy())
        shapes = frame.geometry.iloc[rows].to_crs(int(epsg)).reset_index(drop=True)
        left, bottom, right, top = shapes.total_bounds
        for key in tiles_over((left, bottom, right, top), int(epsg)):
            inside = shapes.sindex.query(box(*key.bounds), predicate="intersects")
            if inside.size:
                count[rows[inside]] += full_pixels(shapes.iloc[inside], snapped_geobox(key.bounds, key.epsg))
    return count


def _covered(
    frame: gpd.GeoDataFrame,
    centres: gpd.GeoSeries,
    card: ModelCard,
    looks: Looks | None,
    items: Sequence[pystac.Item] | None,
) -> tuple[pd.Series[str], list[bool]]:
    """Region of each parcel, and whether the card covers it in region, months and, where declared, crop."""
    simulated = any(item.properties.get("acreline:simulated") for item in items or ())
    names, covered = [], []
    for row, (point, crop) in enumerate(zip(centres, frame.declared_crop, strict=True)):
        region = None if point is None else card.region_at(point.x, point.y, simulated=simulated)
        names.append(_NOWHERE if region is None else region.name)
        fits = region is not None and (pd.isna(crop) or card.crop_covered(str(crop), region))
        months = frozenset[int]() if looks is None else looks.months[row]
        passes = [int(month in months) for month in range(1, 13)]
        covered.append(fits and region is not None and region.covers_season(passes))
    return pd.Series(names, index=frame.index), covered


def _table(frame: gpd.GeoDataFrame, status: pd.Series[str], looks: Looks | None) -> pd.DataFrame:
    """What the shares are summed from: one row per parcel, a column of probability for each status."""
    table = pd.DataFrame({"area_ha": frame.area_ha.to_numpy()}, index=frame.index)
    fine = (status == Status.OK).to_numpy()
    enough = np.ones(len(frame)) if looks is None else looks.enough
    for each in Status:
        table[str(each)] = (status == each).to_numpy(dtype=float)
    table[str(Status.OK)] = fine * enough
    table[str(Status.CLOUDY)] += fine * (1 - enough)
    table["ok_ha"] = table[str(Status.OK)] * table.area_ha
    table["passes"] = np.nan if looks is None else looks.passes
    table["clear"] = np.nan if looks is None else looks.clear
    return table


def _shares(table: pd.DataFrame, key: pd.Series[str]) -> list[Share]:
    return [_share(str(key.name), str(group), part) for group, part in table.groupby(key, observed=True)]


def _share(by: str, group: str, part: pd.DataFrame) -> Share:
    reasons = {str(status): float(part[str(status)].sum()) for status in Status if status is not Status.OK}
    return Share(
        by=by,
        group=group,
        parcels=len(part),
        area_ha=round(float(part.area_ha.sum()), 4),
        decidable=round(float(part[str(Status.OK)].sum()), 2),
        decidable_ha=round(float(part.ok_ha.sum()), 4),
        reasons={status: round(count, 2) for status, count in reasons.items() if round(count, 2)},
        passes=_median(part.passes),
        clear_looks=_median(part.clear),
    )


def _median(values: pd.Series[float]) -> float | None:
    middle = float(values.median())
    return round(middle, 1) if np.isfinite(middle) else None


def _assumptions(items: Sequence[pystac.Item] | None, looks: Looks | None) -> tuple[str, ...]:
    said = ["A crop that the network cannot name without doubt stays undecided: the share is an upper bound."]
    if items is None:
        said.append("No catalogue was given: neither imagery nor cloud is considered.")
    elif looks is None or not looks.cover_known:
        said.append("No scene states its cloud cover: cloud is not considered.")
    else:
        said.append("Clear looks: each day is clear over a parcel with probability 1 - stated cloud cover.")
    if looks is not None and looks.cover_known and looks.without_cover:
        said.append(f"{looks.without_cover} scenes state no cloud cover and count with the mean of the others.")
    return tuple(said)
