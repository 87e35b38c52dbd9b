"""Shapes of outlines that people give, and of what the service says to them.

POST /api/v1/drawing/check                    OutlineAsked -> OutlineChecked
POST /api/v1/drawing/parcels                  ParcelGiven -> ParcelRegistered (201)
POST /api/v1/drawing/imports?format=&datum=&crs=&id_column=&unit=   the file as raw body -> ImportTaken (202)
GET  /api/v1/drawing/imports/{number}         ImportShown
POST /api/v1/drawing/imports/{number}/confirm ImportConfirmed -> ImportStarted (202)
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from app.api.access.schemas import MOST_NUMBER, Asked
from app.api.schemas import Answer, Area
from app.api.work.schemas import JobFault
from app.db.tables.office_kinds import JobState

#: Corners of one outline that is drawn or walked; an import has bounds of its own.
MOST_CORNERS = 1500

_Lon = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
_Lat = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
_Ring = Annotated[list[tuple[_Lon, _Lat]], Field(min_length=3, max_length=MOST_CORNERS)]
_ParcelId = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^\s/\\?#%]+$")]
_Number = Annotated[int, Field(ge=1, le=MOST_NUMBER)]


class Drawn(Asked):
    """A GeoJSON polygon in WGS 84, longitude first: the border, then holes. A ring that is not closed is closed."""

    type: Literal["Polygon"]
    coordinates: Annotated[list[_Ring], Field(min_length=1, max_length=20)]


class PolygonShape(Answer):
    """A GeoJSON polygon in WGS 84."""

    type: Literal["Polygon"]
    coordinates: list[list[tuple[float, float]]]


class MultiPolygonShape(Answer):
    """Several polygons that are one parcel, in WGS 84."""

    type: Literal["MultiPolygon"]
    coordinates: list[list[list[tuple[float, float]]]]


Shape: TypeAlias = Annotated[PolygonShape | MultiPolygonShape, Field(discriminator="type")]
Bounds: TypeAlias = tuple[float, float, float, float]


class OverlapKind(StrEnum):
    """What an outline overlaps."""

    PARCEL = "parcel"
    PLEDGED = "pledged"
    PLEDGED_ELSEWHERE = "pledged_elsewhere"


class Overlap(Answer):
    """Ground that is there already under an outline, beyond the tolerance of digitising.

    parcel: another parcel that the person may see. pledged: a plot that backs a loan, likewise. pledged_elsewhere:
    plots of other branches, all in one: only how much of the outline they cover is told.
    """

    kind: OverlapKind
    share: float = Field(description="Part of the outline that lies under it, 0 to 1.")
    area_ha: float
    share_of_other: float | None = Field(description="Part of the other that lies under the outline; null elsewhere.")
    parcel_id: str | None = Field(description="null elsewhere.")
    facility_number: str | None = Field(description="Of the loan that is backed; null otherwise and elsewhere.")


class OutlineAsked(Asked):
    """An outline to be looked at; nothing is kept."""

    outline: Drawn
    redraws: _ParcelId | None = Field(
        default=None, description="The parcel whose new outline it is: it does not count as overlapped."
    )


class OutlineChecked(Answer):
    """An outline as it would be registered."""

    outline: Shape
    bounds: Bounds
    area: Area
    repairs: list[str] = Field(description="What was mended, one line each, in English; empty where nothing was.")
    overlaps: list[Overlap] = Field(description="The largest share first.")


class ParcelGiven(OutlineAsked):
    """An outline to be registered. What overlaps is registered only once the person says that they saw it."""

    method: Literal["drawn", "walked"]
    parcel_id: _ParcelId | None = Field(
        default=None, description="The bank's own number for a new parcel; null: the service gives one."
    )
    unit: Annotated[str, Field(min_length=1, max_length=128)] | None = Field(
        default=None, description="Code of the unit that the parcel belongs to; null: the person's own."
    )
    party_id: _Number | None = Field(default=None, description="Whose ground it is, where that is known.")
    accuracy_m: Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)] | None = Field(
        default=None, description="Median error that the phone stated; given where it was walked, and only there."
    )
    fixes: Annotated[int, Field(ge=3, le=100_000)] | None = Field(
        default=None, description="Positions kept while walking; likewise."
    )
    overlaps_seen: bool = False


class ParcelRegistered(OutlineChecked):
    """A parcel that is in the book now. The same outline sent twice by the same person is one parcel."""

    parcel_id: str
    geometry_version: str
    already_there: bool = Field(description="The same outline was registered before; nothing was written.")
    redrawn: bool = Field(description="The parcel was there, and has a new outline from now on.")
    job: int = Field(description="Number of the job that reads its season from imagery.")


class ImportFormat(StrEnum):
    """What an uploaded file is. It is checked against its first bytes."""

    GEOPACKAGE = "geopackage"
    SHAPEFILE_ZIP = "shapefile_zip"
    GEOJSON = "geojson"
    GEOPARQUET = "geoparquet"


class Datum(StrEnum):
    """Datum of a file's coordinates, as who uploads it states it; it is never guessed.

    as_stated: the reference system that the file itself states (or the query's crs, where it states none). gcj02, bd09:
    the shifted coordinates of Chinese web maps, which no file states.
    """

    AS_STATED = "as_stated"
    GCJ02 = "gcj02"
    BD09 = "bd09"


class ImportTaken(Answer):
    """A file that was taken in. Its preview is ready once the job of that number is done."""

    number: int = Field(description="Number of the job that reads it, and of the import.")
    source_hash: str
    bytes: int


class RepairCount(Answer):
    """How many rows were mended in one way, or have one thing wrong."""

    what: str
    rows: int


class ImportRow(Answer):
    """A row of an imported file."""

    row: int = Field(description="From 1, in file order.")
    parcel_id: str | None = Field(description="As the file says; null where the service will give one.")
    known: bool = Field(description="The parcel is there: its outline will be replaced.")
    area: Area | None = Field(description="null where it has no usable outline.")
    stated_ha: float | None = Field(description="Area that the file states (certified); null where it does not.")
    repairs: list[str]
    twin_of: int | None = Field(description="Row with the same outline; the first of them is kept.")
    overlaps: list[Overlap]
    before: Shape | None = Field(description="As it came, simplified; null where it was not mended.")
    after: Shape | None = Field(description="As it will be registered, simplified; null beyond the first rows.")


class ImportPreview(Answer):
    """What an import would do."""

    rows: int
    usable: int = Field(description="Rows that will be registered.")
    without_outline: int
    twins: int
    overlapping: int
    known: int = Field(description="Parcels that are there and get a new outline.")
    area: Area
    stated_ha: float | None = Field(description="Sum of stated areas over the rows that state one; null: none does.")
    measured_of_stated_ha: float | None = Field(description="What is measured of the same rows.")
    datum: str = Field(description="Datum that the coordinates were read in.")
    reference_system: str = Field(description="Name of the file's reference system.")
    bounds: Bounds | None
    repairs: list[RepairCount] = Field(description="By kind, the most frequent first.")
    shown: list[ImportRow] = Field(description="Rows with something to look at first; at most 200.")


class ImportShown(Answer):
    """An import: being read, refused, or ready with its preview."""

    number: int
    state: JobState = Field(description="Of the job that reads the file.")
    step: str | None
    steps_done: int | None
    steps: int | None
    error: JobFault | None
    preview: ImportPreview | None = Field(description="null until the file is read.")
    registered_by: int | None = Field(description="Number of the job that registers it, once it was confirmed.")


class ImportConfirmed(Asked):
    """Register all usable rows of an import, or none."""

    overlaps_seen: bool = False


class ImportStarted(Answer):
    """The job that registers the rows. Its answer: parcels, redrawn, job (that reads their season from imagery)."""

    job: int
