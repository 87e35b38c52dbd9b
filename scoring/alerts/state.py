"""Alerts that are open at the end of a day, from their changes."""

from __future__ import annotations

from datetime import date
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from scoring.alerts.transitions import TRANSITIONS

#: TRANSITIONS of the last change of each open alert: without kind, and `since` instead of `day`.
STATE: Final = pa.schema(
    [field.with_name("since") if field.name == "day" else field for field in TRANSITIONS if field.name != "kind"]
)


def state_of(transitions: pa.Table, day: date) -> pa.Table:
    """The alerts that are open at the end of a day.

    Args:
        transitions: of the schema TRANSITIONS; those of one alert in the order of their days.
        day: changes after it are left out.

    Returns:
        Table of the schema STATE in the order of the transitions: one row per open alert, as of its last change.
    """
    known = transitions.filter(pc.less_equal(transitions["day"], pa.scalar(day, pa.date32())))
    numbered = known.append_column("row", pa.array(range(known.num_rows), pa.int64()))
    last = numbered.group_by(["season_id", "subject_id", "cause"], use_threads=False).aggregate([("row", "max")])
    rows = pc.sort_indices(last["row_max"])
    latest = known.take(last["row_max"].take(rows))
    opened = latest.filter(pc.not_equal(latest["level"], "none")).drop_columns(["kind"])
    return opened.rename_columns(STATE.names).cast(STATE).combine_chunks()
