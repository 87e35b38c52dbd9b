"""The limits stage: observation tables and a policy pack become limits with their reasons."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from geo.observations import LIMITS, PARCELS, SEASONS, read_table, write_table
from geo.parcel_columns import FACTS
from geo.parcels import ParcelBook
from geo.season import Season
from scoring.limits import limit_book
from scoring.policy import Pack


def write_limits(folder: Path, tables: Path, book: ParcelBook, pack: Pack, season: Season) -> None:
    """Write limits.parquet into a folder from the tables stage and the facts of the parcel file."""
    parcels = read_table(tables / "parcels.parquet", PARCELS)
    facts = pd.DataFrame(book.frame[["parcel_id", *FACTS]])
    joined = parcels.merge(facts, on="parcel_id", how="left", validate="one_to_one")
    limits = limit_book(joined, read_table(tables / "seasons.parquet", SEASONS), pack, season)
    write_table(limits, LIMITS, folder / "limits.parquet")
