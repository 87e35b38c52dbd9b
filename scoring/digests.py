"""What a farmer's limit rests on, as one hash: the same inputs give the same hash, any change another.

A limit is worked out anew only where the hash differs from the recorded one, and replayed only from inputs that give
the recorded one.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from scoring.crop_lines import Texts
from scoring.intake import CARD, PEERS, Intake

_FIGURES: Final = ("area_ha", "cropped_area_ha", "area_error_ha", "certified_area_ha", "vigour_pct", *PEERS)
_AMOUNTS: Final = ("other_debt_minor", "household_capacity_minor", "approved_minor")
_TEXTS: Final = ("status", "crop", "declared_crop", "land_right", "district")
_TEXT_BYTES: Final = 16
#: A whole number that is not stated.
_NOTHING: Final = np.iinfo(np.int64).min

Block = npt.NDArray[np.uint8]

#: One row per farmer, or per parcel on its own: what was said of the parcels, and what was seen to grow.
DIGESTS: Final = pa.schema(
    [
        pa.field("subject_kind", pa.string(), nullable=False),
        pa.field("subject_id", pa.string(), nullable=False),
        pa.field("parcels", pa.binary(32), nullable=False),
        pa.field("cycles", pa.binary(32), nullable=False),
    ]
)


def input_digests(intake: Intake) -> pa.Table:
    """SHA-256 of the inputs of each group, by kind of input: a table of DIGESTS with g rows.

    Rows count in the order of the book, which decides who gets the last minor unit. Not in it: the policy, the season
    and the version of the rules, which are the same for all. Columns that records have not always had change the hash
    of those groups only of which they say something, so that older records keep theirs.
    """
    if not len(intake.subjects):
        return DIGESTS.empty_table()
    rows = np.argsort(intake.group, kind="stable")
    groups = np.arange(len(intake.subjects) + 1)
    ends = np.searchsorted(intake.group[rows], groups)
    ids = _whole(intake.frame.parcel_id).take(pa.array(rows))
    offsets, text = (np.frombuffer(ids.buffers()[place] or b"", dtype=np.uint8) for place in (1, 2))
    id_ends = offsets.view(np.int64)[ends]
    remarks, remark_ends = _remark_block(intake, rows)
    cycle_group = intake.group[intake.cycles.row]
    cycles = np.argsort(cycle_group, kind="stable")
    cycle_ends = np.searchsorted(cycle_group[cycles], groups)
    parcels = _hashed(intake.subjects, (_parcel_block(intake)[rows], ends), (text, id_ends), (remarks, remark_ends))
    parcels = _hashed_on(parcels, _later_block(intake)[rows], ends)
    seen = _hashed(intake.subjects, (_cycle_block(intake, rows)[cycles], cycle_ends))
    seen = _hashed_on(seen, _numbers(_days(intake.cycles.sos))[cycles], cycle_ends)
    kinds = np.where(intake.named, "farmer", "parcel")
    hashes = [pa.array(digests, DIGESTS.field("parcels").type) for digests in (parcels, seen)]
    return pa.Table.from_arrays([pa.array(kinds), pa.array(intake.subjects), *hashes], schema=DIGESTS)


def _whole(texts: pd.Series[str]) -> pa.LargeStringArray:
    """Texts as one array; those of a large table come in pieces."""
    found = pa.array(texts, pa.large_string())
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def _hashed(subjects: Texts, *parts: tuple[Block, npt.NDArray[np.int64]]) -> list[bytes]:
    """Hash of what the parts hold of each group."""
    views = [(block.reshape(-1).data, (ends * block[0:1].size).tolist()) for block, ends in parts]
    digests = []
    for group, subject in enumerate(subjects):
        digest = hashlib.sha256(subject.encode())
        for view, ends in views:
            digest.update(view[ends[group] : ends[group + 1]])
        digests.append(digest.digest())
    return digests


def _hashed_on(digests: list[bytes], block: Block, ends: npt.NDArray[np.int64]) -> list[bytes]:
    """The hashes, with what a block of whole numbers says of each group; as they are where it says nothing."""
    says = np.flatnonzero((block.view(np.int64) != _NOTHING).any(axis=1))
    later = list(digests)
    for group in np.unique(np.searchsorted(ends, says, side="right") - 1).tolist():
        later[group] = hashlib.sha256(digests[group] + block[ends[group] : ends[group + 1]].tobytes()).digest()
    return later


def _parcel_block(intake: Intake) -> Block:
    frame = intake.frame
    columns = [_figures(frame[name]) for name in _FIGURES]
    columns += [_numbers(frame[name].fillna(-1).to_numpy(dtype=np.int64)) for name in _AMOUNTS]
    columns += [_texts(frame[name]) for name in _TEXTS]
    return np.hstack(columns)


def _remark_block(intake: Intake, rows: npt.NDArray[np.intp]) -> tuple[Block, npt.NDArray[np.int64]]:
    """Remarks with the places of their parcels, and where each group's end; nothing for parcels without."""
    said = rows[intake.frame.remarks.notna().to_numpy()[rows]]
    ends = np.searchsorted(intake.group[said], np.arange(len(intake.subjects) + 1))
    place = _place_in_group(intake, rows)
    return np.hstack([_numbers(place[said]), _texts(intake.frame.remarks.iloc[said])]), ends


def _place_in_group(intake: Intake, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.int64]:
    place = np.empty(len(rows), dtype=np.int64)
    place[rows] = np.arange(len(rows)) - np.searchsorted(intake.group[rows], intake.group[rows])
    return place


def _later_block(intake: Intake) -> Block:
    frame = intake.frame
    columns = [_days(frame.sos.to_numpy()), *(frame[name].fillna(_NOTHING).to_numpy(dtype=np.int64) for name in CARD)]
    return np.hstack([_numbers(column) for column in columns])


def _days(days: npt.NDArray[np.datetime64]) -> npt.NDArray[np.int64]:
    """Days since 1970."""
    return np.where(np.isnat(days), _NOTHING, days.astype("datetime64[D]").astype(np.int64))


def _cycle_block(intake: Intake, rows: npt.NDArray[np.intp]) -> Block:
    cycles = intake.cycles
    place = _place_in_group(intake, rows)
    crops = pc.binary_join(cycles.crop_set, "\n")
    return np.hstack(
        [_numbers(place[cycles.row]), _numbers(cycles.cycle), _texts(cycles.crop), _texts(crops.to_pandas())]
    )


def _figures(column: pd.Series[Any]) -> Block:
    figures = column.to_numpy(dtype=np.float64, na_value=np.nan) + 0.0
    figures[np.isnan(figures)] = np.nan
    return _numbers(figures)


def _numbers(values: npt.NDArray[Any]) -> Block:
    return np.ascontiguousarray(values).view(np.uint8).reshape(len(values), values.itemsize)


def _texts(column: Any) -> Block:
    """Hash of each text, zeros where there is none, shape (n, 16)."""
    codes, texts = pd.factorize(column)
    digests = [hashlib.blake2b(text.encode(), digest_size=_TEXT_BYTES).digest() for text in texts]
    return np.frombuffer(b"".join([*digests, bytes(_TEXT_BYTES)]), dtype=np.uint8).reshape(-1, _TEXT_BYTES)[codes]
