"""Vigour that was planted: how well the plain percentile and the network's head bring it back, on simulated landscapes.

No landscape was seen in training. Crops are the network's best guess, as in a run; a figure is Spearman's correlation
with the planted vigour over the stands of one crop in one landscape that are truly of that crop. Parcels are ranked by
`app.jobs.vigour`, pixels among those parcels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import spearmanr

from app.jobs.vigour import Standing, rank_stands
from geo.bands import band_index
from geo.legend import load_legend
from geo.season import Season
from models.predict import Prediction, predict
from models.release import Release
from scoring.phenology import find_cycles
from tiles.simulation.chips import Block, Layout, simulate_block
from tiles.steps import Steps, series_steps, ten_day_steps

REGIONS: Final = ("huanghuai", "europe", "north_india")
WHAT: Final = ("parcels", "pixels", "border pixels", "pixels within a parcel")

_SEASON: Final = Season(date(2023, 10, 1), date(2024, 10, 31))
_LAYOUT: Final = Layout(block_ha=13.0, plot_ha=1.6, road_m=2.5, ridge_m=0.4)
_FIRST_SEED: Final = 5100
_MOST_DATES: Final = 72
_CLEAR_CLASSES: Final = (4, 5, 6, 7)
_NOT_FARMED: Final = frozenset({"built", "water", "forest"})
_LEAST_PX: Final = 8
_LEAST_PARCELS: Final = 20
_LEAST_PIXELS: Final = 200
_LEAST_PIXELS_OF_A_PARCEL: Final = 30
_INSIDE: Final = 0.99
_RESAMPLES: Final = 2000


def ndvi_of(values: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    """NDVI of reflectance whose bands lie on an axis."""
    red, infrared = (np.take(values, band_index(band), axis=axis) for band in ("B04", "B08"))
    ndvi: NDArray[np.float32] = (infrared - red) / np.maximum(infrared + red, np.float32(0.02))
    return ndvi


def stands_of(
    ndvi: NDArray[np.floating], weights: NDArray[np.floating], days: Sequence[date], crop: NDArray[np.object_]
) -> pd.DataFrame:
    """Stands of one region for `rank_stands`: the main cycle of each parcel, the whole season where it has none.

    Args:
        ndvi: (n, t).
        weights: (n, t) clear share.
        days: t ascending days.
        crop: (n,), None where unknown.
    """
    cycles = find_cycles(ndvi, weights, days)
    main = cycles[cycles.main].set_index("index")[["sos", "eos"]].reindex(range(len(crop)))
    return main.reset_index(names="index").assign(crop=crop, column=0, row=0)


@dataclass(frozen=True, slots=True)
class Parcels:
    """Plots of a landscape with their pixels.

    Attributes:
        plot: (y, x) number of the plot that holds at least half of a pixel, n where none does.
        size: (n,) pixels of each plot.
    """

    plot: NDArray[np.int64]
    size: NDArray[np.int64]

    @staticmethod
    def of(block: Block) -> Parcels:
        """Plots of a simulated landscape."""
        n = int(block.parcel.max()) + 1
        plot = np.where((block.parcel >= 0) & (block.share >= 0.5), block.parcel, n).astype(np.int64)  # noqa: PLR2004
        return Parcels(plot, np.bincount(plot.ravel(), minlength=n + 1)[:n])

    def mean(
        self, values: NDArray[np.floating], seen: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean over the pixels seen, NaN where none is, and their share: (n,) each."""
        count, total = (
            np.bincount(self.plot.ravel(), weights=part.ravel(), minlength=len(self.size) + 1)[: len(self.size)]
            for part in (seen.astype(float), np.where(seen, values, 0.0))
        )
        mean = np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)
        return mean, count / np.maximum(self.size, 1)


def compare(release: Release, landscapes: int, dates: Sequence[int], size_px: int) -> pd.DataFrame:
    """Correlations with planted vigour: region, seed, dates, clear (share), what, crop, plain, head."""
    rows: list[dict[str, object]] = []
    for region in REGIONS:
        for seed in range(_FIRST_SEED, _FIRST_SEED + landscapes):
            block = simulate_block(seed, size_px, n_dates=_MOST_DATES, region=region, layout=_LAYOUT)
            for count in dates:
                seen = _thinned(block, count, seed)
                facts = {"region": region, "seed": seed, "dates": count, "clear": _clear(seen).mean()}
                rows += [{**facts, **row} for row in _correlations(release, seen)]
    return pd.DataFrame(rows)


def _thinned(block: Block, count: int, seed: int) -> Block:
    """The landscape with some of its dates."""
    pick = np.sort(np.random.default_rng(seed).choice(len(block.days), count, replace=False))
    return Block(
        days=tuple(block.days[int(at)] for at in pick),
        reflectance=block.reflectance[pick],
        scl=block.scl[pick],
        crop=block.crop,
        cycles=block.cycles,
        vigour=block.vigour,
        parcel=block.parcel,
        share=block.share,
    )


def _clear(block: Block) -> NDArray[np.bool_]:
    return np.isin(block.scl, _CLEAR_CLASSES)


def _correlations(release: Release, block: Block) -> Iterator[dict[str, object]]:
    steps = ten_day_steps(block.reflectance, _clear(block), block.days, _SEASON)
    said = predict(release, steps.values, steps.dates)
    parcels = Parcels.of(block)
    guess, ranked = _parcels_ranked(release, block, said, parcels)
    yield from _of_parcels(block, said, parcels, guess, ranked)
    yield from _of_pixels(release, block, said, steps, ranked)


