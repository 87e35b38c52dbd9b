"""What a run knows of its parcels before anything is judged: fields with their calendars, and all clear looks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from geo.errors import DataError
from geo.observations import CLEAR_SHARE
from geo.season import Season
from scoring.growth.calendars.regional import RegionCalendar, calendar_of
from scoring.growth.calendars.windows import CropWindows, Expected

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Days = npt.NDArray[np.datetime64]
Texts = npt.NDArray[np.str_]

#: Columns of the looks that are read from series.parquet.
LOOK_COLUMNS: Final = ("parcel_id", "date", "known_at", "ndvi", "clear_share")

#: Legend keys that are cut, whenever it suits, where the calendar knows no harvest of theirs; and those of no plants.
_MOWN: Final = ("grass", "legumes", "fallow")
_WITHOUT_PLANTS: Final = ("built", "water", "aquaculture")


@dataclass(frozen=True, slots=True)
class Fields:
    """The n parcels of a run.

    Attributes:
        parcel_ids: (n,) text.
        crops: (n,) legend key of the declared crop, "" where none is declared.
        points: (n, 2) metres, east and north in one projection; NaN where unknown.
        kind: (n,) int64, position of the crop among those of the run; -1 without a crop. Parcels of one kind are each
            other's neighbours.
        expected: windows of the declared crops.
        region_crops: legend key and windows of every crop of the regions, to say what a stand looks like.
    """

    parcel_ids: Texts
    crops: Texts
    points: Floats
    kind: Ints
    expected: Expected
    region_crops: tuple[tuple[str, CropWindows], ...]

    @classmethod
    def of(
        cls,
        parcel_ids: Sequence[str] | Texts,
        crops: Sequence[str] | Texts,
        points: npt.NDArray[np.floating],
        regions: Sequence[str] | Texts,
        calendars: Sequence[RegionCalendar],
        season: Season,
        *,
        forms: Sequence[str] | Texts | None = None,
    ) -> Self:
        """Lay out calendars by parcel.

        Args:
            parcel_ids: n ids.
            crops: n legend keys, "" for none declared.
            points: (n, 2) metres.
            regions: n names of farming regions, "" for none.
            calendars: what is known (scoring.growth.calendars.regional.load_calendars).
            season: whose windows.
            forms: n forms of the crop ("winter"), "" where not told.

        Raises:
            DataError: the lengths differ.
        """
        ids, keys, places = (np.asarray(part, dtype=np.str_) for part in (parcel_ids, crops, regions))
        form = np.full(len(ids), "") if forms is None else np.asarray(forms, dtype=np.str_)
        if {len(ids)} != {len(keys), len(points), len(places), len(form)}:
            raise DataError("GROWTH_FIELDS_SHAPE", f"{len(ids)} parcels do not fit their crops, points or regions.")
        kinds, kind = _distinct(places, keys, form)
        held = {region: calendar_of(calendars, region, season.end) for region in {region for region, _, _ in kinds}}
        windows = [_windows(held[region], season, crop, name) for region, crop, name in kinds]
        used = {calendar.id: calendar for calendar in held.values() if calendar is not None}
        return cls(
            ids,
            keys,
            np.asarray(points, dtype=np.float64),
            np.where(keys == "", -1, np.unique(keys, return_inverse=True)[1]),
            Expected.of(windows, kind),
            tuple(pair for key in sorted(used) for pair in _region_crops(used[key], season)),
        )

    def __len__(self) -> int:
        """How many parcels."""
        return len(self.parcel_ids)

    def at(self, rows: Ints) -> Self:
        """Some of the parcels, by position."""
        return type(self)(
            self.parcel_ids[rows],
            self.crops[rows],
            self.points[rows],
            self.kind[rows],
            self.expected.at(rows),
            self.region_crops,
        )

    @property
    def mown(self) -> Flags:
        """(n,) whether a fall is a cut as expected: grass and fodder that stand for years, and fallow land."""
        cut: Flags = np.isin(self.crops, _MOWN) & ~self.expected.annual
        return cut

    @property
    def bare(self) -> Flags:
        """(n,) whether nothing grows by what is declared: roofs and water."""
        without: Flags = np.isin(self.crops, _WITHOUT_PLANTS)
        return without


@dataclass(frozen=True, slots=True)
class SeasonLooks:
    """Clear looks of n parcels on t days, held small: 7 bytes a look, dates outermost in memory.

    Attributes:
        ndvi: (n, t) float32, NaN where there was no clear look.
        percent: (n, t) uint8, clear share of the parcel in percent.
        known_on: (n, t) uint16, day (UTC, since 1970-01-01) by whose end the look was known; meaningless without one.
        days: (t,) datetime64[D], ascending.
    """

    ndvi: npt.NDArray[np.float32]
    percent: npt.NDArray[np.uint8]
    known_on: npt.NDArray[np.uint16]
    days: Days

    @classmethod
    def empty(cls, count: int, days: Days) -> Self:
        """Room for the looks of `count` parcels on ascending days."""
        shape = (len(days), count)
        return cls(
            np.full(shape, np.nan, dtype=np.float32).T,
            np.zeros(shape, dtype=np.uint8).T,
            np.zeros(shape, dtype=np.uint16).T,
            days.astype("datetime64[D]"),
        )

    @classmethod
    def of(
        cls,
        ndvi: npt.NDArray[np.floating],
        clear: npt.NDArray[np.floating],
        days: Days,
        known_on: npt.NDArray[np.datetime64] | None = None,
    ) -> Self:
        """Looks from whole arrays.

        Args:
            ndvi: (n, t), NaN where nothing was seen.
            clear: (n, t) 0..1; a look counts from CLEAR_SHARE on.
            days: (t,) ascending.
            known_on: (n, t) when looks became known (UTC); on their own day where not given.

        Raises:
            DataError: the shapes do not fit together.
        """
        if ndvi.shape != clear.shape or ndvi.ndim != 2 or ndvi.shape[1] != len(days):  # noqa: PLR2004 - (n, t)
            raise DataError("LOOKS_SHAPE", f"NDVI {ndvi.shape}, clear {clear.shape} and {len(days)} days do not fit.")
        looks = cls.empty(len(ndvi), days)
        known = np.broadcast_to(looks.days, ndvi.shape) if known_on is None else known_on
        seen = _is_look(ndvi, clear)
        looks.ndvi[seen] = ndvi[seen]
        looks.percent[seen] = np.rint(100 * clear[seen])
        looks.known_on[seen] = known[seen].astype("datetime64[D]").astype(np.int64)
        return looks

    @classmethod
    def read(cls, parcel_ids: Sequence[str] | Texts, days: Days, batches: Iterable[pa.RecordBatch]) -> Self:
        """Looks from batches of LOOK_COLUMNS, so that a long table is never in memory whole.

        Rows of other parcels or days, without an NDVI in -1..1 or with less than CLEAR_SHARE clear are no looks. Of
        several rows of a parcel and day the one that was known first counts, and the clearest of those known on one
        day: what came later changes nothing.
        """
        looks = cls.empty(len(parcel_ids), days)
        ids = pa.array(parcel_ids, pa.string())
        for batch in batches:
            _take(looks, batch, ids)
        return looks

    def at(self, rows: Ints) -> Self:
        """The looks of some parcels, by position; parcels outermost in memory."""
        return type(self)(
            np.ascontiguousarray(self.ndvi.T[:, rows].T),
            np.ascontiguousarray(self.percent.T[:, rows].T),
            np.ascontiguousarray(self.known_on.T[:, rows].T),
            self.days,
        )

    def __len__(self) -> int:
        """How many parcels."""
        return len(self.ndvi)


def _take(looks: SeasonLooks, batch: pa.RecordBatch, ids: pa.Array) -> None:
    row = pc.index_in(batch.column("parcel_id").cast(pa.string()), value_set=ids)
    row = row.fill_null(-1).to_numpy(zero_copy_only=False)
    day = batch.column("date").cast(pa.date32()).to_numpy(zero_copy_only=False).astype("datetime64[D]")
    column = np.minimum(np.searchsorted(looks.days, day), len(looks.days) - 1)
    ndvi, clear = (_numbers(batch.column(name)) for name in ("ndvi", "clear_share"))
    at_instant = batch.column("known_at").cast(pa.timestamp("s", "UTC"), safe=False).to_numpy(zero_copy_only=False)
    known = at_instant.astype("datetime64[D]").astype(np.int64)
    taken = np.flatnonzero((row >= 0) & (looks.days[column] == day) & _is_look(ndvi, clear))
    taken = taken[np.lexsort((clear[taken], -known[taken]))]  # of several the last is written: known first, clearest
    at, percent = (row[taken], column[taken]), np.rint(100 * clear[taken]).astype(np.uint8)
    sooner = (looks.percent[at] == 0) | (known[taken] < looks.known_on[at])
    counts = sooner | (known[taken] == looks.known_on[at]) & (percent >= looks.percent[at])
    at, taken = (at[0][counts], at[1][counts]), taken[counts]
    looks.ndvi[at], looks.percent[at] = ndvi[taken], percent[counts]
    looks.known_on[at] = known[taken]


def _is_look(ndvi: npt.NDArray[np.floating], clear: npt.NDArray[np.floating]) -> Flags:
    look: Flags = (np.abs(ndvi) <= 1.0) & (clear >= CLEAR_SHARE)
    return look


def _numbers(column: pa.Array) -> Floats:
    numbers: Floats = column.cast(pa.float64()).fill_null(np.nan).to_numpy(zero_copy_only=False)
    return numbers


def _distinct(*columns: Texts) -> tuple[list[tuple[str, ...]], Ints]:
    """Distinct rows of text columns, and the position of each row among them."""
    code = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        values, at = np.unique(column, return_inverse=True)
        code = code * len(values) + at
    _, first, which = np.unique(code, return_index=True, return_inverse=True)
    return [tuple(str(column[row]) for column in columns) for row in first], which.astype(np.int64)


def _windows(calendar: RegionCalendar | None, season: Season, crop: str, form: str) -> CropWindows | None:
    return None if calendar is None or not crop else calendar.expected(season, crop, form or None)


def _region_crops(calendar: RegionCalendar, season: Season) -> list[tuple[str, CropWindows]]:
    found = [(row.crop, calendar.expected(season, row.crop, row.form)) for row in calendar.crops]
    return [(crop, windows) for crop, windows in found if windows is not None]
