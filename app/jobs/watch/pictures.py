"""Which alerts of a watch are shown in pictures, and on which days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pyarrow as pa
from shapely.geometry.base import BaseGeometry

from app.alerts.watches.chips import Drawn, Subject, draw_chips
from app.jobs.progress import Reporter
from app.jobs.watch.book import WatchedBook
from scoring.alerts.levels import Level
from scoring.alerts.transitions import alert_key
from scoring.growth.watching.fields import SeasonLooks

#: Alerts from this level on are shown.
_LEAST: Final = Level.WATCH


def shown(alerts: pa.Table, most: int) -> tuple[list[dict[str, Any]], int]:
    """The open alerts that get pictures, the highest level and the latest change first; and how many are left out.

    Args:
        alerts: of scoring.alerts.state.STATE.
        most: how many at most.
    """
    rows = [row for row in alerts.to_pylist() if Level[row["level"].upper()] >= _LEAST]
    rows.sort(key=lambda row: (row["subject_id"], row["cause"]))
    rows.sort(key=lambda row: (Level[row["level"].upper()], row["since"]), reverse=True)
    return rows[:most], max(0, len(rows) - most)


def draw(
    run: Path, folder: Path, rows: Sequence[Mapping[str, Any]], book: WatchedBook, looks: SeasonLooks, report: Reporter
) -> Drawn:
    """Pictures of alerts, before and after; see app.alerts.watches.chips.draw_chips."""
    report.begin("Pictures", len(rows))
    outlines = _outlines(run, {row["subject_id"] for row in rows})
    at = {name: number for number, name in enumerate(book.parcel_ids.tolist())}
    subjects = [
        Subject(
            alert_key(row["season_id"], row["subject_id"], row["cause"], row["opened_on"]),
            outlines[row["subject_id"]],
            picture_days(row, _seen(looks, at[row["subject_id"]])),
        )
        for row in rows
    ]
    drawn = draw_chips(run, folder, subjects, lambda: report.advance("Pictures"))
    report.end("Pictures", f"of {len(rows)} alerts")
    return drawn


def picture_days(row: Mapping[str, Any], seen: Sequence[date]) -> dict[str, date]:
    """The last clear look before the event and the first that shows it.

    Where an event has no date (a field that was not sown): the first look that the alert rests on, and the last.

    Args:
        row: of scoring.alerts.state.STATE.
        seen: days of the parcel's clear looks, ascending.
    """
    if row["event_on"] is None:
        dates = sorted(row["evidence_dates"])
        days = {"before": dates[0] if dates else None, "after": row["look_day"]}
    else:
        until = row["event_from"] or row["event_on"]
        before = [day for day in seen if day < row["event_on"] and day <= until]
        after = [day for day in seen if day >= row["event_on"]]
        days = {"before": before[-1] if before else None, "after": after[0] if after else row["look_day"]}
    return {name: day for name, day in days.items() if day is not None}


def _seen(looks: SeasonLooks, row: int) -> list[date]:
    days: list[date] = looks.days[looks.percent[row] > 0].tolist()
    return days


def _outlines(run: Path, wanted: set[str]) -> dict[str, BaseGeometry]:
    if not wanted:
        return {}
    frame = gpd.read_file(run / "parcels.geojson", engine="pyogrio", use_arrow=True)
    own = frame[np.isin(frame.parcel_id.to_numpy(dtype=np.str_), sorted(wanted))]
    return dict(zip(own.parcel_id.astype(str), own.geometry, strict=True))
