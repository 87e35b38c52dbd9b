"""Several crops a season: growth cycles and the crop of each."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from app.jobs.observe import DECISION, Observed
from geo.observations import CLEAR_SHARE
from geo.season import Season
from models.decide import Decision, Evidence, decide
from models.predict import classify_series
from models.release import Release
from models.timegrid import main_year
from scoring.phenology import find_cycles
from tiles.steps import series_steps

#: Days around a cycle that are shown to the network when it names the cycle's crop.
MARGIN_DAYS: Final = 20

#: Covers that last: what looks like several cycles (mowing, pruning, floods) is still one use of the land.
LASTING: Final = frozenset(
    ("grass", "orchard", "vineyard", "tea", "forest", "fallow", "built", "water", "aquaculture", "sugarcane")
)


def cycle_table(
    seen: Observed, decided: pd.DataFrame, season: Season, release: Release, evidence: Evidence
) -> pd.DataFrame:
    """Growth cycles of each parcel with their crops.

    A parcel with one cycle, or with a lasting cover, carries the parcel's own decision. Where there are several, the
    network names the crop of each from the dates of that cycle alone; the cycle that fits the parcel's crop best is its
    main one and keeps that crop.

    Args:
        seen: what was observed, n parcels.
        decided: decision of each parcel, indexed 0 to n-1.
        season: gives the ten-day steps.
        release: the network.
        evidence: what is known of each parcel.

    Returns:
        One row per cycle: index (row of the zone), cycle, sos, pos, eos, ndvi_peak, main, crop, crop_prob, crop_set.
    """
    found = find_cycles(seen.ndvi.T, seen.clear_share.T, seen.days)
    cycles = _one_for_lasting_cover(found, decided).join(decided[DECISION], on="index")
    several = np.flatnonzero(cycles["index"].duplicated(keep=False))
    if several.size:
        decision = _classify(seen, cycles.iloc[several], season, release, evidence)
        cycles = _named(cycles, several, decision, release)
    return cycles


def _one_for_lasting_cover(cycles: pd.DataFrame, decided: pd.DataFrame) -> pd.DataFrame:
    lasting = cycles["index"].map(decided.crop).isin(LASTING)
    kept = cycles[~lasting | cycles.main].copy()
    kept.loc[lasting, "cycle"] = 1
    return kept.reset_index(drop=True)


def _classify(seen: Observed, cycles: pd.DataFrame, season: Season, release: Release, evidence: Evidence) -> Decision:
    bands, clear = _windowed(seen, cycles)
    steps = series_steps(bands, clear, seen.days, season)
    said = classify_series(release, steps.values, steps.dates)
    regions = [evidence.regions[row] for row in cycles["index"]]
    known = Evidence.of(regions, clear, seen.days, main_year(season.start, season.end))
    return decide(said.probabilities, release.card, known)


def _windowed(seen: Observed, cycles: pd.DataFrame) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """Bands (k,t,b) and clear (k,t) of each cycle: dates outside it count as not clear."""
    days = np.array(seen.days, dtype="datetime64[D]")
    margin = np.timedelta64(MARGIN_DAYS, "D")
    begin = _days(cycles.sos, days[0]) - margin
    finish = _days(cycles.eos, days[-1]) + margin
    within = (days[None] >= begin[:, None]) & (days[None] <= finish[:, None])
    parcel = cycles["index"].to_numpy()
    bands = seen.bands[:, :, parcel].transpose(2, 0, 1).astype(np.float32)
    return bands, within & (seen.clear_share[:, parcel].T >= CLEAR_SHARE)


def _days(column: pd.Series[pd.Timestamp], absent: np.datetime64) -> npt.NDArray[np.datetime64]:
    filled: npt.NDArray[np.datetime64] = pd.to_datetime(column).fillna(pd.Timestamp(absent)).to_numpy()
    return filled.astype("datetime64[D]")


def _named(cycles: pd.DataFrame, several: npt.NDArray[np.int64], said: Decision, release: Release) -> pd.DataFrame:
    classes = np.array(release.card.classes)
    own = cycles.crop.iloc[several].to_numpy()[:, None] == classes[None]
    fit = np.where(own.any(axis=1), (np.nan_to_num(said.probabilities) * own).sum(axis=1), 0.0)
    main = _best_of_each(cycles["index"].iloc[several].to_numpy(), fit)
    named = pd.DataFrame(
        {
            "crop": classes[np.nan_to_num(said.probabilities).argmax(axis=1)],
            "crop_prob": said.probabilities.max(axis=1),
            "crop_set": [list(crops) for crops in said.sets],
        },
        index=cycles.index[several],
    )
    named = named[~main & named.crop_prob.notna()]
    kept = cycles.copy()
    kept.loc[kept.index[several], "main"] = main
    for column in DECISION:
        kept[column] = named[column].reindex(kept.index).where(kept.index.isin(named.index), kept[column])
    return kept


def _best_of_each(groups: npt.NDArray[np.int64], score: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    frame = pd.DataFrame({"group": groups, "score": score})
    best = np.zeros(len(groups), dtype=bool)
    best[frame.groupby("group").score.idxmax()] = True
    return best
