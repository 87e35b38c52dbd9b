"""A request to watch energy sites, and what is refused before any scene is looked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final

from app.jobs.request import WORKER_MEMORY_MIB
from app.jobs.watch.asking import KnownBy
from geo.errors import InputError
from geo.legend import load_legend
from tiles.clear import Masking
from tiles.sources.base import RadarKind
from tiles.sources.opening import Access, usual_cache

RULES: Final = "sites-1"
#: Beside the runs: cubes and measures of all sites, so that the next watch reads new scenes only.
WORK_FOLDER: Final = ".sites-work"
_FURTHEST: Final = timedelta(hours=14)  # the first place on earth where a day begins


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteWatchRequest:
    """What was asked.

    Attributes:
        catalog: what names the source of the scenes (`tiles.sources.opening.open_source`).
        runs: folder of runs; the run of this watch becomes one folder more in it.
        as_of: day; scenes count that were acquired and known by its end (UTC).
        radar: what names the source of Sentinel-1 scenes; None: none are read.
        radar_kind: what the user declares radar scenes to be that do not say that they are terrain-corrected.
        past_days: days before works may begin that tell what the ground showed then.
        sites: ids of the sites that are wanted; empty: all that are watched.
        scheduler: address of an existing Dask scheduler.
        workers: local worker processes; None means one for each core.
        memory_mib: memory of each worker process, MiB.
        masking: how the cubes' masks are made. Wind is read through them; panels, as dark as shadow, and water have
            a mask of their own (models.sites.ground).
        access: cache and secrets for opening the sources; they are part of no result.
        known_by: what says when a scene became known: the catalogue, or its day and some days more.
        known_after: days after it was acquired, where that counts.
        rules: id or file of alert rules.
        rules_dir: a bank's own rules.
        protect: legend keys of uses that must not be built on.
        land_use: crop.tif of a run of the season before; None: prior use is not judged.
        by: number of the user who asks; None: a timer.
        dry_run: record nothing; cubes and measures are kept for the next watch.
        accept_withdrawals: end alerts that are not found again, however many they are.
    """

    catalog: str
    runs: Path
    as_of: date
    radar: str | None = None
    radar_kind: RadarKind | None = None
    past_days: int = 730
    sites: tuple[str, ...] = ()
    scheduler: str | None = None
    workers: int | None = None
    memory_mib: int = WORKER_MEMORY_MIB
    masking: Masking = field(default_factory=Masking)
    access: Access = field(default_factory=lambda: Access(usual_cache()), repr=False, compare=False)
    known_by: KnownBy = "catalogue"
    known_after: int = 1
    rules: str = RULES
    rules_dir: Path | None = None
    protect: frozenset[str] = frozenset()
    land_use: Path | None = None
    by: int | None = None
    dry_run: bool = False
    accept_withdrawals: bool = False

    @property
    def work(self) -> Path:
        """Folder of cubes and measures; absolute, since workers may stand in other folders."""
        return self.runs.absolute() / WORK_FOLDER

    @property
    def known_by_end_of(self) -> datetime:
        """Instant by which a scene must be known: the end of the day, aware UTC."""
        return datetime.combine(self.as_of + timedelta(days=1), time(), tzinfo=UTC)


def check_sites_request(request: SiteWatchRequest, now: datetime) -> None:
    """Refuse a request that cannot be served.

    Raises:
        InputError: the day lies after today, the past is no span of days, or a use is not in the legend.
    """
    if request.as_of > (now + _FURTHEST).date():
        raise InputError(
            "AS_OF_AHEAD", f"--as-of {request.as_of} lies after today, {now.date()}.", "Name today or a day before."
        )
    if request.past_days < 1 or request.known_after < 0:
        raise InputError(
            "SITES_DAYS",
            f"A past of {request.past_days} days, scenes known after {request.known_after} days.",
            "Give a past of 1 day or more, and 0 days or more until a scene is known.",
        )
    strange = next((key for key in sorted(request.protect) if key not in load_legend()), None)
    if strange is not None:
        raise InputError("SITES_USE_UNKNOWN", f"{strange!r} is no use of the legend.", "Name keys of the legend.")
