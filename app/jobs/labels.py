"""What grows where, as somebody else has noted it: labels of a parcel file and of a raster, read against a crop map."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.vrt import WarpedVRT

from geo.errors import InputError
from geo.legend import NODATA, Crop, load_legend
from geo.parcel_columns import as_text
from geo.parcel_file import read_features
from models.labels import LabelMap, read_label_map

#: Columns that hold labels where none is named, the first that there is.
LABEL_COLUMNS: Final = ("crop", "label", "crop_code")

#: Where a label raster lies beside a catalogue.
_RASTERS_BESIDE: Final = "labels"

#: Schemes of foreign codes that their length tells: see geo/data/legend.toml.
_SCHEME_BY_DIGITS: Final = {4: "worldcereal", 10: "ewoc"}

_SHOWN: Final = 5
_MAP_REMEDY: Final = "Say what they mean with --label-map."


@dataclass(frozen=True, slots=True)
class ParcelLabels:
    """Labels of a parcel file.

    Attributes:
        column: where they stand.
        labels: for each row of the file its label, None where the cell is empty.
        label_map: what they mean.
    """

    column: str
    labels: tuple[str | None, ...]
    label_map: LabelMap


@dataclass(frozen=True, slots=True)
class RasterLabels:
    """Labels of a raster.

    Attributes:
        path: one band of whole numbers; its no-data value, and 0, are no label.
        label_map: what they mean, as text.
    """

    path: Path
    label_map: LabelMap


def parcel_labels(parcels: Path, crs: str | None, column: str | None, label_map: Path | None) -> ParcelLabels:
    """Labels of a parcel file, in its order of rows.

    Args:
        parcels: parcel file.
        crs: its CRS where it states none.
        column: with the labels; by default the first of LABEL_COLUMNS.
        label_map: JSON file (`models.labels.read_label_map`); without it, names and codes that the legend knows.

    Raises:
        InputError: a file cannot be read, there is no such column, or no label means anything.
    """
    frame = read_features(parcels, crs)
    found = label_column(frame, parcels, column)
    labels = tuple(as_text(cell) for cell in frame[found])
    known = read_label_map(label_map) if label_map else legend_map(filter(None, labels))
    _require_known(filter(None, labels), known, f"the column {found!r} of {parcels}")
    return ParcelLabels(found, labels, known)


def label_column(frame: gpd.GeoDataFrame, path: Path, column: str | None) -> str:
    """The column of a file that holds labels: the one named, else the first of LABEL_COLUMNS; InputError without it."""
    names = [str(name) for name in frame.columns if name != frame.geometry.name]
    wanted = (column,) if column else LABEL_COLUMNS
    found = next((name for name in wanted if name in names), None)
    if found is None:
        raise InputError(
            "LABEL_COLUMN",
            f"{path} has no column {' or '.join(map(repr, wanted))}; it has {', '.join(names) or 'none at all'}.",
            "Name the one that holds the crops with --label-column.",
        )
    return found


def raster_labels(path: Path, label_map: Path | None) -> RasterLabels:
    """Labels of a raster.

    Args:
        path: the raster.
        label_map: as for parcels; where it names none of the raster's numbers, or is None, they are codes that the
            legend knows.

    Raises:
        InputError: a file cannot be read, or no number means anything.
    """
    numbers = [str(number) for number in _numbers(path)]
    named = read_label_map(label_map) if label_map else None
    known = named if named and any(named.name_of(number) for number in numbers) else legend_map(numbers)
    _require_known(numbers, known, str(path))
    return RasterLabels(path, known)


def raster_beside(catalog: str) -> Path | None:
    """The label raster that lies beside a catalogue on disk: labels/*.tif, where there is just one."""
    place = Path(catalog)
    folder = (place if place.is_dir() else place.parent) / _RASTERS_BESIDE
    if "://" in catalog or not folder.is_dir():
        return None
    found = sorted(folder.glob("*.tif"))
    return found[0] if len(found) == 1 else None


def legend_map(labels: Iterable[str]) -> LabelMap:
    """Labels that are keys, names or codes of the legend."""
    crops = {label: crop.key for label in dict.fromkeys(labels) if (crop := _crop_of(label)) is not None}
    return LabelMap(crops, {key: frozenset((key,)) for key in crops.values()})


def label_pairs(labels: RasterLabels, maps: Sequence[Path]) -> Counter[tuple[str, int]]:
    """How often each label meets each value of the crop map, NODATA where no map shows a crop.

    Args:
        labels: the raster; the maps are brought onto its grid, each pixel taking the value of the nearest.
        maps: crop.tif of each UTM zone.
    """
    pairs: Counter[tuple[str, int]] = Counter()
    with rasterio.open(labels.path) as raster:
        warped = [_onto(raster, path) for path in maps]
        try:
            for _, window in raster.block_windows(1):
                label = raster.read(1, window=window).astype(np.int64)
                said = np.zeros(label.shape, dtype=np.int64)
                for each in warped:
                    said = np.where(said == NODATA, each.read(1, window=window), said)
                pairs.update(_counted(label, said, _no_label(raster)))
        finally:
            for each in warped:
                each.close()
    return pairs


def _onto(raster: rasterio.DatasetReader, path: Path) -> WarpedVRT:
    return WarpedVRT(
        rasterio.open(path),
        crs=raster.crs,
        transform=raster.transform,
        width=raster.width,
        height=raster.height,
        resampling=Resampling.nearest,
        nodata=NODATA,
    )


def _counted(
    label: npt.NDArray[np.int64], said: npt.NDArray[np.int64], no_label: set[int]
) -> dict[tuple[str, int], int]:
    both, counts = np.unique(np.stack([label.ravel(), said.ravel()]), axis=1, return_counts=True)
    rows = zip(both[0].tolist(), both[1].tolist(), counts.tolist(), strict=True)
    return {(str(one), value): count for one, value, count in rows if one not in no_label}


def _numbers(path: Path) -> list[int]:
    """Labels of a raster, ascending."""
    try:
        with rasterio.open(path) as raster:
            if raster.crs is None or not np.issubdtype(np.dtype(raster.dtypes[0]), np.integer):
                raise InputError(
                    "LABEL_RASTER",
                    f"The label raster {path} has no CRS or no whole numbers.",
                    "Give one band of integer codes on a grid that states its CRS.",
                )
            found: set[int] = set()
            for _, window in raster.block_windows(1):
                found.update(np.unique(raster.read(1, window=window)).tolist())
            return sorted(found - _no_label(raster))
    except RasterioError as error:
        raise InputError(
            "LABEL_RASTER", f"The label raster {path} cannot be read.", "Name a GeoTIFF of integer codes."
        ) from error


def _no_label(raster: rasterio.DatasetReader) -> set[int]:
    return {0} if raster.nodata is None else {0, int(raster.nodata)}


def _crop_of(label: str) -> Crop | None:
    legend = load_legend()
    scheme = _SCHEME_BY_DIGITS.get(len(label)) if label.isdecimal() else None
    return legend.find(label) if scheme is None else legend.coded(label, scheme)


def _require_known(labels: Iterable[str], label_map: LabelMap, place: str) -> None:
    distinct = list(dict.fromkeys(labels))
    if not distinct:
        raise InputError("NO_LABELS", f"There is no label in {place}.", "Name what holds the crops.")
    if all(label_map.name_of(label) is None for label in distinct):
        shown = ", ".join(distinct[:_SHOWN]) + (", ..." if len(distinct) > _SHOWN else "")
        raise InputError("LABELS_UNKNOWN", f"None of the labels of {place} is known: {shown}.", _MAP_REMEDY)
