"""Everything that the limits of a book are worked out from, in two tables: what is recorded, compared and replayed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd
import pyarrow as pa

from geo.observations import to_table
from geo.season import Season
from scoring.crop_lines import starts
from scoring.intake import CARD, Intake, take_in, with_peers
from scoring.pack_schema import Pack

_TEXT: Final = pa.string()
_FIGURE: Final = pa.float64()
_WHOLE: Final = pa.int64()
_DAY: Final = pa.date32()


def _required(name: str, kind: pa.DataType) -> pa.Field:
    return pa.field(name, kind, nullable=False)


#: One row per parcel: what was observed, what people stated (intake.STATED), the peers of its vigour where the policy
#: asks for them, remarks (JSON, scoring.remarks), which become lines of its receipt, and the day on which its crop
#: started where the policy has prices by season.
INPUTS: Final = pa.schema(
    [
        _required("parcel_id", _TEXT),
        pa.field("farmer_id", _TEXT),
        _required("season_id", _TEXT),
        _required("status", _TEXT),
        _required("area_ha", _FIGURE),
        pa.field("cropped_area_ha", _FIGURE),
        pa.field("area_error_ha", _FIGURE),
        pa.field("crop", _TEXT),
        pa.field("vigour_pct", _FIGURE),
        pa.field("declared_crop", _TEXT),
        pa.field("land_right", _TEXT),
        pa.field("certified_area_ha", _FIGURE),
        pa.field("district", _TEXT),
        pa.field("other_debt_minor", _WHOLE),
        pa.field("household_capacity_minor", _WHOLE),
        pa.field("approved_minor", _WHOLE),
        pa.field("peers", _WHOLE),
        pa.field("peer_median", _FIGURE),
        pa.field("remarks", _TEXT),
        pa.field("sos", _DAY),
        *(pa.field(name, _WHOLE) for name in CARD),
    ]
)

#: One row per cycle of the season, with the day on which it started where the policy has prices by season.
CYCLES: Final = pa.schema(
    [
        _required("parcel_id", _TEXT),
        _required("season_id", _TEXT),
        _required("cycle", pa.int16()),
        pa.field("crop", _TEXT),
        pa.field("crop_set", pa.list_(_TEXT)),
        pa.field("sos", _DAY),
    ]
)

#: Columns of few different texts, which may be held as dictionaries.
REPEATED: Final = ("season_id", "status", "crop", "declared_crop", "land_right", "district", "remarks")


@dataclass(frozen=True, slots=True)
class Inputs:
    """Inputs of one book and season.

    Attributes:
        parcels: table of INPUTS; columns of REPEATED may be dictionaries.
        cycles: table of CYCLES; likewise.
    """

    parcels: pa.Table
    cycles: pa.Table

    def take_in(self, pack: Pack, season: Season) -> Intake:
        """The book, checked and grouped; see scoring.intake.take_in."""
        parcels = self.parcels.cast(INPUTS).to_pandas(date_as_object=False)
        cycles = self.cycles.cast(CYCLES).to_pandas(date_as_object=False, types_mapper=_lists_stay)
        return take_in(parcels, cycles, pack, season)


def _lists_stay(kind: pa.DataType) -> pd.ArrowDtype | None:
    """Lists stay as they are: a Python object for each cycle of a large book would cost more than all its checks."""
    return pd.ArrowDtype(kind) if pa.types.is_list(kind) else None


def inputs_of(parcels: pd.DataFrame, seasons: pd.DataFrame, pack: Pack, season: Season) -> Inputs:
    """Inputs of a book, to be recorded; arguments as in scoring.limits.limit_book.

    Raises:
        DataError: a column is missing, or a value does not fit its type.
    """
    known = with_peers(parcels, pack)
    known = known.assign(sos=starts(known, pack))
    cycles = seasons[seasons.season_id == season.id]
    return Inputs(to_table(known, INPUTS), to_table(cycles.assign(sos=starts(cycles, pack)), CYCLES))


def recorded(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """A table of INPUTS or CYCLES as a run of any age recorded it: columns that it did not write yet are empty.

    What was written and is gone is found by the hashes (scoring.digests).

    Raises:
        KeyError, ArrowException: a column that every run writes is gone, or one is of another kind.
    """
    for field in schema:
        if field.nullable and field.name not in table.column_names:
            table = table.append_column(field, pa.nulls(len(table), field.type))
    return table.select(schema.names).cast(schema)
