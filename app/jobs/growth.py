"""Growth alerts against dated events: read both tables, find the losses, match, and set a naive rule beside."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import InputError
from scoring.growth.losses.abrupt import CONFIRMED, Losses, find_losses
from scoring.growth.losses.hindsight import find_losses_in_hindsight, naive_losses
from scoring.growth.losses.matching import Agreement, agreement, match_parcel
from scoring.growth.series import Series

Days = npt.NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class LossReport:
    """Agreement of alerts with events.

    Attributes:
        hindsight: whether later looks were used.
        alerts: first notices (live), or the losses found in hindsight.
        confirmed: alerts that a later look confirmed, raised at that look.
        naive: a plain rule on the same looks.
        parcels_without_series: parcels with labels and no row in the series.
        hidden: rows of the series that are no clear look.
    """

    hindsight: bool
    alerts: Agreement
    confirmed: Agreement
    naive: Agreement
    parcels_without_series: int
    hidden: int

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON: the alerts' figures on top."""
        return {
            "kind": "abrupt_loss",
            "use": "hindsight" if self.hindsight else "live",
            **self.alerts.as_dict(),
            "confirmed": self.confirmed.as_dict(),
            "naive": self.naive.as_dict(),
            "parcels_without_series": self.parcels_without_series,
            "rows_without_clear_look": self.hidden,
        }

    def rows(self) -> list[tuple[str, Agreement]]:
        """Name and figures of each line of the table."""
        first = "in hindsight" if self.hindsight else "first notice"
        return [(first, self.alerts), ("confirmed", self.confirmed), ("naive rule", self.naive)]


def evaluate_losses(series_file: Path, events_file: Path, *, hindsight: bool) -> LossReport:
    """Score abrupt losses found in a table of series against a table of dated events.

    Common falls are judged over all parcels of the series; only parcels of the events table are scored. A season is a
    calendar year in which a scored parcel has a row.

    Args:
        series_file: Parquet or CSV with parcel_id, date, ndvi, optionally clear, known_at, blue, red, nir, swir.
        events_file: Parquet or CSV with parcel_id and date; empty where a parcel was observed without event.
        hindsight: use later looks as well.

    Raises:
        InputError: a file cannot be read, or no labelled parcel has a series.
        DataError: a column is missing, or a date cannot be read.
    """
    table, events = _read(series_file), _events(_read(events_file))
    series = Series.of(table)
    scored = np.intersect1d(series.parcels, events.parcel_id.unique().astype(np.str_))
    if not len(scored):
        raise InputError("GROWTH_EVENTS_ELSEWHERE", "No parcel of the events has a series.", "Compare their parcel_id.")
    looks = series if hindsight else series.as_it_came()
    find = find_losses_in_hindsight if hindsight else find_losses
    losses = find(looks.ndvi, looks.days)
    settled = losses.at(losses.status == CONFIRMED)
    seasons = _seasons(table, scored)
    return LossReport(
        hindsight,
        _agreement(looks, events, scored, losses, losses.day, seasons),
        _agreement(looks, events, scored, settled, settled.settled, seasons),
        _agreement(looks, events, scored, naive := naive_losses(looks.ndvi, looks.days), naive.day, seasons),
        len(set(events.parcel_id) - set(scored)),
        series.hidden,
    )


def _agreement(
    series: Series, events: pd.DataFrame, scored: npt.NDArray[np.str_], losses: Losses, raised: Days, seasons: int
) -> Agreement:
    dates = dict(iter(events.dropna(subset=["date"]).groupby("parcel_id").date))
    nothing = np.zeros(0, dtype="datetime64[D]")
    matches = []
    for row in np.flatnonzero(np.isin(series.parcels, scored)):
        happened = dates.get(str(series.parcels[row]))
        days = nothing if happened is None else np.sort(happened.to_numpy().astype("datetime64[D]"))
        own = losses.row == row
        seen = series.days[np.isfinite(series.ndvi[row])]
        matches.append(match_parcel(days, losses.day[own], seen, raised[own]))
    return agreement(matches, seasons)


def _seasons(table: pd.DataFrame, scored: npt.NDArray[np.str_]) -> int:
    rows = table[table.parcel_id.astype(str).isin(scored)]
    years = pd.to_datetime(rows.date, utc=True, format="ISO8601").dt.year
    return len(pd.DataFrame({"parcel": rows.parcel_id.astype(str), "year": years}).drop_duplicates())


def _events(table: pd.DataFrame) -> pd.DataFrame:
    missing = [name for name in ("parcel_id", "date") if name not in table.columns]
    if missing:
        raise InputError("GROWTH_EVENTS_COLUMN", f"The events lack {', '.join(missing)}.", "Needed: parcel_id, date.")
    try:
        day = (
            pd.to_datetime(table.date.replace("", None), utc=True, format="ISO8601").dt.tz_localize(None).dt.floor("D")
        )
    except (ValueError, TypeError) as error:
        raise InputError(
            "GROWTH_EVENTS_DATE", "The events hold a date that cannot be read.", "Use ISO dates."
        ) from error
    return pd.DataFrame({"parcel_id": table.parcel_id.astype(str), "date": day}).drop_duplicates()


def _read(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise InputError("GROWTH_FILE", f"There is no file {path}.", "Name a Parquet or CSV file.")
    try:
        return pd.read_parquet(path) if path.suffix.lower() == ".parquet" else pd.read_csv(path)
    except (ValueError, OSError) as error:
        raise InputError("GROWTH_FILE", f"{path} cannot be read as a table.", "Name a Parquet or CSV file.") from error
