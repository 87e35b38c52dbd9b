"""From the looks of a run to findings: what every rule says of every parcel, day by day, as it was known then.

    run = watched_run(looks, fields, season, until)
    for block in run.blocks:                        # some thousand parcels each
        for findings in growth_findings(run, block):
            ...                                     # of run.fields.parcel_ids[block], by day

The days on which something is judged follow from season and looks alone: markers on the 10th, the 20th and the last
day of each month, losses on each day on which looks became known. A finding of a day uses what was known by its end
(UTC) and nothing else, so that a replay gives the same whatever imagery came later.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from heapq import merge
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.errors import DataError
from geo.season import Season
from scoring.alerts.findings import Findings
from scoring.growth.losses.abrupt import LossRule
from scoring.growth.losses.of_run import Falls, run_falls
from scoring.growth.neighbours import nearest_of_crop
from scoring.growth.watching.blocks import Surrounded, blocks_of
from scoring.growth.watching.fields import Fields, SeasonLooks
from scoring.growth.watching.of_falls import ArableLosses
from scoring.growth.watching.of_losses import LossWatch, losses_of
from scoring.growth.watching.of_markers import MarkerWatch

Ints = npt.NDArray[np.int64]

#: Parcels that are judged together: large enough for arrays, small enough for their copies.
BLOCK_ROWS: Final = 20_000

#: Days after the season on which markers are still judged: what was not harvested shows only then.
DAYS_AFTER: Final = 60


@dataclass(frozen=True, slots=True)
class WatchedRun:
    """What all parcels of a run tell each other, found once before its blocks are judged.

    Attributes:
        looks: of all n parcels.
        fields: the parcels.
        season: that is watched.
        until: last day that is judged.
        neighbours: (n, k) int32 positions of the nearest parcels of the crop, -1 for none.
        falls: abrupt losses of all parcels.
        rule: thresholds of losses.
        blocks: positions of the parcels of each block, ascending; each parcel is in one.
    """

    looks: SeasonLooks
    fields: Fields
    season: Season
    until: date
    neighbours: npt.NDArray[np.int32]
    falls: Falls
    rule: LossRule
    blocks: tuple[Ints, ...]


def watched_run(
    looks: SeasonLooks,
    fields: Fields,
    season: Season,
    until: date,
    *,
    rule: LossRule | None = None,
    block_rows: int = BLOCK_ROWS,
) -> WatchedRun:
    """Find neighbours, and what neighbours and all parcels of a look lose together.

    Args:
        looks: clear looks at n parcels; later ones than `until` are not used.
        fields: the n parcels.
        season: that is watched.
        until: last day that is judged; what is found up to a day does not depend on it.
        rule: thresholds of losses.
        block_rows: parcels in a block.

    Raises:
        DataError: looks and fields are not of the same parcels.
    """
    if len(looks) != len(fields):
        raise DataError("GROWTH_FIELDS_SHAPE", f"Looks at {len(looks)} parcels do not fit {len(fields)} fields.")
    loss_rule = rule or LossRule()
    neighbours = nearest_of_crop(fields.points, fields.kind).astype(np.int32)
    falls = run_falls(looks, fields.expected.annual, neighbours, loss_rule, _number(until))
    blocks = blocks_of(fields.points, fields.kind, block_rows)
    return WatchedRun(looks, fields, season, until, neighbours, falls, loss_rule, blocks)


def growth_findings(run: WatchedRun, block: Ints) -> Iterator[Findings]:
    """Findings of a block's parcels by day; of one day losses before markers, each cause once.

    Evidence is among `run.looks.days`.

    Args:
        run: the run.
        block: one of `run.blocks`.
    """
    ringed = Surrounded.around(block, run.neighbours)
    looks, fields, until = run.looks.at(ringed.rows), run.fields.at(ringed.rows), _number(run.until)
    arable = ArableLosses(looks, fields.expected, ringed.neighbours, ringed.own, until)
    losses = LossWatch(run.looks.at(block), run.fields.at(block), losses_of(block, run.falls), run.rule, arable)
    markers = MarkerWatch(looks, fields, ringed.neighbours, ringed.own)
    days = marker_days(run.season, run.until)
    before = next(day for day in _backwards(run.season.start) if _is_marker_day(day))
    steps = zip(days, (before, *days), strict=False)
    of_markers = (found for day, since in steps for found in markers.findings(day, since))
    yield from merge(losses.findings(until), of_markers, key=lambda found: found.day)


def marker_days(season: Season, until: date) -> tuple[date, ...]:
    """The 10th, the 20th and the last day of each month from the season's first day to DAYS_AFTER its last."""
    last = min(until, season.end + timedelta(days=DAYS_AFTER))
    days = (season.start + timedelta(days=step) for step in range((last - season.start).days + 1))
    return tuple(day for day in days if _is_marker_day(day))


def _is_marker_day(day: date) -> bool:
    return day.day in {10, 20} or (day + timedelta(days=1)).day == 1


def _backwards(day: date) -> Iterator[date]:
    return (day - timedelta(days=step) for step in range(1, 12))


def _number(day: date) -> int:
    return int(np.datetime64(day, "D").astype(np.int64))
