"""Write the model card from the data and the figures: nothing in it is typed by hand but the texts."""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np

from models.card import Conformal, CropFact, DataSource, ModelCard, NetworkFacts, Origin, Region, Tiling
from models.cardtables import Ablation, Accuracy
from models.evaluation.heldout import Calibrated
from models.evaluation.zones import LEVEL, RISK, zone_name
from models.network import NetworkSpec
from models.series.sample import SeriesSet, grid_starts
from tiles.simulation.calendars import load_region

#: Series from which a crop counts as seen in a region.
_MIN_IN_REGION: Final = 10

#: Degrees that a region reaches beyond its outermost series, and half the width of a simulated one.
_MARGIN: Final = 0.25
_SIMULATED_REACH: Final = 0.5

#: Sources that share one farming zone: a crop counts as seen in each when it was seen in all of them together.
_TEMPERATE_EUROPE: Final = ("bavaria-2018", "france-2023", "flanders-2021")

#: Core and halo of a block, pixels; the context sees 45 pixels to each side.
TILING: Final = Tiling(block_px=256, halo_px=48, tolerance=1e-4)

_COPERNICUS: Final = "Contains modified Copernicus Sentinel data"

#: By source: what it is, its level, its licence.
_SOURCES: Final = {
    "bavaria-2018": (
        "parcel means around Freising, Bavaria, 2018; crops of the Bavarian InVeKoS declarations",
        "L2A",
        f"{_COPERNICUS} 2018; parcels and labels: published research data, terms of its publisher apply",
    ),
    "centralasia-2016": (
        "parcel means in Samarkand and Fergana, Uzbekistan, 2016; crops of a field survey",
        "L1C, brought near surface level by a dark-object correction (models/series/levels.py)",
        f"{_COPERNICUS} 2016; parcels and labels: published research data, terms of its publisher apply",
    ),
    "france-2023": (
        "WorldCereal points, ten-day composites, declarations (LPIS), season 2023",
        "L2A composites, B8A estimated from B07 and B08",
        f"{_COPERNICUS} 2022-2024; WorldCereal reference data from the French LPIS (RPG), terms of its publisher apply",
    ),
    "corsica-2022": (
        "WorldCereal points, monthly composites, declarations (LPIS), season 2022",
        "L2A composites, B8A estimated from B07 and B08",
        f"{_COPERNICUS} 2021-2023; WorldCereal reference data from the French LPIS (RPG), terms of its publisher apply",
    ),
    "flanders-2021": (
        "WorldCereal points, monthly composites, declarations (LPIS), season 2021",
        "L2A composites, B8A estimated from B07 and B08",
        f"{_COPERNICUS} 2020-2021; WorldCereal reference data from the Flemish LPIS, terms of its publisher apply",
    ),
    "canada-2017": (
        "WorldCereal points, monthly composites, field observations of AAFC, season 2017",
        "L2A composites, B8A estimated from B07 and B08",
        f"{_COPERNICUS} 2017-2018; WorldCereal reference data from AAFC, terms of its publisher apply",
    ),
}

_LIMITS: Final = (
    "Crops whose fact says simulated were learned from a simulation alone: figures for them say nothing about fields.",
    "Central Asian series are top-of-atmosphere figures brought near surface level with one atmosphere for all dates.",
    "Spatial context was trained on series painted into simulated fields: no labelled raster was used.",
    "Sets hold the right crop nine times in ten on average over series like those of their zone's calibration.",
    "Temperate Europe is calibrated on Bavarian parcels of one year: risk elsewhere in it is that of a new landscape.",
    "A region is a box around its series: land between their blocks counts as covered, though none of it was sampled.",
    "Vigour is a rank of seasonal greenness among the same crop of one source; it is neither yield nor income.",
    "A season that ends early in the year knows less: its figures by month stand in the table of early seasons.",
    "Southern seasons, tropical crops, terraces and greenhouses outside the regions below were not seen.",
)


