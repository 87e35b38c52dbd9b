"""Building and checking of an area's cubes, and the record of it beside them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final, get_args

import pystac

from app.jobs.contents import Contents, judged, look_into
from app.jobs.crew import Crew, Unit
from app.jobs.cubes import Area, CubeRequest, find_area, find_radar, unit_name
from app.jobs.failures import failures_of
from app.jobs.imagery import CubeWork
from app.jobs.lock import sole_user
from app.jobs.progress import Reporter
from app.jobs.publish import RECORD
from app.jobs.units import Built, Work, build_all
from geo.errors import AcrelineError, DataError
from geo.files import fingerprint
from geo.manifest import MANIFEST_NAME
from geo.runrecord import Failure, RunRecord, Scene
from tiles.guard import ReflectanceRule, baseline_of
from tiles.guard.verdicts import Assessment
from tiles.places import Place
from tiles.sources.base import RadarSource, Source
from tiles.sources.opening import name_of
from tiles.steps import Statistic
from tiles.store import open_cube

_ID_LENGTH: Final = 16


@dataclass(frozen=True, slots=True)
class BuildSummary:
    """What a build came to.

    Attributes:
        run_id: names what went in and what came out.
        out: where the cubes are.
        season_id: the season.
        built: tiles whose cubes were built now.
        kept: tiles whose cubes were there already.
        empty: tiles that no scene touches.
        failures: units that could not be built.
        scenes: scenes read.
        bytes: size of all cubes of the request, as stored.
        seconds: wall time.
    """

    run_id: str
    out: str
    season_id: str
    built: tuple[str, ...]
    kept: tuple[str, ...]
    empty: tuple[str, ...]
    failures: tuple[Failure, ...]
    scenes: int
    bytes: int
    seconds: float

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return asdict(self)


def build_area(
    request: CubeRequest,
    source: Source,
    report: Reporter,
    now: Callable[[], datetime],
    clock: Callable[[], float],
    radar: RadarSource | None = None,
) -> BuildSummary:
    """Build the cubes of a request, doing only what is missing; a tile that fails is recorded and the rest goes on.

    Args:
        request: what was asked.
        source: where the scenes come from.
        report: told of progress.
        now: the time of day, for the record.
        clock: seconds that only grow.
        radar: where radar scenes come from, if any are wanted.

    Raises:
        InputError: an argument cannot be used.
        DataError: the scenes hold no reflectance that can be used, or the record cannot be written.
    """
    started = clock()
    report.begin("Scenes", 1)
    area = find_area(request, source)
    radar_items, radar_works = find_radar(request, radar, area) if radar is not None else ((), ())
    items = (*area.items, *radar_items)
    contents = look_into(items)
    assessed = judged(area.items, contents, area.bounds)
    works = [replace(work, rules=_of(work, assessed)) for work in area.works]
    report.end("Scenes", f"{len(items)} scenes, {len(works)} tiles")
    with _alone(request.out), Crew(request.scheduler, request.workers, request.memory_mib) as crew:
        built = _built("Cubes", works, contents, crew, report)
        built_radar = _built("Radar", radar_works, contents, crew, report) if radar_works else Built({}, frozenset())
        failed = _failed(request, built, built_radar)
        record, size = _recorded(request, area, items, contents, failed, _parameters(request, area, assessed), now())
    done = [work.name for work in works if not failed.keys() & set(request.names(work.name))]
    kept = tuple(name for name in done if name in built.kept and (name in built_radar.kept or not radar_works))
    return BuildSummary(
        run_id=record.run_id,
        out=request.out,
        season_id=request.season.id,
        built=tuple(name for name in done if name not in kept),
        kept=kept,
        empty=area.empty,
        failures=failures_of(failed),
        scenes=len(items),
        bytes=size,
        seconds=round(clock() - started, 1),
    )


def _built(label: str, works: Sequence[Work], contents: Contents, crew: Crew, report: Reporter) -> Built:
    built = build_all(label, works, contents, crew, report)
    made = len(works) - len(built.failed) - len(built.kept)
    report.end(label, f"{made} of {len(works)} tiles made" if made else "nothing to do")
    return built


def _failed(request: CubeRequest, optical: Built, radar: Built) -> dict[str, AcrelineError]:
    """Why units could not be built, by the name of the first of each."""
    cubes = {unit_name(tile, request.season): error for tile, error in optical.failed.items()}
    return cubes | {request.radar_names(tile)[0]: error for tile, error in radar.failed.items()}


def verify_area(out: str, crew: Crew, report: Reporter) -> tuple[int, dict[str, AcrelineError]]:
    """Hash all cubes that a place's record lists.

    Returns:
        Their number, and by unit what is wrong with those that are damaged or missing.

    Raises:
        DataError: the place has no record, or a damaged one.
    """
    record = read_record(out)
    if record is None:
        raise DataError("CUBES_MISSING", f"{out} has no {RECORD}: it holds no cubes.", "Build them first.")
    report.begin("Cubes", len(record.outputs))
    damaged = crew.attempt(_check, _checks(out, record.outputs), lambda: report.advance("Cubes"))
    report.end("Cubes", f"{len(record.outputs) - len(damaged)} of {len(record.outputs)} whole")
    return len(record.outputs), damaged


def read_record(out: str) -> RunRecord | None:
    """Record of a place, None where there is none."""
    place = Place(out)
    with place.reached("RECORD_READ", "read", "Check the address and the permissions."):
        try:
            return RunRecord.from_json((place.root / RECORD).read_bytes())
        except FileNotFoundError:
            return None


def _alone(out: str) -> AbstractContextManager[None]:
    """Sole use of a local folder. Object stores have no locks; two builds there write the same bytes."""
    return nullcontext() if Place(out).remote else sole_user(Path(Place(out).root))


def _recorded(
    request: CubeRequest,
    area: Area,
    items: Sequence[pystac.Item],
    contents: Contents,
    failed: Mapping[str, AcrelineError],
    parameters: Mapping[str, object],
    created_at: datetime,
) -> tuple[RunRecord, int]:
    """Write the record of a build over the one before, whose other units stay listed; and the size of its cubes."""
    names = [name for work in area.works for name in request.names(work.name)]
    manifests = {name: _manifest(request.out, name) for name in names}
    whole = {name: said for name, (said, _) in manifests.items() if said and not _part_of(name, failed)}
    before = read_record(request.out)
    kept = {} if before is None else {name: said for name, said in before.outputs.items() if name not in names}
    others = () if before is None else tuple(each for each in before.failures if each.subject not in names)
    outputs = kept | whole
    record = RunRecord(
        run_id=fingerprint(outputs)[:_ID_LENGTH],
        created_at=created_at,
        code_version=version("acreline"),
        parameters=parameters,
        inputs={"scenes": fingerprint(dict(contents.hashes))},
        scenes=_scenes(items, contents),
        outputs=outputs,
        failures=tuple(sorted((*others, *failures_of(failed)), key=lambda failure: failure.subject)),
        simulated=any(item.properties.get("acreline:simulated") for item in area.items),
    )
    place = Place(request.out)
    with place.reached("STORE_WRITE", "written", "Free some space or check the permissions."):
        place.put(RECORD, record.to_json().encode())
    return record, sum(size for _, size in manifests.values())


def _part_of(name: str, failed: Mapping[str, AcrelineError]) -> bool:
    """Whether a unit was to be made in one go with one that failed: a cube and its steps, passes and their means."""
    return any(name in (unit, *(f"{unit}_{statistic}" for statistic in get_args(Statistic))) for unit in failed)


def _of(work: CubeWork, assessed: Assessment) -> dict[str, ReflectanceRule]:
    return {item.id: assessed.rules[item.id] for item in work.items if item.id in assessed.rules}


def _parameters(request: CubeRequest, area: Area, assessed: Assessment) -> dict[str, object]:
    return {
        "season": request.season.id,
        "catalog": name_of(request.catalog),
        "parcels": None if request.parcels is None else request.parcels.name,
        "bbox": None if request.bbox is None else list(request.bbox),
        "tiles": [work.name for work in area.works],
        "without_scenes": list(area.empty),
        "masking": asdict(request.masking),
        "radar": None if request.radar is None else name_of(request.radar),
        "radar_kind": request.radar_kind,
        "reflectance": assessed.record(),
    }


def _scenes(items: Sequence[pystac.Item], contents: Contents) -> tuple[Scene, ...]:
    known = [item for item in items if item.id in contents.hashes]
    return tuple(Scene(item.id, baseline_of(item), contents.hashes[item.id]) for item in known)


def _manifest(out: str, name: str) -> tuple[str | None, int]:
    """Hash of a unit's manifest, None where it is not committed; and the size of the files it lists."""
    place = Place(f"{out.rstrip('/')}/{name}")
    with place.reached("STORE_READ", "read", "Check the address and the permissions."):
        try:
            said = hashlib.sha256((place.root / MANIFEST_NAME).read_bytes()).hexdigest()
            return said, sum(entry.size for entry in place.verified(content=False).values())
        except (FileNotFoundError, DataError):
            return None, 0


def _checks(out: str, outputs: Mapping[str, str]) -> list[Unit]:
    def unit(name: str, said: str) -> Unit:
        return Unit(name, lambda: [(f"{out.rstrip('/')}/{name}", said)], lambda: None)

    return [unit(name, said) for name, said in sorted(outputs.items())]


def _check(place: str, said: str) -> None:
    """Compare a cube with its manifest, and that with the record."""
    open_cube(place, verify=True)
    if hashlib.sha256((Place(place).root / MANIFEST_NAME).read_bytes()).hexdigest() != said:
        raise DataError("CUBE_CHANGED", f"{place} is not the cube of the record.", "Build it again.")
