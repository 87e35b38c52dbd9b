"""What each parcel grows in the season, crop by crop, and at which price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geo.season import Season
from scoring.money import Ints
from scoring.pack_schema import Pack

#: Price of a crop that the pack does not list.
NO_PRICE: Final = -1
#: Price of a crop that the pack prices by season only, where the season is not known.
SEASON_UNKNOWN: Final = -2

Texts = npt.NDArray[np.object_]
Dates = npt.NDArray[np.datetime64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cycles:
    """k cycles with a named crop of the parcels of a table.

    Attributes:
        row: place of the parcel in the table, shape (k,).
        cycle: 1, 2, ...
        crop: legend keys.
        crop_set: lists of legend keys, null where not stated.
        sos: start of the cycle, days, NaT where unknown or where the policy does not ask for it.
    """

    row: Ints
    cycle: Ints
    crop: Texts
    crop_set: pa.ListArray
    sos: Dates

    def take(self, places: npt.NDArray[np.intp], row: Ints) -> Cycles:
        """The cycles at some places, for parcels at other rows of another table."""
        crop_set = self.crop_set.take(pa.array(places))
        return Cycles(row, self.cycle[places], self.crop[places], crop_set, self.sos[places])


@dataclass(frozen=True, slots=True)
class CropLines:
    """k lines, the parcel's own crop first.

    Attributes:
        row: parcel, shape (k,).
        cycle: 1, 2, ...
        crop: legend keys; None where a parcel has no crop named.
        season: season of the pack's calendar that it was sown in; None where unknown, between seasons or not asked for.
        own: whether it is the parcel's own (main) crop.
        known: whether the pack has a price for the crop.
        undated: whether it has none because the season is not known.
        certain: whether the crop is the only one in its set; the parcel's own crop is certain by its status.
        repeated: a crop seen again that counts once.
        mid: minor units per unit of area that count; 0 where the line adds nothing.
        low: least over the crop set.
        high: most over the crop set.
        cycles: how many lines of the parcel count, one per line.
    """

    row: Ints
    cycle: Ints
    crop: Texts
    season: Texts
    own: Bools
    known: Bools
    undated: Bools
    certain: Bools
    repeated: Bools
    mid: Ints
    low: Ints
    high: Ints
    cycles: Ints

    @property
    def priced(self) -> Bools:
        """Own crops that have a price: their parcels can be decided."""
        return self.own & self.known

    @property
    def counted(self) -> Bools:
        """Lines that add to the amount."""
        return self.known & self.certain & ~self.repeated


@dataclass(frozen=True, slots=True)
class _Sets:
    """Prices over the crop set of each of k lines; a crop without a price would give nothing."""

    size: Ints
    least: Ints
    most: Ints


def cycles_of(parcels: pd.DataFrame, seasons: pd.DataFrame, season: Season, pack: Pack) -> Cycles:
    """The season's cycles of a table of parcels, in the order of the parcels.

    Args:
        parcels: with parcel_id; RangeIndex.
        seasons: geo.observations.SEASONS; other seasons, other parcels and cycles without a crop are passed over.
        season: the season that counts.
        pack: the policy, which may ask for the days on which cycles start.
    """
    found = seasons[(seasons.season_id == season.id) & seasons.crop.notna()]
    row = pd.Index(parcels.parcel_id).get_indexer(pd.Index(found.parcel_id))
    places = np.argsort(row, kind="stable")
    places = places[np.searchsorted(row[places], 0) :]
    return Cycles(
        row=row[places].astype(np.int64),
        cycle=found.cycle.to_numpy(dtype=np.int64)[places],
        crop=plain_texts(found.crop)[places],
        crop_set=_lists(found.crop_set).take(pa.array(places)),
        sos=starts(found, pack)[places],
    )


def _lists(column: pd.Series[Any]) -> pa.ListArray:
    """Lists of texts, null where there is none."""
    lists = pa.array(column, pa.list_(pa.string()), from_pandas=True)
    return lists.combine_chunks() if isinstance(lists, pa.ChunkedArray) else lists


def starts(table: pd.DataFrame, pack: Pack) -> Dates:
    """Days (`sos`) on which the rows' crops started, shape (n,), NaT where unknown.

    A policy without prices by season does not ask for them: all are NaT, so that a later image, which moves them by a
    day, changes nothing that its limits rest on.
    """
    if not pack.prices.seasons or "sos" not in table.columns:
        return np.full(len(table), np.datetime64("NaT"), dtype="datetime64[D]")
    days: Dates = pd.to_datetime(table.sos).to_numpy().astype("datetime64[D]")
    return days


def seasons_of(sos: Dates, pack: Pack) -> Texts:
    """Season of the pack's calendar that starts lie in, shape (n,); None where unknown or between seasons."""
    codes, days = pd.factorize(sos)
    calendar = pack.calendar
    keys = [None if calendar is None else calendar.season_of(day) for day in pd.DatetimeIndex(days).date]
    return np.array([*keys, None], dtype=object)[codes]


