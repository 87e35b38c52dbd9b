"""Observation reports that were given out: all that each states, with the hash of it; the same facts are one report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, insert, select

from app.db.tables import SiteReport
from geo.errors import DataError, InputError
from geo.files import fingerprint

#: Digits of a hash that name one report among those of a site.
_LEAST_DIGITS: Final = 8


@dataclass(frozen=True, slots=True)
class GivenReport:
    """A report on record.

    Attributes:
        id: number of it.
        facts_hash: SHA-256 of what it states.
        already_there: the same facts were on record before; nothing was written.
    """

    id: int
    facts_hash: str
    already_there: bool


def hash_of(facts: Mapping[str, Any]) -> str:
    """SHA-256 (64 hex digits) of facts."""
    return fingerprint(dict(facts))


def keep_report(connection: Connection, facts: Mapping[str, Any], made_by: int, now: datetime) -> GivenReport:
    """Put a report on record, once: given again with the same facts it stays the report that it was.

    Args:
        connection: transaction that writes the book.
        facts: what it states, as app.sites.facts gathers it and the pictures that belong to it.
        made_by: number of who gives it out.
        now: when.
    """
    site, watch, digest = facts["site"]["id"], facts["watch"]["id"], hash_of(facts)
    own = (SiteReport.parcel_id == site, SiteReport.watch_id == watch, SiteReport.facts_hash == digest)
    there = connection.scalars(select(SiteReport.id).where(*own).order_by(SiteReport.id)).first()
    if there is not None:
        return GivenReport(there, digest, already_there=True)
    row = {"parcel_id": site, "watch_id": watch, "facts": dict(facts), "facts_hash": digest}
    made = insert(SiteReport).values(**row, made_by_id=made_by, made_at=now).returning(SiteReport.id)
    return GivenReport(connection.execute(made).scalar_one(), digest, already_there=False)


def report_with(connection: Connection, site_id: str, digest: str) -> tuple[GivenReport, dict[str, Any]]:
    """A report of a site by the first digits of the hash of its facts, eight or more, and what it states.

    Raises:
        InputError: the site has no such report, or several.
        DataError: what is on record is not what was given out.
    """
    own = (SiteReport.parcel_id == site_id, SiteReport.facts_hash.startswith(digest, autoescape=True))
    wanted = select(SiteReport.id, SiteReport.facts_hash, SiteReport.facts).where(*own)
    rows = connection.execute(wanted.order_by(SiteReport.id).limit(2)).all()
    if len(rows) != 1 or len(digest) < _LEAST_DIGITS:
        said = f"Site {site_id!r} has no one report whose facts have the hash {digest!r}."
        raise InputError(
            "SITE_REPORT_UNKNOWN", said, f"Give {_LEAST_DIGITS} digits or more, as its last page has them."
        )
    number, known, facts = rows[0]
    if hash_of(facts) != known:
        said = f"Report {number} of site {site_id!r} is not what was given out."
        raise DataError("SITE_REPORT_CHANGED", said, "Somebody changed the database: restore it from a copy.")
    return GivenReport(number, known, already_there=True), dict(facts)
