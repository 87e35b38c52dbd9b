"""Sowing, canopy and harvest of all parcels of a run as of one day, without the evidence of each."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.season import Season
from scoring.growth.calendars.windows import Expected
from scoring.growth.looks import Looks, nearest_growth
from scoring.growth.markers.marker import Marker
from scoring.growth.markers.rules import Around, canopy_marker, harvest_marker, sowing_marker
from scoring.growth.neighbours import nearest_of_crop
from scoring.growth.watching.blocks import Surrounded, blocks_of
from scoring.growth.watching.fields import Fields, SeasonLooks
from scoring.growth.watching.run import BLOCK_ROWS

#: What a gate or a stage of a loan asks for: season and day, status (OK, NOT_VALID, NOT_EXECUTED), outcome, days.
FIELD_MARKS: Final = (
    "parcel_id", "season_id", "as_of", "marker", "status", "outcome", "event_date", "expected_from",
)  # fmt: skip


#: A canopy closes at most so many days before its peak: what was green before is another crop, or weeds.
CLOSING_DAYS: Final = 45


def field_marks(
    looks: SeasonLooks, fields: Fields, season: Season, day: date, *, block_rows: int = BLOCK_ROWS
) -> pd.DataFrame:
    """Markers of sowing, canopy and harvest as of a day.

    Money hangs on a closed canopy: it is judged more strictly here than for alerts, from CLOSING_DAYS before the peak
    on and at the level CLOSED whatever the neighbours reached. Early in a season all of them may be bare.

    Args:
        looks: clear looks at n parcels, taken and known by the day.
        fields: the n parcels, with the windows of their crops.
        season: of the looks.
        day: as of which the markers hold.
        block_rows: parcels that are judged together.

    Returns:
        FIELD_MARKS, three rows a parcel; days as dates, None where there is none.
    """
    neighbours = nearest_of_crop(fields.points, fields.kind).astype(np.int32)
    parts = []
    for block in blocks_of(fields.points, fields.kind, block_rows):
        ringed = Surrounded.around(block, neighbours)
        seen = _looks(looks.at(ringed.rows), day)
        parts += _of_block(seen, fields.at(ringed.rows), Around(ringed.neighbours), ringed.own)
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(FIELD_MARKS))
    return found.assign(season_id=season.id, as_of=day)[list(FIELD_MARKS)]


def _looks(looks: SeasonLooks, day: date) -> Looks:
    taken = looks.days <= np.datetime64(day, "D")
    ndvi = looks.ndvi[:, taken].astype(np.float64)
    weights = np.where(np.isfinite(ndvi), looks.percent[:, taken] / 100.0, 0.0)
    return Looks(ndvi, weights, looks.days[taken], day)


def _of_block(looks: Looks, fields: Fields, around: Around, own: int) -> list[pd.DataFrame]:
    expected = fields.expected
    growth = nearest_growth(looks.cycles(), expected, len(looks.ndvi))
    found = (
        sowing_marker(looks, expected, growth, around),
        canopy_marker(looks, _closing(expected)),
        harvest_marker(looks, expected, growth, around),
    )
    return [_rows(marker, fields.parcel_ids[:own], own) for marker in found]


def _closing(expected: Expected) -> Expected:
    """Windows in which the canopy may close from CLOSING_DAYS before the peak on."""
    first = expected.peak_from - CLOSING_DAYS
    return replace(
        expected,
        emergence_from=np.fmax(expected.emergence_from, first),
        peak_from=np.where(expected.annual, expected.peak_from, first),
    )


def _rows(marker: Marker, parcel_ids: npt.NDArray[np.str_], own: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "parcel_id": parcel_ids.astype(object),
            "marker": marker.name,
            "status": marker.status[:own].astype(object),
            "outcome": marker.outcome[:own].astype(object),
            "event_date": _days(marker.event[:own]),
            "expected_from": _days(marker.expected_from[:own]),
        }
    )


def _days(days: npt.NDArray[np.datetime64]) -> npt.NDArray[np.object_]:
    """Python's dates, None for none."""
    return days.astype("datetime64[D]").astype(object)
