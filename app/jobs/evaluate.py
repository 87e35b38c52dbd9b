"""The product against labels: a season seen as a run sees it, its parcels and pixels compared with what grew there."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from app.jobs.labels import ParcelLabels, RasterLabels, label_pairs, parcel_labels, raster_beside, raster_labels
from app.jobs.lock import sole_user
from app.jobs.observation import Inputs, observe, read_inputs
from app.jobs.progress import Reporter
from app.jobs.radar import RadarScenes
from app.jobs.request import ObservationRequest
from app.jobs.scored import GROUPINGS, MAIN_AREA_HA, MAIN_CROPS, Group, Scored, short
from app.jobs.stages import Workshop
from geo.errors import InputError
from geo.observations import PARCELS, read_table
from geo.parcels import ParcelBook
from geo.runrecord import Failure
from models.evaluation.parcelreport import Figures, plain
from models.evaluation.pixels import PixelFigures, pixel_figures
from tiles.sources.opening import name_of

#: Labels that are listed for people.
_SHOWN: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogRequest:
    """What to score, and against what.

    Attributes:
        seen: season, parcels and model, and the folder where the work lies.
        label_column: of the parcel file; None for the first of app.jobs.labels.LABEL_COLUMNS.
        label_map: what labels mean; None for names and codes that the legend knows.
        label_raster: labelled pixels; None for labels/*.tif beside a catalogue on disk, where there is just one.
        min_area_ha: smallest parcel that is scored.
    """

    seen: ObservationRequest
    label_column: str | None = None
    label_map: Path | None = None
    label_raster: Path | None = None
    min_area_ha: float = 0.0


@dataclass(frozen=True, slots=True)
class CatalogReport:
    """What scoring a season found.

    Attributes:
        catalog: source of the scenes.
        season_id: "2018-10-01/2019-10-31".
        model_hash: of the release.
        simulated: whether the imagery is simulated.
        radar: what became of radar (`app.jobs.radar.RadarScenes`).
        label_column: column with the labels.
        unlabelled: parcels without a label; they are not scored.
        min_area_ha: smallest parcel that is scored.
        too_small: labelled parcels below it.
        statuses: scored parcels by status.
        figures: of all scored parcels.
        interval_over: what the intervals are drawn over.
        groups: figures by size, crop and clear dates; sizes are of all labelled parcels.
        main: figures of the MAIN_CROPS parcels of at least MAIN_AREA_HA, None where there are none.
        label_raster: the raster, None without.
        pixels: figures of its pixels.
        failures: tiles whose imagery failed.
    """

    catalog: str
    season_id: str
    model_hash: str
    simulated: bool
    radar: RadarScenes
    label_column: str
    unlabelled: int
    min_area_ha: float
    too_small: int
    statuses: dict[str, int]
    figures: Figures
    interval_over: str
    groups: tuple[Group, ...]
    main: Figures | None
    label_raster: str | None
    pixels: PixelFigures | None
    failures: tuple[Failure, ...]

    def as_dict(self) -> dict[str, object]:
        """Plain values; the figures of all scored parcels stand at the top."""
        return {
            "catalog": self.catalog,
            "season": self.season_id,
            "model": self.model_hash,
            "simulated": self.simulated,
            "radar": self.radar.record(),
            "label_column": self.label_column,
            "unlabelled": self.unlabelled,
            "min_area_ha": self.min_area_ha,
            "too_small": self.too_small,
            "statuses": self.statuses,
            **self.figures.as_dict(),
            "interval_over": self.interval_over,
            **{f"by_{by.replace(' ', '_')}": [each.as_dict() for each in self._groups(by)] for by in GROUPINGS},
            "main_crops": self._main_crops(),
            "label_raster": self.label_raster,
            "pixels": None if self.pixels is None else self.pixels.as_dict(),
            "failures": [{"subject": each.subject, "message": each.message} for each in self.failures],
        }

    def _groups(self, by: str) -> list[Group]:
        return [group for group in self.groups if group.by == by]

    def _main_crops(self) -> dict[str, object]:
        return {
            "crops": sorted(MAIN_CROPS),
            "from_ha": MAIN_AREA_HA,
            **({"parcels": 0} if self.main is None else short(self.main)),
            "pixel_accuracy": None if self.pixels is None else plain(self.pixels.accuracy(MAIN_CROPS)),
        }

    def table(self) -> list[tuple[str, str]]:
        """Label and value of each line for people."""
        rows = [
            ("Model", self.model_hash[:12]),
            ("Season", self.season_id),
            ("Radar", f"{len(self.radar.items)} scenes" if self.radar.items else self.radar.why or self.radar.use),
            ("Parcels scored", f"{self.figures.everything.parcels} by the column {self.label_column!r}"),
            ("Not scored", f"{self.unlabelled} without a label, {self.too_small} below {self.min_area_ha:g} ha"),
            ("Status", ", ".join(f"{count} {status}" for status, count in self.statuses.items())),
            ("Best guess right", _of_mapped(self.figures.accuracy, self.figures.accuracy_interval)),
            ("Set holds the crop", _of_mapped(self.figures.coverage, self.figures.coverage_interval)),
            ("Crops in a set", f"{self.figures.set_size:.2f}"),
            *_decided(self.figures),
            ("Intervals", f"95 %, over {self.interval_over}"),
            *(
                (f"F1 of {name}", f"{score:.3f} ({self.figures.counts[name]})")
                for name, score in self.figures.f1.items()
            ),
        ]
        if self.figures.left_out:
            rows.append(("Strangers", _counted(self.figures.left_out)))
        return [*rows, *self._main_rows(), *self._pixel_rows()]

    def _main_rows(self) -> list[tuple[str, str]]:
        if self.main is None:
            return []
        rows = [("Best guess right", _of_mapped(self.main.accuracy, self.main.accuracy_interval)), *_decided(self.main)]
        return [(f"Main crops, from {MAIN_AREA_HA:g} ha", ", ".join(sorted(MAIN_CROPS))), *_indented(rows)]

    def _pixel_rows(self) -> list[tuple[str, str]]:
        if self.pixels is None:
            return []
        counts = {name: sum(row.values()) for name, row in self.pixels.confusion.items()}
        rows = [
            ("Right", f"{self.pixels.accuracy():.3f}"),
            ("Right of the main crops", f"{self.pixels.accuracy(MAIN_CROPS):.3f}"),
            *((f"F1 of {name}", f"{f1:.3f} ({counts[name]})") for name, f1 in self.pixels.f1.items()),
        ]
        if self.pixels.left_out:
            rows.append(("Strangers", _counted(self.pixels.left_out)))
        return [("Pixels", f"{self.pixels.pixels} of {self.label_raster}"), *_indented(rows)]


def _counted(labels: dict[str, int]) -> str:
    shown = [f"{label} ({count})" for label, count in list(labels.items())[:_SHOWN]]
    return ", ".join([*shown, "..."] if len(labels) > _SHOWN else shown)


def _indented(rows: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(f"  {label}", value) for label, value in rows]


def _of_mapped(share: float, interval: tuple[float, float]) -> str:
    return f"{share:.3f} ({interval[0]:.3f} to {interval[1]:.3f})"


def _decided(figures: Figures) -> list[tuple[str, str]]:
    of_all = figures.everything
    right = "-" if np.isnan(of_all.right_of_decided) else f"{of_all.right_of_decided:.3f}"
    return [
        ("Decided", f"{of_all.share_decided:.3f} of {of_all.parcels}"),
        ("Right of the decided", right),
        ("Decided wrong, of all", f"{of_all.share_decided_wrong:.3f}"),
    ]


def evaluate_catalog(request: CatalogRequest, report: Reporter) -> CatalogReport:
    """See a season as `app.jobs.run` does, without policy and limits, and score it.

    Args:
        request: what to score.
        report: told of progress.

    Raises:
        InputError: an argument or input file cannot be used, or no labelled parcel is large enough.
        DataError: imagery or a stored file is damaged, or nothing was clear.
    """
    seen = request.seen
    labels = parcel_labels(seen.parcels, seen.parcels_crs, request.label_column, request.label_map)
    place = request.label_raster or raster_beside(seen.catalog)
    raster = None if place is None else raster_labels(place, request.label_map)
    report.begin("Inputs", 1)
    inputs = read_inputs(seen)
    _require_large(inputs.book, labels, request.min_area_ha)
    report.end("Inputs", f"{len(inputs.book.frame)} parcels, {len(inputs.items)} scenes, {len(inputs.works)} tiles")
    with sole_user(seen.out):
        inputs, rasters, tables = observe(Workshop(seen.out.absolute()), seen, inputs, report)
        report.end("Tables")
        scored = Scored.of(read_table(tables.folder / "parcels.parquet", PARCELS), inputs.book, labels)
        pixels = None if raster is None else _pixels(raster, rasters.folder)
    return _reported(request, inputs, labels, scored, pixels, place)


def _require_large(book: ParcelBook, labels: ParcelLabels, least_ha: float) -> None:
    labelled = np.array([label is not None for label in labels.labels], dtype=bool)
    if not (labelled & (book.frame.area_ha.to_numpy() >= least_ha)).any():
        raise InputError(
            "NO_LABELLED_PARCEL", f"No labelled parcel has {least_ha:g} ha.", "Give a smaller --min-area-ha."
        )


def _pixels(raster: RasterLabels, folder: Path) -> PixelFigures:
    maps = [*folder.glob("crop.tif"), *sorted(folder.glob("crop_[0-9]*.tif"))]
    return pixel_figures(label_pairs(raster, maps), raster.label_map)


def _reported(
    request: CatalogRequest,
    inputs: Inputs,
    labels: ParcelLabels,
    scored: Scored,
    pixels: PixelFigures | None,
    raster: Path | None,
) -> CatalogReport:
    large = scored.of_area(request.min_area_ha)
    main = scored.main()
    return CatalogReport(
        catalog=name_of(request.seen.catalog),
        season_id=request.seen.season.id,
        model_hash=inputs.release.hash,
        simulated=inputs.simulated,
        radar=inputs.radar,
        label_column=labels.column,
        unlabelled=sum(label is None for label in labels.labels),
        min_area_ha=request.min_area_ha,
        too_small=len(scored.table) - len(large.table),
        statuses=dict(sorted(Counter(large.table.status.tolist()).items())),
        figures=large.figures(),
        interval_over=large.blocks()[1],
        groups=(*scored.by_size(), *large.by_crop(), *large.by_clear_dates()),
        main=main.figures() if len(main.table) else None,
        label_raster=None if raster is None else raster.name,
        pixels=pixels,
        failures=inputs.failures,
    )