def make_card(
    series: SeriesSet,
    classes: tuple[str, ...],
    spec: NetworkSpec,
    *,
    version: str,
    made_on: date,
    calibrated: Calibrated,
    ablation: tuple[Ablation, ...],
    accuracy: tuple[Accuracy, ...],
    accuracy_note: str,
    commands: tuple[str, ...],
) -> ModelCard:
    """Card of a network trained on these series; the hash of its weights is set when it is saved."""
    regions = (*_real_regions(series), *_simulated_regions(series))
    return ModelCard(
        name="CropNet",
        version=version,
        made_on=made_on,
        weights_sha256="0" * 64,
        network=NetworkFacts(**spec.as_dict()),
        classes=classes,
        temperature=round(calibrated.temperature, 4),
        conformal=Conformal(
            level=LEVEL,
            threshold=round(calibrated.threshold, 6),
            risk=RISK,
            calibrated_on="whole real seasons, each predicted by a network that had not seen its block",
        ),
        tiling=TILING,
        crops=tuple(_fact(series, key) for key in classes),
        regions=regions,
        months=tuple(sorted({month for region in regions for month in region.months})),
        data=tuple(_source(series, str(name)) for name in np.unique(series.plain_source())),
        accuracy=accuracy,
        accuracy_note=accuracy_note,
        early=calibrated.early,
        ablation=ablation,
        zones=calibrated.zones,
        decisions=calibrated.decisions,
        limits=_LIMITS,
        commands=commands,
    )


def _fact(series: SeriesSet, key: str) -> CropFact:
    of = series.crop == key
    real, simulated = int((of & ~series.simulated).sum()), int((of & series.simulated).sum())
    # A handful of real series teaches little: the class then rests on the simulation.
    few = real < _MIN_IN_REGION
    origin: Origin = "simulated" if few and simulated else "real and simulated" if simulated else "real"
    return CropFact(key=key, origin=origin, real_series=real, simulated_series=simulated)


def _source(series: SeriesSet, name: str) -> DataSource:
    of = series.plain_source() == name
    simulated = bool(series.simulated[of].all())
    what, level, licence = (
        (f"simulated plots ({name.removeprefix('simulated-')})", "simulated surface reflectance", "Apache-2.0")
        if simulated
        else _SOURCES[name]
    )
    return DataSource(
        name=name,
        what=what,
        origin="simulated" if simulated else "real",
        level=level,
        series=int(of.sum()),
        blocks=len(np.unique(series.block[of].astype(str))),
        licence=licence,
    )


def _real_regions(series: SeriesSet) -> list[Region]:
    names = np.unique(series.plain_source()[~series.simulated])
    return [_region(series.take(series.plain_source() == name), str(name), _zone(series, str(name))) for name in names]


def _zone(series: SeriesSet, name: str) -> SeriesSet:
    """Series of all sources that share a farming zone with one."""
    members = _TEMPERATE_EUROPE if name in _TEMPERATE_EUROPE else (name,)
    return series.take(np.isin(series.plain_source(), members))


def _region(series: SeriesSet, name: str, zone: SeriesSet) -> Region:
    west, south = np.round(series.lonlat.min(axis=0) - _MARGIN, 2)
    east, north = np.round(series.lonlat.max(axis=0) + _MARGIN, 2)
    return Region(
        name=name,
        zone=zone_name(name, simulated=False),
        west=float(west),
        south=float(south),
        east=float(east),
        north=float(north),
        simulated=False,
        crops=_crops_of(zone),
        months=_months_of(series),
        note="crops counted over temperate Europe as a whole" if name in _TEMPERATE_EUROPE else "",
    )


def _simulated_regions(series: SeriesSet) -> list[Region]:
    regions = []
    for name in np.unique(series.plain_source()[series.simulated]):
        place = load_region(str(name).removeprefix("simulated-"))
        part = series.take(series.plain_source() == name)
        regions.append(
            Region(
                name=str(name),
                zone=zone_name(str(name), simulated=True),
                west=place.lon - _SIMULATED_REACH,
                south=place.lat - _SIMULATED_REACH,
                east=place.lon + _SIMULATED_REACH,
                north=place.lat + _SIMULATED_REACH,
                simulated=True,
                crops=_crops_of(part),
                months=_months_of(part),
                note="a simulated landscape: nothing here is an observation of this place",
            )
        )
    return regions


def _crops_of(series: SeriesSet) -> tuple[str, ...]:
    keys, counts = np.unique(series.crop.astype(str), return_counts=True)
    return tuple(str(key) for key in keys[counts >= _MIN_IN_REGION])


def _months_of(series: SeriesSet) -> tuple[int, ...]:
    """Months in which at least a tenth of the series are clear once."""
    clear = np.asarray(np.isfinite(series.values).all(axis=2))
    month = np.array([start.month for start in grid_starts(2018)])
    seen = [number for number in range(1, 13) if clear[:, month == number].any(axis=1).mean() >= 0.1]  # noqa: PLR2004
    return tuple(seen)
