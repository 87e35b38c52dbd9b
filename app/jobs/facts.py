"""facts.parquet: what the parcel file says of each parcel and farmer, kept so that a limit can be worked out again."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa

from geo.observations import read_table, write_table
from geo.parcel_columns import FACTS
from geo.parcels import ParcelBook

FACTS_FILE: Final = "facts.parquet"

_KINDS: Final = {"certified_area_ha": pa.float64()} | dict.fromkeys(
    ("other_debt_minor", "household_capacity_minor", "approved_minor"), pa.int64()
)

#: One row per parcel; null where the file says nothing.
PARCEL_FACTS: Final = pa.schema(
    [
        pa.field("parcel_id", pa.string(), nullable=False),
        *(pa.field(name, _KINDS.get(name, pa.string())) for name in FACTS),
    ]
)


def write_facts(folder: Path, book: ParcelBook) -> None:
    """Write the facts of a parcel file into a folder."""
    write_table(pd.DataFrame(book.frame[["parcel_id", *FACTS]]), PARCEL_FACTS, folder / FACTS_FILE)


def read_facts(folder: Path) -> pd.DataFrame | None:
    """Facts of a run, None where an older run did not keep them; amounts are Int64.

    Raises:
        DataError: the file is damaged.
    """
    if not (folder / FACTS_FILE).exists():
        return None
    facts = read_table(folder / FACTS_FILE, PARCEL_FACTS)
    whole = [name for name, kind in _KINDS.items() if kind == pa.int64()]
    return facts.astype(dict.fromkeys(whole, "Int64"))
