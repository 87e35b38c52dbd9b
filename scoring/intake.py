"""A table of parcels checked and grouped by farmer, and cut into parts of whole farmers.

A farmer's limit depends on nothing but the farmer's own parcels, with one exception: peers of vigour, which are found
here over the whole book. So a part, however small, gives what the whole book gives.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import DataError
from geo.season import Season
from geo.status import Status
from scoring.crop_lines import Bools, Cycles, Texts, cycles_of, plain_texts, prices_of, seasons_of, starts
from scoring.money import Ints
from scoring.pack_schema import Pack
from scoring.remarks import readable
from scoring.status import UNDECIDED

#: What a Kisan Credit Card asks of a farmer beside the crops: the year of the facility (1 is the first), premiums, and
#: the term loans outstanding in that year.
CARD: Final = (
    "facility_year", "crop_insurance_minor", "personal_insurance_minor", "asset_insurance_minor", "term_loan_minor",
)  # fmt: skip
#: What people state of a parcel; a table may lack these columns, as in geo.observations and geo.parcels.
STATED: Final = (
    "land_right", "certified_area_ha", "district", "other_debt_minor", "household_capacity_minor", "approved_minor",
    *CARD,
)  # fmt: skip
#: Peers of a parcel's vigour: how many, and their median.
PEERS: Final = ("peers", "peer_median")
_OPTIONAL: Final = (
    "farmer_id",
    "declared_crop",
    "cropped_area_ha",
    "area_error_ha",
    "vigour_pct",
    *STATED,
    *PEERS,
    "remarks",
)
_REQUIRED: Final = ("parcel_id", "season_id", "status", "area_ha", "crop")
_NOT_NEGATIVE: Final = (
    "other_debt_minor", "household_capacity_minor", "approved_minor", "certified_area_ha", "area_error_ha", *CARD,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Intake:
    """n parcels of g farmers (a parcel without a farmer stands for itself).

    Attributes:
        frame: the parcels with all columns that a limit may need, RangeIndex; `sos` as datetime64.
        cycles: cycles of the season.
        group: farmer of each parcel, shape (n,), numbered in the order of their first parcels.
        subjects: farmer_id, or parcel_id of a parcel on its own, shape (g,).
        named: whether the group is a farmer, shape (g,).
    """

    frame: pd.DataFrame
    cycles: Cycles
    group: Ints
    subjects: Texts
    named: Bools

    def parts(self, parcels: int) -> Iterator[tuple[npt.NDArray[np.intp], Intake]]:
        """Parts of whole farmers with about as many parcels, and the rows of each part."""
        size = np.bincount(self.group, minlength=len(self.subjects))
        part = (np.cumsum(size) - size) // parcels
        of_row = part[self.group] if len(part) else self.group
        rows, cycles = np.argsort(of_row, kind="stable"), np.argsort(of_row[self.cycles.row], kind="stable")
        ends = np.arange(1, (int(part[-1]) if len(part) else 0) + 1)
        row_cuts = np.split(rows, np.searchsorted(of_row[rows], ends))
        cycle_cuts = np.split(cycles, np.searchsorted(of_row[self.cycles.row[cycles]], ends))
        for own_rows, own_cycles in zip(row_cuts, cycle_cuts, strict=True):
            if len(own_rows) or not len(rows):
                yield own_rows, self._cut(own_rows, own_cycles)

    def only(self, groups: Bools) -> Intake:
        """The parcels of some groups, shape (g,)."""
        return self._cut(np.flatnonzero(groups[self.group]), np.flatnonzero(groups[self.group[self.cycles.row]]))

    def _cut(self, rows: npt.NDArray[np.intp], cycles: npt.NDArray[np.intp]) -> Intake:
        place = np.full(len(self.frame), -1, dtype=np.int64)
        place[rows] = np.arange(len(rows))
        groups, group = np.unique(self.group[rows], return_inverse=True)
        return Intake(
            self.frame.iloc[rows].reset_index(drop=True),
            self.cycles.take(cycles, place[self.cycles.row[cycles]]),
            group.astype(np.int64),
            self.subjects[groups],
            self.named[groups],
        )


def take_in(parcels: pd.DataFrame, seasons: pd.DataFrame, pack: Pack, season: Season) -> Intake:
    """Check a book and group it.

    Args:
        parcels: see scoring.limits.limit_book. Where it holds the columns peers and peer_median they count; otherwise
            peers are found among its parcels, if the policy asks for them.
        seasons: geo.observations.SEASONS.
        pack: the policy.
        season: the season that the parcels were observed in.

    Raises:
        DataError: a column is missing, another season, a parcel twice, an unknown status, a negative fact.
    """
    known = with_peers(parcels, pack)
    frame = _checked(known, season).assign(sos=starts(known, pack))
    group, subjects, named = _groups(frame)
    return Intake(frame, cycles_of(frame, seasons, season, pack), group, subjects, named)


def with_peers(parcels: pd.DataFrame, pack: Pack) -> pd.DataFrame:
    """The table with the columns peers and peer_median, if the policy asks for them and they are not there.

    Peers of a parcel are the decided parcels of the same crop and district, the parcel among them.
    """
    if pack.vigour is None or not pack.vigour.applied or set(PEERS) <= set(parcels.columns):
        return parcels
    table = parcels.reindex(columns=[*parcels.columns, *({"district", "vigour_pct"} - set(parcels.columns))])
    crop, district = plain_texts(table.crop), plain_texts(table.district)
    prices = prices_of(crop, district, seasons_of(starts(table, pack), pack), pack)
    decided = (table.status == str(Status.OK)).to_numpy() & (prices >= 0)
    own = table.vigour_pct.astype(float).where(decided)
    by = own.groupby([pd.factorize(crop)[0], pd.factorize(district)[0]])
    return parcels.assign(peers=by.transform("count"), peer_median=by.transform("median"))


def _checked(parcels: pd.DataFrame, season: Season) -> pd.DataFrame:
    for column in _REQUIRED:
        if column not in parcels.columns:
            raise DataError("PARCELS_COLUMN", f"The table of parcels lacks the column {column!r}.")
    present = [column for column in (*_REQUIRED, *_OPTIONAL) if column in parcels.columns]
    frame = parcels[present].reset_index(drop=True)
    frame = frame.assign(**{column: None for column in _OPTIONAL if column not in present})
    _refuse(frame, frame.season_id != season.id, f"is of another season than {season.id}")
    _refuse(frame, frame.parcel_id.duplicated(), "is there twice")
    _refuse(frame, ~frame.status.isin([str(Status.OK), *UNDECIDED]), "has an unknown status")
    _refuse(frame, ~readable(frame.remarks), "has remarks that cannot be read")
    for column in _NOT_NEGATIVE:
        figures = pd.to_numeric(frame[column])
        _refuse(frame, figures.lt(0).fillna(value=False), f"has a negative {column}")
        frame[column] = figures.astype("Float64" if column.endswith("_ha") else "Int64")
    _refuse(frame, frame.facility_year.eq(0).fillna(value=False), "has the facility_year 0; the first year is 1")
    measured = frame.cropped_area_ha.astype(float).fillna(frame.area_ha.astype(float))
    ok = frame.status == str(Status.OK)
    _refuse(frame, ok & ~(measured >= 0) | np.isinf(measured), "has no usable area")
    return frame


def _refuse(frame: pd.DataFrame, wrong: pd.Series[bool], what: str) -> None:
    if wrong.any():
        first = frame.parcel_id[wrong].iloc[0]
        raise DataError("PARCEL_FACT", f"The parcel {first!r} {what}.", "Correct the table of parcels.")


def _groups(frame: pd.DataFrame) -> tuple[Ints, Texts, Bools]:
    farmer, names = pd.factorize(plain_texts(frame.farmer_id))
    own = np.flatnonzero(farmer < 0)
    farmer[own] = len(names) + np.arange(len(own))
    group, order = pd.factorize(farmer)
    subjects = np.concatenate([names.astype(object), plain_texts(frame.parcel_id)[own]])
    return group.astype(np.int64), subjects[order], order < len(names)