def crop_lines(parcels: pd.DataFrame, ok: Bools, cycles: Cycles, pack: Pack) -> CropLines:
    """Lines of the parcels whose status is OK.

    The parcel's own crop comes first; then further cycles of the season with another crop, or with the same one where
    the pack says that it may be grown twice. A further crop that is not certain adds nothing but widens the interval.

    Args:
        parcels: the book; RangeIndex.
        ok: whether the status is OK, shape (n,).
        cycles: cycles of this season.
        pack: prices and the crops that may be grown twice.
    """
    rows = np.flatnonzero(ok)
    own_crop, district = plain_texts(parcels.crop), plain_texts(parcels.district)
    sos = parcels.sos.to_numpy().astype("datetime64[D]")
    own_cycle = _own_cycle(own_crop, sos, cycles)
    # The cycle that stands for the parcel's own crop is not counted a second time.
    places = np.flatnonzero(ok[cycles.row] & (cycles.cycle != own_cycle[cycles.row]))
    further = cycles.take(places, cycles.row[places])
    lines = pd.DataFrame(
        {
            "row": np.concatenate([rows, further.row]),
            "cycle": np.concatenate([own_cycle[rows], further.cycle]),
            "crop": pd.Series(np.concatenate([own_crop[rows], further.crop]), dtype=object),
            "season": pd.Series(seasons_of(np.concatenate([sos[rows], further.sos]), pack), dtype=object),
            "own": np.arange(len(rows) + len(further.row)) < len(rows),
        }
    )
    season = plain_texts(lines.season)
    lines["mid"] = prices_of(plain_texts(lines.crop), district[lines.row.to_numpy()], season, pack)
    sets = _with_own(lines.mid[lines.own].to_numpy(), _set_prices(further, district, season[len(rows) :], pack))
    lines = lines.assign(size=sets.size, least=sets.least, most=sets.most)
    return _counted(lines.iloc[np.lexsort((lines.cycle, ~lines.own, lines.row))], pack)


def plain_texts(column: pd.Series[str]) -> Texts:
    """Texts with None for whatever stands for an absent one (NaN never equals itself)."""
    if isinstance(column.dtype, pd.StringDtype):
        texts: Texts = pa.array(column, pa.string()).to_numpy(zero_copy_only=False)
        return texts
    return np.asarray(column.astype(object).where(column.notna(), None), dtype=object)


