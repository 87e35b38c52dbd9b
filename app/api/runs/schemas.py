"""What the pages of runs are drawn from."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import Field

from app.api.schemas import Answer, StatusCount
from app.db.tables.alert_kinds import AlertEventKind


class RunLine(Answer):
    """A run with parcels within reach."""

    run_id: str
    season_id: str
    season_start: date
    season_end: date
    created_at: datetime
    policy_id: str | None
    policy_hash: str | None
    model_hash: str | None
    simulated: bool
    parcels: int = Field(description="Within reach.")
    by_status: list[StatusCount] = Field(description="Of those.")
    scenes: int
    failures: int
    files: bool = Field(description="Whether its folder lies where the service looks.")
    of_sites: bool = Field(description="Whether it looked at energy sites, which know no season.")


class RunList(Answer):
    """Runs, the newest first."""

    runs: list[RunLine]


class RunScene(Answer):
    """An acquisition that was read."""

    id: str
    baseline: str = Field(description="Processing baseline; empty where the catalogue states none.")
    hash: str


class RunFailure(Answer):
    """What could not be done."""

    subject: str
    code: str
    message: str


class RunOutput(Answer):
    """A file of the run."""

    name: str
    hash: str
    bytes: int | None = Field(description="null where it is not there.")


class RunPage(Answer):
    """All that the record of a run says."""

    line: RunLine
    code_version: str
    parameters: dict[str, Any]
    inputs: dict[str, str] = Field(description="Hash by name.")
    scenes: list[RunScene]
    failures: list[RunFailure]
    outputs: list[RunOutput]


class WatchLine(Answer):
    """A watch over a run with parcels within reach, and what it found on those."""

    id: str
    run_id: str
    as_of: date
    season_id: str
    rules_id: str
    code_version: str
    parcels: int = Field(description="Of the run, within reach.")
    counts: dict[AlertEventKind, int] = Field(description="Changes of alerts on those by kind; none of a kind: absent.")
    recorded_at: datetime


class WatchList(Answer):
    """Watches, the newest first."""

    watches: list[WatchLine]
