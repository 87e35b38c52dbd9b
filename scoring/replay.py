"""A past limit worked out again from the inputs on record: the same to the last character, or what is in the way."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geo.errors import DataError, InputError
from geo.observations import LIMITS, to_table
from geo.season import parse_season
from scoring.digests import input_digests
from scoring.inputs import Inputs
from scoring.intake import Intake
from scoring.limits import decide
from scoring.pack_schema import Pack

_REMEDY = "Restore it from a backup of the run folder; the limit on record still stands."


@dataclass(frozen=True, slots=True)
class Record:
    """What a book's limits were recorded with.

    Attributes:
        limits: table of geo.observations.LIMITS.
        inputs: tables of scoring.inputs.
        digests: table of scoring.digests.DIGESTS.
        pack: the policy.
    """

    limits: pa.Table
    inputs: Inputs
    digests: pa.Table
    pack: Pack


def replay(subjects: Sequence[str], record: Record) -> list[dict[str, Any]]:
    """Limits of parcels and farmers, worked out again and found to be those on record.

    Only the inputs of the farmers concerned are read: what happened to other rows does not matter.

    Args:
        subjects: ids of parcels and farmers.
        record: what is on record.

    Returns:
        Rows of geo.observations.LIMITS, in the order of the record.

    Raises:
        InputError: no such subject.
        DataError: REPLAY_GONE or REPLAY_CHANGED name the input that is gone or is not the recorded one;
            REPLAY_DIFFERS: the inputs are the recorded ones and the limit differs.
    """
    recorded = _recorded_limits(subjects, record)
    intake = _recorded_inputs(recorded, record)
    again = to_table(pd.concat(decide(intake, record.pack), ignore_index=True), LIMITS)
    return _the_same(recorded, again)


def recorded_intake(subjects: Sequence[str], record: Record) -> Intake:
    """What the limits of parcels and farmers rest on, as recorded and verified: whole farmers; errors as `replay`'s."""
    return _recorded_inputs(_recorded_limits(subjects, record), record)


def limit_bytes(row: dict[str, Any]) -> bytes:
    """A row of LIMITS as canonical JSON: what "the same bytes" means."""
    said = {**row, "reasons": json.loads(row["reasons"])}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def _recorded_limits(subjects: Sequence[str], record: Record) -> pa.Table:
    recorded = record.limits.filter(pc.is_in(record.limits["subject_id"], value_set=pa.array(subjects)))
    unknown = sorted(set(subjects) - set(recorded["subject_id"].to_pylist()))
    if unknown:
        raise InputError("UNKNOWN_SUBJECT", f"The run has no parcel or farmer {unknown[0]!r}.", "Check the id.")
    _check_policy(recorded, record.pack)
    return recorded


def _check_policy(recorded: pa.Table, pack: Pack) -> None:
    for policy_hash in recorded["policy_hash"].unique().to_pylist():
        if policy_hash != pack.content_hash:
            raise DataError(
                "REPLAY_CHANGED",
                f"The policy {pack.id!r} is not the one of the decision ({policy_hash[:12]}).",
                _REMEDY,
            )


def _recorded_inputs(recorded: pa.Table, record: Record) -> Intake:
    """Inputs of the farmers concerned, verified against their hashes."""
    farmers = recorded["farmer_id"].unique().drop_null()
    alone = recorded.filter(pc.is_null(recorded["farmer_id"]))["subject_id"]
    wanted = _of(record.limits, farmers, alone, "subject_id")
    wanted = wanted.filter(pc.equal(wanted["subject_kind"], "parcel"))["subject_id"].to_pylist()
    parcels = _of(record.inputs.parcels, farmers, alone, "parcel_id")
    missing = sorted(set(wanted) - set(parcels["parcel_id"].to_pylist()))
    if missing:
        raise DataError(
            "REPLAY_GONE", f"The inputs of parcel {missing[0]!r} are gone from limit_inputs.parquet.", _REMEDY
        )
    cycles = record.inputs.cycles.filter(pc.is_in(record.inputs.cycles["parcel_id"], value_set=pa.array(wanted)))
    season = parse_season(parcels["season_id"][0].as_py())
    intake = Inputs(parcels, cycles).take_in(record.pack, season)
    _check_digests(input_digests(intake), record.digests)
    return intake


def _of(table: pa.Table, farmers: pa.Array, alone: pa.ChunkedArray, key: str) -> pa.Table:
    """Rows of some farmers, and of parcels on their own."""
    own = pc.and_(pc.is_null(table["farmer_id"]), pc.is_in(table[key], value_set=alone))
    return table.filter(pc.or_(pc.is_in(table["farmer_id"], value_set=farmers), own))


def _check_digests(found: pa.Table, recorded: pa.Table) -> None:
    known = {(row["subject_kind"], row["subject_id"]): row for row in _rows_of(recorded, found["subject_id"])}
    for row in found.to_pylist():
        kind, name = row["subject_kind"], row["subject_id"]
        if (kind, name) not in known:
            raise DataError(
                "REPLAY_GONE", f"The hashes of {kind} {name!r} are gone from limit_digests.parquet.", _REMEDY
            )
        for part, file in (("parcels", "limit_inputs.parquet"), ("cycles", "limit_cycles.parquet")):
            if row[part] != known[kind, name][part]:
                raise DataError(
                    "REPLAY_CHANGED", f"The {part} of {kind} {name!r} in {file} are not those of the decision.", _REMEDY
                )


def _rows_of(table: pa.Table, ids: pa.ChunkedArray) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = table.filter(pc.is_in(table["subject_id"], value_set=ids.combine_chunks())).to_pylist()
    return rows


def _the_same(recorded: pa.Table, again: pa.Table) -> list[dict[str, Any]]:
    rows = {(row["subject_kind"], row["subject_id"]): row for row in _rows_of(again, recorded["subject_id"])}
    known: list[dict[str, Any]] = recorded.to_pylist()
    for row in known:
        other = rows.get((row["subject_kind"], row["subject_id"]))
        if other != row:
            what = "row" if other is None else next(name for name in row if row[name] != other[name])
            raise DataError(
                "REPLAY_DIFFERS",
                f"The {what} of {row['subject_kind']} {row['subject_id']!r} comes out otherwise from the same inputs.",
                "Replay with the version of the program that run.json names.",
            )
    return known
