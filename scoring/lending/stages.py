"""What growth means for a loan that falls due or is overdue: was its crop there, and which way stands open.

Nothing here changes a loan or says why somebody did not pay: a crop that grew is a question to ask, no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from scoring.pack_relief import Collection

#: Causes of alerts that mean that a crop is lost or was never there. A stand of another crop, one that is late, or one
#: that was cut early may still be sold.
FAILING: Final = frozenset(
    ("abrupt_loss", "not_sown", "open_canopy", "slow_decline", "abandoned", "flood", "construction", "not_harvested")
)


class CropState(StrEnum):
    """What was seen of a crop, in the order in which equals give way: what asks most comes first."""

    FAILED_OWN = "failed_own"
    FAILED_REGIONAL = "failed_regional"
    FAILED_UNCLEAR = "failed_unclear"
    NOT_SEEN = "not_seen"
    GROWING = "growing"
    HARVESTED = "harvested"


class Path(StrEnum):
    """Which way a person may go on."""

    VISIT = "visit"
    RELIEF = "relief"
    EXTENSION = "extension"
    ASK = "ask"
    REMIND = "remind"


@dataclass(frozen=True, slots=True)
class PlotCrop:
    """A plot's crop of a loan's term.

    Attributes:
        parcel_id: the parcel.
        area_ha: weight of the plot among those of the loan.
        state: what was seen.
        on: day of what was seen; None where nothing was.
        harvest_on: first day on which a harvest is expected; None where nobody said.
    """

    parcel_id: str
    area_ha: float
    state: CropState
    on: date | None = None
    harvest_on: date | None = None


@dataclass(frozen=True, slots=True)
class LoanCrop:
    """The crop of a loan over all its plots.

    Attributes:
        state: that of most of the area; among equals the one that asks most. NOT_SEEN without plots.
        on: latest day of what was seen in that state.
        plots: number of plots by state.
        harvest_on: first day on which all of it is expected to be harvested; None where no plot says.
    """

    state: CropState
    on: date | None
    plots: Mapping[CropState, int]
    harvest_on: date | None


@dataclass(frozen=True, slots=True)
class Account:
    """A loan account as of a day.

    Attributes:
        due_on: None where not known.
        days_overdue: as the core system counts them; None where not known.
        owed: False where it is known that nothing is.
    """

    due_on: date | None
    days_overdue: int | None
    owed: bool = True


@dataclass(frozen=True, slots=True)
class Stage:
    """A loan that falls due, or is overdue.

    Attributes:
        code: of the text in scoring.wording.stages.
        path: which way stands open.
        overdue: whether the core system counts days overdue, or the due day lies behind.
        days: to the due day, or since it; the core system's count where it has one. None where neither is known.
        reminder: which of the pack's reminders the loan has come to, days before; None once it is overdue.
    """

    code: str
    path: Path
    overdue: bool
    days: int | None
    reminder: int | None


_PATHS: Final[Mapping[CropState, Path]] = {
    CropState.FAILED_OWN: Path.VISIT,
    CropState.FAILED_REGIONAL: Path.RELIEF,
    CropState.FAILED_UNCLEAR: Path.VISIT,
}
#: States of a crop that may still be harvested.
_MAY_COME: Final = (CropState.GROWING, CropState.NOT_SEEN)


def loan_crop(plots: Iterable[PlotCrop]) -> LoanCrop:
    """The crop of a loan from that of its plots."""
    own = list(plots)
    areas: dict[CropState, float] = {}
    for plot in own:
        areas[plot.state] = areas.get(plot.state, 0.0) + plot.area_ha
    order = list(CropState)
    state = max(areas, key=lambda each: (areas[each], -order.index(each)), default=CropState.NOT_SEEN)
    counts = {each: sum(plot.state == each for plot in own) for each in order if each in areas}
    days = [plot.on for plot in own if plot.state == state and plot.on is not None]
    later = [plot.harvest_on for plot in own if plot.harvest_on is not None and plot.state != CropState.HARVESTED]
    return LoanCrop(state, max(days, default=None), counts, max(later, default=None))


def loan_stage(account: Account, crop: LoanCrop, collection: Collection, day: date) -> Stage | None:
    """Where a loan stands on a day; None where it neither falls due soon nor is overdue.

    Args:
        account: of the loan.
        crop: what was seen of its crop by the day.
        collection: reminders of the pack.
        day: local day.
    """
    if not account.owed:
        return None
    left = None if account.due_on is None else (account.due_on - day).days
    if (account.days_overdue or 0) > 0 or (left is not None and left < 0):
        days = account.days_overdue or (None if left is None else -left)
        return _stage("OVERDUE", account, crop, collection, days, None)
    reminder = _reminder(left, collection)
    return None if reminder is None else _stage("DUE", account, crop, collection, left, reminder)


def _stage(
    prefix: str, account: Account, crop: LoanCrop, collection: Collection, days: int | None, reminder: int | None
) -> Stage:
    overdue = prefix == "OVERDUE"
    if _due_before_harvest(account, crop, collection):
        return Stage(f"{prefix}_BEFORE_HARVEST", Path.EXTENSION, overdue, days, reminder)
    path = _PATHS.get(crop.state, Path.ASK if overdue else Path.REMIND)
    return Stage(f"{prefix}_{crop.state.value.upper()}", path, overdue, days, reminder)


def _due_before_harvest(account: Account, crop: LoanCrop, collection: Collection) -> bool:
    """Whether the loan matures before the crop can be harvested and sold; never where it failed or was harvested."""
    if account.due_on is None or crop.harvest_on is None or crop.state not in _MAY_COME:
        return False
    return account.due_on < crop.harvest_on + timedelta(days=collection.sale_days)


def _reminder(left: int | None, collection: Collection) -> int | None:
    """The nearest reminder that the loan has come to."""
    return None if left is None else min((days for days in collection.remind_days if left <= days), default=None)
