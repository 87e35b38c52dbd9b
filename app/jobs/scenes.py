"""Sources as an installation opens them, and what they hold of an area and season."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, cast

import pystac
from pydantic import SecretStr

from app.jobs.area import lonlat_bounds, require_box, require_one_area
from app.jobs.progress import Reporter, Silent
from app.settings import Settings
from geo.grid import Bounds
from geo.parcels import read_parcels
from geo.season import Season
from tiles.guard import baseline_of
from tiles.radar.scenes import KIND_PROPERTY
from tiles.sources.base import CATALOGUE_PROPERTY, RadarKind, Source, acquired_at
from tiles.sources.opening import Access, open_source, radar_source, usual_cache
from tiles.sources.safe import SafeFolder

_CONVERTING: Final = "Products"


@dataclass(frozen=True, slots=True)
class SceneRow:
    """One scene as it is listed.

    Attributes:
        id: its item's id.
        day: UTC date of acquisition.
        catalogue: where it came from.
        baseline: processing baseline, empty for radar and where not said.
        kind: "gamma0" or "sigma0" for radar, empty for optical scenes.
        cloud_pct: cloud cover of the whole product, percent; None where not said.
        size_bytes: of the files that are used; None where one of them states none.
    """

    id: str
    day: date
    catalogue: str
    baseline: str
    kind: str
    cloud_pct: float | None
    size_bytes: int | None


def source_of(text: str, settings: Settings, report: Reporter | None = None, *, leave_out_l1c: bool = False) -> Source:
    """The source that a text names, with the cache and secrets of this installation.

    Raises:
        InputError: the text names nothing that there is (`tiles.sources.opening.open_source`).
    """
    return open_source(text, access_of(settings, report, leave_out_l1c=leave_out_l1c))


def access_of(settings: Settings, report: Reporter | None = None, *, leave_out_l1c: bool = False) -> Access:
    """Cache and secrets of this installation; conversions of products are told to `report`."""
    return Access(
        cache=settings.cache_dir or usual_cache(),
        stac_token=_plain(settings.stac_token),
        planetary_computer_key=_plain(settings.planetary_computer_key),
        tell=_telling(report or Silent()),
        levels="leave-out" if leave_out_l1c else "refuse",
    )


def area_of(parcels: Path | None, bbox: Bounds | None, crs: str | None = None) -> Bounds:
    """Box of what was asked for, degrees, west > east across 180.

    Args:
        parcels: parcel file, or None.
        bbox: box, or None.
        crs: reference system of a parcel file that states none.

    Raises:
        InputError: both or neither is given, or it cannot be used.
    """
    require_one_area(parcels, bbox)
    if bbox is not None:
        require_box(bbox)
        return bbox
    return lonlat_bounds(read_parcels(cast(Path, parcels), crs=crs).frame)


def find_scenes(source: Source, area: Bounds, season: Season) -> list[SceneRow]:
    """Optical scenes of a season over an area, by time; products are listed without converting them.

    Raises:
        AcrelineError: as `Source.search`.
    """
    items = source.found(area, season) if isinstance(source, SafeFolder) else source.search(area, season)
    return _rows(items)


def find_radar_scenes(
    source: Source, name: str, area: Bounds, season: Season, declared: RadarKind | None = None
) -> list[SceneRow]:
    """Radar scenes of a season over an area, by time.

    Args:
        source: where to look.
        name: what the user called it.
        area: degrees.
        season: days.
        declared: what the user vouches for where scenes do not say that they are terrain-corrected.

    Raises:
        AcrelineError: as `RadarSource.search_radar`, or the source holds no radar.
    """
    return _rows(radar_source(source, name).search_radar(area, season, declared))


def _rows(items: Sequence[pystac.Item]) -> list[SceneRow]:
    return [
        SceneRow(
            id=item.id,
            day=acquired_at(item).date(),
            catalogue=str(item.properties.get(CATALOGUE_PROPERTY, "")),
            baseline=baseline_of(item),
            kind=str(item.properties.get(KIND_PROPERTY, "")),
            cloud_pct=_number(item.properties.get("eo:cloud_cover")),
            size_bytes=_size(item),
        )
        for item in items
    ]


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _size(item: pystac.Item) -> int | None:
    """Bytes of all assets, of local files where their item states none; None where a remote one is not stated."""
    total = 0
    for asset in item.assets.values():
        stated = asset.extra_fields.get("file:size")
        if stated is None and "://" in asset.href:
            return None
        total += int(stated) if stated is not None else Path(asset.href).stat().st_size
    return total


def _plain(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


def _telling(report: Reporter) -> Callable[[int, int], None]:
    def tell(done: int, total: int) -> None:
        if done == 0:
            report.begin(_CONVERTING, total)
        else:
            report.advance(_CONVERTING)
        if done == total:
            report.end(_CONVERTING, f"{total} ready")

    return tell
