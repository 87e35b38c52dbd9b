"""What growth monitoring of a run, and the alerts of a watch, tell the gate of a tranche and the stages of a loan."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq

from app.jobs.watch.asking import KnownBy, WatchRequest, check_request
from app.jobs.watch.book import read_book
from app.jobs.watch.files import ALERTS_FILE, SUMMARY_FILE
from app.jobs.watch.looks import read_looks
from app.jobs.watch.sources import fields_of
from geo.errors import DataError, InputError
from geo.manifest import verify_manifest
from geo.season import Season
from scoring.alerts.levels import Level
from scoring.growth.watching.fields import Fields, SeasonLooks
from scoring.seasons.field_marks import field_marks
from scoring.seasons.field_signs import FieldSigns, signs_of_alerts, signs_of_looks, signs_of_markers

_OWN: Final = "own"


@dataclass(frozen=True, slots=True)
class MarkRequest:
    """Whose markers are asked for.

    Attributes:
        run: folder of a finished run.
        calendars: ids or files of crop calendars; none: that of each parcel's district.
        calendars_dir: a bank's own calendars.
        known_by: what says when a look became known.
    """

    run: Path
    calendars: tuple[str, ...] = ()
    calendars_dir: Path | None = None
    known_by: KnownBy = "catalogue"


def run_signs(
    request: MarkRequest, season: Season, day: date, now: datetime, crops: Mapping[str, str] | None = None
) -> FieldSigns:
    """Signs of a run's markers and looks by a day.

    Args:
        request: which run, and how it is read.
        season: the season planned.
        day: local day; looks count that were known by its end (UTC).
        now: today, for a day that lies ahead.
        crops: legend key by parcel whose calendar windows count; without one those of the run's own book.

    Raises:
        InputError: a calendar or the day cannot be used, or the run is of another time.
        DataError: the folder holds no finished run.
    """
    marks, fields, looks = _marks(request, day, now, crops or {})
    bare = signs_of_looks(fields.parcel_ids, looks.ndvi, looks.days, season, day)
    return signs_of_markers(marks, season, day).also(bare)


def run_marks(request: MarkRequest, day: date, now: datetime) -> pd.DataFrame:
    """Markers of a run as of a day (scoring.seasons.field_marks); arguments and errors as those of run_signs."""
    return _marks(request, day, now, {})[0]


def watch_signs(folder: Path, day: date) -> FieldSigns:
    """Parcels with an open alert of level action and scope own, by the files of a watch.

    Args:
        folder: of one watch, or of the watches of a run: then the latest of the day or before counts.
        day: local day.

    Raises:
        InputError: there is no watch, or it is of a later day.
        DataError: a file of it is damaged.
    """
    found = _watch_of(folder, day)
    alerts = pq.read_table(found / ALERTS_FILE, columns=["subject_id", "level", "scope"])
    asked = pc.and_(pc.equal(alerts["level"], Level.ACTION.key), pc.equal(alerts["scope"], _OWN))
    return signs_of_alerts(alerts.filter(asked)["subject_id"].to_pylist())


def _marks(
    request: MarkRequest, day: date, now: datetime, crops: Mapping[str, str]
) -> tuple[pd.DataFrame, Fields, SeasonLooks]:
    """Markers, and the parcels and looks that they rest on."""
    watched = WatchRequest(
        request.run, day, calendars=request.calendars, calendars_dir=request.calendars_dir, known_by=request.known_by
    )
    asked = check_request(watched, now)
    one = asked.calendars[0].id if request.calendars and len(asked.calendars) == 1 else None
    book = read_book(request.run, one)
    planned = [crops.get(name, crop) for name, crop in zip(book.parcel_ids.tolist(), book.crops.tolist(), strict=True)]
    book = replace(book, crops=np.array(planned, dtype=np.str_))
    looks = read_looks(watched, book.parcel_ids).looks
    fields = fields_of(asked, book)
    return field_marks(looks, fields, asked.season, day), fields, looks


def _watch_of(folder: Path, day: date) -> Path:
    folders = [folder] if (folder / ALERTS_FILE).is_file() else _watches(folder)
    if not folders:
        raise InputError("WATCH_NONE", f"{folder} holds no watch.", "Name a folder of `acreline growth watch`.")
    dated = [(_as_of(each), each) for each in folders]
    known = [(as_of, each.name, each) for as_of, each in dated if as_of <= day]
    if not known:
        raise InputError(
            "TRANCHE_DAY", f"The watch is of {min(dated)[0]}, past {day}.", "Name a watch of that day or before."
        )
    found = max(known)[2]
    verify_manifest(found)
    return found


def _watches(folder: Path) -> list[Path]:
    return sorted(path.parent for path in folder.glob(f"*/{ALERTS_FILE}")) if folder.is_dir() else []


def _as_of(folder: Path) -> date:
    try:
        return date.fromisoformat(json.loads((folder / SUMMARY_FILE).read_bytes())["as_of"])
    except (OSError, ValueError, KeyError) as error:
        raise DataError("FILE_DAMAGED", f"{folder / SUMMARY_FILE} is damaged.", "Watch the run again.") from error
