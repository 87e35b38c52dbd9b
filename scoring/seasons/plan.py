"""Limits before the season: the land right, the declared plan and what earlier seasons showed, as inputs of a book.

The planned crop is priced. Its area is what the latest earlier season with a crop showed, else the certified area, else
that of the outline; the pack's area basis holds as ever. What does not fit is a remark, and never a cut.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa

from geo.errors import InputError
from geo.legend import load_legend
from geo.season import Season
from geo.status import Status
from scoring.inputs import Inputs, inputs_of
from scoring.intake import STATED
from scoring.pack_schema import Pack
from scoring.receipts.text import json_lists
from scoring.remarks import Remark, remarks_text
from scoring.seasons.earlier import Earlier, check_before, ids_of, of_outlines
from scoring.status import NO_PLAN

#: Columns of a plan: one row per planned crop, a parcel's main crop first. season is a key of the pack's calendar.
PLAN: Final = ("parcel_id", "crop", "season")


def planned_inputs(book: pd.DataFrame, plan: pd.DataFrame, earlier: Earlier, pack: Pack, season: Season) -> Inputs:
    """Inputs of the limits of a coming season; scoring.limits and a replay take them like those of an observed one.

    Args:
        book: one row per parcel: parcel_id, geometry_version, area_ha (of the outline); where known farmer_id, valid
            (whether the outline can be used) and the facts of scoring.intake.STATED.
        plan: columns of PLAN, crops as legend keys; `season` may be absent or None. A parcel without a row has no plan.
        earlier: what earlier seasons showed. Evidence of another outline than the book's does not count.
        pack: the policy.
        season: the coming season.

    Raises:
        InputError: a plan for no parcel of the book, an unknown crop or season, a crop planned twice; evidence that is
            not of an earlier season.
        DataError: a fact does not fit its type.
    """
    check_plan(plan, book, pack)
    check_before(earlier, season)
    rows = _dated(plan, pack, season)
    own = rows.drop_duplicates("parcel_id").set_index("parcel_id")[["crop", "sos"]]
    known = of_outlines(earlier, book)
    frame = book.reset_index(drop=True).reindex(columns=_columns(book))
    frame = frame.join(own, on="parcel_id").join(_latest_area(known), on="parcel_id")
    frame = _with_area(frame.assign(season_id=season.id, status=_status(frame), declared_crop=frame.crop), pack)
    frame = frame.assign(remarks=_remarks(frame, rows, known))
    return inputs_of(frame, rows.assign(season_id=season.id), pack, season)


def check_plan(plan: pd.DataFrame, book: pd.DataFrame, pack: Pack) -> None:
    """Refuse a plan that cannot be meant.

    Raises:
        InputError: names the first row that is wrong.
    """
    seasons = {each.key for each in pack.calendar.seasons} if pack.calendar else set()
    key = plan.season if "season" in plan else pd.Series(None, index=plan.index, dtype=object)
    known = pd.Series(ids_of(plan.parcel_id).isin(ids_of(book.parcel_id)), index=plan.index)
    for code, wrong, what, remedy in (
        ("PLAN_PARCEL", ~known, "names no parcel of the book", "Check the id."),
        ("PLAN_CROP", ~plan.crop.isin([crop.key for crop in load_legend()]), "has a crop that is not known",
         "Name a crop of the legend."),
        ("PLAN_SEASON", key.notna() & ~key.isin(seasons), "names a season that the pack's calendar does not have",
         f"The pack has: {', '.join(sorted(seasons)) or 'none'}."),
        ("PLAN_TWICE", plan.assign(season=key).duplicated(["parcel_id", "crop", "season"]), "has the same crop twice",
         "Delete the copy, or name the season of each."),
    ):  # fmt: skip
        if wrong.any():
            row = plan[wrong].iloc[0]
            raise InputError(code, f"The plan of {row.parcel_id!r} ({row.crop}) {what}.", remedy)


def _columns(book: pd.DataFrame) -> list[str]:
    return [*book.columns, *(name for name in ("farmer_id", "valid", *STATED) if name not in book.columns)]


def _dated(plan: pd.DataFrame, pack: Pack, season: Season) -> pd.DataFrame:
    """The plan as cycles: numbered within its parcel, with the first day of its crop season where one is named."""
    key = plan.season if "season" in plan else pd.Series(None, index=plan.index, dtype=object)
    first = {name: _first_day(name, pack, season) for name in key.dropna().unique()}
    return plan.reset_index(drop=True).assign(
        cycle=plan.groupby("parcel_id").cumcount().to_numpy() + 1,
        crop_set=pd.Series([[crop] for crop in plan.crop], dtype=object),
        sos=pd.to_datetime(key.map(first.get)).to_numpy(),
    )


def _first_day(key: str, pack: Pack, season: Season) -> date | None:
    """First day of the coming season on which a crop of a season of the calendar may be sown."""
    days = (season.start + timedelta(days=number) for number in range((season.end - season.start).days + 1))
    return next((day for day in days if pack.calendar is not None and pack.calendar.season_of(day) == key), None)


def _status(frame: pd.DataFrame) -> pd.Series[str]:
    status = pd.Series(str(Status.OK), index=frame.index, dtype=object).where(frame.crop.notna(), NO_PLAN)
    return status.where(frame.valid.astype("boolean").fillna(value=True), str(Status.INVALID_GEOMETRY))


def _latest_area(earlier: Earlier) -> pd.DataFrame:
    """By parcel: area (ha) of the latest season with a crop, its season, its error, and how far others lie from it."""
    seen = earlier.parcels[earlier.parcels.cropped].groupby("parcel_id")
    latest = seen[["season_id", "cropped_area_ha", "area_error_ha"]].last()
    area, least, most = latest.cropped_area_ha, seen.cropped_area_ha.min(), seen.cropped_area_ha.max()
    return pd.DataFrame(
        {
            "seen_in": latest.season_id,
            "seen_ha": area.astype(float),
            "error_ha": latest.area_error_ha.astype(float),
            "spread_ha": np.maximum(area - least, most - area).astype(float),
        }
    )


def _with_area(frame: pd.DataFrame, pack: Pack) -> pd.DataFrame:
    """Area and its error: seasons that differ widen the interval, nothing narrows it below the pack's share."""
    area = frame.seen_ha.fillna(frame.certified_area_ha.astype(float)).fillna(frame.area_ha.astype(float))
    own = frame.error_ha.fillna(area * float(pack.area.interval_share))
    wider = frame.spread_ha > own
    error = frame.spread_ha.where(wider, frame.error_ha)
    return frame.assign(cropped_area_ha=area, area_error_ha=error)


