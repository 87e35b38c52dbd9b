"""The observation report of a site: facts gathered, put on record, and typeset."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine

from app.alerts.reach import require_reach
from app.alerts.worklist.candidates import RulesAtHand
from app.artefacts.runs import RunShelf
from app.book.decisions.people import Person
from app.db.engine import reading, writing
from app.jobs.evidence import scenes_of_days
from app.jobs.sitereport.shown import choose_pictures, ground_of, read_pictures
from app.reports.sites.composing import Shown, site_report
from app.reports.typesetting import typeset
from app.sites.facts import facts_of
from app.sites.reports import GivenReport, hash_of, keep_report, report_with
from app.sites.watched import watched_site
from geo.errors import InputError
from geo.files import whole_file
from geo.runrecord import Scene
from scoring.receipts.explanation import Language

_SCENES = TypeAdapter(tuple[Scene, ...])


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """What report is wanted.

    Attributes:
        site_id: the site.
        language: "en" or "zh".
        by: who gives it out; None: a draft, which is not put on record and says so.
        as_of: of the newest watch as of this day or an earlier one; None: of the newest.
        facts_hash: first digits of the hash of a report on record, to be written once more as it was given out; None: a
            new one.
        rules_dir: the bank's own alert rules; None: the shipped ones only.
        fonts: folder with further fonts.
    """

    site_id: str
    language: Language
    by: Person | None = None
    as_of: date | None = None
    facts_hash: str | None = None
    rules_dir: Path | None = None
    fonts: Path | None = None


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """A report that was written.

    Attributes:
        content: PDF.
        facts_hash: SHA-256 of what it states.
        given: its row; None for a draft.
    """

    content: bytes
    facts_hash: str
    given: GivenReport | None

    @property
    def sha256(self) -> str:
        """Of the PDF."""
        return hashlib.sha256(self.content).hexdigest()


def write_site_report(
    request: ReportRequest, engine: Engine, runs: RunShelf, out: Path, clock: Callable[[], datetime]
) -> WrittenReport:
    """Write a report as a file; an earlier file of the name is replaced once the new one is whole.

    Raises:
        InputError: as report_bytes, or the file cannot be written.
        DataError: as report_bytes.
    """
    written = report_bytes(request, engine, runs, clock)
    try:
        with whole_file(out) as part:
            part.write_bytes(written.content)
    except OSError as error:
        said = f"{out} cannot be written ({error.strerror})."
        raise InputError("OUT_UNWRITABLE", said, "Choose another --out.") from error
    return written


def report_bytes(
    request: ReportRequest, engine: Engine, runs: RunShelf, clock: Callable[[], datetime]
) -> WrittenReport:
    """A report as PDF; it is on record before anybody has it. The same facts and pictures give the same bytes.

    Raises:
        InputError: no such site, watch or report, the site is of another unit, the run's folder is not here, or no font
            for the language.
        DataError: a file of the run is missing or damaged.
    """
    with reading(engine) as connection:
        given, facts = _facts(connection, request, runs)
    pictures = read_pictures(runs.folder(facts["watch"]["run_id"]), facts)
    drawn = tuple(Shown(one, ground_of(pictures[one["sha256"]], facts)) for one in _shown(facts))
    draft = request.by is None and given is None
    data = site_report(facts, hash_of(facts), drawn, request.language, draft=draft)
    content = typeset("site_report", data, date.fromisoformat(facts["watch"]["as_of"]), request.fonts)
    if request.by is not None and given is None:
        with writing(engine) as connection:
            given = keep_report(connection, facts, request.by.id, clock())
    return WrittenReport(content, hash_of(facts), given)


def _facts(connection: Connection, request: ReportRequest, runs: RunShelf) -> tuple[GivenReport | None, dict[str, Any]]:
    """Those of the report on record, or of the site as it was watched."""
    watched = watched_site(connection, request.site_id, request.as_of)
    if request.by is not None:
        require_reach(connection, request.by, [request.site_id])
    if request.facts_hash is not None:
        return report_with(connection, request.site_id, request.facts_hash)
    facts = facts_of(connection, watched, RulesAtHand(request.rules_dir), request.as_of)
    names = scenes_of_days(_SCENES.validate_python(watched.standing["record"].get("scenes", [])))
    for look in facts["looks"]:
        look["scenes"] = sorted({name for digest in look.pop("hashes") for name in names.get(digest, ())})
    return None, {**facts, "pictures": choose_pictures(runs.folder(facts["watch"]["run_id"]), facts)}


def _shown(facts: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return facts["pictures"]["shown"] if facts["pictures"] else []
