"""From sums to the tables that geo.observations defines: series, seasons, parcels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from app.jobs.blocks import LAYERS
from app.jobs.plan import ZonePlan
from app.jobs.zones import Scene, ZoneMap, ZoneSeries
from geo.bands import BANDS, RESOLUTION_M
from geo.observations import CLEAR_SHARE
from geo.season import Season
from models.decide import Evidence, decide, named_classes
from models.novelty import on_training_grid
from models.release import Release
from models.timegrid import main_year
from tiles.steps import series_steps

#: Columns of what was decided of a parcel or cycle.
DECISION: Final = ["crop", "crop_prob", "crop_set"]

_SCENE: Final = ["date", "sensed_at", "known_at", "level", "source_hash"]


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen of the parcels of one zone, in the zone's order of parcels (n) and scenes (t).

    Attributes:
        frame: rows of the book.
        scenes: length t.
        means: shape (t, l, n), area-weighted means of blocks.LAYERS, NaN where nothing was clear.
        clear_share: shape (t, n), 0 to 1.
    """

    frame: gpd.GeoDataFrame
    scenes: tuple[Scene, ...]
    means: npt.NDArray[np.float64]
    clear_share: npt.NDArray[np.float64]

    @property
    def ndvi(self) -> npt.NDArray[np.float64]:
        """Shape (t, n)."""
        return self.means[:, LAYERS.index("ndvi")]

    @property
    def bands(self) -> npt.NDArray[np.float64]:
        """Shape (t, b, n), reflectance."""
        return self.means[:, : len(BANDS)]

    @property
    def days(self) -> list[date]:
        """Acquisition days."""
        return [scene.day for scene in self.scenes]


def observed(frame: gpd.GeoDataFrame, zone: ZonePlan, series: ZoneSeries) -> Observed:
    """Means of a zone's sums, for the zone's rows of the book."""
    share = series.sums.clear / (zone.shapes.area.to_numpy() / RESOLUTION_M**2)
    return Observed(
        frame=frame.iloc[zone.rows].reset_index(drop=True),
        scenes=series.scenes,
        means=series.sums.mean(),
        clear_share=np.clip(share, 0.0, 1.0),
    )


def series_table(seen: Observed, series: ZoneSeries) -> pd.DataFrame:
    """Rows of series.parquet, by parcel and date; dates that show nothing of a parcel are left out."""
    shown = (series.valid > 0).T
    parcel, time = np.nonzero(shown)
    stds = series.sums.std()
    scenes = pd.DataFrame(
        [(s.day, s.sensed_at, s.known_at, s.level, s.source_hash) for s in seen.scenes], columns=_SCENE
    )
    table = pd.DataFrame(
        {
            "parcel_id": seen.frame.parcel_id.to_numpy()[parcel],
            "geometry_version": seen.frame.geometry_version.to_numpy()[parcel],
            **{name: scenes[name].to_numpy()[time] for name in _SCENE},
            "clear_share": seen.clear_share[time, parcel],
            "n_px": series.sums.clear[time, parcel],
            "ndvi_std": stds[time, LAYERS.index("ndvi"), parcel],
        }
    )
    for instant in ("sensed_at", "known_at"):
        table[instant] = pd.to_datetime(table[instant], utc=True)
    for index, layer in enumerate(LAYERS):
        column = f"{layer}_mean" if layer in BANDS else layer
        table[column] = seen.means[time, index, parcel]
        if layer in BANDS:
            table[f"{layer}_std"] = stds[time, index, parcel]
    return table


def evidence_of(seen: Observed, said: ZoneMap, release: Release, season: Season, *, simulated: bool) -> Evidence:
    """Region of each parcel, the steps in which it is clear, and how novel its mean series is for what it is called."""
    points = seen.frame.geometry.representative_point()
    regions = [release.card.region_at(x, y, simulated=simulated) for x, y in zip(points.x, points.y, strict=True)]
    clear, year = seen.clear_share.T >= CLEAR_SHARE, main_year(season.start, season.end)
    novelty = None
    if release.novelty is not None:
        steps = series_steps(seen.bands.transpose(2, 0, 1).astype(np.float32), clear, seen.days, season)
        grid = on_training_grid(steps.values, steps.dates, year)
        novelty = release.novelty.novelty(grid, named_classes(said.probabilities))
    return Evidence.of(regions, clear, seen.days, year, novelty)


def decision_table(seen: Observed, said: ZoneMap, release: Release, evidence: Evidence) -> pd.DataFrame:
    """Best guess of each parcel, indexed 0 to n-1: crop, crop_prob, crop_set; None and NaN where unseen."""
    known: npt.NDArray[np.bool_] = np.isfinite(said.probabilities.sum(axis=1))
    decision = decide(said.probabilities, release.card, evidence)
    filled = np.nan_to_num(decision.probabilities)
    classes = np.array(release.card.classes)
    table = pd.DataFrame(
        {
            "crop": np.where(known, classes[filled.argmax(axis=1)], None),
            "crop_prob": np.where(known, filled.max(axis=1), np.nan),
        },
        index=pd.RangeIndex(len(seen.frame)),
    )
    table["crop_set"] = [list(crops) for crops in decision.sets]
    return table
