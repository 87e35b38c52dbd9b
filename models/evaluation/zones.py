"""Calibration by farming zone and by what is known of a series, and what it decides on blocks that were held out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from models.calibration import (
    NEVER,
    fit_temperature,
    probabilities_of,
    series_threshold,
    sure_threshold,
)
from models.card import ZoneCalibration
from models.decide import judged
from models.evaluation.states import CLEAR_STEPS, MONTHS, State
from models.novelty import novelty_limit
from models.series.sample import CYCLES, SeriesSet

Indices = NDArray[np.intp]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Strings = NDArray[np.str_]
Units = Literal["parcels", "points", "plots"]

#: Chance with which a set is to hold the right crop, and share of decided series that may be wrong.
LEVEL: Final = 0.9
RISK: Final = 0.05

#: Share of known series that are not to be called novel, and a limit that no novelty reaches.
KNOWN: Final = 0.95
_NO_LIMIT: Final = 9.0

#: Farming zone of a source; any other real source is a zone of its own.
_ZONES: Final = {
    "bavaria-2018": "temperate-europe",
    "france-2023": "temperate-europe",
    "flanders-2021": "temperate-europe",
    "centralasia-2016": "central-asia",
    "canada-2017": "canada",
    "corsica-2022": "corsica",
}
_SIMULATED: Final = "simulated"

#: Parcel series from which a zone is calibrated on parcels alone; series, and blocks where the zone has as many, from
#: which figures are fitted.
_ENOUGH_PARCELS: Final = 100
_LEAST: Final = 60
_LEAST_BLOCKS: Final = 10

#: Lowest temperature: where next to nothing is wrong, the likeliest one would make every guess certain.
_COLDEST: Final = 0.5

#: Class of clear steps from which a series may be decided: with one to three steps, the tenth of Central Asia that
#: looked sure was wrong in 10 to 16 % of cases on blocks that had set no threshold.
_DECIDABLE: Final = 1

#: Temperature, threshold of the decided, threshold of the sets and limit of novelty where too few series are known:
#: nothing is decided.
_UNKNOWN: Final = (1.0, NEVER, 0.0, _NO_LIMIT)


def zone_name(source: str, *, simulated: bool) -> str:
    """Zone of a source of series."""
    plain = source.removesuffix(CYCLES)
    return _SIMULATED if simulated else _ZONES.get(plain, plain)


def zones_of(series: SeriesSet) -> Strings:
    """Zone of each series, (n,)."""
    return np.array(
        [
            zone_name(str(source), simulated=bool(made))
            for source, made in zip(series.source, series.simulated, strict=True)
        ]
    )


def whole_seasons(series: SeriesSet) -> Bools:
    """Series that are no single cycle of a double-cropped year, (n,)."""
    return np.array([not str(source).endswith(CYCLES) for source in series.source], dtype=bool)


def calibration_units(series: SeriesSet) -> tuple[Bools, dict[str, Units]]:
    """Series that zones are calibrated on, (n,), and what they are in each zone.

    The product decides parcels, so parcels are the units wherever a zone has enough of them; elsewhere points are.
    """
    zone, whole = zones_of(series), whole_seasons(series)
    parcel = whole & ~series.simulated & np.asarray(np.isfinite(series.spread).all(axis=1))
    units: dict[str, Units] = {}
    used = whole.copy()
    for name in np.unique(zone[whole]):
        of = zone == name
        enough = (parcel & of).sum() >= _ENOUGH_PARCELS
        units[str(name)] = "plots" if name == _SIMULATED else "parcels" if enough else "points"
        if enough:
            used &= ~of | parcel
    return used, units


def fit_zones(
    series: SeriesSet, target: Indices, seen: Sequence[State], use: Bools | None = None
) -> tuple[ZoneCalibration, ...]:
    """Temperatures and thresholds of every zone by last month seen and clear steps.

    Each cell has a temperature (Guo et al. 2017), the probability from which a series is decided so that at most RISK
    of the decided are wrong (`sure_threshold`), and the threshold that makes the sets of the others hold the right crop
    with a chance of LEVEL. What is more novel than KNOWN of the series are is not decided. A cell without enough series
    has the figures of fewer clear steps.

    Args:
        series: labelled series, n of them.
        target: (n,) class indices.
        seen: states of the series.
        use: (n,) series to fit on, all where None.
    """
    used, units = calibration_units(series)
    zone, blocks = zones_of(series), series.block.astype(str)
    used = used if use is None else used & use
    return tuple(_fit_zone(name, units[name], used & (zone == name), blocks, target, seen) for name in sorted(units))


def _fit_zone(
    name: str, units: Units, rows: Bools, blocks: Strings, target: Indices, seen: Sequence[State]
) -> ZoneCalibration:
    cells = {}
    least = min(_LEAST_BLOCKS, len(np.unique(blocks[rows])))
    for state in seen:
        of = rows[state.rows]
        here = state.rows[of]
        if len(here) >= _LEAST and len(np.unique(blocks[here])) >= least:
            cells[state.month, state.column] = _fit_cell(
                state.logits[of], state.novelty[of], target[here], blocks[here], decidable=state.column >= _DECIDABLE
            )
    tables = np.full((4, len(MONTHS), len(CLEAR_STEPS)), np.nan)
    for month in range(len(MONTHS)):
        figures = _UNKNOWN
        for column in range(len(CLEAR_STEPS)):
            figures = cells.get((month + 1, column), figures)
            tables[:, month, column] = figures
    temperature, sure, threshold, novelty = (
        tuple(tuple(map(float, row)) for row in np.round(each, 4)) for each in tables
    )
    return ZoneCalibration(
        zone=name,
        units=units,
        series=int(rows.sum()),
        blocks=len(np.unique(blocks[rows])),
        clear_steps=CLEAR_STEPS,
        temperature=temperature,
        sure=sure,
        threshold=threshold,
        novelty=novelty,
    )


def _fit_cell(
    logits: Floats, novelty: Floats, target: Indices, blocks: Strings, *, decidable: bool
) -> tuple[float, float, float, float]:
    """Temperature, threshold of the decided, threshold of the sets of the others, limit of novelty."""
    temperature = max(round(fit_temperature(logits, target), 4), _COLDEST)
    chance = probabilities_of(logits, temperature)
    top, right = chance.max(axis=1), chance.argmax(axis=1) == target
    limit = float(np.ceil(min(novelty_limit(novelty, KNOWN), _NO_LIMIT) * 1e4) / 1e4)
    known = novelty <= limit
    sure = sure_threshold(top[known], right[known], blocks[known], RISK) if decidable else NEVER
    own = chance[np.arange(len(target)), target]
    # Sets of the undecided hold two crops at least: a right crop among these is in whatever the threshold.
    scores = np.where((chance > own[:, None]).sum(axis=1) < 2, 1.0, own)  # noqa: PLR2004
    return temperature, sure, _set_threshold(scores, ~known | (top < sure)), limit


def _set_threshold(scores: Floats, undecided: Bools) -> float:
    """Threshold that makes sets of the undecided hold the right crop with a chance of LEVEL, rounded down.

    Split conformal prediction among the undecided alone (Mondrian: Vovk et al. 2005); among all series where the
    undecided are too few.
    """
    found = [series_threshold(scores[rows], LEVEL) for rows in (undecided, np.ones_like(undecided))]
    threshold = next((each for each in found if each is not None), 0.0)
    return float(np.floor(threshold * 1e4) / 1e4)


@dataclass(frozen=True, slots=True)
class CrossFitted:
    """Calibrations of every fold by the other folds, so that no series is judged by figures that it helped to set.

    Attributes:
        fold: (n,) fold of each series.
        zone: (n,) zone of each series.
        calibrations: by fold, those fitted on all others.
    """

    fold: Indices
    zone: Strings
    calibrations: Mapping[int, tuple[ZoneCalibration, ...]]

    @classmethod
    def of(cls, series: SeriesSet, target: Indices, fold: Indices, seen: Sequence[State]) -> CrossFitted:
        """Fit as many calibrations as there are folds, at least two."""
        numbers = [int(number) for number in np.unique(fold)]
        if len(numbers) < 2:  # noqa: PLR2004 - nothing would be left to fit on
            raise ValueError("cross-fitting needs at least two folds")
        return cls(fold, zones_of(series), {each: fit_zones(series, target, seen, fold != each) for each in numbers})

    def judge(
        self, rows: Indices, logits: Floats, month: Indices, clear_steps: Indices, novelty: Floats | None = None
    ) -> tuple[Floats, Bools]:
        """Calibrated probabilities and members of sets, (k, classes), of some of the series.

        Args:
            rows: (k,) which.
            logits: (k, classes).
            month: (k,) last month seen.
            clear_steps: (k,).
            novelty: (k,), None where none of them is called novel.
        """
        strange = np.zeros(len(rows)) if novelty is None else novelty
        chance, inside = np.zeros(logits.shape), np.zeros(logits.shape, dtype=bool)
        for here, zone in self._parts(rows):
            chance[here], inside[here] = judged(logits[here], zone, month[here], clear_steps[here], strange[here])
        return chance, inside

    def judge_state(self, state: State) -> tuple[Floats, Bools]:
        """The same of a state's series."""
        steps = np.full(len(state.rows), CLEAR_STEPS[state.column])
        return self.judge(state.rows, state.logits, np.full(len(state.rows), state.month), steps, state.novelty)

    def _parts(self, rows: Indices) -> Iterator[tuple[Indices, ZoneCalibration]]:
        for number, zones in self.calibrations.items():
            for zone in zones:
                here = np.flatnonzero((self.fold[rows] == number) & (self.zone[rows] == zone.zone))
                if here.size:
                    yield here, zone
