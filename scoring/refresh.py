"""A book decided again where its inputs changed, and nowhere else.

The inputs themselves are compared, column by column. That is exact, and costs a third of hashing them anew. A farmer
whose parcels, cycles, facts and peers are the same keeps the limits that are on record, to the byte.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geo.errors import DataError
from geo.season import Season
from scoring.inputs import CYCLES, Inputs
from scoring.limits import limit_parts
from scoring.pack_schema import Pack

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh found.

    Attributes:
        limits: limits of the parcels and farmers decided again, as scoring.limits.limit_book gives them.
        parcels: ids of the parcels decided again.
        gone: ids of parcels that the book no longer holds.
    """

    limits: pd.DataFrame
    parcels: frozenset[str]
    gone: frozenset[str]


def refresh(before: Inputs, after: Inputs, pack: Pack, season: Season) -> Refreshed:
    """Decide again what changed between two states of a book under one policy and season.

    Args:
        before: the inputs on record, on which every limit on record rests.
        after: the inputs now.
        pack: the policy; another policy or season makes a full run of the book.
        season: the season.

    Raises:
        DataError: the book does not hold together; the parcel is named.
    """
    changed = _changed_parcels(before, after)
    touched = [_among(inputs.parcels, "parcel_id", changed) for inputs in (before, after)]
    farmers = pa.concat_arrays([_array(table["farmer_id"]) for table in touched]).unique().drop_null()
    of_farmers = pc.is_in(after.parcels["farmer_id"], value_set=farmers)
    part = after.parcels.filter(pc.or_(pc.is_in(after.parcels["parcel_id"], value_set=changed), of_farmers))
    ids = _array(part["parcel_id"])
    chosen = Inputs(part, _among(after.cycles, "parcel_id", ids))
    limits = pd.concat(limit_parts(chosen, pack, season), ignore_index=True)
    gone = set(changed.to_pylist()) - set(_array(touched[1]["parcel_id"]).to_pylist())
    return Refreshed(limits, frozenset(ids.to_pylist()), frozenset(gone))


def merge(limits: pd.DataFrame, refreshed: Refreshed, after: Inputs) -> pd.DataFrame:
    """The whole book after a refresh, row by row what deciding it in full gives.

    Args:
        limits: the limits on record.
        refreshed: what changed.
        after: the inputs now.
    """
    new = refreshed.limits
    keys = ["subject_kind", "subject_id"]
    pairs = after.parcels.select(["parcel_id", "farmer_id"]).to_pandas()
    order = pd.concat(
        [
            pd.DataFrame({"subject_kind": "parcel", "subject_id": pairs.parcel_id}),
            pd.DataFrame({"subject_kind": "farmer", "subject_id": pairs.farmer_id.dropna().unique()}),
        ]
    )
    old = limits[~pd.MultiIndex.from_frame(limits[keys]).isin(pd.MultiIndex.from_frame(new[keys]))]
    both = pd.concat([old, new], ignore_index=True).set_index(keys)
    return both.loc[pd.MultiIndex.from_frame(order)].reset_index()[limits.columns]


def _changed_parcels(before: Inputs, after: Inputs) -> pa.Array:
    """Ids of parcels that are new, gone or differ in anything; all of them where their order changed."""
    old, new = (_array(inputs.parcels["parcel_id"]) for inputs in (before, after))
    if old.equals(new):
        differs = _differs(before.parcels, after.parcels)
        return pa.concat_arrays([new.filter(pa.array(differs)), _changed_cycles(before, after)]).unique()
    return _changed_rows(before, after, old, new)


def _changed_rows(before: Inputs, after: Inputs, old: pa.Array, new: pa.Array) -> pa.Array:
    index = pd.Index(old)
    place = index.get_indexer(pd.Index(new))
    _refuse_twins(new)
    kept = np.flatnonzero(place >= 0)
    if np.any(np.diff(place[kept]) < 0):
        return pa.concat_arrays([old, new]).unique()
    differs = _differs(before.parcels.take(pa.array(place[kept])), after.parcels.take(pa.array(kept)))
    gone = np.setdiff1d(np.arange(len(old)), place[kept])
    added = np.flatnonzero(place < 0)
    parts = [new.take(pa.array(kept[differs])), new.take(pa.array(added)), old.take(pa.array(gone))]
    return pa.concat_arrays([*parts, _changed_cycles(before, after)]).unique()


def _refuse_twins(ids: pa.Array) -> None:
    if len(ids.unique()) != len(ids):
        twin = pd.Series(ids.to_pandas()).loc[lambda names: names.duplicated()].iloc[0]
        raise DataError("PARCEL_FACT", f"The parcel {twin!r} is there twice.", "Correct the table of parcels.")


def _changed_cycles(before: Inputs, after: Inputs) -> pa.Array:
    """Ids of parcels whose cycles differ."""
    ids = _array(after.cycles["parcel_id"])
    if ids.equals(_array(before.cycles["parcel_id"])):
        return ids.filter(pa.array(_differs(before.cycles, after.cycles))).unique()
    old, new = (_sayable(inputs.cycles.cast(CYCLES)) for inputs in (before, after))
    sided = [table.append_column("side", pa.repeat(side, len(table))) for table, side in ((old, -1), (new, 1))]
    balance = pa.concat_tables(sided).group_by(old.column_names).aggregate([("side", "sum")])
    return _array(balance.filter(pc.not_equal(balance["side_sum"], 0))["parcel_id"]).unique()


def _sayable(cycles: pa.Table) -> pa.Table:
    """The table with each crop set as one text, which can be compared."""
    place = cycles.schema.get_field_index("crop_set")
    return cycles.set_column(place, "crop_set", pc.binary_join(cycles["crop_set"], "\n"))


def _differs(before: pa.Table, after: pa.Table) -> Bools:
    """Whether rows differ in any column; nothing and NaN equal themselves."""
    differs = np.zeros(len(after), dtype=bool)
    for name in after.column_names:
        old, new = before[name], after[name]
        if old.equals(new):
            continue
        old, new = _plain(old), _plain(new)
        if not old.equals(new):
            unlike = pc.fill_null(pc.not_equal(old, new), fill_value=False)
            unlike = pc.or_(unlike, pc.xor(pc.is_null(old), pc.is_null(new)))
            differs |= unlike.to_numpy()
    return differs


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column as it can be compared: lists as one text each, dictionaries, whose order may differ, as texts."""
    if pa.types.is_list(column.type):
        return pc.binary_join(column, "\n")
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def _array(column: pa.ChunkedArray) -> pa.Array:
    combined = column.combine_chunks()
    return combined if isinstance(combined, pa.Array) else pa.concat_arrays(combined.chunks)


def _among(table: pa.Table, name: str, ids: pa.Array) -> pa.Table:
    return table.filter(pc.is_in(table[name], value_set=ids))
