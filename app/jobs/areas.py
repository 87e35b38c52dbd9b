"""Accuracy and crop areas of a crop map, from a probability sample of reference points."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyogrio
import rasterio
from rasterio.errors import RasterioError

from app.jobs.labels import label_column, legend_map
from geo.errors import InputError
from geo.legend import NODATA, load_legend
from geo.parcel_columns import as_text
from models.evaluation.areas import Estimate, area_weighted
from models.evaluation.parcelreport import plain
from models.labels import read_label_map

Design = Literal["stratified", "simple", "systematic"]

#: What mapped classes with fewer than two points are merged into.
REST: Final = "rest"

_LEAST: Final = 2
_M2_PER_HA: Final = 10_000
_NORMAL_95: Final = 1.96


@dataclass(frozen=True, slots=True, kw_only=True)
class AreasRequest:
    """What to estimate from.

    Attributes:
        crop_map: crop.tif of a run, values of the legend.
        sample: points: a vector file, or a CSV with lon and lat in degrees.
        design: how they were drawn: at random within each mapped class, at random over the map, or on a grid.
        label_column: what grows there; None for the first of app.jobs.labels.LABEL_COLUMNS.
        label_map: what labels mean; None for names and codes that the legend knows.
    """

    crop_map: Path
    sample: Path
    design: Design
    label_column: str | None = None
    label_map: Path | None = None


@dataclass(frozen=True, slots=True)
class AreasReport:
    """What the sample says of the map.

    Attributes:
        design: how the points were drawn.
        points: points on the map.
        outside: points where the map shows nothing; they belong to no class and are left out.
        names: classes in the order of the figures.
        merged: classes that were merged into "rest", since fewer than two points fell on them, or on that rest.
        mapped_ha: area that the map gives each class.
        estimate: figures, areas in hectares.
    """

    design: str
    points: int
    outside: int
    names: tuple[str, ...]
    merged: tuple[str, ...]
    mapped_ha: npt.NDArray[np.float64]
    estimate: Estimate

    def as_dict(self) -> dict[str, object]:
        """Plain values; intervals are 95 %."""
        of = self.estimate
        return {
            "design": self.design,
            "points": self.points,
            "outside": self.outside,
            "merged": list(self.merged),
            "overall_accuracy": round(of.overall, 4),
            "overall_interval": round(_NORMAL_95 * of.overall_error, 4),
            "classes": [
                {
                    "name": name,
                    "mapped_ha": round(float(self.mapped_ha[place]), 2),
                    "area_ha": round(float(of.area[place]), 2),
                    "area_interval_ha": round(float(_NORMAL_95 * of.area_error[place]), 2),
                    "users_accuracy": plain(of.users[place]),
                    "producers_accuracy": plain(of.producers[place]),
                }
                for place, name in enumerate(self.names)
            ],
        }

    def table(self) -> list[tuple[str, str]]:
        """Label and value of each line for people."""
        of = self.estimate
        rows = [
            ("Design", self.design),
            ("Points", f"{self.points} on the map, {self.outside} where it shows nothing"),
            ("Overall accuracy", f"{of.overall:.3f} ± {_NORMAL_95 * of.overall_error:.3f}"),
        ]
        if self.merged:
            rows.append((f"Merged into {REST!r}", ", ".join(self.merged)))
        return rows + [(name, self._line(place)) for place, name in enumerate(self.names)]

    def _line(self, place: int) -> str:
        of = self.estimate
        area = f"{of.area[place]:.1f} ± {_NORMAL_95 * of.area_error[place]:.1f} ha (map {self.mapped_ha[place]:.1f})"
        return f"{area}, user's {of.users[place]:.3f}, producer's {of.producers[place]:.3f}"


def estimate_areas(request: AreasRequest) -> AreasReport:
    """Weigh a sample by what the map shows (`models.evaluation.areas`).

    Raises:
        InputError: a file cannot be read, a label is unknown, or no point lies on the map.
    """
    points, labels = _read_sample(request)
    try:
        with rasterio.open(request.crop_map) as raster:
            mapped = _mapped_ha(raster)
            moved = points.to_crs(raster.crs)
            said = np.array([cell[0] for cell in raster.sample(zip(moved.x, moved.y, strict=True))], dtype=np.int64)
    except RasterioError as error:
        raise InputError(
            "CROP_MAP", f"The map {request.crop_map} cannot be read.", "Name crop.tif of a run."
        ) from error
    inside = said != NODATA
    if not inside.any():
        raise InputError("SAMPLE_OUTSIDE", "No point of the sample lies on the map.", "Check its coordinates and CRS.")
    guesses = np.array([load_legend().at(int(value)).key for value in said[inside]])
    return _weighed(request.design, mapped, guesses, labels[inside], int((~inside).sum()))


def _weighed(
    design: str, mapped: dict[str, float], guesses: npt.NDArray[np.str_], labels: npt.NDArray[np.str_], outside: int
) -> AreasReport:
    merged = _to_merge({key: int((guesses == key).sum()) for key in mapped})
    kept = [key for key in mapped if key not in merged]
    names = sorted({*kept, *(label for label in labels.tolist() if label not in merged)})
    if merged:
        names.append(REST)
    place = {key: names.index(REST if key in merged else key) for key in {*mapped, *labels.tolist()}}
    counts = np.zeros((len(names), len(names)), dtype=np.int64)
    np.add.at(counts, ([place[key] for key in guesses.tolist()], [place[key] for key in labels.tolist()]), 1)
    areas = np.zeros(len(names))
    for key, area in mapped.items():
        areas[place[key]] += area
    return AreasReport(design, int(counts.sum()), outside, tuple(names), merged, areas, area_weighted(counts, areas))


def _to_merge(drawn: dict[str, int]) -> tuple[str, ...]:
    """Classes with too few points, and of the others those with fewest until the rest has enough as well."""
    by_count = sorted(drawn, key=lambda key: drawn[key])
    few = sum(count < _LEAST for count in drawn.values())
    while few and few < len(by_count) and sum(drawn[key] for key in by_count[:few]) < _LEAST:
        few += 1
    return tuple(by_count[:few])


def _mapped_ha(raster: rasterio.DatasetReader) -> dict[str, float]:
    """Area that a map gives each crop, hectares, by key."""
    counts: Counter[int] = Counter()
    if raster.crs is not None and raster.crs.is_projected and raster.count == 1:
        for _, window in raster.block_windows(1):
            values, found = np.unique(raster.read(1, window=window), return_counts=True)
            counts.update(dict(zip(values.tolist(), found.tolist(), strict=True)))
    legend = load_legend()
    if not counts or not set(counts) <= set(range(len(legend) + 1)):
        raise InputError("CROP_MAP", f"{raster.name} is no crop map on a grid in metres.", "Name crop.tif of a run.")
    pixel_ha = abs(raster.transform.determinant) / _M2_PER_HA
    return {legend.at(value).key: count * pixel_ha for value, count in sorted(counts.items()) if value != NODATA}


def _read_sample(request: AreasRequest) -> tuple[gpd.GeoSeries, npt.NDArray[np.str_]]:
    """Points with their CRS, and the legend key of each."""
    frame = _read_points(request.sample)
    column = label_column(frame, request.sample, request.label_column)
    labels = [as_text(cell) or "" for cell in frame[column]]
    known = read_label_map(request.label_map) if request.label_map else legend_map(filter(None, labels))
    keys = [known.keys_of(label) or frozenset() for label in labels]
    strange = next((label for label, found in zip(labels, keys, strict=True) if len(found) != 1), None)
    if strange is not None:
        raise InputError(
            "SAMPLE_LABEL",
            f"The label {strange!r} of {request.sample} is no single crop: a point left out would spoil the design.",
            "Give every label its crop with --label-map; other_crop takes what has none.",
        )
    return frame.geometry, np.array([next(iter(found)) for found in keys])


def _read_points(path: Path) -> gpd.GeoDataFrame:
    if not path.is_file():
        raise InputError("SAMPLE_FILE", f"There is no sample {path}.", "Name a file of points, or a CSV with lon, lat.")
    try:
        if path.suffix.lower() == ".csv":
            table = pd.read_csv(path)
            places = gpd.points_from_xy(table["lon"].astype(float), table["lat"].astype(float))
            return gpd.GeoDataFrame(table, geometry=places, crs=4326)
        frame = gpd.read_file(path)
    except (KeyError, ValueError, pyogrio.errors.DataSourceError) as error:
        raise InputError(
            "SAMPLE_FILE",
            f"The sample {path} cannot be read as points.",
            "Name a file of points, or a CSV with lon, lat.",
        ) from error
    if frame.crs is None or not (frame.geometry.geom_type == "Point").all():
        raise InputError("SAMPLE_FILE", f"{path} holds no points with a CRS.", "Name a file of points with its CRS.")
    return frame