def prices_of(crop: Texts, district: Texts, season: Texts, pack: Pack) -> Ints:
    """Minor units per unit of area of each crop in its district and season, shape (k,).

    NO_PRICE where the pack has none, SEASON_UNKNOWN where it has one of some season and the season is not known.
    """
    codes, named = zip(*(pd.factorize(column) for column in (crop, district, season)), strict=True)
    shape = tuple(len(names) + 1 for names in named)
    asked, at = np.unique(np.ravel_multi_index(tuple(code + 1 for code in codes), shape), return_inverse=True)
    columns = [
        np.array([None, *names])[place] for names, place in zip(named, np.unravel_index(asked, shape), strict=True)
    ]
    prices = [_price(*each, pack) for each in zip(columns[0], columns[1], columns[2], strict=True)]
    return np.array(prices, dtype=np.int64)[at]


def _price(crop: str | None, district: str | None, season: str | None, pack: Pack) -> int:
    if crop is None:
        return NO_PRICE
    amount = pack.prices.amount(crop, district, season)
    if amount is None:
        return SEASON_UNKNOWN if season is None and pack.prices.has_seasons(crop, district) else NO_PRICE
    return pack.minor(amount)


def _own_cycle(own_crop: Texts, sos: Dates, cycles: Cycles) -> Ints:
    """Cycle of each parcel's own crop: the one that carries it and starts with it, else the first that does, else 1."""
    same = cycles.crop == own_crop[cycles.row]
    never = np.iinfo(np.int64).max
    first, started = np.full(len(own_crop), never), np.full(len(own_crop), never)
    np.minimum.at(first, cycles.row[same], cycles.cycle[same])
    same &= cycles.sos == sos[cycles.row]
    np.minimum.at(started, cycles.row[same], cycles.cycle[same])
    found = np.where(started == never, first, started)
    return np.where(found == never, 1, found)


def _set_prices(cycles: Cycles, district: Texts, season: Texts, pack: Pack) -> _Sets:
    size = pc.fill_null(pc.list_value_length(cycles.crop_set), 0).to_numpy(zero_copy_only=False).astype(np.int64)
    flat = cycles.crop_set.flatten().to_numpy(zero_copy_only=False).astype(object)
    prices = np.maximum(prices_of(flat, np.repeat(district[cycles.row], size), np.repeat(season, size), pack), 0)
    return _Sets(size, _over(np.minimum, prices, size), _over(np.maximum, prices, size))


def _over(reduce: np.ufunc, values: Ints, size: Ints) -> Ints:
    """Least or most of consecutive groups of values; 0 of an empty one."""
    reduced = np.zeros(len(size), dtype=np.int64)
    starts = np.cumsum(size) - size
    reduced[size > 0] = reduce.reduceat(values, starts[size > 0]) if len(values) else 0
    return reduced


def _with_own(own: Ints, further: _Sets) -> _Sets:
    single = np.maximum(own, 0)
    return _Sets(
        np.concatenate([np.ones_like(own), further.size]),
        np.concatenate([single, further.least]),
        np.concatenate([single, further.most]),
    )


def _counted(lines: pd.DataFrame, pack: Pack) -> CropLines:
    row, own, mid = (lines[name].to_numpy() for name in ("row", "own", "mid"))
    certain = own | (lines["size"] == 1).to_numpy()
    crop = plain_texts(lines.crop)
    codes, names = pd.factorize(crop)
    repeats = np.isin(codes, np.flatnonzero(np.isin(names, pack.evidence.repeat_crops)))
    repeated = pd.Series(row * (len(names) + 1) + codes + 1).duplicated().to_numpy() & ~repeats
    known = mid >= 0
    counted = known & certain & ~repeated
    return CropLines(
        row=row,
        cycle=lines.cycle.to_numpy(),
        crop=crop,
        season=plain_texts(lines.season),
        own=own,
        known=known,
        undated=mid == SEASON_UNKNOWN,
        certain=certain,
        repeated=repeated,
        mid=np.where(counted, mid, 0),
        low=np.where(counted, lines.least, 0),
        high=np.where(known & ~repeated, np.maximum(mid, lines.most), 0),
        cycles=np.bincount(row, weights=counted, minlength=1)[row].astype(np.int64),
    )
