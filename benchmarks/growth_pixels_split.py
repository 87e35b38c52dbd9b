"""Two crops: parcels as they are, and two parcels side by side as one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import rasterio
from growth_pixels_scene import SceneData
from scipy.ndimage import binary_dilation, binary_erosion

from scoring.growth.pixels.curves import Pixels
from scoring.growth.pixels.split import SplitRule, split_parcels

_SEASON: Final = (np.datetime64("2018-10-01"), np.datetime64("2019-10-31"))
#: Months as of which pairs are judged.
_MONTHS: Final = ("2019-03-31", "2019-04-30", "2019-05-31", "2019-06-30", "2019-07-31", "2019-10-31")
#: Mask, B04 and B08 in the rasters of bavaria-yield-2018.
_MASK, _RED, _NIR = 1, 5, 9


def split_lines(scene: SceneData, data: Path, rng: np.random.Generator) -> Iterator[str]:
    """Parcels as they are, merged neighbours of other and of the same crop, as of the end of some months."""
    del rng
    rule = SplitRule()
    parcels = range(len(scene.crops))
    singles = [scene.interior(parcel) for parcel in parcels if scene.interior(parcel).size]
    pairs = _touching(scene)
    unlike = [pair for pair in pairs if _kind(scene.crops[pair[0]]) != _kind(scene.crops[pair[1]])]
    alike = [pair for pair in pairs if pair not in unlike]
    ready = [pair for pair in unlike if _smaller(scene, pair) >= rule.least_share]
    yield f"Two crops: {len(singles)} parcels with interior pixels, {len(unlike)} pairs of other crops"
    yield f"({len(ready)} of them with {rule.least_share:.0%} or more of the smaller), {len(alike)} pairs of one crop"
    yield "as of        parcels raised   judged   pairs of other crops found   judged   pairs of one crop raised"
    for day in _MONTHS:
        cells = [
            _raised(scene, groups, np.datetime64(day))
            for groups in (singles, [_join(scene, p) for p in ready], [_join(scene, p) for p in alike])
        ]
        single, two, same = cells
        yield f"{day} {single[0]:12d} {single[1]:10d} {two[0]:20d} {two[1]:14d} {same[0]:14d}"
    yield from _bavaria(data / "bavaria-yield-2018", rule)


def _raised(scene: SceneData, groups: list[npt.NDArray[np.int64]], until: np.datetime64) -> tuple[int, int]:
    pixels = scene.pixels(groups)
    chosen = (scene.days >= _SEASON[0]) & (scene.days <= until)
    values = scene.values(pixels)[:, :, chosen]
    ndvi = (values[:, 2] - values[:, 1]) / (values[:, 2] + values[:, 1])
    found = split_parcels(ndvi, scene.days[chosen], pixels)
    judged = found.judged(pixels.count, SplitRule())
    return int((judged & found.raised(SplitRule())).sum()), int(judged.sum())


def _kind(crop: str) -> str:
    """Winter cereals look the same for most of the season."""
    return "winter cereal" if crop in ("winter wheat", "winter barley") else crop


def _touching(scene: SceneData) -> list[tuple[int, int]]:
    """Parcels at most 30 m apart."""
    held = [scene.coverage.matrix[[n]].toarray().reshape(scene.coverage.shape) > 0 for n in range(len(scene.crops))]
    wide = [binary_dilation(one, iterations=3) for one in held]
    inside = [scene.interior(n).size > 0 for n in range(len(held))]
    return [
        (a, b)
        for a in range(len(held))
        for b in range(a + 1, len(held))
        if inside[a] and inside[b] and (wide[a] & held[b]).any()
    ]


def _join(scene: SceneData, pair: tuple[int, int]) -> npt.NDArray[np.int64]:
    return np.concatenate([scene.interior(parcel) for parcel in pair])


def _smaller(scene: SceneData, pair: tuple[int, int]) -> float:
    sizes = [scene.interior(parcel).size for parcel in pair]
    return min(sizes) / sum(sizes)


def _bavaria(folder: Path, rule: SplitRule) -> Iterator[str]:
    raised = judged = 0
    largest = 0.0
    for field in sorted((folder / "rasters").iterdir()):
        days, ndvi = _field(field)
        inner = binary_erosion(np.isfinite(ndvi).all(axis=0), np.ones((3, 3)))
        row, column = np.nonzero(inner)
        if not row.size:
            continue
        pixels = Pixels.of(np.zeros(len(row), dtype=np.int64), row, column, 1)
        found = split_parcels(ndvi[:, pixels.row, pixels.column].T, days, pixels)
        judged += int(found.judged(pixels.count, rule)[0])
        raised += int(found.raised(rule)[0])
        largest = max(largest, float(found.gap[0]))
    yield f"bavaria-yield-2018: {raised} of {judged} fields raised, largest gap {largest:.2f} NDVI"


def _field(folder: Path) -> tuple[npt.NDArray[np.datetime64], npt.NDArray[np.float64]]:
    """Days, and NDVI (t, y, x), NaN outside the field."""
    files = sorted(folder.glob("*.tif"))
    layers = []
    for path in files:
        with rasterio.open(path) as file:
            red, nir = file.read(_RED + 1).astype(float), file.read(_NIR + 1).astype(float)
            inside = (file.read(_MASK + 1) > 0) & (red + nir > 0)
        with np.errstate(invalid="ignore", divide="ignore"):
            layers.append(np.where(inside, (nir - red) / (nir + red), np.nan))
    return np.array([path.stem[-10:] for path in files], dtype="datetime64[D]"), np.stack(layers)
