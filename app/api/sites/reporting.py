"""Asking a worker for the observation report of a site."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, func, select

from app.api.access.scope import scope_of
from app.api.access.sessions import Signed
from app.api.sites.reading import newest_standing, require_site
from app.db.tables import MeterReading, OrgUnit
from app.db.tables.office_kinds import JobKind
from app.queue.asking import Wanted
from geo.errors import InputError
from geo.files import fingerprint


class ReportAsked(BaseModel):
    """In which language the report is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    language: Literal["en", "zh"]


def report_wanted(connection: Connection, signed: Signed, site_id: str, asked: ReportAsked) -> Wanted:
    """The job; a report after another watch or a further meter reading is another one than before.

    Raises:
        InputError: there is no such site in the person's scope, or no watch has looked at it.
    """
    require_site(connection, scope_of(connection, signed.person), site_id)
    standing = newest_standing(connection, site_id)
    if standing is None:
        said = f"No watch has looked at the site {site_id!r}: there is nothing to report."
        raise InputError("SITE_NOT_WATCHED", said, "`acreline sites watch` looks at all sites.")
    read = connection.scalar(select(func.max(MeterReading.recorded_at)).where(MeterReading.parcel_id == site_id))
    unit = connection.scalars(select(OrgUnit.id).where(OrgUnit.code == signed.person.unit)).one()
    key = fingerprint(site_id, standing["watch_id"], read, asked.language)[:32]
    return Wanted(
        kind=JobKind.SITE_REPORT,
        asked={"site": site_id, "language": asked.language},
        unique_key=f"{key} for {unit}",
        org_unit_id=unit,
        asked_by_id=signed.person.id,
    )
