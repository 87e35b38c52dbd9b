"""A book of parcels, laid out in columns of whole numbers, ready for a formula.

Nothing here knows a formula: which parcels count, which crops they carry at which price, on which area.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.area import HECTARE_M2, convert_area
from geo.status import Status
from scoring.crop_lines import Bools, CropLines, crop_lines, plain_texts
from scoring.intake import Intake
from scoring.money import Floats, Ints, round_floats
from scoring.pack_schema import Area, Pack

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
        named: whether the group is a farmer, shape (g,).
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
        found: what farmers' parcels state, by column, once it was asked for; see `group_fact`.
    """

    frame: pd.DataFrame
    group: Ints
    farmers: tuple[str | None, ...]
    named: Bools
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
    found: dict[str, tuple[Ints, Ints, Bools]] = field(default_factory=dict)

    def totals(self, amounts: Ints) -> Ints:
        """Sums over each group's parcels, shape (g,)."""
        sums = np.zeros(len(self.named), dtype=np.int64)
        np.add.at(sums, self.group, amounts)
        return sums

    def group_fact(self, column: str, careful: str) -> tuple[Ints, Bools, Bools]:
        """A fact of the farmer stated on parcels: (value, stated, rows disagree), each of shape (g,).

        Where rows disagree the careful one counts: "max" of a debt, "min" of a capacity. Found once for each column.
        """
        if column not in self.found:
            self.found[column] = self._bounds(column)
        least, most, known = self.found[column]
        return np.where(known, most if careful == "max" else least, 0), known, known & (least != most)

    def _bounds(self, column: str) -> tuple[Ints, Ints, Bools]:
        """Least and most of what each group's parcels state, and whether any does, shape (g,)."""
        stated = self.frame[column].notna().to_numpy()
        values, group = self.frame[column][stated].to_numpy(dtype=np.int64), self.group[stated]
        least = np.full(len(self.named), np.iinfo(np.int64).max)
        most = np.full(len(self.named), np.iinfo(np.int64).min)
        np.minimum.at(least, group, values)
        np.maximum.at(most, group, values)
        known = np.zeros(len(self.named), dtype=bool)
        known[group] = True
        return least, most, known


def open_book(intake: Intake, pack: Pack) -> Book:
    """Lay a checked table of parcels out."""
    frame = intake.frame
    status = plain_texts(frame.status)
    ok = status == str(Status.OK)
    lines = crop_lines(frame, ok, intake.cycles, pack)
    decided = np.zeros(len(frame), dtype=bool)
    decided[lines.row[lines.priced]] = True
    approved = frame.approved_minor.astype("Int64")
    is_kept = ~ok & approved.notna().to_numpy()
    certified_ha: Floats = frame.certified_area_ha.to_numpy(dtype=np.float64, na_value=np.nan)
    ends = area_interval_ha(frame, pack)
    measured_ha = ends[1]
    low, mid, high = (_area(area_ha, certified_ha, pack) for area_ha in ends)
    careful = pack.evidence.pays == "low"
    return Book(
        frame=frame,
        group=intake.group,
        farmers=tuple(name if named else None for name, named in zip(intake.subjects, intake.named, strict=True)),
        named=intake.named,
        decided=ok & decided,
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


def area_interval_ha(frame: pd.DataFrame, pack: Pack) -> tuple[Floats, Floats, Floats]:
    """Least, measured and most area (hectares) of each parcel, shape (n,) each.

    The half-width is the border's own error where it is known, else the pack's share of the area.
    """
    measured_ha = np.asarray(frame.cropped_area_ha.astype(float).fillna(frame.area_ha), dtype=np.float64)
    own: Floats = frame.area_error_ha.to_numpy(dtype=np.float64, na_value=np.nan)
    error_ha = np.where(np.isnan(own), measured_ha * float(pack.area.interval_share), own)
    return np.maximum(measured_ha - error_ha, 0.0), measured_ha, measured_ha + error_ha


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