def _remarks(frame: pd.DataFrame, rows: pd.DataFrame, earlier: Earlier) -> pd.Series[str]:
    """Remarks of each parcel with a plan: what its area rests on, and crops that no earlier season showed."""
    ids = ids_of(frame.parcel_id)
    crops = _crop_remarks(rows, earlier)
    at = np.concatenate([np.arange(len(ids)), ids.get_indexer(ids_of(crops.parcel_id))])
    pieces = pa.concat_arrays([_area_remarks(frame), pa.array(crops.piece.to_list(), pa.string())])
    said = json_lists(at.astype(np.int64), pieces, len(ids)).to_numpy(zero_copy_only=False)
    return pd.Series(said, index=frame.index, dtype=object).where(frame.status == str(Status.OK), None)


def _area_remarks(frame: pd.DataFrame) -> pa.StringArray:
    """The remark on each parcel's area, shape (n,)."""
    season, names = pd.factorize(frame.seen_in)
    remarks = [*(Remark("PLAN_AREA_SEEN", {"season": name}) for name in names), Remark("PLAN_AREA_CERTIFIED")]
    remarks.append(Remark("PLAN_AREA_OUTLINE"))
    bare = np.where(frame.certified_area_ha.notna(), len(names), len(names) + 1)
    return pa.array([_piece(remark) for remark in remarks]).take(pa.array(np.where(season >= 0, season, bare)))


def _crop_remarks(rows: pd.DataFrame, earlier: Earlier) -> pd.DataFrame:
    """Remarks on planned crops of parcels that were decided and never showed them, in the order of the plan."""
    decided = earlier.parcels[earlier.parcels.decided].groupby("parcel_id").agg(
        seasons=("season_id", "size"), cropped=("cropped", "any"), seen=("crop", "last")
    )  # fmt: skip
    shown = pd.MultiIndex.from_frame(earlier.crops[["parcel_id", "crop"]])
    asked = rows.join(decided, on="parcel_id", how="inner").sort_index()
    asked = asked[~pd.MultiIndex.from_frame(asked[["parcel_id", "crop"]]).isin(shown)]
    once = asked.cropped.astype(bool) | ~asked.duplicated("parcel_id")
    asked = asked[once].assign(code=np.where(asked.cropped[once].astype(bool), "PLAN_OTHER_CROP", "PLAN_NEVER_CROPPED"))
    kinds = asked[["code", "crop", "seasons", "seen"]].drop_duplicates()
    remarks = [
        Remark(code, {"crop": crop, "seasons": int(seasons), "seen": seen})
        for code, crop, seasons, seen in kinds.itertuples(index=False)
    ]
    pieces = kinds.assign(piece=[_piece(remark) for remark in remarks])
    return asked.merge(pieces, on=list(kinds.columns), how="left")[["parcel_id", "piece"]]


def _piece(remark: Remark) -> str:
    return str(remarks_text([remark]))[1:-1]
