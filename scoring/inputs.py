"""Everything that the limits of a book are worked out from, in two tables: what is recorded, compared and replayed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd
import pyarrow as pa

from geo.observations import to_table
from geo.season import Season
from scoring.intake import Intake, take_in, with_peers
from scoring.pack_schema import Pack

_TEXT: Final = pa.string()
_FIGURE: Final = pa.float64()
_WHOLE: Final = pa.int64()


def _required(name: str, kind: pa.DataType) -> pa.Field:
    return pa.field(name, kind, nullable=False)


#: One row per parcel: what was observed, what people stated (intake.STATED), and the peers of its vigour where the
#: policy asks for them.
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
    ]
)

#: One row per cycle of the season.
CYCLES: Final = pa.schema(
    [
        _required("parcel_id", _TEXT),
        _required("season_id", _TEXT),
        _required("cycle", pa.int16()),
        pa.field("crop", _TEXT),
        pa.field("crop_set", pa.list_(_TEXT)),
    ]
)


#: Columns of few different texts, which may be held as dictionaries.
REPEATED: Final = ("season_id", "status", "crop", "declared_crop", "land_right", "district")


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
        return take_in(self.parcels.cast(INPUTS).to_pandas(), self.cycles.cast(CYCLES).to_pandas(), pack, season)


def inputs_of(parcels: pd.DataFrame, seasons: pd.DataFrame, pack: Pack, season: Season) -> Inputs:
    """Inputs of a book, to be recorded; arguments as in scoring.limits.limit_book.

    Raises:
        DataError: a column is missing, or a value does not fit its type.
    """
    known = with_peers(parcels, pack)
    return Inputs(to_table(known, INPUTS), to_table(seasons[seasons.season_id == season.id], CYCLES))