def _parcels_ranked(
    release: Release, block: Block, said: Prediction, parcels: Parcels
) -> tuple[NDArray[np.object_], Standing]:
    """Best guess of each parcel, None where it is too small or unseen, and where it stands among its peers."""
    seen = np.isfinite(said.vigour)
    chances = np.stack([parcels.mean(layer, seen)[0] for layer in said.probabilities], axis=1)
    known = np.isfinite(chances).all(axis=1) & (parcels.size >= _LEAST_PX)
    guess = np.where(known, np.array(release.card.classes)[np.nan_to_num(chances).argmax(axis=1)], None)
    pairs = zip(ndvi_of(block.reflectance, 1), _clear(block), strict=True)
    means, shares = (np.stack(part, axis=1) for part in zip(*(parcels.mean(*pair) for pair in pairs), strict=True))
    steps = series_steps(means[..., None].astype(np.float32), shares >= 0.5, block.days, _SEASON)  # noqa: PLR2004
    stands = stands_of(means, shares, block.days, guess)
    return guess, rank_stands(stands, np.squeeze(steps.values, axis=2), steps.dates)


def _of_parcels(
    block: Block, said: Prediction, parcels: Parcels, guess: NDArray[np.object_], ranked: Standing
) -> Iterator[dict[str, object]]:
    legend = load_legend()
    pure = block.share >= 0.9  # noqa: PLR2004 - pixels that one plot fills
    true_value = np.zeros(len(parcels.size), dtype=np.int64)
    true_value[block.parcel[pure & (block.parcel >= 0)]] = block.crop[pure & (block.parcel >= 0)]
    frame = pd.DataFrame(
        {
            "crop": guess,
            "right": [
                key is not None and legend[key].value == value for key, value in zip(guess, true_value, strict=True)
            ],
            "planted": parcels.mean(block.vigour, pure)[0],
            "plain": ranked.percent,
            "head": parcels.mean(np.nan_to_num(said.vigour), np.isfinite(said.vigour))[0],
        }
    )
    yield from _by_crop(frame, WHAT[0], _LEAST_PARCELS)


def _of_pixels(
    release: Release, block: Block, said: Prediction, steps: Steps, ranked: Standing
) -> Iterator[dict[str, object]]:
    """Pixels, each ranked among the parcels of the crop that the network sees in it."""
    classes = np.array(release.card.classes)
    crop = np.where(np.isfinite(said.vigour), classes[np.nan_to_num(said.probabilities).argmax(axis=0)], None).ravel()
    group = pd.Index(ranked.groups.crop).get_indexer(crop)
    values = {key.key: key.value for key in load_legend()}
    ndvi = ndvi_of(steps.values, 1).reshape(len(steps.dates), -1).T
    frame = pd.DataFrame(
        {
            "crop": crop,
            "right": pd.Series(crop).map(values).eq(block.crop.ravel()),
            "planted": block.vigour.ravel(),
            "plain": ranked.peers.percentile(ndvi, group),
            "head": said.vigour.ravel(),
            "plot": block.parcel.ravel(),
            "inside": block.share.ravel() >= _INSIDE,
        }
    )
    yield from _by_crop(frame[frame.inside], WHAT[1], _LEAST_PIXELS)
    yield from _by_crop(frame[~frame.inside & (frame["plot"] >= 0)], WHAT[2], _LEAST_PIXELS)
    inner = frame[frame.inside & frame.right & frame["plain"].notna()]
    inner = inner[inner.groupby("plot")["head"].transform("count") >= _LEAST_PIXELS_OF_A_PARCEL]
    figures = ["planted", "plain", "head"]
    yield from _by_crop(
        inner.assign(**(inner[figures] - inner.groupby("plot")[figures].transform("mean"))), WHAT[3], _LEAST_PIXELS
    )


def _by_crop(frame: pd.DataFrame, what: str, least: int) -> Iterator[dict[str, object]]:
    """Correlations by crop over rows of the right crop that both figures are given for."""
    given = frame[frame.right & frame[["planted", "plain", "head"]].notna().all(axis=1)]
    for crop, rows in given.groupby("crop"):
        if len(rows) >= least and crop not in _NOT_FARMED:
            found = {name: spearmanr(rows[name], rows.planted).statistic for name in ("plain", "head")}
            yield {"what": what, "crop": crop, "n": len(rows), **found}


def gain(found: pd.DataFrame) -> tuple[float, float, float]:
    """Mean of plain less head, and its 95 % interval by bootstrap over landscapes."""
    differences = (found["plain"] - found["head"]).groupby([found.region, found.seed])
    total, count = differences.sum().to_numpy(), differences.count().to_numpy()
    picks = np.random.default_rng(0).integers(0, len(total), (_RESAMPLES, len(total)))
    low, high = np.quantile(total[picks].sum(axis=1) / count[picks].sum(axis=1), [0.025, 0.975])
    return float(total.sum() / count.sum()), float(low), float(high)


def print_tables(found: pd.DataFrame) -> None:
    """Means of the correlations by what is ranked, region, number of dates, and crop."""
    for what in WHAT:
        mine = found[found.what == what]
        if mine.empty:
            continue
        print(f"\n{what:34}{'cases':>7}{'clear':>7}{'plain':>7}{'head':>7}{'plain less head (95 %)':>28}")
        _line("all", mine)
        for column in ("dates", "region", "crop") if what == WHAT[0] else ("dates",):
            for name, rows in mine.groupby(column):
                _line(f"{column} {name}", rows)


def _line(name: str, rows: pd.DataFrame) -> None:
    told = "{:+.2f} ({:+.2f} to {:+.2f})".format(*gain(rows))
    means = "".join(f"{rows[column].mean():>7.2f}" for column in ("clear", "plain", "head"))
    print(f"  {name:32}{len(rows):>7}{means}{told:>28}")
