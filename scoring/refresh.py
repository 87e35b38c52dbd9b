"""A book decided again where its inputs changed, and nowhere else.

The inputs themselves are compared, column by column, which is exact. A farmer whose parcels, their order, cycles, facts
and peers are the same keeps the limits that are on record, to the byte. Texts are compared by the numbers of
dictionaries, so a state whose texts are dictionaries (app.jobs.inputfiles) is compared without reading a text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geo.errors import DataError
from geo.season import Season
from scoring.inputs import Inputs
from scoring.limits import limit_parts
from scoring.money import Ints
from scoring.pack_schema import Pack

Bools = npt.NDArray[np.bool_]
#: Rows of a table: all of them, or those at some places.
Rows: TypeAlias = slice | npt.NDArray[np.intp]

_ALL: Final = slice(None)


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh found.

    Attributes:
        limits: limits of the parcels and farmers decided again, as scoring.limits.limit_book gives them.
        parcels: ids of the parcels decided again.
        gone: ids of parcels that the book no longer holds.
        gone_farmers: ids of farmers who have no parcel left in the book.
    """

    limits: pd.DataFrame
    parcels: frozenset[str]
    gone: frozenset[str]
    gone_farmers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs between two states of a book.

    Attributes:
        concerned: inputs, as they are now, of every farmer and parcel on its own of whom anything changed.
        gone: ids of parcels that the book no longer holds.
        gone_farmers: ids of farmers who have no parcel left in the book.
    """

    concerned: Inputs
    gone: frozenset[str]
    gone_farmers: frozenset[str]


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
    found = changes(before, after)
    return Refreshed(
        limits=pd.concat(limit_parts(found.concerned, pack, season), ignore_index=True),
        parcels=frozenset(found.concerned.parcels["parcel_id"].to_pylist()),
        gone=found.gone,
        gone_farmers=found.gone_farmers,
    )


def changes(before: Inputs, after: Inputs) -> Changes:
    """What changed between two states of a book, to be decided again; see `refresh`.

    Raises:
        DataError: a parcel is there twice.
    """
    old, new = _codes(before.parcels["farmer_id"], after.parcels["farmer_id"])
    gone = np.zeros(len(old), dtype=bool)
    if before.parcels["parcel_id"].equals(after.parcels["parcel_id"]):
        rows = _parcel_rows(after)
        changed = _differ(before.parcels, after.parcels) | _changed_cycles_in_place(before, after, rows)
        farmers = np.concatenate([new[changed], old[changed]])
    else:
        place, rows = _places(before.parcels, after.parcels), _parcel_rows(after)
        changed = _changed_parcels(before, after, place) | _changed_cycles(before, after, place, rows)
        gone = np.bincount(place[place >= 0], minlength=len(old)) == 0
        moved = old[place[changed & (place >= 0)]]
        farmers = np.concatenate([new[changed], moved, old[gone], _reordered(new, place)])
    chosen = changed | _of(farmers, new)
    left = _of(farmers[~_of(new, farmers)], old)
    return Changes(
        concerned=Inputs(
            after.parcels.filter(pa.array(chosen)), after.cycles.filter(pa.array(np.append(chosen, False)[rows]))
        ),
        gone=frozenset(before.parcels["parcel_id"].filter(pa.array(gone)).to_pylist()),
        gone_farmers=frozenset(before.parcels["farmer_id"].filter(pa.array(left)).to_pylist()),
    )


def merge(limits: pd.DataFrame, refreshed: Refreshed, after: Inputs) -> pd.DataFrame:
    """The whole book after a refresh, row by row what deciding it in full gives.

    Args:
        limits: the limits on record.
        refreshed: what changed.
        after: the inputs now.
    """
    new = refreshed.limits
    keys = ["subject_kind", "subject_id"]
    pairs = pd.DataFrame({name: after.parcels[name].to_pylist() for name in ("parcel_id", "farmer_id")}, dtype="str")
    order = pd.concat(
        [
            pd.DataFrame({"subject_kind": "parcel", "subject_id": pairs.parcel_id}),
            pd.DataFrame({"subject_kind": "farmer", "subject_id": pairs.farmer_id.dropna().unique()}),
        ]
    )
    old = limits[~pd.MultiIndex.from_frame(limits[keys]).isin(pd.MultiIndex.from_frame(new[keys]))]
    both = pd.concat([old, new], ignore_index=True).set_index(keys)
    return both.loc[pd.MultiIndex.from_frame(order)].reset_index()[limits.columns]


def _places(before: pa.Table, after: pa.Table) -> Ints:
    """Row that each parcel had before, shape (n,); -1 where it is new."""
    old, new = before["parcel_id"], after["parcel_id"]
    place: Ints = pd.Index(old.to_pandas()).get_indexer(pd.Index(new.to_pandas())).astype(np.int64)
    added = new.filter(pa.array(place < 0))
    if np.any(np.bincount(place[place >= 0]) > 1) or len(added.unique()) < len(added):
        twin = new.to_pandas().loc[lambda names: names.duplicated()].iloc[0]
        raise DataError("PARCEL_FACT", f"The parcel {twin!r} is there twice.", "Correct the table of parcels.")
    return place


def _changed_parcels(before: Inputs, after: Inputs, place: Ints) -> Bools:
    """Whether each parcel is new or differs in anything, shape (n,)."""
    changed = place < 0
    kept = np.flatnonzero(~changed)
    changed[kept] = _differ(before.parcels, after.parcels, place[kept], kept)
    return changed


def _changed_cycles_in_place(before: Inputs, after: Inputs, rows: Ints) -> Bools:
    """Whether the cycles of each parcel differ, shape (n,); for the same parcels in the same order."""
    if not before.cycles["parcel_id"].equals(after.cycles["parcel_id"]):
        return _changed_cycles(before, after, np.arange(len(after.parcels)), rows)
    changed = np.zeros(len(after.parcels) + 1, dtype=bool)
    changed[rows[_differ(before.cycles, after.cycles)]] = True
    return changed[:-1]


def _changed_cycles(before: Inputs, after: Inputs, place: Ints, new: Ints) -> Bools:
    """Whether the cycles of each parcel differ, in their order too, shape (n,).

    Args:
        before: the inputs on record.
        after: the inputs now.
        place: row that each parcel had before.
        new: row of the parcel of each cycle now.
    """
    changed = np.zeros(len(place) + 1, dtype=bool)
    moved = np.full(len(before.parcels) + 1, -1, dtype=np.int64)
    moved[place[place >= 0]] = np.flatnonzero(place >= 0)
    rows = moved[_parcel_rows(before)], new
    counts = [np.bincount(row[row >= 0], minlength=len(place)) for row in rows]
    changed[:-1] = counts[0] != counts[1]
    alike = [np.flatnonzero((row >= 0) & ~changed[row]) for row in rows]
    at = [each[np.argsort(row[each], kind="stable")] for each, row in zip(alike, rows, strict=True)]
    changed[new[at[1]][_differ(before.cycles, after.cycles, *at)]] = True
    return changed[:-1]


def _parcel_rows(inputs: Inputs) -> Ints:
    """Row of the parcel that each cycle belongs to, shape (k,); -1 where there is none."""
    ids, of = inputs.parcels["parcel_id"], _dictionary(inputs.cycles["parcel_id"])
    if len(of.dictionary) >= len(ids) and ids.equals(pa.chunked_array([of.dictionary[: len(ids)]])):
        rows = np.asarray(of.indices)
        return rows if rows.max(initial=-1) < len(ids) else np.where(rows < len(ids), rows, -1)
    found = pd.Index(ids.to_pandas()).get_indexer(pd.Index(of.dictionary.to_pandas()))
    rows_of: Ints = found.astype(np.int64)[np.asarray(of.indices)]
    return rows_of


def _of(farmers: Ints, of_row: Ints) -> Bools:
    """Whether each row is of one of some farmers; -1 is nobody."""
    among = np.zeros(max(farmers.max(initial=-1), of_row.max(initial=-1)) + 2, dtype=bool)
    among[farmers] = True
    among[-1] = False
    return among[of_row]


def _reordered(farmer: Ints, place: Ints) -> Ints:
    """Farmers whose parcels changed their order, by which the last minor unit goes."""
    kept = np.flatnonzero(place >= 0)
    if np.all(np.diff(place[kept]) > 0):
        return np.empty(0, dtype=np.int64)
    kept = kept[np.argsort(farmer[kept], kind="stable")]
    of, was = farmer[kept], place[kept]
    overtaken: Ints = of[1:][(of[1:] == of[:-1]) & (was[1:] < was[:-1])]
    return overtaken


def _differ(before: pa.Table, after: pa.Table, old_at: Rows = _ALL, new_at: Rows = _ALL) -> Bools:
    """Whether rows differ in any column, shape of the chosen rows; nothing and NaN equal themselves."""
    differ = np.zeros(len(np.empty(len(after), dtype=bool)[new_at]), dtype=bool)
    for name in after.column_names:
        old = before[name] if name in before.column_names else _nothing(len(before), after[name].type)
        if not isinstance(old_at, slice) or not old.equals(after[name]):
            (was, has_old), (is_, has_new) = _figures(old, after[name])
            differ |= (has_old[old_at] != has_new[new_at]) | (has_new[new_at] & (was[old_at] != is_[new_at]))
    return differ


def _nothing(rows: int, kind: pa.DataType) -> pa.ChunkedArray:
    """A column that a state written by an earlier version lacks."""
    return pa.chunked_array([pa.nulls(rows, kind)])


def _figures(old: pa.ChunkedArray, new: pa.ChunkedArray) -> list[tuple[Ints, Bools]]:
    """Whole numbers that are equal where the values are, and whether there is a value, of both sides."""
    if not (pa.types.is_integer(new.type) or pa.types.is_floating(new.type)):
        return [(codes, codes >= 0) for codes in _codes(old, new)]
    sides = (pc.fill_null(side.cast(new.type), 0).to_numpy() for side in (old, new))
    return [
        (values.view(f"i{values.itemsize}"), side.is_valid().to_numpy())
        for values, side in zip(sides, (old, new), strict=True)
    ]


def _codes(old: pa.ChunkedArray, new: pa.ChunkedArray) -> tuple[Ints, Ints]:
    """One number for each different text of both sides, each of shape (n,); -1 where there is none."""
    sides = [_dictionary(side) for side in (old, new)]
    if not sides[0].dictionary.equals(sides[1].dictionary):
        sides = pa.chunked_array(sides).unify_dictionaries().chunks
    before, after = (np.asarray(side.indices.fill_null(-1)) for side in sides)
    return before, after


def _dictionary(column: pa.ChunkedArray) -> pa.DictionaryArray:
    """Texts, or lists of texts as one text each, as one dictionary."""
    if pa.types.is_list(column.type):
        column = pc.binary_join(column, "\n")
    if not pa.types.is_dictionary(column.type):
        column = column.cast(pa.string()).dictionary_encode()
    whole = column.unify_dictionaries().combine_chunks()
    return pa.DictionaryArray.from_arrays(whole.indices.cast(pa.int32()), whole.dictionary.cast(pa.string()))
