"""Floods planted into real Sentinel-1 passes, and what real parcels and plots without one raise."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from growth_pixels_scene import SceneData

from app.jobs.radarseries import radar_sums
from geo.observations import CLEAR_SHARE
from scoring.growth.flood import WATER_VH_DB, WATER_VV_DB, OpticalWater, RadarSeries, flood_findings

_WATER: Final = {"calm": (-20.0, -27.0), "rippled": (-18.0, -25.5), "rough": (-16.0, -25.0)}
_SHARES: Final = (0.3, 0.6, 1.0)
_PASSES: Final = 2
_STARTS: Final = tuple(range(8, 76, 8))
#: Spread of a pixel of water after the speckle filter, and of one pass to another, dB: assumed.
_PIXEL_DB: Final = 0.8
_PASS_DB: Final = 0.5
_EVER: Final = date(2100, 1, 1)


def flood_lines(scene: SceneData, data: Path, rng: np.random.Generator) -> Iterator[str]:
    """Recall of planted floods and raised ones without."""
    yield f"Floods: {len(scene.crops)} parcels, {len(scene.passes)} passes"
    plain = radar_series(scene, scene.power)
    judged, raised = _raised(plain, None)
    ever = int(raised.any(axis=1).sum())
    yield f"as they are: {raised.sum()} findings raised of {judged.sum()}; parcels ever raised {ever}"
    yield "water     share  first pass  both passes  taken back by a dry optical look (radar planted alone)"
    dry = _optical(scene)
    for name, level in _WATER.items():
        for share in _SHARES:
            first, both, back, asked = _recall(scene, level, share, dry, rng)
            yield f"{name:9s} {share:5.1f}  {first:10.2f}  {both:11.2f}  {back} of {asked}"
    yield from _plots(data / "mowing-slovakia")


def radar_series(scene: SceneData, power: npt.NDArray[np.float32]) -> RadarSeries:
    """Means of the parcels, known on the day of the pass."""
    mean = radar_sums(power, scene.coverage).mean()
    vv, vh = (10 * np.log10(mean[:, layer].T) for layer in (0, 1))
    known = np.broadcast_to(scene.passes, vv.shape)
    return RadarSeries(vv, vh, mean[:, 2].T, known, scene.passes, scene.orbits)


def _recall(
    scene: SceneData, level: tuple[float, float], share: float, dry: OpticalWater, rng: np.random.Generator
) -> tuple[float, float, int, int]:
    hits, back = [], []
    for parcel in range(len(scene.crops)):
        for start in _STARTS:
            flooded = radar_series(scene, _flooded(scene, parcel, start, share, level, rng))
            days = scene.passes[start : start + _PASSES]
            found = {f.day: bool(f.raised[parcel]) for f in flood_findings(flooded, until=_EVER) if f.judged[parcel]}
            hits.append([found.get(day.item(), False) for day in days])
            near = ((dry.days >= days[0]) & (dry.days <= days[1] + 4) & np.isfinite(dry.mndwi[parcel])).any()
            if hits[-1][0] and near:
                said = [f.why[parcel] for f in flood_findings(flooded, until=_EVER, optical=dry)]
                back.append("optical_dry" in said)
    found_in = np.array(hits)
    return found_in[:, 0].mean(), found_in.all(axis=1).mean(), sum(back), len(back)


def _flooded(
    scene: SceneData, parcel: int, start: int, share: float, level: tuple[float, float], rng: np.random.Generator
) -> npt.NDArray[np.float32]:
    """The passes with one side of a parcel under water."""
    inside = scene.coverage.matrix[[parcel]].toarray().reshape(scene.coverage.shape) > 0
    row, column = np.nonzero(inside)
    turn = rng.uniform(0, 2 * np.pi)
    along = row * np.sin(turn) + column * np.cos(turn)
    wet = along <= np.quantile(along, share)
    power = scene.power.copy()
    for time in range(start, min(start + _PASSES, len(power))):
        for layer, mean in enumerate(level):
            noise = rng.normal(0, _PASS_DB) + rng.normal(0, _PIXEL_DB, wet.sum())
            power[time, layer, row[wet], column[wet]] = 10 ** ((mean + noise) / 10)
    return power


def _optical(scene: SceneData) -> OpticalWater:
    green, swir = scene.bands[:, 4], scene.bands[:, 3]
    mndwi = ((green - swir) / (green + swir)).reshape(len(green), -1)
    weights = scene.coverage.matrix
    seen = np.isfinite(mndwi)
    area = np.asarray(weights.sum(axis=1))
    share = np.asarray((weights @ seen.T) / area[:, None])
    mean = np.asarray(weights @ np.nan_to_num(mndwi).T) / np.maximum(share * area[:, None], 1e-9)
    value = np.where(share >= CLEAR_SHARE, mean, np.nan)
    return OpticalWater(value, np.broadcast_to(scene.days, value.shape), scene.days)


def _raised(series: RadarSeries, optical: OpticalWater | None) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    found = list(flood_findings(series, until=_EVER, optical=optical))
    return np.array([f.judged for f in found]).T, np.array([f.raised for f in found]).T


def _plots(folder: Path) -> Iterator[str]:
    """Plots of grassland: one value a pass, so a plot counts as water where its value is at that level."""
    parts = [pd.read_csv(path) for path in sorted((folder / "S1").glob("*.csv.gz"))]
    table = pd.concat(parts).drop_duplicates(["PLOTID", "Date", "Orbit"])
    days = np.sort(table.Date.unique())
    pass_of = pd.MultiIndex.from_frame(table[["Date", "Orbit"]].drop_duplicates().sort_values(["Date", "Orbit"]))
    plots = np.sort(table.PLOTID.unique())
    shape = (len(plots), len(pass_of))
    vv, vh = np.full(shape, np.nan), np.full(shape, np.nan)
    at = (np.searchsorted(plots, table.PLOTID), pass_of.get_indexer(pd.MultiIndex.from_frame(table[["Date", "Orbit"]])))
    vv[at], vh[at] = table.VV, table.VH
    when = pass_of.get_level_values(0).to_numpy().astype("datetime64[D]")
    water = ((vv <= WATER_VV_DB) & (vh <= WATER_VH_DB)).astype(float)
    known = np.broadcast_to(when, shape)
    series = RadarSeries(vv, vh, water, known, when, pass_of.get_level_values(1).to_numpy().astype(str))
    judged, raised = _raised(series, None)
    twice = (raised[:, 1:] & raised[:, :-1]).any(axis=1).sum()
    years = len({day[:4] for day in days})
    yield (
        f"mowing-slovakia, {len(plots)} plots, {years} years: raised {raised.sum()} of {judged.sum()} looks, "
        f"plots ever raised {raised.any(axis=1).sum()}, on two days in a row {twice}"
    )
