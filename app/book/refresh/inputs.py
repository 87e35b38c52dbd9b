"""The inputs of a book on a day: what a run recorded, with what the database knew laid over it.

Where the database says nothing, the run's own parcel file counts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from app.book.refresh.facts import BookFacts
from app.db.tables.kinds import LandBasis, SubjectKind
from app.jobs.replay import recorded_inputs, recorded_policy
from geo.observations import PARCELS, PIXELS, SEASONS, read_table
from geo.season import Season
from scoring.border import area_errors_ha
from scoring.inputs import INPUTS, Inputs, inputs_of
from scoring.intake import PEERS
from scoring.pack_schema import Pack


def inputs_under(run: Path, pack: Pack, season: Season) -> Inputs:
    """What a run recorded, as inputs of a policy: the run's own policy, or another that asks for other things.

    Raises:
        DataError: a file of the run is gone or cannot be read.
    """
    known = recorded_inputs(run)
    if recorded_policy(run).content_hash == pack.content_hash:
        return known
    whole = {field.name: "Int64" for field in INPUTS if pa.types.is_integer(field.type)}
    stated = known.parcels.to_pandas(integer_object_nulls=True).astype(whole)
    parcels = stated.drop(columns=[*PEERS, "sos"]).merge(
        read_table(run / "parcels.parquet", PARCELS)[["parcel_id", "sos"]], on="parcel_id", validate="one_to_one"
    )
    if pack.area.border_error_m is not None:
        errors = area_errors_ha(read_table(run / "pixels.parquet", PIXELS), float(pack.area.border_error_m))
        parcels = parcels.drop(columns="area_error_ha").merge(errors, left_on="parcel_id", right_index=True, how="left")
    return inputs_of(parcels, read_table(run / "seasons.parquet", SEASONS), pack, season)


def inputs_hash(inputs: Inputs) -> str:
    """SHA-256 (hex) of what a book's inputs say, however they are stored; columns that say nothing do not count."""
    digest = hashlib.sha256()
    for table in (inputs.parcels, inputs.cycles):
        for name in table.column_names:
            column = table[name]
            if column.null_count < len(column):
                digest.update(f"{name}\n{len(column)}\n".encode())
                for block in _blocks(column):
                    digest.update(block)
    return digest.hexdigest()


def lay_over(inputs: Inputs, facts: BookFacts) -> Inputs:
    """Inputs of a run with the facts of the database in their place; parcels and their order stay."""
    parcels = inputs.parcels
    ids, farmers = (parcels[name].cast(pa.string()).to_pandas() for name in ("parcel_id", "farmer_id"))
    own = pd.DataFrame({"parcel_id": ids, "farmer_id": farmers})
    new: dict[str, pd.Series[Any]] = {}
    if len(facts.land):
        known = _land_of(own, facts.land)
        new |= {name: column.fillna(parcels[name].to_pandas()) for name, column in known.items()}
    for name, frame in (("other_debt_minor", facts.debts), ("household_capacity_minor", facts.capacities)):
        if len(frame):
            new[name] = _of_farmer(_column(parcels, name), farmers, frame.set_index("farmer_id")[name])
    if len(facts.approved):
        new["approved_minor"] = _approved_of(_column(parcels, "approved_minor"), own, facts)
    for name, values in new.items():
        place, field = parcels.schema.get_field_index(name), INPUTS.field(name)
        parcels = parcels.set_column(place, field, pa.Array.from_pandas(values, type=field.type))
    return Inputs(parcels, inputs.cycles)


def without_farmers(inputs: Inputs, farmers: Collection[str]) -> Inputs:
    """Inputs without the parcels of some farmers."""
    if not farmers:
        return inputs
    ids, own = inputs.parcels["parcel_id"], inputs.parcels["farmer_id"].cast(pa.string())
    theirs = pc.is_in(own, value_set=pa.array(sorted(farmers), pa.string()))
    of_cycle = pc.is_in(inputs.cycles["parcel_id"], value_set=ids.filter(theirs).combine_chunks())
    return Inputs(inputs.parcels.filter(pc.invert(theirs)), inputs.cycles.filter(pc.invert(of_cycle)))


def subjects_of(parcels: pa.Table) -> pd.DataFrame:
    """Kind and subject_id of each parcel's subject: its farmer, or the parcel on its own; shape (n, 2)."""
    ids, farmers = (parcels[name].cast(pa.string()).to_pandas() for name in ("parcel_id", "farmer_id"))
    kind = np.where(farmers.isna(), SubjectKind.PARCEL.value, SubjectKind.FARMER.value)
    return pd.DataFrame({"kind": kind, "subject_id": farmers.where(farmers.notna(), ids)})


def _column(parcels: pa.Table, name: str) -> pd.Series[Any]:
    column: pd.Series[Any] = parcels[name].to_pandas(integer_object_nulls=True).astype("Int64")
    return column


def _of_farmer(stated: pd.Series[Any], farmers: pd.Series[Any], known: pd.Series[Any]) -> pd.Series[Any]:
    row = known.index.get_indexer(pd.Index(farmers))
    own = known.array.take(row, allow_fill=True)
    return pd.Series(own, dtype="Int64").where(row >= 0, stated)


def _land_of(own: pd.DataFrame, land: pd.DataFrame) -> dict[str, pd.Series[Any]]:
    """Rights of the parcel's farmer; any lease among them makes it leased. Parts of unknown area leave it unknown."""
    rows = own.reset_index().merge(land, on="parcel_id", suffixes=("", "_of_right"))
    rows = rows[rows.farmer_id.isna() | (rows.farmer_id == rows.farmer_id_of_right)]
    by_row = rows.assign(leased=rows.basis == LandBasis.LEASE.value).groupby("index")
    basis = by_row.leased.any().map({True: LandBasis.LEASE.value, False: LandBasis.CERTIFICATE.value})
    area = by_row.certified_area_ha.sum().where(by_row.certified_area_ha.count() == by_row.size())
    return {"land_right": basis.reindex(own.index), "certified_area_ha": area.reindex(own.index)}


def _approved_of(stated: pd.Series[Any], own: pd.DataFrame, facts: BookFacts) -> pd.Series[Any]:
    """Parts of the subject's last approved amount; a parcel that it did not rest on has none."""
    kind = np.where(own.farmer_id.isna(), SubjectKind.PARCEL.value, SubjectKind.FARMER.value)
    named = own.assign(kind=kind, subject_id=own.farmer_id.where(own.farmer_id.notna(), own.parcel_id))
    known = named.merge(facts.approved[["kind", "subject_id", "decision_id"]], how="left", on=["kind", "subject_id"])
    part = known.merge(facts.approved_parcels, how="left", on=["decision_id", "parcel_id"]).amount_minor
    return part.astype("Int64").where(known.decision_id.notna(), stated)


def _blocks(column: pa.ChunkedArray) -> list[Any]:
    """What a column says as bytes: which rows have a value, and the values; nothing stands as an empty value."""
    valid = column.is_valid().to_numpy().tobytes()
    if pa.types.is_list(column.type):
        column = pc.binary_join(column, "\n")
    if pa.types.is_date(column.type):
        column = column.cast(pa.int32())
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        return [valid, pc.fill_null(column, 0).to_numpy().tobytes()]
    texts = pc.fill_null(column.cast(pa.large_string()), "").combine_chunks()
    texts = pa.concat_arrays([texts]) if isinstance(texts, pa.Array) else pa.concat_arrays(texts.chunks)
    lengths = pc.binary_length(texts).to_numpy().tobytes()
    return [valid, lengths, "".join(texts.to_pylist()).encode()]
