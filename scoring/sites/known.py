"""Looks at one site, by what was known of them when: a look may be told anew, and late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.sites import SiteMeasure
from scoring.sites.progress import Days, Floats, Observed

Instants = npt.NDArray[np.datetime64]

_DAY: Final = np.timedelta64(1, "D")


@dataclass(frozen=True, slots=True)
class Known:
    """Rows of one measure of one site, (n,) each, by day and then by when they became known.

    Attributes:
        days: datetime64[D].
        known_at: datetime64[us], UTC.
        amounts: in the measure's unit.
        errors: standard errors.
        clear: share 0..1 of the measured ground that is clear.
    """

    days: Days
    known_at: Instants
    amounts: Floats
    errors: Floats
    clear: Floats

    def by(self, day: date) -> Known:
        """What was known by the end of a day (UTC): of each day of a look the row that was told last."""
        end = np.datetime64(day, "D") + _DAY
        rows = np.flatnonzero((self.known_at < end) & (self.days < end))
        last = np.append(self.days[rows][1:] != self.days[rows][:-1], values=True)[: len(rows)]
        return self._rows(rows[last])

    def shares(self, planned: float, shared: float = 0.0) -> Observed:
        """As shares of what is planned, a number above 0; each day must be there once. Shared: see Observed."""
        return Observed(self.days, self.amounts / planned, self.errors / planned, shared, self.clear)

    @property
    def told_on(self) -> Days:
        """(d,) days as of which something new was known, rising."""
        return np.unique(np.maximum(self.known_at.astype("datetime64[D]"), self.days))

    def _rows(self, rows: npt.NDArray[np.intp]) -> Known:
        return Known(self.days[rows], self.known_at[rows], self.amounts[rows], self.errors[rows], self.clear[rows])


def known_of(looks: pd.DataFrame, site_id: str) -> Mapping[SiteMeasure, Known]:
    """What is known of a site by measure.

    Args:
        looks: rows of geo.observations.SITE_LOOKS, of any sites; a look may have several rows, told one after another.
        site_id: the site.

    Returns:
        A part for every measure; one without rows is empty.
    """
    mine = looks[looks["site_id"] == site_id].sort_values(["date", "known_at"], kind="stable")
    return {measure: _known(mine[mine["measure"] == str(measure)]) for measure in SiteMeasure}


def _known(rows: pd.DataFrame) -> Known:
    return Known(
        days=rows["date"].to_numpy().astype("datetime64[D]"),
        known_at=_utc(rows["known_at"]),
        amounts=rows["value"].to_numpy(dtype=np.float64),
        errors=rows["error"].to_numpy(dtype=np.float64),
        clear=rows["clear_share"].to_numpy(dtype=np.float64),
    )


def _utc(known_at: pd.Series[datetime]) -> Instants:
    instants = pd.to_datetime(known_at, utc=True).dt.tz_localize(None)
    return instants.to_numpy().astype("datetime64[us]")
