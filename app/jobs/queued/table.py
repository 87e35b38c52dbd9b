"""Which handler does which kind of job."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from types import MappingProxyType

from sqlalchemy import Engine

from app.artefacts.folders import folders_of
from app.db.tables.office_kinds import JobKind
from app.jobs.queued.imports import check_file, import_file
from app.jobs.queued.letters import write_letter
from app.jobs.queued.maplayers import make_run_layers
from app.jobs.queued.observing import observe_given
from app.jobs.queued.outlines import make_units
from app.jobs.queued.shop import Shop
from app.jobs.queued.sitereports import write_site_report
from app.queue.working import Handler
from app.settings import Settings


def handlers(
    engine: Engine, database_url: str, settings: Settings, clock: Callable[[], datetime]
) -> Mapping[JobKind, Handler]:
    """Handlers over an institution."""
    shop = Shop(engine, database_url, folders_of(settings), settings, clock)
    return MappingProxyType(
        {
            JobKind.PARCELS_CHECK: partial(check_file, shop),
            JobKind.PARCELS_IMPORT: partial(import_file, shop),
            JobKind.PARCELS_OBSERVE: partial(observe_given, shop),
            JobKind.OUTLINES: partial(make_units, shop),
            JobKind.MAP_LAYERS: partial(make_run_layers, shop),
            JobKind.LETTER: partial(write_letter, shop),
            JobKind.SITE_REPORT: partial(write_site_report, shop),
        }
    )
