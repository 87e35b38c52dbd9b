"""A request to watch a run, and what is known before anything is judged: refused here or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final, Literal, TypeAlias

from app.jobs.publish import RADAR_FILE, committed_run
from geo.errors import DataError, InputError
from geo.files import sha256_of
from geo.manifest import MANIFEST_NAME, verify_manifest
from geo.runrecord import RunRecord
from geo.season import Season, parse_season
from scoring.alerts.rules import AlertRules, load_rules
from scoring.growth.calendars.regional import RegionCalendar, load_calendar, load_calendars, parse_calendar

#: What says when a look became known: the catalogue, or the day on which it was sensed and some days more.
KnownBy: TypeAlias = Literal["catalogue", "sensed"]

RULES: Final = "growth-1"
#: Files of a run that a watch reads: their content is compared with the manifest.
READ: Final = ("series.parquet", "parcels.parquet", "parcels.geojson", "limit_inputs.parquet")
#: The same of files that not every run has, or that only pixels need.
READ_BESIDE: Final = (RADAR_FILE, "pixels.parquet")
_FURTHEST: Final = timedelta(hours=14)  # the first place on earth where a day begins
_AGAIN: Final = "Run the season again: what is whole is kept."


@dataclass(frozen=True, slots=True)
class WatchRequest:
    """What was asked.

    Attributes:
        run: folder of a finished run.
        as_of: day; looks count that were known by its end (UTC).
        out: folder of the watches; None: RUN/watches.
        calendars: ids or files of crop calendars; none: that of each parcel's district.
        calendars_dir: a bank's own calendars.
        rules: id or file of alert rules.
        rules_dir: a bank's own rules.
        known_by: what says when a look became known.
        known_after: days after it was sensed, where that counts.
        part_parcels: parcels that are judged together; None: as many as fit.
        chips: most alerts of which pictures are made; 0: none.
        by: number of the user who asks; None: a timer.
        dry_run: write nothing.
        pixels: look into the pixels of parcels, where the run's cubes lie: for two crops and construction.
        accept_withdrawals: end alerts that are not found again, however many they are.
        history: folders of finished runs of earlier seasons over the same parcels.
    """

    run: Path
    as_of: date
    out: Path | None = None
    calendars: tuple[str, ...] = ()
    calendars_dir: Path | None = None
    rules: str = RULES
    rules_dir: Path | None = None
    known_by: KnownBy = "catalogue"
    known_after: int = 1
    part_parcels: int | None = None
    chips: int = 200
    by: int | None = None
    dry_run: bool = False
    pixels: bool = True
    accept_withdrawals: bool = False
    history: tuple[Path, ...] = ()

    @property
    def folder(self) -> Path:
        """Folder of the watches."""
        return self.out or self.run / "watches"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that holds together.

    Attributes:
        request: it.
        record: of the run.
        season: of the run.
        rules: alert rules.
        calendars: those that may speak of the book's parcels.
    """

    request: WatchRequest
    record: RunRecord
    season: Season
    rules: AlertRules
    calendars: tuple[RegionCalendar, ...]


def check_request(request: WatchRequest, now: datetime) -> Asked:
    """A request that holds together.

    Raises:
        InputError: the rules or a calendar cannot be used, or the day lies after today or before the season.
        DataError: the folder holds no finished run, or a file of it is damaged.
    """
    record = whole_run(request.run)
    season = parse_season(str(record.parameters["season"]))
    if request.as_of > (now + _FURTHEST).date():
        raise InputError(
            "AS_OF_AHEAD", f"--as-of {request.as_of} lies after today, {now.date()}.", "Name today or a day before."
        )
    if request.as_of < season.start:
        raise InputError(
            "AS_OF_BEFORE_SEASON",
            f"--as-of {request.as_of} lies before the season of the run, {season.id}.",
            f"Name {season.start} or a later day.",
        )
    rules = load_rules(request.rules, request.rules_dir)
    return Asked(request, record, season, rules, calendars_of(request.calendars, request.calendars_dir))


def whole_run(run: Path) -> RunRecord:
    """Record of a finished run whose tables are what was written.

    Raises:
        DataError: there is none, or a file is missing or damaged (named).
    """
    if not (run / MANIFEST_NAME).is_file():
        raise DataError("RUN_MISSING", f"{run} holds no finished run.", "Name the --out folder of `acreline run`.")
    manifest = verify_manifest(run, content=False)
    for name in (*READ, *(name for name in READ_BESIDE if name in manifest)):
        if name not in manifest or sha256_of(run / name) != manifest[name].sha256:
            raise DataError("FILE_DAMAGED", f"{run / name} is damaged: it is not what was written.", _AGAIN, file=name)
    record = committed_run(run)
    if record is None:
        raise DataError("RUN_MISSING", f"{run} holds no finished run.", "Name the --out folder of `acreline run`.")
    return record


def calendars_of(named: tuple[str, ...], folder: Path | None) -> tuple[RegionCalendar, ...]:
    """Crop calendars by id or file, or all that there are where none is named; errors as load_calendar's."""
    return tuple(_calendar(name, folder) for name in named) if named else load_calendars(folder)


def _calendar(name: str, folder: Path | None) -> RegionCalendar:
    if not (name.endswith(".toml") or "/" in name):
        return load_calendar(name, folder=folder)
    try:
        text = Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            "CALENDAR_UNKNOWN", f"The crop calendar {name} cannot be read.", "Name a TOML file or an id."
        ) from error
    return parse_calendar(text, Path(name).name)
