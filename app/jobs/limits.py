"""The limits stage: observation tables and a policy pack become limits with their reasons, and what they rest on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from geo.observations import LIMITS, PARCELS, PIXELS, SEASONS, read_table, to_table
from geo.parcel_columns import FACTS
from geo.parcels import ParcelBook
from geo.season import Season
from scoring.border import area_errors_ha
from scoring.digests import input_digests
from scoring.inputs import Inputs, inputs_of
from scoring.intake import Intake
from scoring.limits import limit_table
from scoring.policy import Pack

#: Files that a limit is replayed from, beside limits.parquet.
INPUTS_FILE: Final = "limit_inputs.parquet"
CYCLES_FILE: Final = "limit_cycles.parquet"
DIGESTS_FILE: Final = "limit_digests.parquet"
POLICY_FILE: Final = "limit_policy.json"
RECORDED: Final = (INPUTS_FILE, CYCLES_FILE, DIGESTS_FILE, POLICY_FILE)


def write_limits(folder: Path, tables: Path, book: ParcelBook, pack: Pack, season: Season) -> None:
    """Write limits.parquet into a folder from the tables stage and the facts of the parcel file, and its inputs."""
    parcels = read_table(tables / "parcels.parquet", PARCELS)
    facts = pd.DataFrame(book.frame[["parcel_id", *FACTS]])
    joined = parcels.merge(facts, on="parcel_id", how="left", validate="one_to_one")
    if pack.area.border_error_m is not None:
        errors = area_errors_ha(read_table(tables / "pixels.parquet", PIXELS), float(pack.area.border_error_m))
        joined = joined.merge(errors, left_on="parcel_id", right_index=True, how="left")
    record_limits(
        folder, inputs_of(joined, read_table(tables / "seasons.parquet", SEASONS), pack, season), pack, season
    )


def record_limits(folder: Path, inputs: Inputs, pack: Pack, season: Season) -> None:
    """Decide a book and write limits.parquet with everything that a replay needs."""
    intake = inputs.take_in(pack, season)
    _write(to_table(limit_table(intake, pack), LIMITS), folder / "limits.parquet")
    record_inputs(folder, inputs, intake, pack)


def record_inputs(folder: Path, inputs: Inputs, intake: Intake, pack: Pack) -> None:
    """Write what a replay needs beside limits.parquet; intake is what inputs give under the pack."""
    _write(inputs.parcels, folder / INPUTS_FILE)
    _write(inputs.cycles, folder / CYCLES_FILE)
    _write(input_digests(intake), folder / DIGESTS_FILE)
    said = json.dumps(pack.model_dump(mode="json"), ensure_ascii=False, indent=1)
    (folder / POLICY_FILE).write_text(said + "\n", encoding="utf-8")


def _write(table: pa.Table, path: Path) -> None:
    pq.write_table(table, path, compression="zstd", version="2.6")
