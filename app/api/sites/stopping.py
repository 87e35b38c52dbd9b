"""Stops of a site: those on record, and ending or taking up its watching."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field
from sqlalchemy import Connection

from app.api.access.schemas import Asked
from app.api.access.scope import scope_of
from app.api.schemas import Answer
from app.api.sites.page_schemas import SiteStopRow
from app.api.sites.reading import require_site
from app.book.decisions.people import Person
from app.sites.stopping import LONGEST_REASON, open_alerts, resume_site, stop_site
from app.sites.stops import stops_of


class StopAsked(Asked):
    """Why a site is to be watched no more. It stays for good, so it names nobody."""

    reason: Annotated[str, Field(min_length=1, max_length=LONGEST_REASON, pattern=r"^[^\x00]*$")]


class SiteWatching(Answer):
    """What came of stopping a site, or of taking it up again."""

    changed: bool = Field(description="false: it was so before, and nothing was written.")
    alerts: list[int] = Field(description="Its open alerts. While it is stopped no watch ends them.")


def stop_rows(connection: Connection, site_id: str) -> list[SiteStopRow]:
    """All stops of a site, the latest first."""
    names = SiteStopRow.model_fields
    return [
        SiteStopRow(**{name: getattr(each, name) for name in names}) for each in reversed(stops_of(connection, site_id))
    ]


def stop_watching(connection: Connection, site_id: str, asked: StopAsked, by: Person, now: datetime) -> SiteWatching:
    """Watch a site no more from now on.

    Raises:
        InputError: there is no such site in the person's scope, or the reason is empty or names somebody.
    """
    require_site(connection, scope_of(connection, by), site_id)
    stopped = stop_site(connection, site_id, by, now, asked.reason)
    return SiteWatching(changed=not stopped.already, alerts=list(stopped.alerts))


def watch_again(connection: Connection, site_id: str, by: Person, now: datetime) -> SiteWatching:
    """Watch a stopped site again; InputError where there is none in the person's scope."""
    require_site(connection, scope_of(connection, by), site_id)
    changed = resume_site(connection, site_id, by, now)
    return SiteWatching(changed=changed, alerts=list(open_alerts(connection, [site_id]).get(site_id, ())))
