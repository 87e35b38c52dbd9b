"""What all limits of a folder rest on: the record of a run, or that of limits before the season."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from app.jobs.planned import PLAN_RECORD
from app.jobs.publish import RECORD
from geo.errors import DataError
from geo.observations import CLEAR_SHARE
from geo.runrecord import RunRecord, Scene
from scoring.receipts.evidence import EarlierRun, Mask
from scoring.status import LEAST_CLEAR_DATES


@dataclass(frozen=True, slots=True)
class Grounds:
    """What all limits of a folder rest on.

    Attributes:
        run_id: name of the run; None for limits before the season.
        plan: hash of the plan file of limits before the season; None for a run.
        created_on: day on which the run ended, UTC; None where the folder does not say.
        code_version: of Acreline; None where the folder does not say.
        simulated: the imagery is not real.
        season_id: the season of the limits.
        mask: how clouds were left out; None where no imagery of the season was read.
        model_hash: of the network; None where none was used.
        policy_in_force: whether the policy held on the day of the run; None where the folder does not say.
        scenes: acquisitions read.
        earlier: runs of earlier seasons that limits before the season rest on.
    """

    run_id: str | None
    plan: str | None
    created_on: date | None
    code_version: str | None
    simulated: bool
    season_id: str
    mask: Mask | None
    model_hash: str | None
    policy_in_force: bool | None
    scenes: tuple[Scene, ...]
    earlier: tuple[EarlierRun, ...]


def read_grounds(folder: Path) -> Grounds:
    """What a folder's limits rest on.

    Raises:
        DataError: the record is missing or damaged.
    """
    if (folder / PLAN_RECORD).is_file():
        return _of_plan(folder / PLAN_RECORD)
    try:
        return _of_run(RunRecord.from_json((folder / RECORD).read_bytes()))
    except OSError as error:
        raise DataError("FILE_MISSING", f"{folder / RECORD} is missing.", "Run the season again.") from error


def _of_run(record: RunRecord) -> Grounds:
    return Grounds(
        run_id=record.run_id,
        plan=None,
        created_on=record.created_at.date(),
        code_version=record.code_version,
        simulated=record.simulated,
        season_id=str(record.parameters.get("season", "")),
        mask=Mask(record.parameters.get("masking", {}), CLEAR_SHARE, LEAST_CLEAR_DATES),
        model_hash=record.model_hash,
        policy_in_force=record.parameters.get("policy_in_force"),
        scenes=record.scenes,
        earlier=(),
    )


#: Keys of a plan's record that count here; a record without them is no longer trusted to say what is simulated.
_PLAN_KEYS: Final = ("season", "inputs", "runs", "code_version", "simulated")


def _of_plan(path: Path) -> Grounds:
    said = _read_json(path)
    return Grounds(
        run_id=None,
        plan=said["inputs"]["plan"],
        created_on=None,
        code_version=said["code_version"],
        simulated=said["simulated"],
        season_id=said["season"],
        mask=None,
        model_hash=None,
        policy_in_force=None,
        scenes=(),
        earlier=tuple(EarlierRun(run["run_id"], run["season"]) for run in said["runs"]),
    )


def _read_json(path: Path) -> dict[str, Any]:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError("FILE_DAMAGED", f"{path} cannot be read.", "Make the limits again.") from error
    if not isinstance(said, dict) or any(name not in said for name in _PLAN_KEYS):
        raise DataError("FILE_DAMAGED", f"{path} is not what `acreline limits plan` writes.", "Make the limits again.")
    return said
