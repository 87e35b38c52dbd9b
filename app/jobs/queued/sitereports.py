"""Observation reports on sites, written beside the web: they read the pictures of runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from app.book.decisions.people import Person, find_user
from app.db.tables import User
from app.jobs.queued.shop import Shop
from app.jobs.sitereport.writing import ReportRequest, report_bytes
from app.queue.claiming import Claim
from app.queue.working import Progress
from geo.errors import InputError


def write_site_report(shop: Shop, held: Claim, progress: Progress) -> Mapping[str, Any]:
    """Write the report of a site's newest watch, given out by who asked for it.

    asked: site, language. The answer: file (hash), size in bytes, and report, the number under which it is on record.
    """
    progress.tell("Report")
    with shop.engine.connect() as connection:
        person = _person(connection, held)
    request = ReportRequest(site_id=held.asked["site"], language=held.asked["language"], by=person)
    written = report_bytes(request, shop.engine, shop.runs, shop.clock)
    number = None if written.given is None else written.given.id
    return {"file": shop.files.keep(written.content), "size": len(written.content), "report": number}


def _person(connection: Connection, held: Claim) -> Person:
    """Who asked, with the unit that they have now; InputError where they left."""
    login = connection.scalar(select(User.login).where(User.id == held.asked_by_id))
    if login is None:
        raise InputError("UNKNOWN_USER", "Nobody asked for this report.", "Ask for it on the site's page.")
    return find_user(connection, login)
