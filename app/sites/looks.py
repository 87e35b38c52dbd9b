"""What a run measured of sites, in the database: written once with the run, never changed."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import Connection, insert, select

from app.db.rows import Row, chunked
from app.db.tables import SiteLook


def record_looks(connection: Connection, run_id: str, looks: pd.DataFrame) -> int:
    """Write the looks of a run unless they are there; how many rows were written.

    Args:
        connection: transaction that writes; the run and its sites are in the database.
        run_id: the run.
        looks: rows of geo.observations.SITE_LOOKS, one per site, measure and day.
    """
    if connection.scalar(select(SiteLook.run_id).where(SiteLook.run_id == run_id).limit(1)) is not None:
        return 0
    named = looks.rename(columns={"site_id": "parcel_id", "date": "seen_on"})
    named = named.assign(known_at=[known.to_pydatetime() for known in pd.to_datetime(named["known_at"], utc=True)])
    plain: list[dict[Any, Any]] = named.astype({"known_at": object}).to_dict("records")
    rows: list[Row] = [{**row, "run_id": run_id} for row in plain]
    for chunk in chunked(rows):
        connection.execute(insert(SiteLook), list(chunk))
    return len(rows)
