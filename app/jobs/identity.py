"""What a run is: the same inputs, parameters and code give the same run id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.jobs.measure import TileWork
from geo.files import fingerprint
from geo.parcels import ParcelBook
from geo.runrecord import Failure
from geo.season import Season

_VERSION: Final = {"tables": 2, "limits": 1, "rasters": 1, "run": 1}
_ID_LENGTH: Final = 16


@dataclass(frozen=True, slots=True)
class RunKeys:
    """Fingerprints of the stages that concern a whole run.

    Attributes:
        rasters: crop, probability, vigour and picture COGs.
        tables: observation tables.
        limits: limits.
        inputs: everything that the run depends on.
    """

    rasters: str
    tables: str
    limits: str
    inputs: str


def run_keys(
    works: Sequence[TileWork],
    book: ParcelBook,
    season: Season,
    policy: tuple[str, str],
    failures: Sequence[Failure] = (),
    *,
    simulated: bool,
) -> RunKeys:
    """Fingerprints from what each stage depends on; `policy` is the pack's id and content hash."""
    failed = [[failure.subject, failure.code] for failure in failures]
    maps = [work.keys["map"] for work in works]
    series = [work.keys["series"] for work in works]
    pictures = [work.keys["picture"] for work in works]
    rasters = fingerprint("rasters", _VERSION["rasters"], maps, pictures)
    tables = fingerprint("tables", _VERSION["tables"], maps, series, book.fingerprint, season.id, simulated, failed)
    limits = fingerprint("limits", _VERSION["limits"], tables, list(policy))
    return RunKeys(rasters, tables, limits, fingerprint("run", _VERSION["run"], rasters, limits))


def run_id(keys: RunKeys, outputs: Mapping[str, str]) -> str:
    """Name of a run: it changes with what went in and with what came out, so it never stands for other figures."""
    return fingerprint(keys.inputs, dict(outputs))[:_ID_LENGTH]
