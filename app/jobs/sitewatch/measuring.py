"""One site measured from its cubes by a worker: tables, footprints and pictures in the folder of its stage."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from shapely.geometry import mapping

from app.jobs.publish import write_json
from app.jobs.sitewatch.files import (
    FOOTPRINTS_FILE,
    KNOWN_FILE,
    LOOKS_FILE,
    PICTURES_FILE,
    PICTURES_FOLDER,
    PLACES_FILE,
    SITE_PLACES,
    collection,
)
from app.jobs.sitewatch.footprints import latest_of, outline_of, pads_of
from app.jobs.sitewatch.grounds import SitePlace
from app.jobs.sitewatch.measured import Measured, Sources, joined, told_of
from app.jobs.sitewatch.operating import completed_on, grounds_of
from app.jobs.sitewatch.operationlooks import operation_looks
from app.jobs.sitewatch.passes import RadarStack, open_passes, with_passes
from app.jobs.sitewatch.pictures import draw_pictures
from app.jobs.sitewatch.places import place_rows
from app.jobs.sitewatch.solarlooks import evidence_of, known_rows, require_past
from app.jobs.sitewatch.stacks import SiteStack, disc, open_stack
from app.jobs.sitewatch.waterlooks import dam_of, water_of
from app.jobs.sitewatch.windlooks import farm_looks, sun_of
from geo.bands import RESOLUTION_M
from geo.errors import InputError
from geo.files import whole_file
from geo.manifest import MANIFEST_NAME, write_manifest
from geo.observations import SITE_LOOKS, write_table
from geo.sites import SiteMeasure, SiteType
from models.sites.looks import Flags, Floats, Looks
from models.sites.solar import rows_now, solar_looks
from scoring.sites.plan import SitePlan

#: Raised by hand when what is measured changes in meaning.
VERSION: Final = 2
_WORKS_M: Final = 60.0
#: Of a worker's memory, what the looks of a site may take: measures of them take several times as much.
_HELD_PART: Final = 8

_How = Callable[["SiteJob", SiteStack, Floats, RadarStack | None], Measured]


@dataclass(frozen=True, slots=True)
class SiteJob:
    """What a worker needs of one site; small.

    Attributes:
        plan: what is planned.
        place: its grid.
        cubes: optical cubes by quarter.
        radar: radar cubes by quarter.
        tracks: relative orbit by radar scene.
        sun: elevation and azimuth of the sun by optical scene, degrees.
        known_after: days after which a look counts as known; None: as the catalogue says.
        memory_bytes: what a worker may take.
        folder: of the stage.
    """

    plan: SitePlan
    place: SitePlace
    cubes: tuple[Path, ...]
    radar: tuple[Path, ...]
    tracks: Mapping[str, str]
    sun: Mapping[str, tuple[float, float]]
    known_after: int | None
    memory_bytes: int
    folder: Path


def measure_site(job: SiteJob) -> None:
    """Measure a site and commit its folder; does nothing where that was done before.

    Raises:
        InputError: no look shows the site (SITES_NO_SCENES), or it has no past to compare with (SITES_NO_PAST).
        DataError: a cube is damaged, or the site is too large (SITES_TOO_LARGE).
    """
    if (job.folder / MANIFEST_NAME).exists():
        return
    shutil.rmtree(job.folder, ignore_errors=True)
    job.folder.mkdir(parents=True)
    ground = ground_of(job.place)
    stack = open_stack(job.cubes, ground, job.known_after, job.place.geobox.shape.yx)
    if not len(stack.days):
        said = f"No scene shows site {job.plan.site_id!r} free of clouds."
        raise InputError("SITES_NO_SCENES", said, "Wait for a clear day, or name a catalogue with more scenes.")
    stack = stack.in_memory(job.memory_bytes // _HELD_PART)
    radar = open_passes(job.radar, job.tracks, job.known_after)
    how: Mapping[SiteType, _How] = {SiteType.SOLAR: _solar, SiteType.WIND: _wind}
    measured = how.get(job.plan.kind, _hydro)(job, stack, ground, radar)
    pictures = draw_pictures(job.folder / PICTURES_FOLDER, stack, measured.clear, job.place.geobox)
    write_json(job.folder / PICTURES_FILE, pictures)
    _write(job, measured)
    write_manifest(job.folder, [path for path in job.folder.rglob("*") if path.is_file()])


def ground_of(place: SitePlace) -> Floats:
    """(y, x) weights of the ground whose looks count: within the border; of wind farms, around the turbines."""
    if place.ground.kind is not SiteType.WIND:
        return place.inside()
    shape = place.geobox.shape.yx
    near: Flags = np.logical_or.reduce([disc(at, _WORKS_M, shape) for at in place.points()])
    return near.astype(np.float64)


def _solar(job: SiteJob, stack: SiteStack, inside: Floats, _radar: RadarStack | None) -> Measured:
    site_id, start = job.plan.site_id, np.datetime64(job.place.start, "D")
    sources = Sources.of(stack)
    clear = stack.clear_shares(inside)
    require_past(site_id, sources, clear, start)
    evidence = evidence_of(stack, inside, start)
    looks = solar_looks(evidence) if len(evidence.days) else {}
    rows, outside = rows_now(evidence)
    after = _after(job, stack, looks, rows)
    frames = [*told_of(looks, site_id, sources)]
    later = [*told_of(after, site_id, sources)]
    built = ((kind, outline_of(pixels, job.place.geobox)) for kind, pixels in (("inside", rows), ("outside", outside)))
    return Measured(
        joined([*frames, *later]),
        joined([*known_rows(site_id, evidence, sources), *later]),
        [(kind, outline) for kind, outline in built if outline is not None],
        clear,
    )


def _wind(job: SiteJob, stack: SiteStack, ground: Floats, radar: RadarStack | None) -> Measured:
    site_id, sources = job.plan.site_id, Sources.of(stack)
    clear = stack.clear_shares(ground)
    require_past(site_id, sources, clear, np.datetime64(job.place.start, "D"))
    farm = farm_looks(stack, job.place.points(), sun_of(job.sun, stack.items.tolist()), radar)
    looks = {**farm.measures, **_after(job, stack, farm.measures, None)}
    rows = joined([*told_of(looks, site_id, with_passes(sources, radar))])
    pads = pads_of(job.plan.ground.points, latest_of(farm.pads[1]), job.place.geobox)
    return Measured(rows, rows, [] if pads is None else [("inside", pads)], clear, place_rows(farm))


def _hydro(job: SiteJob, stack: SiteStack, ground: Floats, radar: RadarStack | None) -> Measured:
    site_id, points = job.plan.site_id, job.place.points()
    dam = points[0] if len(points) else None
    sources = with_passes(Sources.of(stack), radar)
    looks: dict[SiteMeasure, Looks] = {}
    told, known, built = [], [], None
    if job.plan.ground.border is not None:
        water, now = water_of(site_id, stack, radar, ground, dam, job.memory_bytes)
        looks[SiteMeasure.WATER] = water.by(sources.days[-1])
        told = [*told_of(looks, site_id, sources)]
        known = [*water.rows(site_id, sources, float(ground.sum()) * RESOLUTION_M**2)]
        built = outline_of(now, job.place.geobox)
    others = {} if dam is None else {SiteMeasure.CLEARED: dam_of(stack, dam)}
    others |= _after(job, stack, {**looks, **others}, None)
    later = [*told_of(others, site_id, sources)]
    footprints = [] if built is None else [("inside", built)]
    return Measured(joined([*told, *later]), joined([*known, *later]), footprints, stack.clear_shares(ground))


def _after(
    job: SiteJob, stack: SiteStack, looks: Mapping[SiteMeasure, Looks], rows: Flags | None
) -> Mapping[SiteMeasure, Looks]:
    """What goes wrong, from the day on which the site was complete; nothing before it is."""
    since = completed_on(job.plan, looks)
    if since is None:
        return {}
    return operation_looks(stack, since, grounds_of(job.place, rows))


def _write(job: SiteJob, measured: Measured) -> None:
    site_id = job.plan.site_id
    for name, frame in ((LOOKS_FILE, measured.looks), (KNOWN_FILE, measured.known)):
        with whole_file(job.folder / name) as part:
            write_table(frame, SITE_LOOKS, part)
    places = pa.Table.from_pandas(
        measured.places.assign(site_id=site_id)[SITE_PLACES.names].astype({"place": "int32"}),
        SITE_PLACES,
        preserve_index=False,
    ).replace_schema_metadata({})
    with whole_file(job.folder / PLACES_FILE) as part:
        pq.write_table(places, part, compression="zstd", version="2.6")
    features = [
        {"type": "Feature", "properties": {"site_id": site_id, "kind": kind}, "geometry": mapping(outline)}
        for kind, outline in measured.built
    ]
    write_json(job.folder / FOOTPRINTS_FILE, collection(features))
