"""What the user asked to see, and what a run shall do with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from geo.season import Season
from tiles.clear import Masking
from tiles.sources.base import RadarKind
from tiles.sources.opening import Access, usual_cache

#: Memory of one worker process where nothing else is said, MiB.
WORKER_MEMORY_MIB: Final = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservationRequest:
    """What shall be seen of a parcel book in a season.

    Attributes:
        catalog: what names the source of the scenes (`tiles.sources.opening.open_source`).
        parcels: parcel file.
        season: first and last day.
        out: run folder.
        model: folder of a release; None for the one that ships.
        parcels_crs: CRS of the parcel file where it states none.
        id_column: column with parcel ids, where it has an unusual name.
        scheduler: address of an existing Dask scheduler.
        workers: local worker processes; None means one for each core.
        memory_mib: memory of each worker process, MiB.
        masking: how clear pixels are told from others.
        radar: read Sentinel-1 beside the optical scenes, where the network can and the source holds any: worth its cost
            where few dates are clear (docs/model.md).
        radar_kind: what the user declares radar scenes to be that do not say that they are terrain-corrected.
        access: cache and secrets for opening the source; they are part of no result.
    """

    catalog: str
    parcels: Path
    season: Season
    out: Path
    model: Path | None = None
    parcels_crs: str | None = None
    id_column: str | None = None
    scheduler: str | None = None
    workers: int | None = None
    memory_mib: int = WORKER_MEMORY_MIB
    masking: Masking = field(default_factory=Masking)
    radar: bool = False
    radar_kind: RadarKind | None = None
    access: Access = field(default_factory=lambda: Access(usual_cache()), repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest(ObservationRequest):
    """What shall be seen, and what it gives under a policy.

    Attributes:
        policy: id of a policy pack.
        packs: folder with the bank's own policy packs, beside those that ship.
    """

    policy: str
    packs: Path | None = None
