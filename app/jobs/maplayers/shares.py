"""How clear each date of a run is over its parcels, and which dates are worth a picture."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from geo.errors import DataError, InputError
from geo.observations import PARCELS, read_table

_BATCH_ROWS: Final = 1 << 20


def clear_shares(run: Path) -> dict[date, float]:
    """Share of the area of a run's parcels that was clear, 0 to 1, by date.

    Parcels count that any date shows; memory holds a part of the series at a time.

    Args:
        run: folder of a finished run, whose series hold one row per parcel and date.

    Raises:
        DataError: a table is damaged.
    """
    parcels = read_table(run / "parcels.parquet", PARCELS)
    places, areas = pd.Index(parcels.parcel_id), parcels.area_ha.fillna(0.0).to_numpy(dtype=np.float64)
    clear_ha: defaultdict[date, float] = defaultdict(float)
    met = np.zeros(len(parcels), dtype=np.bool_)
    columns = ["parcel_id", "date", "clear_share"]
    try:
        with pq.ParquetFile(run / "series.parquet") as file:
            for batch in file.iter_batches(_BATCH_ROWS, columns=columns):
                rows = batch.to_pandas(date_as_object=True)
                at = places.get_indexer(pd.Index(rows.parcel_id))
                met[at[at >= 0]] = True
                clear = rows.clear_share.to_numpy(dtype=np.float64) * np.where(at >= 0, areas[at], 0.0)
                sums = pd.Series(clear).groupby(rows.date.to_numpy()).sum()
                for day, sum_ha in zip(sums.index.tolist(), sums.tolist(), strict=True):
                    clear_ha[day] += sum_ha
    except (OSError, pa.ArrowException) as error:
        raise DataError(
            "TABLE_UNREADABLE", f"series.parquet cannot be read: {error}.", "Run the season again."
        ) from error
    whole_ha = float(areas[met].sum())
    return {day: min(clear_ha[day] / whole_ha, 1.0) for day in sorted(clear_ha)} if whole_ha else {}


def chosen_days(shares: Mapping[date, float], least: float, most: int | None) -> list[date]:
    """Dates that are clear enough, ascending; the clearest where there are more than wanted, later ones among equals.

    Args:
        shares: of `clear_shares`.
        least: share of the parcels' area that must be clear.
        most: how many dates at most; None for all.

    Raises:
        InputError: NO_CLEAR_DATE: no date is.
    """
    clear = [day for day, share in shares.items() if share >= least]
    if not clear:
        best = max(shares.values(), default=0.0)
        raise InputError(
            "NO_CLEAR_DATE",
            f"No date shows {least:.0%} of the parcels' area; the clearest shows {best:.0%}.",
            "Name a lower share with --clear.",
        )
    return sorted(sorted(clear, key=lambda day: (shares[day], day), reverse=True)[:most])
