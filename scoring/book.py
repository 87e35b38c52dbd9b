"""A book of parcels, checked and laid out in columns of whole numbers, ready for a formula.

Nothing here knows a formula: which parcels count, which crops they carry at which price, on which area.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.area import HECTARE_M2, convert_area
from geo.errors import DataError
from geo.season import Season
from geo.status import Status
from scoring.crop_lines import CropLines, crop_lines
from scoring.money import Floats, Ints, round_floats
from scoring.pack_schema import Area, Pack

Bools = npt.NDArray[np.bool_]

#: Columns that a table of parcels may lack: absent facts, as in geo.observations and geo.parcels.
_FACTS: Final = (
    "farmer_id", "declared_crop", "cropped_area_ha", "vigour_pct", "land_right", "certified_area_ha", "district",
    "other_debt_minor", "household_capacity_minor", "approved_minor",
)  # fmt: skip
_REQUIRED: Final = ("parcel_id", "season_id", "status", "area_ha", "crop")

#: Binary noise of areas (in the smallest step) that must not tip a rounding.
_NOISE_DECIMALS: Final = 6


@dataclass(frozen=True, slots=True)
class Case:
    """One view of what is uncertain: the middle, or one end of the interval.

    Attributes:
        area: shape (n,), whole steps of the pack's area unit.
        price: shape (k,), minor units per unit of area, one per crop line.
    """

    area: Ints
    price: Ints


@dataclass(frozen=True, slots=True)
class Book:
    """n parcels of g farmers (a parcel without a farmer stands for itself).

    Attributes:
        frame: the parcels with all fact columns, RangeIndex.
        group: farmer of each parcel, shape (n,).
        farmers: farmer_id of each group, None for a parcel on its own.
        decided: status OK, and the crop has a price.
        status: Status values, shape (n,).
        kept: last approved amount of a parcel whose status is not OK, else 0.
        is_kept: whether there is one.
        lines: what each decided parcel grows.
        measured: measured area, whole steps.
        certified: certified area, whole steps; -1 where not stated.
        mid: the figures that count.
        low: the careful end.
        high: the other end.
    """

    frame: pd.DataFrame
    group: Ints
    farmers: tuple[str | None, ...]
    decided: Bools
    status: npt.NDArray[np.object_]
    kept: Ints
    is_kept: Bools
    lines: CropLines
    measured: Ints
    certified: Ints
    mid: Case
    low: Case
    high: Case

    def totals(self, amounts: Ints) -> Ints:
        """Sums over each group's parcels, shape (g,)."""
        sums = np.zeros(len(self.farmers), dtype=np.int64)
        np.add.at(sums, self.group, amounts)
        return sums

    def group_fact(self, column: str, careful: str) -> tuple[Ints, Bools, Bools]:
        """A fact of the farmer stated on parcels: (value, stated, rows disagree), each of shape (g,).

        Where rows disagree the careful one counts: "max" of a debt, "min" of a capacity.
        """
        stated = self.frame[column].dropna().astype("int64")
        by_group = stated.groupby(self.group[stated.index.to_numpy()])
        least, most = by_group.min(), by_group.max()
        chosen = most if careful == "max" else least
        value = np.zeros(len(self.farmers), dtype=np.int64)
        known = np.zeros(len(self.farmers), dtype=bool)
        differs = known.copy()
        value[chosen.index], known[chosen.index] = chosen, True
        differs[chosen.index] = (least != most).to_numpy()
        return value, known, differs


