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

_VERSION: Final = {"tables": 4, "limits": 2, "rasters": 1, "run": 1}
_ID_LENGTH: Final = 16


@dataclass(frozen=True, slots=True)
class ObservationKeys:
    """Fingerprints of what is observed.

    Attributes:
        rasters: crop, probability, vigour and picture COGs.
        tables: observation tables.
    """

    rasters: str
    tables: str


@dataclass(frozen=True, slots=True)
class RunKeys:
    """Fingerprints of what a policy makes of it.

    Attributes:
        limits: limits.
        inputs: everything that the run depends on.
    """

    limits: str
    inputs: str


def observation_keys(
    works: Sequence[TileWork],
    book: ParcelBook,
    season: Season,
    failures: Sequence[Failure] = (),
    *,
    simulated: bool,
) -> ObservationKeys:
    """Fingerprints from what each stage depends on."""
    failed = [[failure.subject, failure.code] for failure in failures]
    maps = [work.keys["map"] for work in works]
    series = [work.keys["series"] for work in works]
    pictures = [work.keys["picture"] for work in works]
    radar = [work.keys["radarseries"] for work in works if "radarseries" in work.keys]
    rasters = fingerprint("rasters", _VERSION["rasters"], maps, pictures)
    seen = [maps, series, book.fingerprint, season.id, simulated, failed, *([radar] if radar else [])]
    tables = fingerprint("tables", _VERSION["tables"], *seen)
    return ObservationKeys(rasters, tables)


def run_keys(seen: ObservationKeys, policy: tuple[str, str]) -> RunKeys:
    """Fingerprints under a policy, given by its pack's id and content hash."""
    limits = fingerprint("limits", _VERSION["limits"], seen.tables, list(policy))
    return RunKeys(limits, fingerprint("run", _VERSION["run"], seen.rasters, limits))


def run_id(keys: RunKeys, outputs: Mapping[str, str]) -> str:
    """Name of a run: it changes with what went in and with what came out, so it never stands for other figures."""
    return fingerprint(keys.inputs, dict(outputs))[:_ID_LENGTH]
