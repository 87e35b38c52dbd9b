"""The season of a parcel, put together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sqlalchemy import RowMapping, select

from app.api.access.scope import require_parcels
from app.api.office.curve.marks import marks_of
from app.api.office.curve.neighbours import SPREADS, Around, around
from app.api.office.curve.schemas import CurveLooks, ExpectedBand, NeighbourCurve, ParcelCurve
from app.api.office.desk import Desk
from app.api.office.parcels.newest import newest_run
from app.api.office.parcels.schemas import ParcelSeason
from app.artefacts.curves import Curves, CurveShelf
from app.artefacts.runs import RunShelf
from app.db.tables import ParcelObservation
from geo.errors import InputError
from geo.season import Season

_DIGITS = 4


def parcel_curve(desk: Desk, runs: RunShelf, shelf: CurveShelf, parcel_id: str) -> ParcelCurve:
    """The season of a parcel in the newest run that saw it.

    Raises:
        InputError: the parcel is not there for the person (PARCEL_UNKNOWN), or no run whose files are here looked at
            it (CURVE_NONE).
    """
    require_parcels(desk.connection, desk.scope, [parcel_id])
    run = newest_run(desk.connection, parcel_id)
    folder = None if run is None else runs.find(run["run_id"])
    if run is None or folder is None:
        raise InputError("CURVE_NONE", f"No run whose files are here looked at {parcel_id!r}.", "Run its season.")
    season = ParcelSeason(id=run["season_id"], start=run["season_start"], end=run["season_end"])
    curves = shelf.held(run["run_id"], lambda: Curves.read(folder, _parcels(desk, run), _span(season)))
    near = around(desk.connection, curves, run["run_id"], parcel_id)
    return ParcelCurve(
        parcel_id=parcel_id,
        run_id=run["run_id"],
        season=season,
        looks=_looks(curves, parcel_id),
        expected=None if near is None else _band(near),
        neighbours=None if near is None else _median(near),
        markers=marks_of(desk.connection, folder, run["run_id"], parcel_id),
    )


def _span(season: ParcelSeason) -> Season:
    return Season(season.start, season.end)


def _parcels(desk: Desk, run: RowMapping) -> list[str]:
    seen = ParcelObservation
    return list(desk.connection.scalars(select(seen.parcel_id).where(seen.run_id == run["run_id"])))


def _looks(curves: Curves, parcel_id: str) -> CurveLooks:
    days, ndvi, clear = curves.looks(curves.rows[parcel_id])
    return CurveLooks(date=days, ndvi=_plain(ndvi), clear_share=[round(float(share), 2) for share in clear])


def _band(near: Around) -> ExpectedBand:
    half = SPREADS * near.spread
    return ExpectedBand(date=near.days, low=_plain(near.median - half), high=_plain(near.median + half))


def _median(near: Around) -> NeighbourCurve:
    return NeighbourCurve(count=near.count, date=near.days, median=_plain(near.median))


def _plain(values: npt.NDArray[np.float64]) -> list[float | None]:
    return [None if np.isnan(value) else round(float(value), _DIGITS) for value in values]
