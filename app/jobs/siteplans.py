"""Plans of sites from GeoJSON, GeoPackage or CSV."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import shapely
from pyogrio.errors import DataSourceError
from shapely.geometry.base import BaseGeometry

from app.jobs.tabular import cells_of, read_cells
from geo.errors import InputError
from geo.repair import Outlines, repair_outlines
from geo.sites import Mounting, SiteType
from scoring.sites.faults import PlanFault, plan_faults
from scoring.sites.plan import Milestone, MilestoneKind, SitePlan

_Cells = dict[str, str | None]

_NEEDED: Final = ("site_id", "type")
#: All columns that are read.
_OURS: Final = (
    *("site_id", "name", "type", "capacity_mw", "built_ha", "points", "curve", "levels", "facility", "permits"),
    *("mounting", "country", "wkt", "lon", "lat", *MilestoneKind, *(f"draws_{kind}" for kind in MilestoneKind)),
)
_REMEDY: Final = "docs/sites.md lists the columns."
_WGS84: Final = 4326
_GLOBE: Final = shapely.box(-180, -90, 180, 90)
_LONGEST_NAME: Final = 255
#: Letters of a country's code.
_CODE: Final = 2


@dataclass(frozen=True, slots=True)
class Naming:
    """How a file that was made for something else says what a plan needs.

    Attributes:
        columns: the file's column by ours, such as {"site_id": "fid"}.
        fills: value for every row by our column, where the file has no such column.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    fills: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file of plans holds.

    Attributes:
        plans: those without a fault, by row.
        faults: what is wrong with the others, by row; each row that has one is left out of plans.
        notes: what was mended in outlines, one line each.
    """

    plans: tuple[SitePlan, ...]
    faults: tuple[PlanFault, ...]
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """What was mended and what is wrong."""
        return {"mended": list(self.notes), "faults": [asdict(fault) for fault in self.faults]}

    def require_sound(self) -> tuple[SitePlan, ...]:
        """All plans of the file; InputError for the first fault, which says how many more there are."""
        if self.faults:
            first, more = self.faults[0], len(self.faults) - 1
            said = f" ({more} more faults.)" if more else ""
            raise InputError(first.code, first.message, first.remedy + said)
        return self.plans


def read_plans(
    path: Path, imagery: tuple[date, date], known: Sequence[SitePlan] = (), naming: Naming | None = None
) -> Reading:
    """Plans of a file with their faults.

    Args:
        path: GeoJSON or GeoPackage; or CSV with the outline as `wkt`, or `lon` and `lat` of a point (WGS 84).
        imagery: first and last day of imagery.
        known: sites that are watched already (row 0): new ones may not overlap them.
        naming: columns that are called otherwise; None: none.

    Raises:
        InputError: the file cannot be used as a whole.
    """
    naming = naming or Naming()
    table, given = _table(path)
    rows = _records(_named(table, naming, path.name))
    if not rows:
        raise InputError("SITES_PLAN_FILE", f"{path.name} holds no sites.", "Give a file with one row by site.")
    missing = [name for name in _NEEDED if name not in rows[0]]
    if missing:
        raise InputError("SITES_PLAN_COLUMNS", f"{path.name} has no column {missing[0]!r}.", _REMEDY)
    drawn, unread = _drawn(rows) if given is None else (list(given), [])
    shapes, notes = _mended(gpd.GeoSeries(drawn, crs=_WGS84))
    read, others = _read(rows, shapes, {fault.row for fault in unread})
    unread += others
    ours = {plan.site_id for plan in read}
    beside = [plan for plan in known if plan.site_id not in ours]
    judged = [fault for fault in plan_faults([*beside, *read], imagery) if fault.row]
    faults = sorted([*unread, *judged], key=lambda fault: (fault.row, fault.code))
    wrong = {fault.row for fault in faults}
    return Reading(tuple(plan for plan in read if plan.row not in wrong), tuple(faults), notes)


def _drawn(rows: Sequence[_Cells]) -> tuple[list[BaseGeometry], list[PlanFault]]:
    """Outlines that stand in the cells, and a fault for each row that has none; its outline is empty."""
    shapes: list[BaseGeometry] = []
    faults = []
    for row, cells in enumerate(rows, start=1):
        try:
            shapes.append(_outline(row, cells))
        except InputError as error:
            shapes.append(shapely.Point())
            faults.append(_unread(row, cells, error))
    return shapes, faults


def _read(
    rows: Sequence[_Cells], shapes: Sequence[BaseGeometry], without: Container[int]
) -> tuple[list[SitePlan], list[PlanFault]]:
    """Plans of the rows that can be read, and a fault for each that cannot; rows without an outline are left out."""
    plans, faults = [], []
    for row, (cells, shape) in enumerate(zip(rows, shapes, strict=True), start=1):
        if row in without:
            continue
        try:
            plans.append(_plan(row, cells, shape))
        except InputError as error:
            faults.append(_unread(row, cells, error))
    return plans, faults


def _unread(row: int, cells: _Cells, error: InputError) -> PlanFault:
    return PlanFault(row, cells.get("site_id") or "", error.code, error.message, error.remedy or "")


def _table(path: Path) -> tuple[pd.DataFrame, gpd.GeoSeries | None]:
    """Cells of a file, and its outlines in degrees; None where they stand in the cells."""
    if path.suffix.lower() == ".csv":
        return read_cells(path), None
    try:
        frame = gpd.read_file(path)
    except (DataSourceError, OSError) as error:
        raise InputError("SITES_PLAN_FILE", f"{path} cannot be read.", "Name GeoJSON, GeoPackage or CSV.") from error
    if frame.crs is None:
        raise InputError("SITES_PLAN_CRS", f"{path.name} states no CRS.", "Save it with the CRS it is drawn in.")
    frame = frame.to_crs(_WGS84)
    return cells_of(frame.drop(columns=frame.geometry.name)), frame.geometry


def _named(table: pd.DataFrame, naming: Naming, name: str) -> pd.DataFrame:
    """The table under our names.

    Raises:
        InputError: it has no column that the naming names, has one that is to be filled, or plans have none such.
    """
    for ours, theirs in naming.columns.items():
        if theirs not in table.columns:
            said = f"{name} has no column {theirs!r} to take {ours!r} from."
            raise InputError("SITES_PLAN_COLUMNS", said, f"It has {', '.join(map(str, table.columns))}.")
    own = table.rename(columns={theirs: ours for ours, theirs in naming.columns.items()})
    for ours in naming.fills:
        if ours in own.columns:
            said = f"{name} has a column {ours!r}, which was to be filled."
            raise InputError("SITES_PLAN_COLUMNS", said, "Leave out one of the two.")
    strange = next((ours for ours in (*naming.columns, *naming.fills) if ours not in _OURS), None)
    if strange is not None:
        raise InputError("SITES_PLAN_COLUMNS", f"Plans have no column {strange!r}.", f"They have {', '.join(_OURS)}.")
    return own.assign(**naming.fills)


def _mended(shapes: gpd.GeoSeries) -> tuple[list[BaseGeometry], tuple[str, ...]]:
    """Outlines without self-crossings, and what was done; what is no polygon stays as it is."""
    mended = repair_outlines(shapes)
    notes = tuple(f"Row {row + 1}: {note}." for row, note in sorted(mended.notes.items()) if row in _areal(mended))
    pairs = zip(shapes, mended.shapes, strict=True)
    return [after if after is not None else (before or shapely.Point()) for before, after in pairs], notes


def _areal(outlines: Outlines) -> set[int]:
    return {row for row, shape in enumerate(outlines.shapes) if shape is not None}


def _records(table: pd.DataFrame) -> list[_Cells]:
    return [dict(zip(table.columns, row, strict=True)) for row in table.itertuples(index=False)]


def _outline(row: int, cells: _Cells) -> BaseGeometry:
    wanted = "wkt, or lon and lat, in degrees (WGS 84)"
    try:
        given = cells.get("wkt")
        outline = (
            shapely.from_wkt(given) if given else shapely.Point(float(cells["lon"] or ""), float(cells["lat"] or ""))
        )
    except (KeyError, ValueError, shapely.errors.GEOSException) as error:
        raise _wrong(row, "outline", wanted) from error
    if not (outline.is_empty or _GLOBE.covers(shapely.box(*outline.bounds))):
        raise _wrong(row, "outline", wanted)
    return outline


def _plan(row: int, cells: _Cells, outline: BaseGeometry) -> SitePlan:
    site_id = cells.get("site_id")
    if not site_id:
        raise _wrong(row, "site_id", "the site's id")
    if cells["type"] not in list(SiteType):
        raise _wrong(row, "type", f"one of {', '.join(SiteType)}")
    return SitePlan(
        row=row,
        site_id=site_id,
        kind=SiteType(cells["type"]),
        capacity_mw=_number(row, cells, "capacity_mw"),
        outline=outline,
        milestones=tuple(
            Milestone(kind, due, _number(row, cells, f"draws_{kind}") or 0.0)
            for kind in MilestoneKind
            if (due := _day(row, kind, cells.get(kind))) is not None
        ),
        curve=_curve(row, cells.get("curve")),
        facility=cells.get("facility") or "",
        permits=tuple(part.strip() for part in (cells.get("permits") or "").split(";") if part.strip()),
        points=_points(row, cells.get("points")),
        built_ha=_number(row, cells, "built_ha"),
        levels=_levels(row, cells.get("levels")),
        name=_name(row, cells.get("name")),
        mounting=_mounting(row, cells.get("mounting")),
        country=_country(cells.get("country")),
    )


def _number(row: int, cells: _Cells, name: str) -> float | None:
    try:
        return None if cells.get(name) is None else float(cells[name] or "")
    except ValueError as error:
        raise _wrong(row, name, "a number") from error


def _day(row: int, name: str, cell: str | None) -> date | None:
    try:
        return None if cell is None else date.fromisoformat(cell)
    except ValueError as error:
        raise _wrong(row, name, "a day such as 2025-03-31") from error


def _points(row: int, cell: str | None) -> tuple[tuple[float, float], ...]:
    try:
        pairs = [part.split() for part in (cell or "").split(";") if part.strip()]
        return tuple((float(lon), float(lat)) for lon, lat in pairs)
    except ValueError as error:
        raise _wrong(row, "points", "longitude and latitude of each, such as 103.51 36.02; 103.52 36.02") from error


def _curve(row: int, cell: str | None) -> tuple[tuple[date, float], ...]:
    try:
        points = [part.split("=") for part in (cell or "").split(";") if part.strip()]
        return tuple((date.fromisoformat(day.strip()), float(share)) for day, share in points)
    except ValueError as error:
        raise _wrong(row, "curve", "points such as 2025-03-31=0.2; 2025-06-30=1") from error


def _levels(row: int, cell: str | None) -> tuple[tuple[float, float], ...]:
    try:
        points = [part.split("=") for part in (cell or "").split(";") if part.strip()]
        return tuple((float(level), float(area)) for level, area in points)
    except ValueError as error:
        raise _wrong(row, "levels", "metres and hectares from the lowest up, such as 620=0; 640=12.5") from error


def _name(row: int, cell: str | None) -> str:
    if len(cell or "") > _LONGEST_NAME:
        raise _wrong(row, "name", f"{_LONGEST_NAME} letters at most")
    return cell or ""


def _mounting(row: int, cell: str | None) -> Mounting:
    word = (cell or Mounting.UNKNOWN).lower()
    if word not in list(Mounting):
        raise _wrong(row, "mounting", f"one of {', '.join(Mounting)}")
    return Mounting(word)


def _country(cell: str | None) -> str:
    """A code in capitals; a longer word as it is written, since it is none."""
    return cell.upper() if cell is not None and len(cell) == _CODE else cell or ""


def _wrong(row: int, name: str, wanted: str) -> InputError:
    return InputError("SITES_PLAN_CELL", f"Row {row}: {name!r} cannot be read.", f"Give {wanted}.")
