"""How far the season has come on each parcel: growth, and the planned crops that were told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import InputError
from geo.season import Season, parse_season
from geo.status import Status
from scoring.book import Book
from scoring.crop_lines import Bools, Texts, plain_texts
from scoring.money import Ints
from scoring.pack_schema import Pack
from scoring.seasons.earlier import UNCROPPED, ids_of, is_certain
from scoring.seasons.field_signs import FieldSigns


@dataclass(frozen=True, slots=True)
class Seen:
    """What was observed of a season until a day.

    Attributes:
        parcels: geo.observations.PARCELS.
        seasons: geo.observations.SEASONS.
    """

    parcels: pd.DataFrame
    seasons: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Progress:
    """What was seen of n planned parcels.

    Attributes:
        observed: whether the parcel is in the observations, shape (n,).
        ploughed: the ground was seen bare after a cover, or more than that.
        sown: growth began in the season, or a crop of it was told.
        closed: the canopy closed.
        told: the crop that grows was decided.
        area_holds: the area seen is, within the pack's tolerance, not less than what the amount rests on.
        cost: minor units per unit of area of all planned crops with a price.
        seen_cost: those of the planned crops that were told.
        planned: main planned crop, None where there is none.
        crop: main crop seen, None where not decided.
        alerted: an open alert of level action says that the parcel fell on its own.
    """

    observed: Bools
    ploughed: Bools
    sown: Bools
    closed: Bools
    told: Bools
    area_holds: Bools
    cost: Ints
    seen_cost: Ints
    planned: Texts
    crop: Texts
    alerted: Bools


def progress_of(
    book: Book, seen: Seen | None, pack: Pack, season: Season, day: date, signs: FieldSigns | None = None
) -> Progress:
    """Progress of a planned book.

    Args:
        book: the planned parcels, laid out.
        seen: observations of the season; None where there are none yet.
        pack: prices, area basis and tolerance.
        season: the season planned.
        day: as of which it is asked.
        signs: what growth monitoring tells beside; it only adds to what is confirmed.

    Raises:
        InputError: the observations are of another time, or go on past the day.
    """
    found = _observed(book, seen, pack, season, day)
    return found if signs is None else _with_signs(found, signs, ids_of(book.frame.parcel_id))


def _observed(book: Book, seen: Seen | None, pack: Pack, season: Season, day: date) -> Progress:
    lines, n = book.lines, len(book.frame)
    cost = np.zeros(n, dtype=np.int64)
    np.add.at(cost, lines.row, lines.mid)
    blank = np.zeros(n, dtype=bool)
    planned = plain_texts(book.frame.crop)
    if seen is None or seen.parcels.empty:
        nothing = np.full(n, None, dtype=object)
        return Progress(blank, blank, blank, blank, blank, blank, cost, cost * 0, planned, nothing, blank)
    _check_time(seen, season, day)
    ids = ids_of(book.frame.parcel_id)
    own, crops = _own(seen, season, day), _told(seen, season, day)
    here = pd.MultiIndex.from_arrays([ids[lines.row], lines.crop]).isin(pd.MultiIndex.from_frame(crops))
    seen_cost = np.zeros(n, dtype=np.int64)
    np.add.at(seen_cost, lines.row[here], lines.mid[here])
    at = own.reindex(ids)
    sown = ids.isin(_green(seen, season, day)) | (at.crop.notna() & ~at.crop.isin(UNCROPPED)).to_numpy()
    return Progress(
        observed=ids.isin(ids_of(seen.parcels.parcel_id)),
        ploughed=sown,
        sown=sown,
        closed=blank,
        told=plain_texts(at.crop).astype(bool),
        area_holds=_holds(book, at.area_ha.to_numpy(dtype=np.float64), pack),
        cost=cost,
        seen_cost=seen_cost,
        planned=planned,
        crop=plain_texts(at.crop),
        alerted=blank,
    )


def _with_signs(found: Progress, signs: FieldSigns, ids: pd.Index[str]) -> Progress:
    closed = found.closed | ids.isin(signs.closed)
    sown = found.sown | ids.isin(signs.sown) | closed
    return replace(
        found,
        observed=found.observed | ids.isin(signs.observed),
        ploughed=found.ploughed | ids.isin(signs.bare) | sown,
        sown=sown,
        closed=closed,
        alerted=ids.isin(signs.alerted),
    )


def _check_time(seen: Seen, season: Season, day: date) -> None:
    observed = parse_season(seen.parcels.season_id.iloc[0])
    if observed.end > day:
        said = f"The observations go on to {observed.end}, past {day}."
        raise InputError("TRANCHE_DAY", said, "Name a run that ends by that day, or a later day.")
    if observed.end < season.start or observed.start > season.end:
        said = f"The observations of {observed.id} lie outside the season {season.id}."
        raise InputError("TRANCHE_SEASON", said, "Name a run that observed the season.")


def _within(table: pd.DataFrame, season: Season, day: date) -> pd.Series[bool]:
    """Crops that started in the season until the day; one of an unknown day where all that was seen lies in it."""
    sos = pd.to_datetime(table.sos)
    started = sos.between(pd.Timestamp(season.start), pd.Timestamp(min(day, season.end)))
    whole = table.season_id.map({name: parse_season(name).start >= season.start for name in table.season_id.unique()})
    return started | (sos.isna() & whole.astype(bool))


def _own(seen: Seen, season: Season, day: date) -> pd.DataFrame:
    """Decided crop (of this season) and its area (ha) by parcel_id."""
    table = seen.parcels.set_index(ids_of(seen.parcels.parcel_id).rename("parcel_id"))
    ok = (table.status == str(Status.OK)) & table.crop.notna() & _within(table, season, day)
    area_ha = table.cropped_area_ha.astype(float).fillna(table.area_ha)
    return pd.DataFrame({"crop": table.crop.where(ok), "area_ha": area_ha.where(ok)})


def _told(seen: Seen, season: Season, day: date) -> pd.DataFrame:
    """Crops that were told for certain: parcel_id, crop."""
    own = _own(seen, season, day).crop.dropna().reset_index()
    decided = ids_of(seen.parcels.parcel_id[seen.parcels.status == str(Status.OK)])
    cycles = seen.seasons[is_certain(seen.seasons) & _within(seen.seasons, season, day)]
    told = ids_of(cycles.parcel_id).isin(decided)
    return pd.concat([own, cycles.loc[told, ["parcel_id", "crop"]]]).astype(object)


def _green(seen: Seen, season: Season, day: date) -> npt.NDArray[np.object_]:
    """Parcels on which a crop, whichever it is, started in the season."""
    cycles = seen.seasons[seen.seasons.sos.notna() & _within(seen.seasons, season, day)]
    return cycles.parcel_id[~cycles.crop.isin(UNCROPPED)].to_numpy(dtype=object)


def _holds(book: Book, seen_ha: npt.NDArray[np.float64], pack: Pack) -> Bools:
    asked = book.frame.cropped_area_ha.astype(float).fillna(book.frame.area_ha).to_numpy(dtype=np.float64)
    if pack.area.basis == "lesser_of_measured_and_certified":
        asked = np.fmin(asked, book.frame.certified_area_ha.to_numpy(dtype=np.float64, na_value=np.nan))
    return np.asarray(seen_ha >= asked * (1.0 - float(pack.area.mismatch_share)))
