"""Past limits of a run folder, worked out again from what the run recorded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import ValidationError

from app.jobs.limits import CYCLES_FILE, DIGESTS_FILE, INPUTS_FILE, POLICY_FILE
from geo.errors import DataError
from geo.observations import LIMITS
from scoring.digests import DIGESTS
from scoring.inputs import CYCLES, INPUTS, Inputs, recorded
from scoring.policy import Pack
from scoring.replay import Record, replay


def replay_run(run: Path, subjects: Sequence[str]) -> list[dict[str, Any]]:
    """Limits of parcels and farmers of a run, worked out again and found to be those on record (scoring.replay).

    Raises:
        InputError: no such subject.
        DataError: a file or rows of it are gone, or are not the recorded ones: the error names which.
    """
    return replay(subjects, read_record(run))


def read_record(run: Path) -> Record:
    """What a run folder recorded of its limits.

    Raises:
        DataError: a file is gone or cannot be read (named).
    """
    limits, inputs = _table(run / "limits.parquet", LIMITS), recorded_inputs(run)
    return Record(limits, inputs, _table(run / DIGESTS_FILE, DIGESTS), recorded_policy(run))


def recorded_inputs(run: Path) -> Inputs:
    """The inputs of a run's limits.

    Raises:
        DataError: a file is gone or cannot be read.
    """
    return Inputs(_table(run / INPUTS_FILE, INPUTS), _table(run / CYCLES_FILE, CYCLES))


def _table(path: Path, schema: pa.Schema) -> pa.Table:
    try:
        return recorded(pq.read_table(_there(path)), schema)
    except (OSError, KeyError, ValueError, pa.ArrowException) as error:
        raise DataError("REPLAY_CHANGED", f"{path.name} is not what was recorded: {error}.") from error


def recorded_policy(run: Path) -> Pack:
    """The policy that a run's limits rest on.

    Raises:
        DataError: its file is gone or cannot be read.
    """
    path = _there(run / POLICY_FILE)
    try:
        return Pack.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise DataError("REPLAY_CHANGED", f"{path.name} is not what was recorded.") from error


def _there(path: Path) -> Path:
    if not path.is_file():
        raise DataError(
            "REPLAY_GONE", f"{path.name} is gone from {path.parent}.", "Restore it from a backup of the run folder."
        )
    return path