def open_book(parcels: pd.DataFrame, seasons: pd.DataFrame, pack: Pack, season: Season) -> Book:
    """Check a book and lay it out.

    Raises:
        DataError: a column is missing, another season, a parcel twice, an unknown status, a negative fact.
    """
    frame = _checked(parcels, season)
    status = frame.status.to_numpy(dtype=object)
    ok = status == str(Status.OK)
    lines = crop_lines(frame[ok], seasons[seasons.season_id == season.id], pack)
    decided = ok & np.isin(np.arange(len(frame)), lines.row[lines.priced])
    approved = frame.approved_minor.astype("Int64")
    is_kept = ~ok & approved.notna().to_numpy()
    group, farmers = _groups(frame)
    measured_ha = np.asarray(frame.cropped_area_ha.astype(float).fillna(frame.area_ha), dtype=np.float64)
    certified_ha: Floats = frame.certified_area_ha.to_numpy(dtype=np.float64, na_value=np.nan)
    reach = float(pack.area.interval_share)
    low, mid, high = (_area(measured_ha * (1 + side * reach), certified_ha, pack) for side in (-1, 0, 1))
    careful = pack.evidence.pays == "low"
    return Book(
        frame=frame,
        group=group,
        farmers=farmers,
        decided=decided,
        status=status,
        kept=np.where(is_kept, approved.fillna(0).to_numpy(dtype=np.int64), 0),
        is_kept=is_kept,
        lines=lines,
        measured=_steps(measured_ha, pack),
        certified=np.where(np.isnan(certified_ha), -1, _steps(np.nan_to_num(certified_ha), pack)),
        mid=Case(low if careful else mid, lines.low if careful else lines.mid),
        low=Case(low, lines.low),
        high=Case(high, lines.high),
    )


def _checked(parcels: pd.DataFrame, season: Season) -> pd.DataFrame:
    for column in _REQUIRED:
        if column not in parcels.columns:
            raise DataError("PARCELS_COLUMN", f"The table of parcels lacks the column {column!r}.")
    frame = parcels.reset_index(drop=True).copy()
    for column in _FACTS:
        if column not in frame.columns:
            frame[column] = None
    _refuse(frame, frame.season_id != season.id, f"is of another season than {season.id}")
    _refuse(frame, frame.parcel_id.duplicated(), "is there twice")
    _refuse(frame, ~frame.status.isin([str(status) for status in Status]), "has an unknown status")
    for column in ("other_debt_minor", "household_capacity_minor", "approved_minor", "certified_area_ha"):
        figures = pd.to_numeric(frame[column])
        _refuse(frame, figures.lt(0).fillna(value=False), f"has a negative {column}")
        frame[column] = figures.astype("Float64" if column.endswith("_ha") else "Int64")
    measured = frame.cropped_area_ha.astype(float).fillna(frame.area_ha.astype(float))
    ok = frame.status == str(Status.OK)
    _refuse(frame, ok & ~(measured >= 0) | np.isinf(measured), "has no usable area")
    return frame


def _refuse(frame: pd.DataFrame, wrong: pd.Series[bool], what: str) -> None:
    if wrong.any():
        first = frame.parcel_id[wrong].iloc[0]
        raise DataError("PARCEL_FACT", f"The parcel {first!r} {what}.", "Correct the table of parcels.")


def _groups(frame: pd.DataFrame) -> tuple[Ints, tuple[str | None, ...]]:
    """Groups in order of their first parcel."""
    named = frame.farmer_id.notna().to_numpy()
    own = [(True, farmer) if has else (False, parcel) for has, farmer, parcel in
           zip(named, frame.farmer_id, frame.parcel_id, strict=True)]  # fmt: skip
    order: dict[tuple[bool, str], int] = {}
    group = np.array([order.setdefault(key, len(order)) for key in own], dtype=np.int64)
    return group, tuple(name if is_farmer else None for is_farmer, name in order)


def _area(measured_ha: Floats, certified_ha: Floats, pack: Pack) -> Ints:
    if pack.area.basis == "lesser_of_measured_and_certified":
        measured_ha = np.fmin(measured_ha, certified_ha)
    return _steps(measured_ha, pack)


def _steps(area_ha: Floats, pack: Pack) -> Ints:
    """Whole steps (hundredths of a mu, say) by the pack's rounding; NaN counts as none."""
    per_ha = float(convert_area(HECTARE_M2, "ha", pack.prices.area_unit) / HECTARE_M2) * step_count(pack.area)
    steps = np.round(np.nan_to_num(area_ha) * per_ha, _NOISE_DECIMALS)
    return round_floats(steps, pack.area.mode)


def step_count(area: Area) -> int:
    """Steps in one unit of area: 100 with two decimals."""
    return int(10**area.decimals)
